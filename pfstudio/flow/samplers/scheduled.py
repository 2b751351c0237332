"""Scheduled: every patch follows its own column of a time table."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from pfstudio.core.paint import Paint
from pfstudio.core.samplers import Scheduled
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import observe, own_times, uniform_grid
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField


def scheduled(field: VelocityField, start: InitialState, settings: Scheduled) -> SamplerSteps:
    """Patches start one after another in the chosen order; `settings.steps` calls.

    The patch of rank r in [0,1] waits until the share r * spread of the run, then takes as long as
    every other patch.
    """
    delay = _ranks(start, settings.order) * settings.spread
    table = [
        ((g - delay) / (1 - settings.spread)).clamp(0, 1) for g in uniform_grid(settings.steps)
    ]
    table[-1] = torch.ones_like(delay)  # whatever the rounding of the last rank's delay
    return (yield from follow(field, start, own_times(start, table)[start.calls :]))


def follow(
    field: VelocityField,
    start: InitialState,
    table: Sequence[Tensor],
    allow_backwards: bool = False,
) -> SamplerSteps:
    """Euler steps along a table of time maps, each (B,n,m); one call fewer than there are rows.

    `start.x` is the state at the first row: mix noise and a known picture with
    `pfstudio.flow.path.interpolate`. Where the table goes back in time a patch stands still,
    although the network is given the earlier time; with `allow_backwards` it goes back as well.
    """
    x = start.x
    for now, then in pairwise(table):
        dt = then - now if allow_backwards else (then - now).clamp(min=0)
        prediction = field(x, now)
        role = torch.where(now >= 1, int(Role.FINISHED), int(Role.CONTEXT))
        role = torch.where(dt != 0, int(Role.TOGETHER), role)
        yield observe(field, start, x, now, prediction, role)
        x = x + to_pixels(dt, field.patch_size) * prediction.velocity
    return x


def _ranks(start: InitialState, order: str) -> Tensor:
    """When each patch's turn comes (B,n,m): 0 first, 1 last."""
    batch, rows, columns = start.time.shape
    last = max(1, rows * columns - 1)
    if order == "painted":
        ranks = torch.full((rows, columns), 0.5)
        if start.paint is not None:
            ranks[start.paint.cpu() == Paint.FAST] = 0.0
            ranks[start.paint.cpu() == Paint.SLOW] = 1.0
        return ranks.expand(batch, rows, columns).to(start.time)
    if order == "raster":
        ranks = torch.arange(rows * columns).expand(batch, -1) / last
    else:
        ranks = torch.stack([_shuffled(x, rows * columns) / last for x in start.drawn_from])
    return ranks.reshape(batch, rows, columns).to(start.time)


def _shuffled(x: Tensor, count: int) -> Tensor:
    """A random order that hangs on the picture's own start alone, not on its batch."""
    generator = torch.Generator().manual_seed(zlib.crc32(x.float().cpu().numpy().tobytes()))
    return torch.randperm(count, generator=generator).float()
