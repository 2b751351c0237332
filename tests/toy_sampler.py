"""A sampler that the program does not know: Euler on a grid that is finer near the picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, Self

import torch
from torch import Tensor

from pfstudio.core.parameters import CheckedSettings, parameter
from pfstudio.core.samplers import SAMPLERS
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers import FUNCTIONS
from pfstudio.flow.samplers.common import observe, own_times
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField


@dataclass(frozen=True)
class ToySampler(CheckedSettings):
    """Steps that become smaller towards the picture."""

    name: ClassVar[str] = "toy"
    label: ClassVar[str] = "Toy"
    needs_difficulty: ClassVar[bool] = False
    has_known_times: ClassVar[bool] = True

    steps: int = parameter(4, "Steps", "Steps from noise to image", minimum=1, maximum=100)
    bend: float = parameter(2.0, "Bend", "How much smaller they become", minimum=1.0, maximum=4.0)

    @property
    def nfe(self) -> int:
        return self.steps

    def for_nfe(self, nfe: int) -> Self:
        return replace(self, steps=max(1, nfe))


def bent_grid(settings: ToySampler) -> Tensor:
    """Times from 0 to 1 (steps + 1,)."""
    return 1 - torch.linspace(1, 0, settings.steps + 1) ** settings.bend


def follow(field: VelocityField, start: InitialState, settings: ToySampler) -> SamplerSteps:
    x = start.x
    for now, then in pairwise(own_times(start, bent_grid(settings))):
        prediction = field(x, now)
        yield observe(field, start, x, now, prediction, Role.TOGETHER)
        x = x + to_pixels(then - now, field.patch_size) * prediction.velocity
    return x


@contextmanager
def sampler_registered() -> Iterator[None]:
    """The program knows it inside."""
    SAMPLERS[ToySampler.name], FUNCTIONS[ToySampler] = ToySampler, follow
    try:
        yield
    finally:
        del SAMPLERS[ToySampler.name], FUNCTIONS[ToySampler]
