"""Adaptive: each patch chooses its own step from its predicted variance, within a budget of calls.

The difficulty head predicts the squared velocity error sigma^2 of each patch. Were that error to
last for a whole step dt, the patch would end up dt * sigma away from where it should be, so that
with a tolerance e the largest step is e / sigma. What a patch at time t_i would miss by doing all
the rest in one step is

    need_i = (1 - t_i) sigma_i

so a picture needs max_j need_j / e more calls for its hardest patch. With r calls left in the
budget (this one included) it gets

    calls = clamp(max_j need_j / e, 1, r)
    dt_i  = (1 - t_i) / calls * min(LEAD, max_j need_j / need_i),  at most 1 - t_i

The hardest patch takes the step that the tolerance (or the budget) allows. Easier ones take steps
with the same expected error, but go at most LEAD times as fast: they give the hard patches a
cleaner context, and to go faster still would save no call. The last call always finishes, and a
tolerance of 0 spends every call.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.paint import Paint
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
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField

LEAD = 2.0


def adaptive(field: VelocityField, start: InitialState, settings: Adaptive) -> SamplerSteps:
    """Steps until every patch is finished; at most `settings.max_nfe` calls."""
    x, p = start.x, field.patch_size
    t = start_times(start) if start.made is None else start.made.time
    for left in range(settings.max_nfe - start.calls, 0, -1):
        if bool((t >= 1).all()):
            break
        prediction = field(x, t)
        variance = difficulty_of(prediction, p).clamp(MIN_VARIANCE, MAX_VARIANCE)
        pace = _pace(t, variance.sqrt(), left, settings.tolerance, start.paint)
        dt = (1 - t) * pace.clamp(max=1)
        role = torch.where(
            pace > pace.amin(dim=(1, 2), keepdim=True), int(Role.FAST), int(Role.SLOW)
        )
        role = torch.where(t >= 1, int(Role.FINISHED), role)
        yield observe(field, start, x, t, prediction, role)
        x = x + to_pixels(dt, p) * prediction.velocity
        t = torch.where(pace >= 1, 1.0, t + dt)  # exactly 1, so that a finished patch rests
    return x


def _pace(t: Tensor, sigma: Tensor, left: int, tolerance: float, paint: Tensor | None) -> Tensor:
    """Share of its remaining time (B,n,m) that each patch goes in this step; 1 finishes it."""
    need = ((1 - t) * sigma).clamp(min=torch.finfo(t.dtype).tiny)
    hardest = need.amax(dim=(1, 2), keepdim=True)
    calls = (
        (hardest / tolerance).clamp(1, left) if tolerance > 0 else torch.full_like(hardest, left)
    )
    lead = (hardest / need).clamp(max=LEAD)
    if paint is not None:
        lead = torch.where(paint == Paint.FAST, LEAD, lead)
        lead = torch.where(paint == Paint.SLOW, 1.0, lead)
    return lead / calls
