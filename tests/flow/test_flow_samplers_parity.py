"""The samplers against the published system's stored runs: results, times, masks, log-variances."""

from __future__ import annotations

import pytest
import torch
from patch_forcing_vectors import (
    SAMPLER_TOLERANCE,
    as_map,
    baseline_model,
    difference,
    main_model,
    settings,
    tensors,
)
from torch import Tensor

from pfstudio.core.guidance import ClassifierFree, Guidance, Interval, NoGuidance
from pfstudio.core.samplers import DualLoop, Euler, LookAhead, Sampler
from pfstudio.core.trace import Role
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.path import interpolate
from pfstudio.flow.samplers import follow, sample
from pfstudio.flow.samplers.common import difficulty_of
from pfstudio.flow.step import InitialState, SamplerStep, SamplerSteps
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.interface import Output
from pfstudio.nn.modulation import ForwardCache

NULL = 10
CASES = settings("samplers")["cases"]
INTERVAL_TOLERANCE = 3e-5


def finish(steps: SamplerSteps) -> tuple[list[SamplerStep], Tensor]:
    """All steps of a run and its result."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def sampler_of(case: dict) -> Sampler:
    params, steps = case["sampler"]["params"], case["num_steps"]
    kind = case["sampler"]["target"].rsplit(".", 1)[1]
    if kind == "EulerPF":
        return Euler(steps=steps, grid=tuple(case["timesteps"]))
    pooling = params.get("mode", "mean")
    if kind == "DualLoopSampler":
        return DualLoop(steps, params["n_inner"], params["p"], pooling)
    return LookAhead(steps, params["p"], params.get("context_t_ratio", 1.5), pooling)


class RecordedModel:
    """The tiny model with what it returned for each label in each call."""

    def __init__(self, model) -> None:
        self.model = model
        self.cache = ForwardCache()
        self.calls: list[tuple[Tensor, Tensor]] = []  # labels, log-variance

    @torch.inference_mode()
    def __call__(self, x: Tensor, t: Tensor, condition: ClassLabels) -> Output:
        out = self.model(x, t, condition, cache=self.cache)
        self.calls.append((condition.labels, out.log_variance))
        return out


def field_of(model, labels: Tensor, rule: Guidance) -> GuidedField:
    negative = ClassLabels(torch.full_like(labels, NULL))
    return GuidedField(Predict(model, 2, negative), ClassLabels(labels), rule)


def run_case(name: str) -> tuple[list[SamplerStep], Tensor, RecordedModel, Sampler]:
    vectors, case = tensors("samplers"), CASES[name]
    model = RecordedModel(main_model())
    rule = ClassifierFree(scale=case["cfg_scale"])
    field = field_of(model, vectors["y"], rule)
    sampler = sampler_of(case)
    start = InitialState(vectors["x_init"], torch.zeros(2, 8, 8))
    return *finish(sample(field, start, sampler)), model, sampler


def stack(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts).clone()


@pytest.mark.parametrize("name", CASES)
def test_run_equals_the_published_one(name):
    vectors, case = tensors("samplers"), CASES[name]
    steps, result, model, sampler = run_case(name)
    assert difference(result, vectors[f"{name}/x_final"]) < SAMPLER_TOLERANCE
    assert len(steps) == len(model.calls) == case["model_calls"] == sampler.nfe
    if f"{name}/call_t" in vectors:
        times = stack([step.time for step in steps]).flatten(2)
        assert torch.equal(times, vectors[f"{name}/call_t"])
    if f"{name}/call_x" in vectors:
        states = stack([step.state for step in steps])
        assert difference(states, vectors[f"{name}/call_x"]) < SAMPLER_TOLERANCE


@pytest.mark.parametrize("name", [n for n in CASES if f"{n}/certain_mask" in tensors("samplers")])
def test_difficulty_and_masks_equal_the_published_ones(name):
    vectors, case = tensors("samplers"), CASES[name]
    steps, _, _, sampler = run_case(name)
    masks = [step for step in steps if bool((step.role == Role.FAST).any())]
    assert len(masks) == case["steps_with_mask"]
    certain = stack([step.role == Role.FAST for step in masks]).flatten(2)
    assert torch.equal(certain, vectors[f"{name}/certain_mask"].bool())
    pooled = stack([difficulty_of(step.prediction, 2, sampler.pooling) for step in masks])
    torch.testing.assert_close(
        pooled.flatten(2), vectors[f"{name}/difficulty"], rtol=2e-5, atol=SAMPLER_TOLERANCE
    )
    if sampler.pooling == "mean":
        assert torch.equal(stack([step.difficulty for step in masks]), pooled)


@pytest.mark.parametrize(
    "name", [n for n in CASES if f"{n}/call_logvar_cond" in tensors("samplers")]
)
def test_log_variances_of_both_halves_equal_the_published_ones(name):
    vectors = tensors("samplers")
    _, _, model, _ = run_case(name)
    labelled = stack([log_variance[-2:] for _, log_variance in model.calls])
    assert difference(labelled, vectors[f"{name}/call_logvar_cond"]) < SAMPLER_TOLERANCE
    guided = [k for k, (labels, _) in enumerate(model.calls) if len(labels) == 4]
    if f"{name}/call_logvar_uncond" in vectors:
        null = stack([model.calls[k][1][:2] for k in guided])
        assert difference(null, vectors[f"{name}/call_logvar_uncond"][guided]) < SAMPLER_TOLERANCE
        assert all(bool((model.calls[k][0][:2] == NULL).all()) for k in guided)
        # Only look-ahead's early phase leaves the null half out: there it is never used.
        assert len(model.calls) - len(guided) == (1 if name.startswith("look_ahead") else 0)
    else:
        assert not guided


def test_grid_values_are_ignored_by_dual_loop_as_published():
    vectors = tensors("samplers")
    result = run_case("dual_loop_nonuniform_ignored")[1]
    assert torch.equal(
        vectors["dual_loop/x_final"], vectors["dual_loop_nonuniform_ignored/x_final"]
    )
    assert torch.equal(result, run_case("dual_loop")[1])


def plain_field(scale: float = 1.0) -> GuidedField:
    model = RecordedModel(main_model())
    return field_of(model, tensors("samplers")["y"], ClassifierFree(scale=scale))


def follow_columns(columns: Tensor, x: Tensor, backwards: bool = False) -> Tensor:
    """States before each call and the end for a published schedule (T,F)."""
    table = list(as_map(columns)[:, None].expand(-1, 2, -1, -1))
    start = InitialState(x, table[0])
    steps, result = finish(follow(plain_field(), start, table, allow_backwards=backwards))
    return torch.stack([*(step.state for step in steps), result])


def test_generate_variants_equal_the_published_ones():
    vectors = tensors("samplers")
    uniform = torch.linspace(0, 1, 5)[:, None].expand(5, 64)
    states = follow_columns(uniform, vectors["x_init"])
    assert difference(states, vectors["generate_default/intermediates"]) < SAMPLER_TOLERANCE
    start = InitialState(vectors["x_init"], torch.zeros(2, 8, 8))
    _, result = finish(sample(plain_field(2.5), start, Euler(steps=3)))
    assert difference(result, vectors["generate_cfg/x_final"]) < SAMPLER_TOLERANCE


def start_between(schedule: Tensor) -> Tensor:
    vectors = tensors("samplers")
    first = as_map(schedule[:1]).expand(2, -1, -1)
    return interpolate(vectors["generate/x_cond"], vectors["x_init"], first, 2)


def test_schedule_with_a_known_picture_equals_the_published_one():
    vectors = tensors("samplers")
    schedule = vectors["generate_schedule/schedule"]
    states = follow_columns(schedule, start_between(schedule))
    assert difference(states, vectors["generate_schedule/intermediates"]) < SAMPLER_TOLERANCE
    assert difference(states[-1], vectors["generate_schedule/x_final"]) < SAMPLER_TOLERANCE


@pytest.mark.parametrize(
    ("backwards", "expected"), [(False, "x_final_clamped"), (True, "x_final_negative_dt")]
)
def test_schedule_that_goes_back_equals_the_published_one(backwards, expected):
    vectors = tensors("samplers")
    schedule = vectors["generate_backwards/schedule"]
    states = follow_columns(schedule, start_between(schedule), backwards)
    assert difference(states[-1], vectors[f"generate_backwards/{expected}"]) < SAMPLER_TOLERANCE


def baseline_field(rule) -> GuidedField:
    @torch.inference_mode()
    def network(x: Tensor, t: Tensor, condition: ClassLabels) -> Output:
        return baseline_model()(x, t, condition)

    return field_of(network, tensors("dit/vectors")["y"], rule)


@pytest.mark.parametrize(
    ("rule", "name"), [(NoGuidance(), "euler"), (ClassifierFree(scale=2.5), "euler_cfg")]
)
def test_baseline_euler_equals_the_published_run(rule, name):
    vectors = tensors("dit/vectors")
    start = InitialState(vectors["x"], torch.zeros(3, 4, 4))
    _, result = finish(sample(baseline_field(rule), start, Euler(steps=5)))
    assert difference(result, vectors[f"{name}/x_final"]) < SAMPLER_TOLERANCE


@pytest.mark.parametrize("reverse", [False, True])
def test_baseline_flow_generate_equals_the_published_one(reverse: bool):
    vectors = tensors("dit/vectors")
    grid = torch.linspace(1, 0, 5) if reverse else torch.linspace(0, 1, 5)
    table = [time.expand(3, 4, 4) for time in grid]
    steps, result = finish(
        follow(baseline_field(NoGuidance()), InitialState(vectors["x"], table[0]), table, reverse)
    )
    if reverse:
        assert difference(result, vectors["flow_generate_reverse/x_final"]) < SAMPLER_TOLERANCE
    else:
        states = torch.stack([*(step.state for step in steps), result])
        assert difference(states, vectors["flow_generate/intermediates"]) < SAMPLER_TOLERANCE


@pytest.mark.parametrize("where", ["low_edge", "inside", "high_edge", "outside"])
def test_interval_guidance_equals_the_published_one(where):
    vectors, limits = tensors("dit/vectors"), settings("dit/vectors")["interval"]
    rule = Interval(limits["cfg_scale"], limits["t_min"], limits["t_max"])
    t = vectors[f"interval/{where}/t"][:, None, None].expand(3, 4, 4)
    prediction = baseline_field(rule)(vectors["x"], t)
    assert difference(prediction.velocity, vectors[f"interval/{where}/v"]) < INTERVAL_TOLERANCE
