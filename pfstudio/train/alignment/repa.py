"""REPA: the tokens of noisy patches are drawn towards what an encoder sees in the clean picture.

Yu et al., "Representation Alignment for Generation: Training Diffusion Transformers Is Easier Than
You Think" (ICLR 2025), equation 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from pfstudio.train.alignment.method import AlignedStep, negative_cosine


@dataclass(frozen=True)
class Repa:
    """The encoder is MobileNetV2 (`train.mobilenet.feature_maps`)."""

    encoder: ClassVar[bool] = True
    per_patch: ClassVar[bool] = False

    @property
    def layers(self) -> tuple[int, ...]:
        return ()

    def target(self, step: AlignedStep) -> Tensor:
        assert step.maps is not None
        grid = (step.t.shape[-2], step.t.shape[-1])
        fitting = F.interpolate(step.maps.float(), grid, mode="bilinear", align_corners=False)
        return fitting.flatten(2).transpose(1, 2)

    def distance(self, projected: Tensor, target: Tensor) -> Tensor:
        return negative_cosine(projected, target)
