"""Adaptive: each patch chooses its own step from its predicted variance, within a budget of calls.

The difficulty head predicts the squared velocity error sigma^2 of each patch. Were that error to
last for a whole step dt, the patch would end up dt * sigma away from where it should be; so with a
tolerance e

    dt_i = e / sigma_i

is the largest step it may take. With r calls left (this one included) a patch at time t_i has to go
at least at the pace (1 - t_i) / r to finish in time. Easier patches than the hardest one may go
faster, in proportion, up to LEAD times the pace, which gives the hard patches a cleaner context:

    need_i = (1 - t_i) sigma_i        expected error if the patch did all the rest in one step
    dt_i  >= (1 - t_i) / r * min(LEAD, max_j need_j / need_i)

A patch takes the larger of both steps, at most 1 - t_i. So the last call always finishes, a
tolerance of 0 spends every call, and an outlier cannot hurry the others by more than LEAD.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.requests import PAINT_FAST, PAINT_SLOW
from pfstudio.core.samplers import Adaptive
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import (
    MAX_VARIANCE,
    MIN_VARIANCE,
    difficulty_of,
    observe,
    start_times,
)
from pfstudio.flow.step import Field, Start, Steps

LEAD = 2.0


def adaptive(field: Field, start: Start, settings: Adaptive) -> Steps:
    """Steps until every patch is finished; at most `settings.max_calls` calls."""
    x, t, p = start.x, start_times(start), field.patch_size
    for left in range(settings.max_calls, 0, -1):
        if bool((t >= 1).all()):
            break
        prediction = field(x, t)
        variance = difficulty_of(prediction, p).clamp(MIN_VARIANCE, MAX_VARIANCE)
        dt = _steps(t, variance.sqrt(), left, settings.tolerance, start.paint)
        role = torch.where(dt * left > 1 - t, int(Role.FAST), int(Role.SLOW))
        role = torch.where(t >= 1, int(Role.FINISHED), role)
        yield observe(field, start, x, t, prediction, role)
        x = x + to_pixels(dt, p) * prediction.velocity
        t = torch.where(dt >= 1 - t, 1.0, t + dt)  # exactly 1, so that a finished patch rests
    return x


def _steps(t: Tensor, sigma: Tensor, left: int, tolerance: float, paint: Tensor | None) -> Tensor:
    """Step dt (B,n,m) of each patch; see the module's formulas."""
    rest = 1 - t
    pace = rest / left
    need = (rest * sigma).clamp(min=torch.finfo(t.dtype).tiny)
    hardest = need.amax(dim=(1, 2), keepdim=True)
    dt = torch.maximum(tolerance / sigma, pace * (hardest / need).clamp(max=LEAD))
    if paint is not None:
        dt = torch.where(paint == PAINT_FAST, torch.maximum(dt, LEAD * pace), dt)
        dt = torch.where(paint == PAINT_SLOW, pace, dt)
    return torch.minimum(dt, rest)
