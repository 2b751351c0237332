"""Dual-loop: easy patches take the outer step at once, hard ones follow in inner steps."""

from __future__ import annotations

from itertools import pairwise

import torch

from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import (
    difficulty_of,
    easy_patches,
    observe,
    own_times,
    roles,
    uniform_grid,
)
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField


def dual_loop(field: VelocityField, start: InitialState, settings: DualLoop) -> SamplerSteps:
    """Hard patches see the easy ones at the end of the step; steps * inner_steps calls.

    The easy patches are chosen at the first call of an outer step and not looked at again before
    the next. As published the outer grid is always uniform.
    """
    x, p = start.x, field.patch_size
    made, inner_made = divmod(start.calls, settings.inner_steps)
    for now, then in list(pairwise(own_times(start, uniform_grid(settings.steps))))[made:]:
        inner = (then - now) / settings.inner_steps
        if inner_made and start.made:  # a run is taken up within an outer step
            easy, t = start.made.role == Role.CONTEXT, start.made.time
            calls, inner_made = inner_made, 0
        else:
            prediction = field(x, now)
            difficulty = difficulty_of(prediction, p, settings.pooling)
            easy = easy_patches(difficulty, settings.easy_share, start, p)
            yield observe(field, start, x, now, prediction, roles(easy, Role.FAST, Role.SLOW))
            move = torch.where(easy, then - now, inner)
            x, t = x + to_pixels(move, p) * prediction.velocity, (now + move).clamp(max=1)
            calls = 1
        for _ in range(settings.inner_steps - calls):
            prediction = field(x, t)
            yield observe(field, start, x, t, prediction, roles(easy, Role.CONTEXT, Role.SLOW))
            move = torch.where(easy, 0.0, inner)
            x, t = x + to_pixels(move, p) * prediction.velocity, (t + move).clamp(max=1)
    return x
