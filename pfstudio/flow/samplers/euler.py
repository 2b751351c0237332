"""Euler: first-order steps, every patch on the same grid ("parallel" in the paper)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.samplers import Euler
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import observe, own_times, uniform_grid
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField


def euler(field: VelocityField, start: InitialState, settings: Euler) -> SamplerSteps:
    """x <- x + dt v; `settings.steps` calls on a uniform grid or on the settings' own."""
    x = start.x
    for now, then in list(pairwise(own_times(start, _grid(settings))))[start.calls :]:
        prediction = field(x, now)
        yield observe(field, start, x, now, prediction, Role.TOGETHER)
        x = x + to_pixels(then - now, field.patch_size) * prediction.velocity
    return x


def _grid(settings: Euler) -> Tensor:
    if not settings.grid:
        return uniform_grid(settings.steps)
    grid = torch.tensor(settings.grid)
    rising = bool((grid.diff() >= 0).all())
    if len(grid) != settings.steps + 1 or grid[0] != 0 or grid[-1] != 1 or not rising:
        raise InputError(
            f"The time grid must rise from 0 to 1 in {settings.steps + 1} numbers.",
            "Give one number more than there are steps.",
        )
    return grid
