"""Adaptive Projected Guidance (Sadat et al. 2025): CFG without what only adds contrast."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.contrasting_guidance import ProjectedGuidance
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.guidance.together import ask_both, extrapolated, guide_some, negative_of
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: ProjectedGuidance,
    generator: torch.Generator,
) -> Prediction:
    """v = v_c + (w - 1) (d_orthogonal + eta d_parallel), d = v_c - v_u, no longer than allowed."""

    def some(
        predict: Predict, x: Tensor, t: Tensor, condition: Condition, strength: Tensor
    ) -> Prediction:
        null, own = ask_both(predict, x, t, condition, negative_of(predict))
        difference = own.velocity - null.velocity
        if settings.longest:
            length = difference.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
            difference = difference * (settings.longest / length).clamp(max=1.0)
        kept = damped(difference, own.velocity, settings.parallel)
        return extrapolated(own, kept, strength, predict.patch_size, 2 * t.numel())

    return guide_some(predict, x, t, condition, settings, some)


def damped(difference: Tensor, along: Tensor, share: float) -> Tensor:
    """The part orthogonal to `along` and a share of the parallel one; pictures (B,C,H,W)."""
    inner = (difference * along).sum(dim=(1, 2, 3), keepdim=True)
    length = along.square().sum(dim=(1, 2, 3), keepdim=True)
    tiny = torch.finfo(along.dtype).tiny
    return difference - (1 - share) * inner / length.clamp(min=tiny) * along
