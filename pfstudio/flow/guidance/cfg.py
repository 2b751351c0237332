"""Classifier-free guidance (Ho and Salimans 2022), with a strength for every patch."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.guidance import ClassifierFree
from pfstudio.flow.guidance.predict import Predict, plain
from pfstudio.flow.path import to_pixels
from pfstudio.flow.step import Branches, Prediction
from pfstudio.nn.condition import Condition, concatenate


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: ClassifierFree,
    generator: torch.Generator,
) -> Prediction:
    """velocity = v_null + s (v_condition - v_null), the same for every patch."""
    return extrapolate(predict, x, t, condition, torch.full_like(t, settings.scale))


def extrapolate(
    predict: Predict, x: Tensor, t: Tensor, condition: Condition, strength: Tensor
) -> Prediction:
    """Extrapolate from the negative condition with a strength per patch (B,n,m).

    The log-variance is extrapolated likewise, in log space as published, so that its exp can become
    extreme at high strengths. A strength of exactly 1 is the plain conditional prediction, and the
    negative half is computed only for the pictures of which some patch has another strength.
    """
    needed = (strength != 1.0).flatten(1).any(dim=1)
    if not bool(needed.any()):
        return plain(predict, x, t, condition)
    assert predict.negative is not None  # GuidedField has checked it
    negative = predict.negative[needed]
    both_x, both_t = torch.cat([x[needed], x]), torch.cat([t[needed], t])  # negative half first
    out = predict(both_x, both_t, concatenate(negative, condition))
    s, split = to_pixels(strength, predict.patch_size), len(negative)

    difference = torch.zeros_like(x)
    difference[needed] = out.velocity[split:][needed] - out.velocity[:split]

    def mix(both: Tensor) -> Tensor:
        null, own = both[:split], both[split:]
        guided = own.clone()
        guided[needed] = null + s[needed] * (own[needed] - null)
        return torch.where(s == 1.0, own, guided)

    return Prediction(
        velocity=mix(out.velocity),
        conditional=out.velocity[split:],
        log_variance=None if out.log_variance is None else mix(out.log_variance),
        tokens=both_t.numel(),
        branches=Branches(None, difference),
    )
