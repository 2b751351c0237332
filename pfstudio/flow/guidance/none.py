"""No guidance: the conditional prediction as it is."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.guidance import NoGuidance
from pfstudio.flow.guidance.predict import Predict, plain
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: NoGuidance,
    generator: torch.Generator,
) -> Prediction:
    """One pass a call."""
    return plain(predict, x, t, condition)
