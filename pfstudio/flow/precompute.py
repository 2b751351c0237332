"""Which times a run will ask the network for, where the sampler's schedule alone decides it.

A modulation of one or two rows costs the reading of all its weights, which is some 5 % of a call;
for all the times of a run together it costs hardly more (`PatchForcingTransformer.prepare`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pfstudio.core.samplers import DualLoop, LookAhead, Sampler
from pfstudio.flow.samplers import sample
from pfstudio.flow.samplers.look_ahead import look_ahead_calls
from pfstudio.flow.step import InitialState, Prediction


def times_of_run(settings: Sampler, start_times: Tensor) -> Tensor:
    """All times (K,) of a run whose patches start at the distinct times `start_times` (S,).

    Found by running the sampler on two patches for each start, one easy and one hard, with a field
    that costs nothing. Empty for samplers whose times hang on what the network says, or are as
    many as there are patches.
    """
    if not settings.has_known_times:
        return start_times[:0]
    return _times(settings, tuple(start_times.tolist()))


@functools.lru_cache(maxsize=8)
def _times(settings: Sampler, starts: tuple[float, ...]) -> Tensor:
    """Once for all batches of a run, and for the next run alike: 285 calls take 30 to 100 ms."""
    if isinstance(settings, DualLoop | LookAhead):
        settings = replace(settings, easy_share=0.5)
    pairs = torch.tensor(starts).repeat_interleave(2).reshape(1, 1, -1)
    field = _EasyAndHard(torch.arange(pairs.numel()).remainder(2).reshape(1, 1, 1, -1).float())
    start = InitialState(torch.zeros(1, 1, 1, pairs.numel()), pairs)
    maps = [step.time.flatten() for step in sample(field, start, settings)]
    return torch.unique(torch.cat(maps))


def calls_of_run(settings: Sampler, start: InitialState) -> int:
    """How many calls are left of a run; at most, where the network decides."""
    nfe = look_ahead_calls(start, settings) if isinstance(settings, LookAhead) else settings.nfe
    return nfe - start.calls


@dataclass
class _EasyAndHard:
    """A field at rest whose patches have the given log-variances (1,1,1,F)."""

    log_variance: Tensor
    patch_size: int = 1

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        return Prediction(x, x, self.log_variance, t.numel())
