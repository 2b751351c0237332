"""Patch-wise upscaling (ours): easy patches finish in the first step, hard ones take all of them.

The clock of Patch Forcing, where time is a map, in an upsampler that predicts its own error: the
first call tells which patches are easy. From then on these are clean context for the hard ones,
and a network without global operations need not compute them again.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from pfstudio.flow.path import to_pixels

_NEIGHBOURHOOD = 8  # patches a side, in large pictures
_LEAST_AREAS = 8  # a neighbourhood is no more than an eighth of the shorter side

# (state (1,C,h,w), time of each patch (n,m), its time in the next call, whether it is wanted)
# -> velocity (1,C,h,w), 0 where it was not wanted, and difficulty (n,m)
PatchVelocity = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


def patch_wise(
    velocity: PatchVelocity, x: Tensor, grid: tuple[int, int], steps: int, easy_share: float
) -> Tensor:
    """Euler's method from 0 to 1 where the easiest patches go all the way in the first step.

    Args:
        x: noised latents (1,C,h,w).
        grid: patches (n,m).
        steps: of the hard patches.
        easy_share: 0 is Euler's method for all, 1 a single call.
    """
    patch = x.shape[-1] // grid[1]
    time, hard = torch.zeros(grid), torch.ones(grid, dtype=torch.bool)
    for step in range(1, steps + 1):
        then = torch.where(hard, step / steps, 1.0)
        found, difficulty = velocity(x, time, then, hard)
        if step == 1:
            hard = hardest(difficulty, easy_share)
        dt = torch.where(hard, step / steps - (step - 1) / steps, 1.0 if step == 1 else 0.0)
        x = x + to_pixels(dt[None], patch).to(x.device) * found
        time = torch.where(hard, step / steps, 1.0)
        if not bool(hard.any()):
            break
    return x


def hardest(difficulty: Tensor, easy_share: float) -> Tensor:
    """Which patches (n,m) stay once the easiest `easy_share` of them are done.

    A patch is as hard as its neighbourhood: so the hard ones lie together, and can be computed
    without much around them.
    """
    grid = difficulty.shape
    side = min(_NEIGHBOURHOOD, min(grid) // _LEAST_AREAS) // 2 * 2 + 1
    mean = F.avg_pool2d(difficulty[None, None].cpu(), side, 1, side // 2, count_include_pad=False)
    order = mean.flatten().argsort(stable=True)
    hard = torch.ones(len(order), dtype=torch.bool)
    hard[order[: round(easy_share * len(order))]] = False
    return hard.reshape(grid)
