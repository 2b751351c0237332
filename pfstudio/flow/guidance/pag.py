"""Perturbed-Attention Guidance (Ahn et al. 2024): the weak prediction's patches see themselves."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.perturbed_guidance import PerturbedAttention
from pfstudio.flow.guidance.perturbed import lead_away
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition
from pfstudio.nn.perturbation import see_only_itself


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: PerturbedAttention,
    generator: torch.Generator,
) -> Prediction:
    """v = v_weak + w (v_strong - v_weak)."""
    return lead_away(predict, x, t, condition, settings, see_only_itself)
