"""What every sampler promises, on velocity fields whose solution is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from other_device import OTHER, OtherDevice
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from pfstudio.core.errors import InputError
from pfstudio.core.paint import Paint
from pfstudio.core.samplers import (
    DIFFUSION_FORMS,
    LAST_STEPS,
    ORDERS,
    POOLINGS,
    SAMPLERS,
    Adaptive,
    DualLoop,
    Euler,
    Heun,
    LookAhead,
    Sampler,
    Scheduled,
    Stochastic,
    StochasticHeun,
)
from pfstudio.core.trace import Role
from pfstudio.flow.path import interpolate, to_pixels
from pfstudio.flow.precompute import calls_of_run
from pfstudio.flow.samplers import FUNCTIONS, sample
from pfstudio.flow.samplers.stochastic import stochastic
from pfstudio.flow.samplers.stochastic_heun import stochastic_heun
from pfstudio.flow.step import InitialState, MadeCalls, Prediction, SamplerStep

EVERY = st.one_of(
    st.builds(Euler, steps=st.integers(1, 12)),
    st.builds(Heun, steps=st.integers(1, 6)),
    st.builds(
        DualLoop,
        steps=st.integers(1, 6),
        inner_steps=st.integers(1, 5),
        easy_share=st.floats(0, 1),
        pooling=st.sampled_from(POOLINGS),
    ),
    st.builds(
        LookAhead,
        steps=st.integers(1, 45),
        easy_share=st.floats(0, 1),
        context_ratio=st.floats(1, 5),
        pooling=st.sampled_from(POOLINGS),
    ),
    st.builds(
        Scheduled,
        steps=st.integers(1, 12),
        order=st.sampled_from(ORDERS),
        spread=st.floats(0, 0.95),
    ),
    st.builds(Adaptive, max_nfe=st.integers(2, 20), tolerance=st.floats(0, 1)),
)
STOCHASTIC = st.one_of(
    *(
        st.builds(
            kind,
            steps=st.integers(2, most),
            strength=st.floats(0, 3),
            diffusion=st.sampled_from(DIFFUSION_FORMS),
            last_step=st.sampled_from(LAST_STEPS),
        )
        for kind, most in ((Stochastic, 12), (StochasticHeun, 6))
    )
)
NOISELESS = STOCHASTIC.map(lambda sampler: replace(sampler, strength=0.0))
PAINTS = (Paint.FREE, Paint.FREE, Paint.FAST, Paint.SLOW, Paint.FIXED)


@dataclass
class ToyField:
    """A field from a formula for the velocity; its difficulty changes from call to call."""

    velocity: Callable[[Tensor, Tensor], Tensor]  # of x (B,C,H,W) and pixel times (B,1,H,W)
    seed: int = 0
    has_difficulty: bool = True
    spread: float = 2.0
    patch_size: int = 2
    unguided_calls: int = 0

    def __post_init__(self) -> None:
        self.generator = torch.Generator().manual_seed(self.seed)

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        self.unguided_calls += not guided
        velocity = self.velocity(x, to_pixels(t, self.patch_size))
        noise = torch.randn(x[:, :1].shape, generator=self.generator)
        log_variance = self.spread * noise if self.has_difficulty else None
        return Prediction(velocity, velocity, log_variance, t.numel())


def finish(
    field: ToyField, start: InitialState, sampler: Sampler
) -> tuple[list[SamplerStep], Tensor]:
    steps, run = [], sample(field, start, sampler)
    while True:
        try:
            steps.append(next(run))
        except StopIteration as end:
            return steps, end.value


def a_start(seed: int, painted: bool, batch: int = 2) -> tuple[InitialState, Tensor]:
    """A start with different times, finished patches among them, and the clean data."""
    generator = torch.Generator().manual_seed(seed)
    data, noise = torch.randn(2, batch, 3, 6, 10, generator=generator)
    time = torch.rand(batch, 3, 5, generator=generator)
    time[time < 0.3], time[time > 0.8] = 0.0, 1.0
    paint = None
    if painted:
        codes = torch.randint(len(PAINTS), (3, 5), generator=generator)
        paint = torch.tensor(PAINTS, dtype=torch.uint8)[codes]
        time = torch.where(paint == Paint.FIXED, 1.0, time)
    return InitialState(interpolate(data, noise, time, 2), time, paint), data


def towards(data: Tensor, start: InitialState) -> ToyField:
    """The straight field whose every right integration ends at `data`."""
    rest = 1 - to_pixels(start.time, 2)
    speed = torch.where(rest > 0, (data - start.x) / rest.clamp(min=1e-6), 1.0)
    return ToyField(lambda x, t: speed)


@settings(max_examples=60, deadline=None)
@given(EVERY | NOISELESS, st.integers(0, 9999), st.booleans())
def test_every_sampler_ends_at_time_one_and_never_moves_a_finished_patch(sampler, seed, painted):
    start, data = a_start(seed, painted)
    steps, result = finish(towards(data, start), start, sampler)
    torch.testing.assert_close(result, data, rtol=0, atol=2e-5)
    at_rest = (start.time >= 1)[:, None]
    still = to_pixels(at_rest[:, 0], 2).expand_as(data)
    assert torch.equal(result[still], start.x[still])
    for step in steps:
        assert torch.equal(step.state[still], start.x[still])
        assert bool((step.time >= start.time).all())
        assert bool((step.time <= 1).all())
        resting = step.role[start.time >= 1]
        assert bool(((resting == Role.FIXED) | (resting == Role.FINISHED)).all())
        assert not bool((step.role[start.time < 1] == Role.FIXED).any())
        assert step.role.dtype == torch.uint8
        assert step.prediction.tokens == start.time.numel()


@settings(max_examples=40, deadline=None)
@given(EVERY | STOCHASTIC, st.integers(0, 99))
def test_number_of_calls_is_what_the_settings_say(sampler, seed):
    start, data = a_start(seed, painted=False)
    steps, _ = finish(towards(data, start), start, sampler)
    expected = calls_of_run(sampler, start)
    assert len(steps) <= expected if isinstance(sampler, Adaptive) else len(steps) == expected
    at_noise = replace(start, time=torch.zeros_like(start.time))
    assert calls_of_run(sampler, at_noise) == sampler.nfe


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_largest_budget_of_a_sampler_can_be_asked_for(name: str) -> None:
    steps = "max_nfe" if name == "adaptive" else "steps"
    most = replace(SAMPLERS[name](), **{steps: 1000})
    assert most.for_nfe(most.nfe).nfe == most.nfe


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(SAMPLERS)), st.integers(2, 60))
def test_a_budget_of_calls_is_kept_about(name, budget):
    sampler = SAMPLERS[name]().for_nfe(budget)
    start = InitialState(torch.zeros(1, 1, 4, 4), torch.zeros(1, 2, 2))
    steps, _ = finish(ToyField(lambda x, t: x), start, sampler)
    assert len(steps) <= sampler.nfe
    slack = sampler.inner_steps / 2 if isinstance(sampler, DualLoop) else 1
    assert abs(sampler.nfe - max(budget, 2)) <= max(slack, 2 if budget < 4 else slack)


def decay(sampler: Sampler) -> tuple[float, int]:
    """Error and calls of dx/dt = -2 t x from different times t0; it ends at x0 exp(t0^2 - 1)."""
    time = torch.linspace(0, 0.9, 15, dtype=torch.float64).reshape(1, 3, 5)
    start = InitialState(torch.ones(1, 1, 6, 10, dtype=torch.float64), time)
    steps, result = finish(ToyField(lambda x, t: -2 * t * x), start, sampler)
    exact = torch.exp(to_pixels(time, 2).square() - 1)
    return (result - exact).abs().max().item(), len(steps)


@pytest.mark.parametrize(("kind", "order"), [(Euler, 1), (Heun, 2)])
def test_order_of_convergence_with_a_time_per_patch(kind, order):
    coarse, fine = (decay(kind(steps=steps))[0] for steps in (20, 40))
    assert math.log2(coarse / fine) == pytest.approx(order, abs=0.1)


def in_one_dimension(
    settings: Stochastic, velocity: Callable[[float, float], float], x: float, noise: list[float]
) -> float:
    """What a stochastic sampler makes of one number, worked out in plain floats."""

    def drift(x: float, t: float) -> float:
        score = (t * velocity(x, t) - x) / (1 - t)  # (1-t)^2 + t(1-t) = 1-t
        return velocity(x, t) + settings.strength * (1 - t) * score

    h = 0.96 / (settings.steps - 1)
    for step in range(settings.steps - 1):
        t = step * h
        kick = math.sqrt(2 * settings.strength * (1 - t) * h) * noise[step]
        if isinstance(settings, StochasticHeun):
            x += kick
            first = drift(x, t)
            x += h * (first + drift(x + h * first, t + h)) / 2
        else:
            x += h * drift(x, t) + kick
    return x + 0.04 * (drift(x, 0.96) if settings.last_step == "mean" else velocity(x, 0.96))


@pytest.mark.parametrize(
    ("kind", "function"), [(Stochastic, stochastic), (StochasticHeun, stochastic_heun)]
)
@pytest.mark.parametrize("last", LAST_STEPS)
def test_stochastic_steps_are_those_of_a_computation_by_hand(kind, function, last):
    sampler, noise = kind(steps=4, strength=0.7, last_step=last), [0.5, -1.25, 2.0]
    start = InitialState(
        torch.full((1, 1, 2, 2), 0.3, dtype=torch.float64), torch.zeros(1, 1, 1).double()
    )
    draw = [torch.full_like(start.x, number) for number in noise]
    field = ToyField(lambda x, t: torch.sin(3 * x) - t * x)
    run = function(field, start, sampler, draw.__getitem__)
    while True:
        try:
            next(run)
        except StopIteration as end:
            result = end.value
            break
    known = in_one_dimension(sampler, lambda x, t: math.sin(3 * x) - t * x, 0.3, noise)
    torch.testing.assert_close(result, torch.full_like(start.x, known), rtol=0, atol=1e-6)


def towards_gaussian(std: float) -> ToyField:
    """The exact velocity from noise N(0, 1) to data N(0, std^2): E[data - noise | state]."""

    def velocity(x: Tensor, t: Tensor) -> Tensor:
        return (t * std**2 - (1 - t)) / (t**2 * std**2 + (1 - t) ** 2) * x

    return ToyField(velocity)


@pytest.mark.parametrize("form", DIFFUSION_FORMS)
@pytest.mark.parametrize("kind", [Stochastic, StochasticHeun])
def test_noise_of_stochastic_samplers_keeps_the_distribution_of_a_gaussian(kind, form):
    noise = torch.randn(1, 1, 160, 160, generator=torch.Generator().manual_seed(0))
    start = InitialState(noise, torch.zeros(1, 80, 80))
    sampler = kind(diffusion=form).for_nfe(201)
    _, result = finish(towards_gaussian(0.5), start, sampler)
    assert abs(float(torch.corrcoef(torch.stack([noise, result]).flatten(1))[0, 1])) < 0.9
    assert float(result.std()) == pytest.approx(0.5, rel=0.03)
    assert abs(float(result.mean())) < 0.01


def test_stochastic_heun_without_noise_is_of_second_order():
    """Up to its last step, of one fixed size; the exact flow maps x to std x of a Gaussian."""
    x = torch.ones(1, 1, 2, 2, dtype=torch.float64)
    start = InitialState(x, torch.zeros(1, 1, 1, dtype=torch.float64))
    at_end = math.sqrt(0.96**2 * 0.25 + 0.04**2)  # std at time 0.96
    errors = []
    for steps in (21, 41):
        sampler = StochasticHeun(steps=steps, strength=0.0)
        calls, _ = finish(towards_gaussian(0.5), start, sampler)
        errors.append(abs(float(calls[-1].state[0, 0, 0, 0]) - at_end))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.15)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 30), st.integers(0, 999), st.floats(0, 8), st.floats(0, 1))
@example(9, 0, 0.0, 5e-324)  # of which float32 knows nothing
def test_adaptive_budget_is_never_exceeded_and_always_enough(calls, seed, spread, tolerance):
    start, data = a_start(seed, painted=False)
    field = replace(towards(data, start), seed=seed, spread=spread)
    steps, result = finish(field, start, Adaptive(max_nfe=calls, tolerance=tolerance))
    assert len(steps) <= calls
    torch.testing.assert_close(result, data, rtol=0, atol=2e-5)
    for before, after in pairwise(steps):
        assert bool((after.time > before.time)[before.time < 1].all())


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30), st.integers(0, 999), st.floats(0, 8))
def test_adaptive_without_tolerance_spends_every_call(calls, seed, spread):
    start = InitialState(torch.zeros(2, 3, 6, 10), torch.zeros(2, 3, 5))
    field = ToyField(lambda x, t: x, seed=seed, spread=spread)
    steps, _ = finish(field, start, Adaptive(max_nfe=calls, tolerance=0.0))
    assert len(steps) == calls


def test_adaptive_comes_as_near_as_its_tolerance_says():
    tolerances = (1e-2, 1e-3, 1e-4)
    runs = [decay(Adaptive(max_nfe=1000, tolerance=tolerance)) for tolerance in tolerances]
    errors, calls = zip(*runs, strict=True)
    for coarse, fine in pairwise(errors):
        assert 5 < coarse / fine < 20  # in proportion to the tolerance
    for few, many in pairwise(calls):
        assert 2 < many / few < 4.5  # as its square root
    # Of second order, so what is gained on Euler at equal calls grows with them.
    gains = [decay(Euler(number))[0] / error for error, number in runs]
    assert all(gain > least for gain, least in zip(gains, (1, 1.5, 5), strict=True))


def test_adaptive_asks_once_of_pictures_that_are_finished_so_that_a_run_has_them():
    start = InitialState(torch.rand(2, 3, 6, 10), torch.ones(2, 3, 5))
    steps, result = finish(ToyField(lambda x, t: x), start, Adaptive(max_nfe=10))
    assert len(steps) == 1
    assert bool((steps[0].role == Role.FINISHED).all())
    assert torch.equal(result, start.x)


def test_adaptive_lets_painted_patches_lead_and_the_others_keep_step():
    start, _ = a_start(0, painted=False)
    paint = torch.zeros(3, 5, dtype=torch.uint8)
    paint[0, 1] = Paint.FAST
    start = InitialState(start.x, torch.zeros_like(start.time), paint)
    steps, _ = finish(ToyField(lambda x, t: x), start, Adaptive(max_nfe=10, tolerance=0.0))
    fast = (paint == Paint.FAST).expand(2, 3, 5)
    torch.testing.assert_close(steps[1].time, torch.where(fast, 0.2, 0.1))
    assert torch.equal(steps[1].role == Role.FAST, fast)
    assert steps[-1].role[0, 0, 1] == Role.FINISHED


def test_dual_loop_roles_and_times():
    start = InitialState(torch.zeros(1, 1, 8, 8), torch.zeros(1, 4, 4))
    sampler = DualLoop(steps=2, inner_steps=4, easy_share=0.5)
    steps, _ = finish(ToyField(lambda x, t: x), start, sampler)
    first, inner = steps[0], steps[3]
    easy = first.role == Role.FAST
    assert 6 <= easy.sum().item() <= 8
    assert torch.equal(first.role == Role.SLOW, ~easy)
    assert torch.equal(inner.role == Role.CONTEXT, easy)
    assert torch.equal(inner.time, torch.where(easy, 0.5, 0.375))


def test_look_ahead_shows_the_easy_patches_ahead_and_asks_no_guidance_early():
    start = InitialState(torch.zeros(1, 1, 8, 8), torch.zeros(1, 4, 4))
    field = ToyField(lambda x, t: x)
    steps, _ = finish(field, start, LookAhead(steps=40, easy_share=0.5, context_ratio=1.5))
    assert field.unguided_calls == 2
    assert [bool((step.role == Role.TOGETHER).all()) for step in steps[:3]] == [True, True, False]
    easy = steps[2].role == Role.FAST
    torch.testing.assert_close(steps[3].time, torch.where(easy, 0.075, 0.05))


def test_look_ahead_goes_by_the_time_of_the_patches_not_by_the_place_in_the_grid():
    start = InitialState(torch.zeros(1, 1, 8, 8), torch.full((1, 4, 4), 0.5))
    field = ToyField(lambda x, t: x)
    steps, _ = finish(field, start, LookAhead(steps=40, easy_share=0.5))
    assert field.unguided_calls == 0
    assert len(steps) == calls_of_run(LookAhead(steps=40), start) == 80
    assert bool((steps[1].role == Role.CONTEXT).any())


@dataclass
class KnownField:
    """A field whose answer hangs on the state and the times alone."""

    patch_size: int = 2

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        mixed = torch.tanh(torch.roll(x, 1, -1) + to_pixels(t, 2) * torch.roll(x, 1, -2))
        velocity = mixed * (1.5 if guided else 1.0)
        return Prediction(velocity, mixed, x[:, :1].abs() - 2 * to_pixels(t, 2), t.numel())


def taken_up(start: InitialState, steps: list[SamplerStep], call: int) -> InitialState:
    """Where a run begins that goes on before a call of another one."""
    last, following = steps[call - 1], steps[call]
    assert last.difficulty is not None
    made = MadeCalls(
        call, following.time, last.time, following.role, last.state, last.prediction.velocity,
        last.difficulty,
    )  # fmt: skip
    return replace(start, x=following.state, made=made, noise=start.x)


@settings(max_examples=80, deadline=None)
@given(EVERY | STOCHASTIC, st.integers(0, 999), st.booleans(), st.data())
def test_a_run_that_is_taken_up_again_goes_on_bit_for_bit(sampler, seed, painted, draw):
    start, _ = a_start(seed, painted)
    field = KnownField()
    steps, result = finish(field, start, sampler)
    if len(steps) < 2:
        return
    call = draw.draw(st.integers(1, len(steps) - 1))
    rest, again = finish(field, taken_up(start, steps, call), sampler)
    assert torch.equal(again, result)
    assert len(rest) == len(steps) - call
    for one, other in zip(rest, steps[call:], strict=True):
        assert torch.equal(one.time, other.time)
        assert torch.equal(one.role, other.role)


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("name", SAMPLERS)
def test_a_run_is_taken_up_again_on_another_device(name, call):
    start, _ = a_start(0, painted=True)
    sampler = SAMPLERS[name]().for_nfe(8)
    steps, result = finish(KnownField(), start, sampler)
    with OtherDevice():
        rest, again = finish(KnownField(), taken_up(start, steps, call).to(OTHER), sampler)
        assert again.device == OTHER
        assert torch.equal(again.cpu(), result)
    assert len(rest) == len(steps) - call


class WithoutFloat64(TorchDispatchMode):
    """Inside, a tensor in float64 is an error, as on MPS."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for value in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(value, Tensor) and value.dtype == torch.float64:
                raise TypeError("this device has no float64")
        return out


