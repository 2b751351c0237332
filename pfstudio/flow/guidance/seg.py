"""Smoothed Energy Guidance (Hong 2024): the weak prediction's queries are blurred."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.perturbed_guidance import SmoothedEnergy
from pfstudio.flow.guidance.perturbed import lead_away
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition
from pfstudio.nn.perturbation import blurred_queries


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: SmoothedEnergy,
    generator: torch.Generator,
) -> Prediction:
    """v = v_weak + w (v_strong - v_weak)."""
    return lead_away(
        predict, x, t, condition, settings, blurred_queries((t.shape[1], t.shape[2]), settings.blur)
    )
