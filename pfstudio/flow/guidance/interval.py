"""Guidance only where a patch's time lies in an interval (Kynkaanniemi et al. 2024)."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.guidance import Interval
from pfstudio.flow.guidance.cfg import extrapolate
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: Interval,
    generator: torch.Generator,
) -> Prediction:
    """As CFG inside the interval, both ends included; the plain prediction outside."""
    strength = torch.from_numpy(settings.strength(t.cpu().numpy())).to(t.device)
    return extrapolate(predict, x, t, condition, strength)
