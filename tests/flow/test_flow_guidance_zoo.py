"""Rules that disturb blocks or treat the difference of two conditions in their own way, by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from small_models import small_model, small_text_network
from torch import Tensor

from pfstudio.core.contrasting_guidance import (
    DifficultyWeighted,
    IndependentCondition,
    ProjectedGuidance,
    ZeroStar,
)
from pfstudio.core.errors import InputError
from pfstudio.core.guidance_rule import Disturbed, Extrapolated
from pfstudio.core.perturbed_guidance import PerturbedAttention, SkipLayer, SmoothedEnergy
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.apg import damped
from pfstudio.flow.guidance.cfg_zero import best_scale
from pfstudio.flow.guidance.difficulty import ranks
from pfstudio.flow.guidance.icg import random_classes
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.path import pool, speed, to_pixels
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import ClassLabels, Condition, TextEmbeddings
from pfstudio.nn.interface import Backbone, Output

ZOO = (
    PerturbedAttention(2.5),
    SmoothedEnergy(2.5, blur=1.0),
    SkipLayer(2.5, t_max=1.0),
    IndependentCondition(2.5),
    ProjectedGuidance(2.5),
    ZeroStar(2.5),
    DifficultyWeighted(2.5),
)
BY_NAME = pytest.mark.parametrize("rule", ZOO, ids=lambda rule: rule.name)


class Case:
    """Two pictures of a small network whose weights are random everywhere."""

    def __init__(self, kind: str = "class") -> None:
        torch.manual_seed(0)
        self.network: Backbone = small_model().network if kind == "class" else small_text_network()
        for weight in self.network.parameters():
            weight.data += 0.05 * torch.randn_like(weight)
        config = self.network.config
        self.side, self.p = config.input_size, config.patch_size
        self.x = torch.randn(2, config.in_channels, self.side, self.side)
        n = self.side // self.p
        self.t = torch.full((2, n, n), 0.5)
        self.condition: Condition
        self.negative: Condition | None
        if kind == "class":
            self.condition, self.negative = ClassLabels(torch.tensor([1, 2])), None
            self.negative = self.network.null_condition(2)
        else:
            mask = torch.ones(2, 3, dtype=torch.bool)
            self.condition = TextEmbeddings(torch.randn(2, 3, config.text_dim), mask)
            self.negative = TextEmbeddings(torch.randn(2, 3, config.text_dim), mask)
        self.predict = Predict(
            self.network, self.p, self.negative, layers=self.network.routable_layers,
            seeds=(5, 6), classes=getattr(config, "num_classes", 0), has_difficulty=True,
        )  # fmt: skip

    @torch.inference_mode()
    def guided(self, rule: Any, t: Tensor | None = None) -> Prediction:
        return GuidedField(self.predict, self.condition, rule)(self.x, self.t if t is None else t)

    @torch.inference_mode()
    def said(self, condition: Condition | None = None) -> Output:
        out: Output = self.network(self.x, self.t, condition or self.condition)
        return out


def weak_of(made: Prediction, weight: float) -> Tensor:
    """The weak velocity that v = v_weak + w (v_strong - v_weak) was led away from."""
    return (weight * made.conditional - made.velocity) / (weight - 1)


@BY_NAME
def test_a_weight_of_one_is_no_guidance(rule: Extrapolated) -> None:
    case = Case()
    plain = case.said()
    for off in (replace(rule, weight=1.0), replace(rule, t_min=0.2, t_max=0.2)):  # type: ignore[type-var]
        made = case.guided(off)
        assert torch.equal(made.velocity, plain.velocity)
        assert made.tokens == case.t.numel()
        assert made.branches is not None
        assert not made.branches.difference.any()


@BY_NAME
def test_only_patches_in_the_interval_are_guided(rule: Extrapolated) -> None:
    case = Case()
    t = case.t.clone()
    t[0, 0, 0], t[1] = 0.875, 0.875  # one patch of the first picture, and all of the second one
    made = case.guided(replace(rule, t_min=0.1, t_max=0.8), t)  # type: ignore[type-var]
    moved = speed(made.velocity - made.conditional, case.p)
    assert moved[0, 0, 0] == 0
    assert not moved[1].any()
    if not isinstance(rule, DifficultyWeighted):
        assert int((moved[0] > 0).sum()) == moved[0].numel() - 1
    assert case.t.numel() < made.tokens <= 1.5 * case.t.numel()


@BY_NAME
def test_the_map_is_what_is_added(rule: Extrapolated) -> None:
    made = Case().guided(rule)
    assert made.branches is not None
    assert made.branches.difference.any()
    torch.testing.assert_close(
        made.velocity, made.conditional + 1.5 * made.branches.difference, atol=1e-5, rtol=1e-5
    )


def values_alone(attention: Any) -> Callable[..., Tensor]:
    """Class network: the projected values, as if each patch attended to itself alone."""
    return lambda h, *_: attention.proj(attention.qkv(h).chunk(3, dim=-1)[2])


def text_values_alone(attention: Any) -> Callable[..., Tensor]:
    return lambda h, *_: attention.out_proj(attention.qkv_proj(h).chunk(3, dim=-1)[2])


@pytest.mark.parametrize("kind", ["class", "text"])
@pytest.mark.parametrize("block", [1, 2])
def test_pag_sees_only_itself(kind: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(kind)
    made = case.guided(PerturbedAttention(2.5, block=block))
    own = case.network.blocks[block - 1]  # type: ignore[index]
    if kind == "class":
        monkeypatch.setattr(own.attn, "forward", values_alone(own.attn))
    else:
        monkeypatch.setattr(own.self_attn, "forward", text_values_alone(own.self_attn))
    torch.testing.assert_close(weak_of(made, 2.5), case.said().velocity, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("blur", [0.0, 0.8])
def test_seg_blurs_the_queries(blur: float, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case()
    made = case.guided(SmoothedEnergy(2.5, blur=blur, block=2))
    attention, side = case.network.blocks[1].attn, case.side // case.p  # type: ignore[index]

    def by_hand(h: Tensor, *_: object) -> Tensor:
        q, k, v = attention.qkv(h).chunk(3, dim=-1)
        places = [(i // side, i % side) for i in range(side * side)]
        smooth = torch.zeros_like(q)
        for i, (row, column) in enumerate(places):
            weights = torch.tensor([
                1.0 if not blur else
                2.718281828459045 ** (-((row - r) ** 2 + (column - c) ** 2) / (2 * blur**2))
                for r, c in places
            ])  # fmt: skip
            smooth[:, i] = (weights / weights.sum()) @ q
        heads = []
        for one in range(attention.heads):
            size = q.shape[-1] // attention.heads
            own = slice(one * size, (one + 1) * size)
            scores = smooth[..., own] @ k[..., own].transpose(1, 2) / size**0.5
            heads.append(scores.softmax(dim=-1) @ v[..., own])
        return attention.proj(torch.cat(heads, dim=-1))

    monkeypatch.setattr(attention, "forward", by_hand)
    torch.testing.assert_close(weak_of(made, 2.5), case.said().velocity, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("kind", ["class", "text"])
def test_slg_leaves_blocks_out(kind: str) -> None:
    case = Case(kind)
    made = case.guided(SkipLayer(2.5, block=2, t_max=1.0))
    depth = case.network.routable_layers
    assert made.tokens == round(case.t.numel() * (1 + (depth - 2) / depth))
    whole = case.said().velocity
    blocks: Any = case.network.blocks
    blocks[1].forward = lambda h, *_: h
    weak = case.said().velocity
    assert (weak - whole).abs().max() > 1e-3
    torch.testing.assert_close(weak_of(made, 2.5), weak, atol=2e-5, rtol=1e-4)


def test_which_blocks_are_disturbed() -> None:
    assert Disturbed(0, 1).blocks(6) == (3,)
    assert Disturbed(0, 2).blocks(7) == (4, 5)
    assert Disturbed(5, 9).blocks(6) == (5, 6)
    assert Disturbed(7, 1).blocks(6) == ()
    assert (Disturbed(3, 2).computed(6), Disturbed(3, 2, skipped=True).computed(6)) == (4, 2)
    with pytest.raises(InputError, match="no block 9"):
        Case().guided(PerturbedAttention(block=9))


def test_apg_keeps_what_is_orthogonal() -> None:
    case = Case()
    own, null = case.said().velocity, case.said(case.negative).velocity
    difference = own - null
    kept = damped(difference, own, 0.0)
    flat = [one.flatten(1) for one in (kept, own, difference)]
    assert (flat[0] * flat[1]).sum(1).abs().max() < 1e-4
    along = difference - kept  # the rest points along the prediction, and both add up
    torch.testing.assert_close(
        (along.flatten(1) * flat[1]).sum(1).square(),
        along.flatten(1).square().sum(1) * flat[1].square().sum(1), rtol=1e-4, atol=1e-5,
    )  # fmt: skip
    torch.testing.assert_close(
        kept.square().sum() + along.square().sum(), difference.square().sum(), rtol=1e-4, atol=1e-5
    )
    made = case.guided(ProjectedGuidance(2.5, parallel=0.25))
    torch.testing.assert_close(made.velocity, own + 1.5 * (kept + 0.25 * along))
    cfg = null + 2.5 * difference
    torch.testing.assert_close(case.guided(ProjectedGuidance(2.5, 1.0)).velocity, cfg)


def test_apg_shortens_what_is_too_long() -> None:
    case = Case()
    own = case.said().velocity
    difference = own - case.said(case.negative).velocity
    lengths = difference.square().mean(dim=(1, 2, 3)).sqrt()
    limit = float(lengths.mean())  # one picture is above it
    made = case.guided(ProjectedGuidance(2.0, 1.0, longest=limit))
    found = (made.velocity - own).square().mean(dim=(1, 2, 3)).sqrt()
    torch.testing.assert_close(found, lengths.clamp(max=limit), rtol=1e-4, atol=1e-6)


def test_cfg_zero_has_the_best_scale() -> None:
    case = Case()
    own, null = case.said().velocity, case.said(case.negative).velocity
    scale = best_scale(own, null)
    tried = torch.linspace(-3, 3, 601)[:, None, None, None, None]
    errors = (own - tried * null).square().sum(dim=(2, 3, 4))
    best = tried.flatten()[errors.argmin(dim=0)]
    torch.testing.assert_close(scale.flatten(), best, atol=0.006, rtol=0)
    weak = scale * null
    made = case.guided(ZeroStar(2.5))
    torch.testing.assert_close(made.velocity, weak + 2.5 * (own - weak))
    assert best_scale(own, torch.zeros_like(own)).eq(0).all()


def test_cfg_zero_waits_at_the_beginning() -> None:
    case = Case()
    t = case.t.clone()
    t[0, 0, 0] = 0.03
    made = case.guided(ZeroStar(2.5, still_until=0.04), t)
    moved = speed(made.velocity, case.p)
    assert moved[0, 0, 0] == 0
    assert int((moved == 0).sum()) == 1
    assert speed(made.conditional, case.p)[0, 0, 0] > 0


def test_icg_leads_from_a_random_class() -> None:
    case = Case()
    own = case.said().velocity
    other = ClassLabels(random_classes((5, 6), case.t, case.predict.classes))
    weak = case.said(other).velocity
    made = case.guided(IndependentCondition(2.5))
    torch.testing.assert_close(made.velocity, weak + 2.5 * (own - weak), atol=1e-5, rtol=1e-5)
    times = torch.linspace(0, 1, 200)[:, None, None].expand(200, 2, 2)
    alone = [int(random_classes((7,), one[None], 5)) for one in times]
    assert random_classes((7,) * 200, times, 5).tolist() == alone  # whatever else is in the batch
    assert all(20 < alone.count(each) < 60 for each in range(5))
    assert alone != random_classes((8,) * 200, times, 5).tolist()


def test_difficulty_decides_the_strength() -> None:
    given = torch.tensor([[[0.3, 0.1], [0.9, 0.5]]])
    expected = torch.tensor([[[1 / 3, 0.0], [1.0, 2 / 3]]])
    torch.testing.assert_close(ranks(given), expected)
    case = Case()
    said = case.said()
    assert said.log_variance is not None
    rank = ranks(pool(said.log_variance.exp(), case.p))
    difference = said.velocity - case.said(case.negative).velocity
    made = case.guided(DifficultyWeighted(2.5))
    wanted = said.velocity + 1.5 * to_pixels(rank, case.p) * difference
    torch.testing.assert_close(made.velocity, wanted, atol=1e-5, rtol=1e-5)


def test_what_a_model_lacks_is_named() -> None:
    case = Case()
    for rule, less, words in (
        (PerturbedAttention(), {"layers": 0}, "blocks that it can disturb"),
        (IndependentCondition(), {"classes": 0}, "takes classes"),
        (DifficultyWeighted(), {"has_difficulty": False}, "predicts its difficulty"),
        (ProjectedGuidance(), {"negative": None}, "without a null condition"),
    ):
        with pytest.raises(InputError, match=words):
            GuidedField(replace(case.predict, **less), case.condition, rule)  # type: ignore[arg-type]
