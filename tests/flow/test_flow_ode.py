"""Solvers that ask: the same numbers as the plain ones, in the promised number of asks."""

from __future__ import annotations

import math

import pytest
import torch

from pfstudio.flow import solvers
from pfstudio.flow.ode import TABLEAUS, OdeResult, solve

GRID = (2, 3)


def run(asks, velocity):
    """The end of a solution, and all that was asked."""
    asked, answer = [], None
    while True:
        try:
            ask = asks.send(answer)
        except StopIteration as end:
            return end.value, asked
        asked.append(ask)
        assert ask.time.shape == ask.wanted.shape == GRID
        answer = OdeResult(velocity(ask.state, float(ask.time[0, 0])))


def curve(x, t):
    return -2 * x + math.cos(3 * t)


@pytest.fixture
def start():
    return torch.randn(1, 4, 8, 12, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", ["euler", "midpoint", "heun"])
@pytest.mark.parametrize("steps", [1, 3])
def test_they_equal_the_plain_solvers(start, name, steps) -> None:
    plain = solvers.find_solver(name).solve(curve, start, solvers.uniform_times(steps))
    *_, expected = solvers.states_at(plain, solvers.uniform_times(steps), (1.0,))
    found, asked = run(solve(name, start, GRID, steps), curve)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
    assert len(asked) == steps * len(TABLEAUS[name].nodes)


@pytest.mark.parametrize(
    ("name", "order"), [("euler", 1), ("midpoint", 2), ("heun", 2), ("rk4", 4)]
)
def test_the_error_falls_with_the_order(start, name, order) -> None:
    x = start.double()
    (exact, _), (coarse, _), (fine, _) = (
        run(solve(s, x, GRID, n), curve) for s, n in (("rk4", 200), (name, 8), (name, 16))
    )
    ratio = float((coarse - exact).abs().max() / (fine - exact).abs().max())
    assert math.log2(ratio) == pytest.approx(order, abs=0.35)


@pytest.mark.parametrize("name", TABLEAUS)
def test_a_straight_path_ends_at_its_end(start, name) -> None:
    found, _ = run(solve(name, start, GRID, 2), lambda x, t: torch.full_like(x, 3.0))
    torch.testing.assert_close(found, start + 3)
