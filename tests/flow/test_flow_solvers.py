"""Fixed-grid solvers against the stored flows of DepthFM and against their own order."""

from __future__ import annotations

import math

import pytest
import torch
from depth_vectors import CONFIG, EMBEDDING, close, network, vectors

from pfstudio.core.depth import SOLVERS as NAMES
from pfstudio.core.errors import InputError
from pfstudio.flow.add_noise import add_noise, alpha_bar, ensemble_noise
from pfstudio.flow.solvers import SOLVERS, euler, find_solver, states_at, uniform_times


def finish(evaluations):
    """Everything a solver yields, and the state it returns."""
    seen = []
    while True:
        try:
            seen.append(next(evaluations))
        except StopIteration as end:
            return seen, end.value


def stored_flow(mode):
    unet, stored = network(mode), vectors()

    def velocity(x, t):
        with torch.no_grad():
            return unet(x, torch.full((len(x),), t), stored["ode.context"], stored[EMBEDDING])

    return velocity, stored["ode.x0"]


@pytest.mark.parametrize("mode", CONFIG["attention_modes"])
@pytest.mark.parametrize("steps", CONFIG["ode_steps"])
def test_euler_reaches_the_published_states(mode, steps):
    velocity, x = stored_flow(mode)
    seen, end = finish(euler(velocity, x, uniform_times(steps)))
    close(end, f"{mode}.ode.out_steps{steps}")
    assert [evaluation.time for evaluation in seen] == [k / steps for k in range(steps)]


def test_states_between_the_steps():
    about = CONFIG["ode_intermediates"]
    velocity, x = stored_flow("standard")
    grid = uniform_times(about["num_steps"])
    wanted = torch.linspace(0, 1, about["n_intermediates"] + 2).tolist()
    states = states_at(euler(velocity, x, grid), grid, wanted)
    close(torch.stack(states), "standard.ode.intermediates")


@pytest.mark.parametrize(("name", "order"), [("euler", 1), ("midpoint", 2), ("heun", 2)])
def test_the_error_falls_with_the_order(name, order):
    def velocity(x, t):  # solved by 2 exp(t) - t - 1
        return x + t

    x = torch.ones(1, dtype=torch.float64)
    exact = 2 * math.e - 2
    errors = []
    for steps in (20, 40):
        seen, end = finish(SOLVERS[name].solve(velocity, x, uniform_times(steps)))
        errors.append(abs(float(end) - exact))
        assert len(seen) == steps * SOLVERS[name].nfe_per_step
        assert sum(evaluation.of_step == 0 for evaluation in seen) == steps
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.15)


def test_straight_flows_need_one_step_and_show_their_end_at_once():
    goal = torch.tensor([3.0, -1.0])
    start = torch.zeros(2)
    for solver in SOLVERS.values():
        seen, end = finish(solver.solve(lambda x, t: goal - start, start, uniform_times(3)))
        assert torch.allclose(end, goal)
        assert all(torch.allclose(evaluation.endpoint, goal) for evaluation in seen)


def test_requests_know_the_same_solvers():
    assert tuple(SOLVERS) == NAMES


def test_an_unknown_solver_is_told():
    with pytest.raises(InputError, match="rk9") as caught:
        find_solver("rk9")
    assert "euler, midpoint, heun" in caught.value.advice


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
