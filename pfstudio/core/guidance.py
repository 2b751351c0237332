"""The guidance rules' settings, as plain data. The rules are in `pfstudio/flow/guidance/`.

Every class has `needs_negative` (whether it asks for a null condition or a negative prompt),
`passes` (network passes per call and picture, the mean over a run), `passes_at` (those of a call)
and `strength`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from pfstudio.core.contrasting_guidance import (
    Contrasting,
    DifficultyWeighted,
    IndependentCondition,
    ProjectedGuidance,
    ZeroStar,
)
from pfstudio.core.guidance_rule import GuidanceRule, IntervalRule, NetworkPass
from pfstudio.core.parameters import parameter
from pfstudio.core.perturbed_guidance import (
    PerturbedAttention,
    Perturbing,
    SkipLayer,
    SmoothedEnergy,
)
from pfstudio.core.sparse_guidance import Auto, AutoSparse, Branching, Sparse, SparseClassifierFree


def _scale() -> float:
    text = "How strongly the class or prompt pulls: 1 is the plain model, 0 ignores it"
    value: float = parameter(4.0, "Scale", text, minimum=0.0, maximum=30.0, step=0.1)
    return value


@dataclass(frozen=True)
class NoGuidance(GuidanceRule):
    """The conditional prediction as it is; one network pass per call."""

    name: ClassVar[str] = "none"
    label: ClassVar[str] = "None"
    about: ClassVar[str] = "What the model says of the class or prompt, as it is. Costs one pass."
    needs_negative: ClassVar[bool] = False
    passes: ClassVar[float] = 1.0

    def strength(self, time: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Guidance strength of each patch at the times `time` (any shape)."""
        return np.ones_like(time)


@dataclass(frozen=True)
class ClassifierFree(GuidanceRule):
    """Classifier-free guidance (Ho and Salimans 2022): v_u + s (v_c - v_u)."""

    name: ClassVar[str] = "cfg"
    label: ClassVar[str] = "CFG"
    about: ClassVar[str] = (
        "Away from what the model says without the class, or of the negative prompt. Costs two "
        "passes."
    )
    has_difference: ClassVar[bool] = True
    unconditional: ClassVar[bool] = True

    scale: float = _scale()

    @property
    def needs_negative(self) -> bool:
        return self.scale != 1.0

    @property
    def passes(self) -> float:
        return 2.0 if self.needs_negative else 1.0

    def passes_at(self, time: float) -> tuple[NetworkPass, ...]:
        return (NetworkPass(),) * (1 + self.needs_negative)

    def strength(self, time: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Guidance strength of each patch at the times `time` (any shape)."""
        return np.full_like(time, self.scale)


@dataclass(frozen=True)
class Interval(IntervalRule):
    """Guidance only for patches whose time lies in [t_min, t_max] (Kynkaanniemi et al. 2024)."""

    name: ClassVar[str] = "interval"
    label: ClassVar[str] = "Interval"
    about: ClassVar[str] = (
        "CFG for the patches whose time lies in an interval. Costs two passes there, one elsewhere."
    )
    has_difference: ClassVar[bool] = True
    unconditional: ClassVar[bool] = True

    scale: float = _scale()
    t_min: float = parameter(
        0.1, "From time", "Patches earlier than this are not guided", minimum=0.0, maximum=1.0,
        step=0.05,
    )  # fmt: skip
    t_max: float = parameter(
        0.8, "To time", "Patches later than this are not guided", minimum=0.0, maximum=1.0,
        step=0.05,
    )  # fmt: skip

    @property
    def needs_negative(self) -> bool:
        return self.scale != 1.0 and self.t_min < self.t_max

    @property
    def passes(self) -> float:
        return 1.0 + self.t_max - self.t_min if self.needs_negative else 1.0

    def passes_at(self, time: float) -> tuple[NetworkPass, ...]:
        return (NetworkPass(),) * (1 + (self.needs_negative and self.holds_at(time)))

    def strength(self, time: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Guidance strength of each patch at the times `time` (any shape)."""
        return self.strength_inside(self.scale, time)


Guidance = NoGuidance | ClassifierFree | Interval | Branching | Perturbing | Contrasting
GUIDANCES: dict[str, type[Guidance]] = {
    kind.name: kind
    for kind in (
        NoGuidance,
        ClassifierFree,
        Interval,
        Sparse,
        SparseClassifierFree,
        Auto,
        AutoSparse,
        ProjectedGuidance,
        ZeroStar,
        DifficultyWeighted,
        IndependentCondition,
        PerturbedAttention,
        SmoothedEnergy,
        SkipLayer,
    )
}
