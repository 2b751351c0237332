"""Settings of the rules that lead away from a prediction of fewer patches, or of another model.

Sparse Guidance (arXiv 2601.01608): a strong and a weak prediction, each with a share of the patches
taken out of the model's routes; AutoGuidance (Karras et al. 2024): the weak one is another model.
v = v_weak + w (v_strong - v_weak).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from pfstudio.core.guidance_rule import (
    Extrapolated,
    strength_field,
    t_max_field,
    t_min_field,
)
from pfstudio.core.parameters import parameter

MASKS = ("fresh", "fixed", "nested", "blue-noise", "difficulty")
SCHEDULES = ("constant", "half-cosine")


def _share(default: float, which: str, good: tuple[float, float]) -> float:
    """The good range is that of the paper's figures at strengths of 1.4 to 1.6."""
    best = f"{100 * good[0]:.0f} to {100 * good[1]:.0f} %"
    text = f"Share of the patches that the {which} prediction skips; published best: {best}"
    value: float = parameter(
        default, f"{which.capitalize()} share", text, minimum=0.0, maximum=0.95, step=0.05,
        percent=True, limits=(0.0, 0.99), good=good,
    )  # fmt: skip
    return value


def _strong(default: float) -> float:
    return _share(default, "strong", (0.05, 0.4))


def _weak(default: float) -> float:
    return _share(default, "weak", (0.65, 0.9))


def _schedule(default: str) -> str:
    text = "Over the run, the two shares stay, or change places by half a cosine"
    value: str = parameter(default, "Schedule", text, choices=SCHEDULES, rare=True)
    return value


def _masks() -> str:
    text = (
        "Which patches stay: drawn at every call, once, the weak ones among the strong, spread "
        "evenly, or the most difficult"
    )
    value: str = parameter("fresh", "Masks", text, choices=MASKS)
    return value


def _weak_model() -> str:
    text = "An earlier or smaller model; guidance leads away from its prediction"
    value: str = parameter("", "Weak model", text, task="generate")
    return value


class Routed(Extrapolated):
    """The rules with shares of patches that skip the model's routes."""

    needs_routes: ClassVar[bool] = True

    strong: float
    weak: float
    schedule: str
    masks: str

    def shares(self, time: float) -> tuple[float, float]:
        if self.schedule == "constant":
            return self.strong, self.weak
        turned = (self.weak - self.strong) * (1 - math.cos(math.pi * min(max(time, 0), 1))) / 2
        return self.strong + turned, self.weak - turned

    @property
    def warning(self) -> str:
        if self.weight == 1 or self.needs_weak_model:
            return ""
        if self.strong >= self.weak:
            return (
                "The strong prediction skips as many patches as the weak one, or more, so the "
                "guidance leads the wrong way."
            )
        if self.schedule != "constant":
            return (
                "In the second half of the run the strong prediction skips more patches than the "
                "weak one, which helps only with a weaker model."
            )
        return ""


@dataclass(frozen=True)
class Sparse(Routed):
    """Sparse Guidance: the same model with fewer patches is the weak prediction."""

    name: ClassVar[str] = "sparse"
    label: ClassVar[str] = "Sparse"
    about: ClassVar[str] = (
        "Away from what the model says where more patches skip its layers. Costs less than two "
        "passes."
    )

    weight: float = strength_field(1.5)
    strong: float = _strong(0.3)
    weak: float = _weak(0.7)
    masks: str = _masks()
    schedule: str = _schedule("constant")
    t_min: float = t_min_field()
    t_max: float = t_max_field()


@dataclass(frozen=True)
class SparseClassifierFree(Routed):
    """CFG and Sparse Guidance: the weak prediction lacks the condition as well."""

    unconditional: ClassVar[bool] = True
    name: ClassVar[str] = "cfg-sparse"
    label: ClassVar[str] = "CFG + sparse"
    about: ClassVar[str] = (
        "Away from what the model says without the class and with fewer patches. Costs less than "
        "two passes."
    )

    weight: float = strength_field(2.5)
    strong: float = _strong(0.2)
    weak: float = _weak(0.7)
    masks: str = _masks()
    schedule: str = _schedule("constant")
    t_min: float = t_min_field()
    t_max: float = t_max_field()


@dataclass(frozen=True)
class Auto(Extrapolated):
    """AutoGuidance: the weak prediction is that of an earlier or smaller model."""

    name: ClassVar[str] = "auto"
    label: ClassVar[str] = "Auto"
    about: ClassVar[str] = (
        "Away from what a weaker model says of the same. Costs one pass of each model."
    )
    needs_weak_model: ClassVar[bool] = True

    weight: float = strength_field(1.5)
    weak_model: str = _weak_model()
    t_min: float = t_min_field()
    t_max: float = t_max_field()


@dataclass(frozen=True)
class AutoSparse(Routed):
    """AutoGuidance and Sparse Guidance: another model, and each prediction with its own share."""

    name: ClassVar[str] = "auto-sparse"
    label: ClassVar[str] = "Auto + sparse"
    about: ClassVar[str] = (
        "Away from what a weaker model says, each with its own share of the patches. Costs less "
        "than one pass of each model."
    )
    needs_weak_model: ClassVar[bool] = True

    weight: float = strength_field(1.5)
    weak_model: str = _weak_model()
    strong: float = _strong(0.0)
    weak: float = _weak(0.6)
    masks: str = _masks()
    schedule: str = _schedule("half-cosine")
    t_min: float = t_min_field()
    t_max: float = t_max_field()


Branching = Sparse | SparseClassifierFree | Auto | AutoSparse
