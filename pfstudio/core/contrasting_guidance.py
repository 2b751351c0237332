"""Settings of the rules that treat the difference of two conditions in another way than CFG.

The weight is CFG's scale: v = v_weak + w (v_strong - v_weak) with what each rule changes in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pfstudio.core.guidance_rule import Extrapolated, strength_field, t_max_field, t_min_field
from pfstudio.core.parameters import parameter


@dataclass(frozen=True)
class IndependentCondition(Extrapolated):
    """Independent Condition Guidance (Sadat et al. 2024): a random class instead of none."""

    name: ClassVar[str] = "icg"
    label: ClassVar[str] = "ICG"
    about: ClassVar[str] = (
        "Away from what the model says of a random class, which suits models that never learnt to "
        "draw without one. Costs two passes."
    )
    needs_classes: ClassVar[bool] = True

    weight: float = strength_field(4.0)
    t_min: float = t_min_field()
    t_max: float = t_max_field()


@dataclass(frozen=True)
class ProjectedGuidance(Extrapolated):
    """Adaptive Projected Guidance (Sadat et al. 2025), without its momentum.

    The part of the difference along the conditional velocity oversaturates, so it is damped.
    """

    unconditional: ClassVar[bool] = True
    name: ClassVar[str] = "apg"
    label: ClassVar[str] = "APG"
    about: ClassVar[str] = (
        "CFG without the part of its difference that only adds contrast. Costs two passes."
    )

    weight: float = strength_field(4.0)
    parallel: float = parameter(
        0.0, "Parallel part", "How much stays of the part along the prediction; 1 is CFG",
        minimum=0.0, maximum=1.0, step=0.05,
    )  # fmt: skip
    longest: float = parameter(
        0.0, "Longest", "Root mean square that the difference may have at most; 0: no limit",
        minimum=0.0, maximum=4.0, step=0.05, zero="no limit", rare=True,
    )  # fmt: skip
    t_min: float = t_min_field()
    t_max: float = t_max_field()


@dataclass(frozen=True)
class ZeroStar(Extrapolated):
    """CFG-Zero* (Fan et al. 2025): the prediction without a condition at its best scale, and no
    movement at the very beginning.
    """

    unconditional: ClassVar[bool] = True
    name: ClassVar[str] = "cfg-zero"
    label: ClassVar[str] = "CFG-Zero*"
    about: ClassVar[str] = (
        "CFG whose weak prediction is scaled to fit, and that waits at the beginning, where a "
        "velocity is least to be trusted. Costs two passes."
    )

    weight: float = strength_field(4.0)
    still_until: float = parameter(
        0.04, "Still until", "Patches earlier than this time do not move", minimum=0.0,
        maximum=0.2, step=0.01,
    )  # fmt: skip
    t_min: float = t_min_field()
    t_max: float = t_max_field()


@dataclass(frozen=True)
class DifficultyWeighted(Extrapolated):
    """CFG whose strength rises from 1 at a picture's easiest patch to w at its hardest (ours)."""

    unconditional: ClassVar[bool] = True
    name: ClassVar[str] = "difficulty"
    label: ClassVar[str] = "By difficulty"
    about: ClassVar[str] = (
        "CFG for the hard patches: its strength rises with the predicted difficulty. Costs two "
        "passes."
    )
    needs_difficulty: ClassVar[bool] = True

    weight: float = strength_field(4.0)
    t_min: float = t_min_field()
    t_max: float = t_max_field()


Contrasting = IndependentCondition | ProjectedGuidance | ZeroStar | DifficultyWeighted
