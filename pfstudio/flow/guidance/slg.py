"""Skip-layer guidance: the weak prediction lacks some blocks."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.perturbed_guidance import SkipLayer
from pfstudio.flow.guidance.perturbed import lead_away
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: SkipLayer,
    generator: torch.Generator,
) -> Prediction:
    """v = v_weak + w (v_strong - v_weak)."""
    return lead_away(predict, x, t, condition, settings, None)
