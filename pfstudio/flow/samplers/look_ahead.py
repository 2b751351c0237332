"""Look-ahead: hard patches are predicted beside the easy ones' expected future."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from pfstudio.core.samplers import EARLY_PHASE_END, LookAhead
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import (
    difficulty_of,
    easy_patches,
    observe,
    own_times,
    roles,
    start_times,
    uniform_grid,
)
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField


def look_ahead(field: VelocityField, start: InitialState, settings: LookAhead) -> SamplerSteps:
    """Two calls a step, one in the early phase; all patches always take the same step.

    The second call sees the easy patches at the time `context_ratio` * t, moved there along the
    first call's velocity; this context is then thrown away. As published the grid is always
    uniform.
    """
    x, p, made = start.x, field.patch_size, start.calls
    for now, then in pairwise(own_times(start, uniform_grid(settings.steps))):
        dt, early = to_pixels(then - now, p), _is_early(start, now)
        calls = 1 if early else 2
        if made >= calls:
            made -= calls
            continue
        if early:
            prediction = field(x, now, guided=False)  # published: the early phase is not guided
            yield observe(field, start, x, now, prediction, Role.TOGETHER)
            x = x + dt * prediction.velocity
            continue
        if made and start.made:  # a run is taken up between the two calls
            context, ahead, made = x, start.made.time, 0
            easy = start.made.role == Role.CONTEXT
            x, velocity = start.made.state, start.made.velocity
        else:
            first = field(x, now)
            velocity = first.velocity
            easy = easy_patches(
                difficulty_of(first, p, settings.pooling), settings.easy_share, start, p
            )
            yield observe(field, start, x, now, first, roles(easy, Role.FAST, Role.SLOW))
            ahead = torch.where(easy, (settings.context_ratio * now).clamp(max=1.0), now)
            # Published: the context is predicted without guidance.
            context = x + to_pixels(ahead - now, p) * first.conditional
        second = field(context, ahead)
        yield observe(field, start, context, ahead, second, roles(easy, Role.CONTEXT, Role.SLOW))
        x = x + dt * torch.where(to_pixels(easy, p), velocity, second.velocity)
    return x


def look_ahead_calls(start: InitialState, settings: LookAhead) -> int:
    """All calls of a run, also those that are made: fewer where it starts in the early phase."""
    begins = own_times(start, uniform_grid(settings.steps))[:-1]
    return sum(1 if _is_early(start, now) else 2 for now in begins)


def _is_early(start: InitialState, now: Tensor) -> bool:
    """Whether the patches that move are, in their mean, still in the early phase.

    The published test is t <= 0.05 on a float32 mean that lands just above a t of 0.05.
    """
    moving = now[start_times(start) < 1]
    return bool(moving.numel()) and float(moving.mean()) < EARLY_PHASE_END - 1e-6