@pytest.mark.parametrize("name", SAMPLERS)
def test_no_sampler_needs_float64(name):
    start, _ = a_start(0, painted=True)
    with WithoutFloat64():
        finish(KnownField(), start, SAMPLERS[name]().for_nfe(8))


@pytest.mark.parametrize("order", ORDERS)
def test_scheduled_orders(order):
    paint = torch.zeros(2, 3, dtype=torch.uint8)
    paint[0, 1], paint[1, 2] = Paint.FAST, Paint.SLOW
    noise = torch.randn(2, 4, 4, 6, generator=torch.Generator().manual_seed(0))
    start = InitialState(noise, torch.zeros(2, 2, 3), paint)
    sampler = Scheduled(steps=20, order=order, spread=0.5)
    steps, _ = finish(ToyField(lambda x, t: x), start, sampler)
    middle = steps[10].time
    if order == "painted":
        assert middle[:, 0, 1].tolist() == [1.0, 1.0]
        assert middle[:, 1, 2].tolist() == [0.0, 0.0]
        assert middle[0, 0, 0].item() == pytest.approx(0.5)
        assert steps[9].role[0, 1, 2] == Role.CONTEXT
        assert steps[10].role[0, 0, 1] == Role.FINISHED
    elif order == "raster":
        torch.testing.assert_close(middle[0].flatten(), torch.linspace(1, 0, 6))
    else:
        assert middle[0].flatten().sort().values.tolist() == pytest.approx(
            [0, 0.2, 0.4, 0.6, 0.8, 1]
        )
        assert not torch.equal(middle[0], middle[1])
        alone = InitialState(noise[1:], torch.zeros(1, 2, 3))
        again, _ = finish(ToyField(lambda x, t: x), alone, sampler)
        assert torch.equal(again[10].time[0], middle[1])  # does not hang on the batch


