"""Euler: first-order steps, every patch on the same grid ("parallel" in the paper)."""

from __future__ import annotations

from itertools import pairwise

import torch

from pfstudio.core.samplers import Euler
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import observe, own_times, uniform_grid
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField


def euler(field: VelocityField, start: InitialState, settings: Euler) -> SamplerSteps:
    """x <- x + dt v; `settings.steps` calls on a uniform grid or on the settings' own."""
    x = start.x
    grid = torch.tensor(settings.grid) if settings.grid else uniform_grid(settings.steps)
    for now, then in list(pairwise(own_times(start, grid)))[start.calls :]:
        prediction = field(x, now)
        yield observe(field, start, x, now, prediction, Role.TOGETHER)
        x = x + to_pixels(then - now, field.patch_size) * prediction.velocity
    return x
