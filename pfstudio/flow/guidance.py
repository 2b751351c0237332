"""Guidance: from a model's velocity to the field that a sampler follows.

A rule (`pfstudio.core.guidance`) says how strongly each patch is guided at its time; this is the
one place that turns strengths into network calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.guidance import Guidance, NoGuidance
from pfstudio.flow.path import to_pixels
from pfstudio.flow.step import Prediction

# (x (B,C,H,W), t (B,n,m), labels (B,)) -> velocity (B,C,H,W), log-variance (B,1,H,W) or None
Velocity = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor | None]]


@dataclass
class GuidedField:
    """Classifier-free guidance with a strength per patch (Ho and Salimans 2022).

    velocity = v_null + s (v_label - v_null), and the log-variance likewise: it is extrapolated in
    log space, as published, so that its exp can become extreme at high strengths.

    A strength of exactly 1 is the plain conditional prediction, and the null half is computed only
    for the pictures of which some patch has another strength.
    """

    velocity: Velocity
    labels: Tensor  # (B,)
    null_label: int | None
    rule: Guidance
    patch_size: int

    def __post_init__(self) -> None:
        plain = isinstance(self.rule, NoGuidance) or self.rule.scale == 1.0
        if self.null_label is None and not plain:
            raise InputError(
                "This model was trained without a null class, so it cannot be guided.",
                "Choose no guidance.",
            )

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        strength = torch.from_numpy(self.rule.strength(t.cpu().numpy())).to(t.device)
        needed = (strength != 1.0).flatten(1).any(dim=1)
        if not (guided and bool(needed.any())):
            velocity, log_variance = self.velocity(x, t, self.labels)
            return Prediction(velocity, velocity, log_variance, t.numel())
        return self._guided(x, t, strength, needed)

    def _guided(self, x: Tensor, t: Tensor, strength: Tensor, needed: Tensor) -> Prediction:
        nulls = torch.full_like(self.labels, self.null_label or 0)[needed]
        both_x, both_t = torch.cat([x[needed], x]), torch.cat([t[needed], t])  # null half first
        velocity, log_variance = self.velocity(both_x, both_t, torch.cat([nulls, self.labels]))
        s = to_pixels(strength, self.patch_size)

        def guide(both: Tensor) -> Tensor:
            null, label = both[: len(nulls)], both[len(nulls) :]
            guided = label.clone()
            guided[needed] = null + s[needed] * (label[needed] - null)
            return torch.where(s == 1.0, label, guided)

        return Prediction(
            velocity=guide(velocity),
            conditional=velocity[len(nulls) :],
            log_variance=None if log_variance is None else guide(log_variance),
            tokens=both_t.numel(),
        )
