"""Solvers that ask for a velocity instead of calling a function for it.

Each is a generator function that yields one `OdeEvaluation` per evaluation and is sent the
`OdeResult`; it returns the final state. So a large canvas can be answered tile by tile, with
progress and stopping between the tiles, outside the mathematics.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor


@dataclass(frozen=True)
class OdeEvaluation:
    """What an evaluation is given: state (B,C,h,w), and maps (n,m) of patches."""

    state: Tensor
    time: Tensor  # of each patch
    then: Tensor  # of the next evaluation of each patch, as far as it is known
    wanted: Tensor  # bool: patches whose velocity is needed


@dataclass(frozen=True)
class OdeResult:
    """Velocity (B,C,h,w), 0 where it was not wanted, and difficulty (n,m), if the model has one."""

    velocity: Tensor
    difficulty: Tensor | None = None


OdeEvaluations = Generator[OdeEvaluation, OdeResult, Tensor]  # returns the final state


@dataclass(frozen=True)
class Tableau:
    """An explicit Runge-Kutta method: stage i is at `nodes[i]` of the step, see `runge_kutta`."""

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


def runge_kutta(
    tableau: Tableau, x: Tensor, grid: tuple[int, int], times: Sequence[float]
) -> OdeEvaluations:
    """x <- x + dt sum(w_i k_i), where k_i is the slope at x + dt sum(a_ij k_j)."""
    everything = torch.ones(grid, dtype=torch.bool)
    for now, then in pairwise(times):
        dt, slopes = then - now, list[Tensor]()
        stages = [now + node * dt for node in tableau.nodes]
        for at, after, row in zip(stages, [*stages[1:], then], tableau.rows, strict=True):
            state = _moved(x, dt, row, slopes)
            ask = OdeEvaluation(state, torch.full(grid, at), torch.full(grid, after), everything)
            slopes.append((yield ask).velocity)
        x = _moved(x, dt, tableau.weights, slopes)
    return x


def _moved(x: Tensor, dt: float, weights: Sequence[float], slopes: Sequence[Tensor]) -> Tensor:
    for weight, slope in zip(weights, slopes, strict=True):
        if weight:
            x = x + (dt * weight) * slope
    return x


def solve(name: str, x: Tensor, grid: tuple[int, int], steps: int) -> OdeEvaluations:
    """Integrate from 0 to 1 with `steps` equal steps of a method of TABLEAUS.

    Args:
        x: noised latents (B,C,h,w).
        grid: patches (n,m), all of which have the same time.
    """
    return runge_kutta(TABLEAUS[name], x, grid, [k / steps for k in range(steps + 1)])
