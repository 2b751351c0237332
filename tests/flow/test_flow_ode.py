"""Solvers against the stored flows of DepthFM, against each other, and against their own order."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from depth_vectors import CONFIG, EMBEDDING, close, network, vectors
from ode_states import states_at

from pfstudio.core.depth import SOLVERS as DEPTH_SOLVERS
from pfstudio.core.upscale import SOLVERS as UPSCALE_SOLVERS
from pfstudio.flow.add_noise import add_noise, alpha_bar, ensemble_noise
from pfstudio.flow.ode import TABLEAUS, evaluation_times, solve, uniform_times


def noting(velocity):
    """The velocity, and the times at which it is asked for."""
    asked = []

    def note(x, t):
        asked.append(t)
        return velocity(x, t)

    return note, asked


def curve(x, t):
    return -2 * x + math.cos(3 * t)


@pytest.fixture
def start():
    return torch.randn(1, 4, 8, 12, generator=torch.Generator().manual_seed(0))


def stored_flow(mode):
    unet, stored = network(), vectors()

    def velocity(x, t):
        with torch.no_grad():
            times, prompt = torch.full((len(x),), t), stored[EMBEDDING]
            return unet(x, times, stored["ode.context"], prompt, mode=mode)

    return velocity, stored["ode.x0"]


@pytest.mark.parametrize("mode", CONFIG["attention_modes"])
@pytest.mark.parametrize("steps", CONFIG["ode_steps"])
def test_euler_reaches_the_published_states(mode, steps):
    velocity, x = stored_flow(mode)
    velocity, asked = noting(velocity)
    close(solve("euler", velocity, x, uniform_times(steps)), f"{mode}.ode.out_steps{steps}")
    assert asked == [k / steps for k in range(steps)]


def test_states_between_the_steps():
    about = CONFIG["ode_intermediates"]
    velocity, x = stored_flow("standard")
    grid = uniform_times(about["num_steps"])
    wanted = torch.linspace(0, 1, about["n_intermediates"] + 2).tolist()
    states = states_at("euler", velocity, x, grid, wanted)
    close(torch.stack(states), "standard.ode.intermediates")


@pytest.mark.parametrize("steps", [1, 3])
def test_the_methods_by_their_formulas(start, steps):
    """Written out one by one, bit for bit."""

    def euler(x, t, dt):
        return x + dt * curve(x, t)

    def midpoint(x, t, dt):
        return x + dt * curve(x + dt / 2 * curve(x, t), t + dt / 2)

    def heun(x, t, dt):
        first = curve(x, t)
        return x + dt / 2 * first + dt / 2 * curve(x + dt * first, t + dt)

    times = uniform_times(steps)
    for method in (euler, midpoint, heun):
        x = start
        for now, then in pairwise(times):
            x = method(x, now, then - now)
        assert torch.equal(solve(method.__name__, curve, start, times), x)


@pytest.mark.parametrize("name", TABLEAUS)
def test_the_times_of_the_evaluations_are_known(start, name):
    velocity, asked = noting(curve)
    solve(name, velocity, start, uniform_times(3))
    assert tuple(asked) == evaluation_times(name, uniform_times(3))
    assert len(asked) == 3 * len(TABLEAUS[name].nodes)


@pytest.mark.parametrize(
    ("name", "order"), [("euler", 1), ("midpoint", 2), ("heun", 2), ("rk4", 4)]
)
def test_the_error_falls_with_the_order(start, name, order) -> None:
    x = start.double()
    exact, coarse, fine = (
        solve(s, curve, x, uniform_times(n)) for s, n in (("rk4", 200), (name, 8), (name, 16))
    )
    ratio = float((coarse - exact).abs().max() / (fine - exact).abs().max())
    assert math.log2(ratio) == pytest.approx(order, abs=0.35)


@pytest.mark.parametrize("name", TABLEAUS)
def test_a_straight_path_ends_at_its_end(start, name) -> None:
    found = solve(name, lambda x, t: torch.full_like(x, 3.0), start, uniform_times(2))
    torch.testing.assert_close(found, start + 3)


def test_requests_know_the_same_solvers():
    assert set(DEPTH_SOLVERS) <= set(TABLEAUS)
    assert set(UPSCALE_SOLVERS) == {*TABLEAUS, "dopri5"}


def test_noising_equals_the_published_schedule():
    stored = vectors()
    steps, shares = stored["qsample.t_values"].tolist(), stored["qsample.alpha_bar"].tolist()
    for step, share in zip(steps, shares, strict=True):
        assert alpha_bar(step, 1000) == pytest.approx(share, rel=1e-9, abs=1e-15)
    for step in (1, 400, 999):
        out = add_noise(stored["qsample.x"], stored["qsample.noise"], alpha_bar(step, 1000))
        close(out, f"qsample.out_t{step}")
    assert alpha_bar(400, 1000) == pytest.approx(0.6545023, abs=1e-7)
    assert alpha_bar(400, 999) == pytest.approx(0.6539040, abs=1e-7)


def test_a_members_noise_does_not_depend_on_the_others():
    whole = ensemble_noise(range(5), (4, 2, 3), seed=7)
    assert torch.equal(ensemble_noise(range(2, 4), (4, 2, 3), seed=7), whole[2:4])
    assert torch.equal(ensemble_noise(range(1), (4, 2, 3), seed=9)[0], whole[2])
    assert not torch.equal(whole[0], whole[1])
