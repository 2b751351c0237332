"""CFG that leads the hard patches: its strength rises with their predicted difficulty."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.contrasting_guidance import DifficultyWeighted
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.guidance.together import ask_both, extrapolated, guide_some, negative_of
from pfstudio.flow.path import pool, to_pixels
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: DifficultyWeighted,
    generator: torch.Generator,
) -> Prediction:
    """v = v_c + (w - 1) r (v_c - v_u), r the rank of a patch among its picture's, 0 to 1."""

    def some(
        predict: Predict, x: Tensor, t: Tensor, condition: Condition, strength: Tensor
    ) -> Prediction:
        null, own = ask_both(predict, x, t, condition, negative_of(predict))
        assert own.log_variance is not None  # GuidedField has checked it
        p = predict.patch_size
        rank = to_pixels(ranks(pool(own.log_variance.exp(), p)), p)
        difference = rank * (own.velocity - null.velocity)
        return extrapolated(own, difference, strength, p, 2 * t.numel())

    return guide_some(predict, x, t, condition, settings, some)


def ranks(difficulty: Tensor) -> Tensor:
    """Each patch's rank among its picture's (B,n,m): 0 the easiest, 1 the hardest."""
    order = difficulty.flatten(1).argsort(dim=1).argsort(dim=1)
    share = order.to(difficulty) / max(1, order.shape[1] - 1)
    return share.view_as(difficulty)
