"""Solvers of dx/dt = v(x, t) for flows where the whole state has one time: plain functions.

Progress, stopping and recording happen in the velocity that they are given. (The samplers of Patch
Forcing, where time is a map, are in `pfstudio.flow.samplers`.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

Velocity = Callable[[Tensor, float], Tensor]  # (state, time) -> velocity, of the state's shape


@dataclass(frozen=True)
class Tableau:
    """An explicit Runge-Kutta method: stage i is at `nodes[i]` of the step, see `step`."""

    nodes: tuple[float, ...]
    rows: tuple[tuple[float, ...], ...]  # row i weighs the slopes before stage i
    weights: tuple[float, ...]


TABLEAUS = {
    "euler": Tableau((0.0,), ((),), (1.0,)),
    "midpoint": Tableau((0.0, 1 / 2), ((), (1 / 2,)), (0.0, 1.0)),
    "heun": Tableau((0.0, 1.0), ((), (1.0,)), (1 / 2, 1 / 2)),
    "rk4": Tableau(  # Kutta's 3/8 rule
        (0.0, 1 / 3, 2 / 3, 1.0),
        ((), (1 / 3,), (-1 / 3, 1.0), (1.0, -1.0, 1.0)),
        (1 / 8, 3 / 8, 3 / 8, 1 / 8),
    ),
}


def solve(method: str, velocity: Velocity, x: Tensor, times: Sequence[float]) -> Tensor:
    """The state at the last of `times`, with one step of a method of TABLEAUS between each two."""
    for now, then in pairwise(times):
        x = step(TABLEAUS[method], velocity, x, now, then)
    return x


def step(tableau: Tableau, velocity: Velocity, x: Tensor, now: float, then: float) -> Tensor:
    """x + dt sum(w_i k_i), where k_i is the slope at x + dt sum(a_ij k_j)."""
    dt, slopes = then - now, list[Tensor]()
    for node, row in zip(tableau.nodes, tableau.rows, strict=True):
        slopes.append(velocity(moved(x, dt, row, slopes), now + node * dt))
    return moved(x, dt, tableau.weights, slopes)


def moved(x: Tensor, dt: float, weights: Sequence[float], slopes: Sequence[Tensor]) -> Tensor:
    """x + dt sum(w_i k_i)"""
    for weight, slope in zip(weights, slopes, strict=True):
        if weight:
            x = x + (dt * weight) * slope
    return x


def uniform_times(steps: int) -> tuple[float, ...]:
    """0, 1/N .. 1 for N steps."""
    return tuple(k / steps for k in range(steps + 1))


def evaluation_times(method: str, times: Sequence[float]) -> tuple[float, ...]:
    """Times at which `solve` asks for the velocity, in order."""
    nodes = TABLEAUS[method].nodes
    return tuple(now + node * (then - now) for now, then in pairwise(times) for node in nodes)
