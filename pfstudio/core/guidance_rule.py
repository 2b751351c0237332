"""What every guidance rule's settings say of themselves."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import CheckedSettings, parameters_of


class NetworkPass(NamedTuple):
    """One pass of a network in a call."""

    share: float = 0.0  # of the patches that is taken out of each route
    shared: bool = False  # its layers before the first route are those of the pass before


class GuidanceRule(CheckedSettings):
    """Base of the settings; a rule without further costs or needs has nothing to add."""

    label: ClassVar[str]
    needs_routes: ClassVar[bool] = False  # a model that was trained with token routing
    needs_weak_model: ClassVar[bool] = False  # the weak prediction is another model's
    weak_model: str = ""  # its name or path; a rule that needs one has a field for it

    @property
    def warning(self) -> str:
        """Why these settings cannot help, in a sentence; "": they may."""
        return ""

    @property
    def words(self) -> str:
        """The rule and its settings, for tables; the rare ones where they are not the default."""
        told = [self.label]
        for one in parameters_of(self):
            value = getattr(self, one.name)
            if value != one.default or not one.rare:
                number = f"{value:g}" if one.kind is float else str(value)
                told.append(f"{one.label.lower()} {number}")
        return ", ".join(told)

    def passes_at(self, time: float) -> tuple[NetworkPass, ...]:
        """The network passes of a call at a time, for estimates."""
        return (NetworkPass(),)


class IntervalRule(GuidanceRule):
    """Base of the rules that hold from `t_min` to `t_max` only, both ends included.

    An interval of no length, such as [0, 0], holds nowhere (Kynkaanniemi et al. 2024).
    """

    t_min: float
    t_max: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.t_min > self.t_max:
            raise InputError(
                f"The guidance interval starts at {self.t_min:g} and ends at {self.t_max:g}.",
                "Make the start smaller than the end.",
            )

    def holds_at(self, time: float) -> bool:
        """Whether a time lies in the interval."""
        return self.t_min < self.t_max and self.t_min <= time <= self.t_max

    def strength_inside(
        self, strength: float, time: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """`strength` where the times `time` (any shape) lie in the interval, elsewhere 1."""
        inside = (time >= np.float32(self.t_min)) & (time <= np.float32(self.t_max))
        inside &= self.t_min < self.t_max
        return np.where(inside, np.float32(strength), np.float32(1.0))
