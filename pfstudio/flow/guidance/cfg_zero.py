"""CFG-Zero* (Fan et al. 2025): CFG with a weak prediction of the right size."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from pfstudio.core.contrasting_guidance import ZeroStar
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.guidance.together import ask_both, extrapolated, guide_some, negative_of
from pfstudio.flow.path import to_pixels
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: ZeroStar,
    generator: torch.Generator,
) -> Prediction:
    """v = s v_u + w (v_c - s v_u) with the s that makes |v_c - s v_u| smallest; 0 at first."""

    def some(
        predict: Predict, x: Tensor, t: Tensor, condition: Condition, strength: Tensor
    ) -> Prediction:
        null, own = ask_both(predict, x, t, condition, negative_of(predict))
        difference = own.velocity - best_scale(own.velocity, null.velocity) * null.velocity
        p = predict.patch_size
        made = extrapolated(own, difference, strength, p, 2 * t.numel())
        moves = to_pixels((t >= settings.still_until).to(made.velocity), p)
        return replace(made, velocity=moves * made.velocity)

    return guide_some(predict, x, t, condition, settings, some)


def best_scale(wanted: Tensor, given: Tensor) -> Tensor:
    """The s with the smallest |wanted - s given|, for each picture: (B,1,1,1)."""
    inner = (wanted * given).sum(dim=(1, 2, 3), keepdim=True)
    length = given.square().sum(dim=(1, 2, 3), keepdim=True)
    return inner / length.clamp(min=torch.finfo(given.dtype).tiny)
