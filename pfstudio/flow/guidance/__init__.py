"""Guidance rules: from a model's predictions to the velocity field that a sampler follows.

A rule is a settings class in `pfstudio.core.guidance` and a function here, in a file of its own:

    guide(predict, x, t, condition, settings, generator) -> Prediction

It may ask `predict` any number of times, with other states, times, conditions or networks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from pfstudio.core.contrasting_guidance import (
    DifficultyWeighted,
    IndependentCondition,
    ProjectedGuidance,
    ZeroStar,
)
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import ClassifierFree, Guidance, Interval, NoGuidance
from pfstudio.core.perturbed_guidance import (
    Perturbed,
    PerturbedAttention,
    SkipLayer,
    SmoothedEnergy,
)
from pfstudio.core.sparse_guidance import Auto, AutoSparse, Sparse, SparseClassifierFree
from pfstudio.flow.guidance import (
    apg,
    cfg,
    cfg_zero,
    difficulty,
    icg,
    interval,
    none,
    pag,
    seg,
    slg,
    sparse,
)
from pfstudio.flow.guidance.predict import Predict, plain
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition

Guide = Callable[[Predict, Tensor, Tensor, Condition, Any, torch.Generator], Prediction]

GUIDES: dict[str, Guide] = {
    NoGuidance.name: none.guide,
    ClassifierFree.name: cfg.guide,
    Interval.name: interval.guide,
    Sparse.name: sparse.guide,
    SparseClassifierFree.name: sparse.guide,
    Auto.name: sparse.guide,
    AutoSparse.name: sparse.guide,
    ProjectedGuidance.name: apg.guide,
    ZeroStar.name: cfg_zero.guide,
    DifficultyWeighted.name: difficulty.guide,
    IndependentCondition.name: icg.guide,
    PerturbedAttention.name: pag.guide,
    SmoothedEnergy.name: seg.guide,
    SkipLayer.name: slg.guide,
}


@dataclass
class GuidedField:
    """A model with its condition and its guidance: what samplers follow.

    Raises:
        InputError: the rule needs something that the model has not.
    """

    predict: Predict
    condition: Condition  # of B pictures
    settings: Guidance
    generator: torch.Generator = field(default_factory=torch.Generator)  # of rules that draw

    def __post_init__(self) -> None:
        if self.predict.negative is None and self.settings.needs_negative:
            raise InputError(
                "This model was trained without a null condition, so it cannot be guided.",
                "Choose no guidance.",
            )
        if self.predict.weak is None and self.settings.needs_weak_model:
            raise InputError(
                f"The guidance {self.settings.name} needs a weak model.",
                "Name an earlier or smaller model.",
            )
        refusal = self.settings.refusal(
            null=True,  # of a scale of 1 it is not asked; else see above
            routed=self.predict.masks is not None,
            classes=self.predict.classes > 0,
            difficulty=self.predict.has_difficulty,
            blocks=self.predict.layers > 0,
        )
        if refusal:
            raise InputError(refusal, "Choose CFG, or another model.")
        if isinstance(self.settings, Perturbed):
            rule, layers = self.settings, self.predict.layers
            if not rule.disturbed.blocks(layers):
                raise InputError(
                    f"There is no block {rule.block} to disturb: the model has {layers}.",
                    "Choose an earlier one.",
                )

    @property
    def patch_size(self) -> int:
        return self.predict.patch_size

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        if guided:
            guide = GUIDES[self.settings.name]
            made = guide(self.predict, x, t, self.condition, self.settings, self.generator)
        else:
            made = plain(self.predict, x, t, self.condition)
        if self.predict.masks is not None:
            self.predict.masks.after(made, self.patch_size)
        return made
