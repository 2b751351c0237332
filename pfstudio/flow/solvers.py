"""Fixed-grid solvers of dx/dt = v(x, t), for flows where the whole state has one time.

Each is a generator function that yields one `Evaluation` per network call and returns the final
state, so that progress, stopping and recording happen outside the mathematics. (The samplers of
Patch Forcing, where time is a map, are in `pfstudio.flow.samplers`.)
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from pfstudio.core.errors import InputError

Velocity = Callable[[Tensor, float], Tensor]  # (state, time) -> velocity, of the state's shape


@dataclass(frozen=True)
class Evaluation:
    """One call of the velocity. `of_step` 0 is made at the state that the step began with."""

    time: float
    state: Tensor
    velocity: Tensor
    of_step: int = 0

    @property
    def endpoint(self) -> Tensor:
        """The state at time 1 that this velocity points to."""
        return self.state + (1.0 - self.time) * self.velocity


Evaluations = Generator[Evaluation, None, Tensor]  # returns the final state
Solve = Callable[[Velocity, Tensor, Sequence[float]], Evaluations]


def euler(velocity: Velocity, x: Tensor, times: Sequence[float]) -> Evaluations:
    """x <- x + dt v(x, t)"""
    for now, then in pairwise(times):
        v = velocity(x, now)
        yield Evaluation(now, x, v)
        x = x + (then - now) * v
    return x


def midpoint(velocity: Velocity, x: Tensor, times: Sequence[float]) -> Evaluations:
    """Half an Euler step, then a whole one with the velocity found there."""
    for now, then in pairwise(times):
        half = (then - now) / 2
        first = velocity(x, now)
        yield Evaluation(now, x, first)
        trial = x + half * first
        second = velocity(trial, now + half)
        yield Evaluation(now + half, trial, second, 1)
        x = x + (then - now) * second
    return x


def heun(velocity: Velocity, x: Tensor, times: Sequence[float]) -> Evaluations:
    """A trial Euler step, then a whole one with the mean of the velocities at both ends."""
    for now, then in pairwise(times):
        first = velocity(x, now)
        yield Evaluation(now, x, first)
        trial = x + (then - now) * first
        second = velocity(trial, then)
        yield Evaluation(then, trial, second, 1)
        x = x + (then - now) * (first + second) / 2
    return x


@dataclass(frozen=True)
class Solver:
    """A solver and what one of its steps costs."""

    solve: Solve
    nfe_per_step: int


SOLVERS = {"euler": Solver(euler, 1), "midpoint": Solver(midpoint, 2), "heun": Solver(heun, 2)}


def find_solver(name: str) -> Solver:
    """The solver of this name.

    Raises:
        InputError: there is none.
    """
    if name not in SOLVERS:
        raise InputError(f"Unknown solver {name!r}.", f"Use one of: {', '.join(SOLVERS)}.")
    return SOLVERS[name]


def uniform_times(steps: int) -> tuple[float, ...]:
    """0, 1/N .. 1 for N steps."""
    return tuple(k / steps for k in range(steps + 1))


def states_at(
    evaluations: Evaluations, grid: Sequence[float], times: Sequence[float]
) -> tuple[Tensor, ...]:
    """States at `times` along a solution on `grid`, linear between the points of the grid.

    Args:
        evaluations: a solver on that grid, not yet begun; it is run to its end.
        grid: increasing times that the solver steps over.
        times: within the grid's ends.
    """
    points: list[Tensor] = []
    while True:
        try:
            evaluation = next(evaluations)
        except StopIteration as end:
            points.append(end.value)
            break
        if evaluation.of_step == 0:
            points.append(evaluation.state)
    ends = torch.tensor(grid[1:], dtype=torch.float64)
    wanted = torch.tensor(times, dtype=torch.float64)
    steps = torch.searchsorted(ends, wanted).clamp(max=len(ends) - 1).tolist()
    return tuple(
        torch.lerp(points[k], points[k + 1], (time - grid[k]) / (grid[k + 1] - grid[k]))
        for k, time in zip(steps, times, strict=True)
    )
