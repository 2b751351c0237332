"""Guidance per patch: which halves are called, and what comes out."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.guidance import ClassifierFree, Guidance, Interval, NoGuidance
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.path import to_pixels
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.interface import Output

NULL = 5
LABELS = torch.tensor([2, 3])
NULLS = ClassLabels(torch.full_like(LABELS, NULL))


class Model:
    """A velocity that depends on state, time and label, and a list of the labels it was given."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    def __call__(self, x: Tensor, t: Tensor, condition: ClassLabels) -> Output:
        labels = condition.labels
        self.calls.append(labels.tolist())
        velocity = torch.sin(x + to_pixels(t, 2)) * (1 + labels[:, None, None, None])
        return Output(velocity, 0.1 * velocity[:, :1])


def field_of(model, rule: Guidance, negative: ClassLabels | None = NULLS) -> GuidedField:
    return GuidedField(Predict(model, 2, negative), ClassLabels(LABELS), rule)


def ask(rule: Guidance, t: Tensor, *, guided: bool = True):
    model = Model()
    field = field_of(model, rule)
    x = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    return field(x, t, guided=guided), model.calls


def halves(t: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(v_label, v_null, log-variance of the label, of null)."""
    x = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    label, null = Model()(x, t, ClassLabels(LABELS)), Model()(x, t, NULLS)
    return label.velocity, null.velocity, label.log_variance, null.log_variance


TIMES = torch.rand(2, 4, 4, generator=torch.Generator().manual_seed(1))


def test_guided_prediction_extrapolates_velocity_and_log_variance():
    prediction, calls = ask(ClassifierFree(scale=3.0), TIMES)
    v_label, v_null, lv_label, lv_null = halves(TIMES)
    torch.testing.assert_close(prediction.velocity, v_null + 3 * (v_label - v_null))
    torch.testing.assert_close(prediction.log_variance, lv_null + 3 * (lv_label - lv_null))
    torch.testing.assert_close(prediction.conditional, v_label)
    assert calls == [[NULL, NULL, 2, 3]]  # one doubled batch, null first
    assert prediction.tokens == 64


@pytest.mark.parametrize(
    "rule", [NoGuidance(), ClassifierFree(scale=1.0), Interval(scale=1.0), Interval(4.0, 0.0, 0.0)]
)
def test_strength_one_is_a_single_conditional_call(rule):
    prediction, calls = ask(rule, TIMES)
    plain, _ = ask(NoGuidance(), TIMES)
    assert calls == [[2, 3]]
    assert torch.equal(prediction.velocity, plain.velocity)
    assert torch.equal(prediction.log_variance, plain.log_variance)
    assert prediction.tokens == 32


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 10))
def test_an_interval_that_covers_everything_is_plain_guidance(scale):
    interval, _ = ask(Interval(scale, 0.0, 1.0), TIMES)
    plain, _ = ask(ClassifierFree(scale), TIMES)
    assert torch.equal(interval.velocity, plain.velocity)
    assert torch.equal(interval.log_variance, plain.log_variance)


def test_interval_guides_each_patch_by_its_own_time():
    prediction, calls = ask(Interval(3.0, 0.25, 0.75), TIMES)
    v_label, v_null, _, _ = halves(TIMES)
    inside = to_pixels((TIMES >= 0.25) & (TIMES <= 0.75), 2).expand_as(v_label)
    assert inside.any()
    assert not inside.all()
    assert torch.equal(prediction.velocity[~inside], v_label[~inside])
    guided = v_null + 3 * (v_label - v_null)
    torch.testing.assert_close(prediction.velocity[inside], guided[inside])
    assert calls == [[NULL, NULL, 2, 3]]


def test_only_pictures_with_guided_patches_pay_for_the_null_half():
    t = torch.full((2, 4, 4), 0.5)
    t[0] = 0.9
    prediction, calls = ask(Interval(3.0, 0.25, 0.75), t)
    v_label, v_null, _, _ = halves(t)
    assert calls == [[NULL, 2, 3]]
    assert torch.equal(prediction.velocity[0], v_label[0])
    torch.testing.assert_close(prediction.velocity[1], (v_null + 3 * (v_label - v_null))[1])
    assert prediction.tokens == 48


def test_the_map_is_the_difference_of_both_halves():
    t = torch.full((2, 4, 4), 0.5)
    t[0] = 0.9
    prediction, _ = ask(Interval(3.0, 0.25, 0.75), t)
    v_label, v_null, _, _ = halves(t)
    assert not prediction.branches.difference[0].any()  # no weak prediction was made there
    torch.testing.assert_close(prediction.branches.difference[1], (v_label - v_null)[1])
    assert prediction.branches.kept is None


def test_unguided_question_asks_the_conditional_half_only():
    prediction, calls = ask(ClassifierFree(scale=3.0), TIMES, guided=False)
    assert calls == [[2, 3]]
    assert torch.equal(prediction.velocity, halves(TIMES)[0])


def test_scale_zero_is_the_unconditional_prediction():
    prediction, _ = ask(ClassifierFree(scale=0.0), TIMES)
    assert torch.equal(prediction.velocity, halves(TIMES)[1])


def test_models_without_null_class_cannot_be_guided():
    with pytest.raises(InputError, match="without a null condition"):
        field_of(Model(), ClassifierFree(scale=2.0), None)
    assert field_of(Model(), ClassifierFree(scale=1.0), None) is not None
    assert field_of(Model(), NoGuidance(), None) is not None


def test_velocity_without_difficulty_stays_without():
    def network(x: Tensor, t: Tensor, condition: ClassLabels) -> Output:
        return Output(x)

    field = field_of(network, ClassifierFree(scale=2.0))
    assert field(torch.zeros(2, 4, 8, 8), TIMES).log_variance is None
