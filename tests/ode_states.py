"""States on the way of a solution, which the stored vectors hold and the program does not need."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from pfstudio.flow.ode import TABLEAUS, Velocity, step


def states_at(
    method: str, velocity: Velocity, x: Tensor, grid: Sequence[float], times: Sequence[float]
) -> tuple[Tensor, ...]:
    """States at `times` along a solution on `grid`, linear between the points of the grid.

    Args:
        grid: increasing times that the solver steps over.
        times: within the grid's ends.
    """
    points = [x]
    for now, then in pairwise(grid):
        points.append(step(TABLEAUS[method], velocity, points[-1], now, then))
    ends = torch.tensor(grid[1:], dtype=torch.float64)
    wanted = torch.tensor(times, dtype=torch.float64)
    steps = torch.searchsorted(ends, wanted).clamp(max=len(ends) - 1).tolist()
    return tuple(
        torch.lerp(points[k], points[k + 1], (time - grid[k]) / (grid[k + 1] - grid[k]))
        for k, time in zip(steps, times, strict=True)
    )
