"""SRA: early tokens are drawn towards later ones of the averaged network at a cleaner time.

Jiang et al., "No Other Representation Component Is Needed: Diffusion Transformers Can Provide
Representation Guidance by Themselves" (2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from pfstudio.train.alignment.method import AlignedStep


@dataclass(frozen=True)
class SelfRepresentation:
    """Times of the averaged network are later by a uniform draw per picture, up to `ahead`."""

    teacher_layer: int
    ahead: float = 0.2
    encoder: ClassVar[bool] = False
    per_patch: ClassVar[bool] = False

    @property
    def layers(self) -> tuple[int, ...]:
        return (self.teacher_layer,)

    def target(self, step: AlignedStep) -> Tensor:
        drawn = torch.rand((len(step.t), 1, 1), generator=step.generator).to(step.t.device)
        return step.averaged_tokens((step.t + self.ahead * drawn).clamp(max=1), self.teacher_layer)

    def distance(self, projected: Tensor, target: Tensor) -> Tensor:
        return F.smooth_l1_loss(projected.float(), target.float())
