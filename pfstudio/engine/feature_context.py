"""Calls in which some patches are noisy and see others clean, as a time per patch allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from pfstudio.engine.feature_source import Hidden

PHASES = ((0, 0), (0, 1), (1, 0), (1, 1))  # row and column, modulo 2, of the noisy patches


def context_times(
    time: float, phase: tuple[int, int], grid: tuple[int, int], share: float = 1.0, seed: int = 0
) -> Tensor:
    """Times (n,m) of a call with one patch of four at `time` and a share of the others clean.

    Args:
        phase: row and column of the noisy ones, modulo 2.
        share: the rest is at `time` as well. A larger share has all clean ones of a smaller one.
        seed: decides which are clean.
    """
    asked = torch.zeros(grid, dtype=torch.bool)
    asked[phase[0] :: 2, phase[1] :: 2] = True
    others = (~asked).flatten().nonzero()[:, 0]
    order = torch.randperm(len(others), generator=torch.Generator().manual_seed(seed))
    times = torch.full((asked.numel(),), time)
    times[others[order[: round(share * len(others))]]] = 1
    return times.view(grid)


def context_sums(
    call: Callable[[Tensor], Hidden], time: float, grid: tuple[int, int],
    shares: Sequence[float], seed: int,
) -> Tensor:  # fmt: skip
    """Variance and squared error, summed over all patches, each of them noisy once: (S,2).

    Args:
        call: of a network with a difficulty head whose true velocity is known, at times (n,m).
        shares: (S,) of the other patches that are clean.
    """
    sums = torch.zeros(len(shares), 2, dtype=torch.float64)
    for place, share in enumerate(shares):
        for phase in PHASES:
            found = call(context_times(time, phase, grid, share, seed))
            for which, values in enumerate((found.difficulty, found.error)):
                assert values is not None
                asked = values[:, phase[0] :: 2, phase[1] :: 2]
                sums[place, which] += asked.sum(dtype=torch.float64)
    return sums
