"""Self-Flow: the averaged network sees every patch at the time of the picture's cleanest one.

Black Forest Labs, "Self-Supervised Flow Matching for Scalable Multi-Modal Synthesis" (2026), draws
two times for a picture and mixes them over its patches; here the recipe's own map of times, such as
Patch Forcing's, takes that place: its cleanest patch is the ceiling of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from pfstudio.train.alignment.method import AlignedStep, negative_cosine


@dataclass(frozen=True)
class SelfFlow:
    """Noisy patches learn to say what cleaner ones let the averaged network know."""

    teacher_layer: int
    encoder: ClassVar[bool] = False
    per_patch: ClassVar[bool] = True

    @property
    def layers(self) -> tuple[int, ...]:
        return (self.teacher_layer,)

    def target(self, step: AlignedStep) -> Tensor:
        cleanest = step.t.amax(dim=(1, 2), keepdim=True).expand_as(step.t)
        return step.averaged_tokens(cleanest, self.teacher_layer)

    def distance(self, projected: Tensor, target: Tensor) -> Tensor:
        return negative_cosine(projected, target)
