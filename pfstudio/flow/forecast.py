"""Which times a sampler will ask for, before the first network call."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from pfstudio.core.samplers import Sampler
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import Prediction, Start

# More distinct times a call than this mean that patches go their own ways: nothing to prepare.
MOST_TIMES_PER_CALL = 4


@dataclass
class _Standstill:
    """A field that moves nothing and finds random patches difficult; it costs no network call."""

    patch_size: int
    generator: Generator = field(default_factory=lambda: torch.Generator().manual_seed(0))

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        log_variance = torch.randn(x[:, :1].shape, generator=self.generator)
        return Prediction(torch.zeros_like(x), torch.zeros_like(x), log_variance, t.numel())


def expected_times(start: Start, settings: Sampler, patch_size: int) -> Tensor:
    """The distinct times (K,) float32 that a run will hand to the network, from a dry run.

    Empty where they are too many to be worth preparing. A hint only: a run may ask for others.
    """
    paint = None if start.paint is None else start.paint.cpu()
    blank = Start(torch.zeros_like(start.x[:1, :1], device="cpu"), start.time[:1].cpu(), paint)
    steps = list(sample(_Standstill(patch_size), blank, settings))
    times = torch.unique(torch.stack([step.time for step in steps])) if steps else torch.empty(0)
    return times if len(times) <= MOST_TIMES_PER_CALL * len(steps) else torch.empty(0)
