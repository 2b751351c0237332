"""Adaptive: steps as long as a tolerance allows, of second order at one call each.

The method of Adams and Bashforth: where v changed by D between the last two calls, which were the
time h apart, the step

    x <- x + dt (v + dt / (2 h) D)

is of second order and needs no further call. Its correction is what Euler's method would miss, so
that the patch i of a picture that did all the rest of its time in one step would miss about

    miss_i = (1 - t_i)^2 |D_i| / (2 h_i)

and 1/n of the rest 1/n^2 of that. With a tolerance e the rest is therefore divided into

    n = ceil(sqrt(rms_i(miss_i) / e)),  at most the calls that are left in the budget

equal steps, of which the first is taken; no step is more than twice as long as the one before. The
first of all, of which nothing is known, takes the share sqrt(e) / 2. Since the error of the picture
falls as 1 / n^2, it falls in proportion to the tolerance. A tolerance of 0 spends every call.

All patches of a picture keep step, whatever the difficulty head says: steps by the predicted
variance, and easy patches that lead, were measured to be several times as far from the limit of
many steps. Only painted patches lead.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pfstudio.core.paint import Paint
from pfstudio.core.samplers import Adaptive
from pfstudio.core.trace import Role
from pfstudio.flow.path import speed, to_pixels
from pfstudio.flow.samplers.common import observe, start_times
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField

LEAD = 2.0  # how many times as fast patches go that were painted fast
_FIRST_SHARE = 0.25  # of the time, at most, that the first step takes
_LEAST_TOLERANCE = 1e-12  # smaller ones, whose quotients float32 may not hold, are as good as 0


def adaptive(field: VelocityField, start: InitialState, settings: Adaptive) -> SamplerSteps:
    """Steps until every patch is finished; at least one call, at most `settings.max_nfe`."""
    x, p, made = start.x, field.patch_size, start.made
    t = start_times(start)
    lead = torch.ones_like(t)
    if start.paint is not None:
        lead = torch.where(start.paint == Paint.FAST, LEAD, lead)
    before: Tensor | None = None  # velocity of the last call
    h = torch.zeros_like(t)  # how long ago it was
    if made is not None:
        t, before, h = made.time, made.velocity, made.time - made.last_time
    most = settings.max_nfe - start.calls
    for left in range(most, 0, -1):
        if left < most and bool((t >= 1).all()):
            break
        prediction = field(x, t)
        role = torch.where(lead > 1, int(Role.FAST), int(Role.TOGETHER))
        role = torch.where(t >= 1, int(Role.FINISHED), role)
        yield observe(field, start, x, t, prediction, role)
        v = prediction.velocity
        change = torch.zeros_like(v) if before is None else v - before
        share = (lead * _share(t, h, change, left, settings.tolerance, p)).clamp(max=1)
        dt = (1 - t) * share
        ratio = torch.where(h > 0, dt / (2 * h.clamp(min=1e-9)), 0.0)
        x = x + to_pixels(dt, p) * (v + to_pixels(ratio, p) * change)
        then = torch.where(share >= 1, 1.0, t + dt)  # exactly 1, so that a finished patch rests
        before, h, t = v, then - t, then
    return x


def _share(t: Tensor, h: Tensor, change: Tensor, left: int, tolerance: float, p: int) -> Tensor:
    """Share (B,1,1) of the remaining time that each picture goes in this step; 1 finishes it."""
    moving = t < 1
    known = moving & (h > 0)
    spend = tolerance < _LEAST_TOLERANCE
    if not bool(known.any()):
        calls = torch.full_like(t[:, :1, :1], left if spend else 2 / math.sqrt(tolerance))
        return 1 / calls.ceil().clamp(min=min(1 / _FIRST_SHARE, left), max=left)
    miss = torch.where(known, (1 - t) ** 2 * speed(change, p) / (2 * h.clamp(min=1e-9)), 0.0)
    number = known.sum(dim=(1, 2), keepdim=True).clamp(min=1)
    rms = (miss.square().sum(dim=(1, 2), keepdim=True) / number).sqrt()
    calls = torch.full_like(rms, left) if spend else (rms / tolerance).sqrt()
    least = torch.where(known, (1 - t) / (2 * h.clamp(min=1e-9)), 0.0).amax(
        dim=(1, 2), keepdim=True
    )
    return 1 / torch.maximum(calls, least - 1e-4).ceil().clamp(1, left)
