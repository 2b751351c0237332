"""A generator's own best settings, for requests that leave them open; the same for every front."""

from __future__ import annotations

from typing import Any

from pfstudio.core.guidance import ClassifierFree, Guidance, NoGuidance
from pfstudio.core.parameters import parameters_of
from pfstudio.core.samplers import DualLoop, Euler, Sampler
from pfstudio.engine.model import Model


def best_sampler(model: Model) -> type[Sampler]:
    """Dual-loop where the model predicts difficulty."""
    return DualLoop if model.has_difficulty else Euler


def best_guidance(model: Model) -> type[Guidance]:
    """Classifier-free where there is something to lead away from."""
    return ClassifierFree if model.can_be_guided else NoGuidance


def own_settings(model: Model, rule: type[Guidance]) -> dict[str, Any]:
    """Settings of a guidance rule that the model's card knows better than the rule."""
    names = {about.name for about in parameters_of(rule)}
    return {"scale": model.card.default_guidance} if "scale" in names else {}