def test_without_spread_scheduled_is_euler():
    start, _ = a_start(3, painted=False)
    field = ToyField(lambda x, t: x * t - 1)
    _, scheduled = finish(field, start, Scheduled(steps=7, spread=0.0))
    _, euler = finish(field, start, Euler(steps=7))
    torch.testing.assert_close(scheduled, euler)


@pytest.mark.parametrize("grid", [(0.0, 1.0), (0.0, 0.6, 0.5, 1.0), (0.1, 0.2, 0.3, 1.0)])
def test_bad_time_grids_are_said_plainly(grid):
    start, data = a_start(0, painted=False)
    with pytest.raises(InputError, match="rise from 0 to 1 in 4 numbers"):
        finish(towards(data, start), start, Euler(steps=3, grid=grid))


@pytest.mark.parametrize("sampler", [kind() for kind in SAMPLERS.values() if kind.needs_difficulty])
def test_models_without_difficulty_head_are_refused_plainly(sampler):
    start, data = a_start(0, painted=False)
    field = replace(towards(data, start), has_difficulty=False)
    with pytest.raises(InputError, match="needs a difficulty head"):
        finish(field, start, sampler)


@pytest.mark.parametrize(
    "sampler",
    [
        kind(strength=0.0) if issubclass(kind, Stochastic) else kind()
        for kind in SAMPLERS.values()
        if not kind.needs_difficulty
    ],
)
def test_other_samplers_run_without_difficulty_head(sampler):
    start, data = a_start(0, painted=True)
    field = replace(towards(data, start), has_difficulty=False)
    steps, result = finish(field, start, sampler)
    torch.testing.assert_close(result, data, rtol=0, atol=2e-5)
    assert all(step.difficulty is None for step in steps)


def test_starts_that_do_not_fit_are_refused_plainly():
    x, field = torch.zeros(1, 4, 8, 8), ToyField(lambda x, t: x)
    with pytest.raises(InputError, match="start times have shape"):
        sample(field, InitialState(x, torch.zeros(1, 4, 5)), Euler())
    with pytest.raises(InputError, match="painted map"):
        sample(field, InitialState(x, torch.zeros(1, 4, 4), torch.zeros(3, 4)), Euler())


def test_every_settings_class_has_its_function():
    assert set(FUNCTIONS) == set(SAMPLERS.values())
