"""Solvers that ask for a velocity instead of calling a function for it.

Each is a generator function that yields one `Ask` per evaluation and is sent the `Answer`; it
returns the final state. So a large canvas can be answered tile by tile, with progress and stopping
between the tiles, outside the mathematics.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from pfstudio.core.errors import RunError


@dataclass(frozen=True)
class Ask:
    """What an evaluation is given: state (B,C,h,w), and maps (n,m) of patches."""

    state: Tensor
    time: Tensor  # of each patch
    then: Tensor  # of the next evaluation of each patch, as far as it is known
    wanted: Tensor  # bool: patches whose velocity is needed


@dataclass(frozen=True)
class Answer:
    """Velocity (B,C,h,w), 0 where it was not wanted, and difficulty (n,m), if the model has one."""

    velocity: Tensor
    difficulty: Tensor | None = None


Asks = Generator[Ask, Answer, Tensor]  # returns the final state


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
ADAPTIVE = "dopri5"
_DOPRI = Tableau(
    (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0),
    (
        (),
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0),
)
_DOPRI_ERROR = (  # weights of order 5 less those of order 4
    71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40,
)  # fmt: skip
_ABSOLUTE, _RELATIVE = 1e-6, 1e-3  # tolerances, as published
_MOST_ASKS = 2000


def runge_kutta(tableau: Tableau, x: Tensor, grid: tuple[int, int], times: Sequence[float]) -> Asks:
    """x <- x + dt sum(w_i k_i), where k_i is the slope at x + dt sum(a_ij k_j)."""
    everything = torch.ones(grid, dtype=torch.bool)
    for now, then in pairwise(times):
        dt, slopes = then - now, list[Tensor]()
        stages = [now + node * dt for node in tableau.nodes]
        for at, after, row in zip(stages, [*stages[1:], then], tableau.rows, strict=True):
            state = _moved(x, dt, row, slopes)
            ask = Ask(state, torch.full(grid, at), torch.full(grid, after), everything)
            slopes.append((yield ask).velocity)
        x = _moved(x, dt, tableau.weights, slopes)
    return x


def _moved(x: Tensor, dt: float, weights: Sequence[float], slopes: Sequence[Tensor]) -> Tensor:
    for weight, slope in zip(weights, slopes, strict=True):
        if weight:
            x = x + (dt * weight) * slope
    return x


def dormand_prince(x: Tensor, grid: tuple[int, int], first: float) -> Asks:
    """The adaptive method of order 5 (Dormand and Prince 1980), with the published tolerances.

    Args:
        x: noised latents (1,C,h,w).
        grid: patches (n,m).
        first: step to try at the beginning.

    Raises:
        RunError: the steps become too many.
    """
    everything = torch.ones(grid, dtype=torch.bool)
    now, dt, made, slopes = 0.0, first, 0, list[Tensor]()
    while now < 1:
        dt = min(dt, 1 - now)
        stages = list(zip(_DOPRI.nodes, _DOPRI.rows, strict=True))[len(slopes) :]
        for node, row in stages:
            state = _moved(x, dt, row, slopes)
            time = torch.full(grid, now + node * dt)
            slopes.append((yield Ask(state, time, time, everything)).velocity)
            made += 1
        error = _moved(torch.zeros_like(x), dt, _DOPRI_ERROR, slopes)
        limit = _ABSOLUTE + _RELATIVE * torch.maximum(x.abs(), state.abs())
        ratio = float((error / limit).square().mean().sqrt())
        if ratio <= 1:  # the last state is the end of the step, and its slope the next first one
            now, x, slopes = now + dt, state, slopes[-1:]
        else:
            slopes = slopes[:1]
        dt *= min(10.0, max(0.2, 0.9 * max(ratio, 1e-10) ** -0.2))
        if made > _MOST_ASKS:
            raise RunError("The adaptive solver takes too many steps.", "Use another solver.")
        if 1 - now < 1e-9:
            break
    return x


def solve(name: str, x: Tensor, grid: tuple[int, int], steps: int) -> Asks:
    """Integrate from 0 to 1 with `steps` equal steps of a method of TABLEAUS, or with "dopri5".

    Args:
        x: noised latents (1,C,h,w).
        grid: patches (n,m), all of which have the same time.
        steps: of the adaptive method: the first one that it tries is a whole divided by them.
    """
    if name == ADAPTIVE:
        return dormand_prince(x, grid, 1 / steps)
    return runge_kutta(TABLEAUS[name], x, grid, [k / steps for k in range(steps + 1)])


def evaluations(name: str, steps: int) -> int:
    """How often `solve` asks; for the adaptive method, about."""
    if name == ADAPTIVE:
        return 1 + (len(_DOPRI.nodes) - 1) * max(steps, 3)
    return steps * len(TABLEAUS[name].nodes)
