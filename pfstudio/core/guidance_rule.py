"""What every guidance rule's settings say of themselves."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import CheckedSettings, parameter, settings_words

NO_NULL = "This guidance needs a model that was trained with a null condition."
NO_ROUTES = "This guidance needs a model that was trained with token routing."
NO_CLASSES = "This guidance needs a model that takes classes."
NO_DIFFICULTY = "This guidance needs a model that predicts its difficulty."
NO_BLOCKS = "This guidance needs a model of transformer blocks that it can disturb."


class Disturbed(NamedTuple):
    """Blocks of a pass that do something else, from 1; those before are the pass's before it."""

    first: int  # 0: the middle one
    number: int
    skipped: bool = False  # they are not computed

    def blocks(self, depth: int) -> tuple[int, ...]:
        """Those of a network of so many blocks; () if it ends before."""
        first = self.first or (depth + 1) // 2
        return tuple(range(first, min(first + self.number, depth + 1)))

    def computed(self, depth: int) -> int:
        """How many blocks such a pass computes."""
        blocks = self.blocks(depth)
        return depth - blocks[0] + 1 - len(blocks) * self.skipped if blocks else depth


class NetworkPass(NamedTuple):
    """One pass of a network in a call."""

    share: float = 0.0  # of the patches that is taken out of each route
    shared: bool = False  # its layers before the first route are those of the pass before
    disturbed: Disturbed | None = None


class GuidanceRule(CheckedSettings):
    """Base of the settings; a rule without further costs or needs has nothing to add."""

    label: ClassVar[str]
    about: ClassVar[str] = ""  # what it does and costs, in a sentence or two
    unconditional: ClassVar[bool] = False  # the weak prediction is without the condition
    needs_routes: ClassVar[bool] = False  # a model that was trained with token routing
    needs_classes: ClassVar[bool] = False  # a model of classes
    needs_difficulty: ClassVar[bool] = False  # a model that predicts its difficulty
    needs_attention: ClassVar[bool] = False  # transformer blocks that can be disturbed
    has_difference: ClassVar[bool] = False  # there is a strong and a weak prediction
    needs_weak_model: ClassVar[bool] = False  # the weak prediction is another model's
    weak_model: str = ""  # its name or path; a rule that needs one has a field for it

    @classmethod
    def refusal(
        cls, *, null: bool, routed: bool, classes: bool, difficulty: bool, blocks: bool
    ) -> str:
        """Why a model cannot be guided so, in a sentence; "": it can.

        Args:
            null: there is a condition to lead away from.
            routed: it was trained with token routing.
            classes: it takes classes.
            difficulty: it predicts its difficulty.
            blocks: it has transformer blocks that can be disturbed.
        """
        needs = (
            (cls.unconditional, null, NO_NULL),
            (cls.needs_routes, routed, NO_ROUTES),
            (cls.needs_classes, classes, NO_CLASSES),
            (cls.needs_difficulty, difficulty, NO_DIFFICULTY),
            (cls.needs_attention, blocks, NO_BLOCKS),
        )
        return next((why for needed, there, why in needs if needed and not there), "")

    @property
    def warning(self) -> str:
        """Why these settings cannot help, in a sentence; "": they may."""
        return ""

    @property
    def words(self) -> str:
        """The rule and its settings, for tables; the rare ones where they are not the default."""
        return settings_words(self)

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


def strength_field(default: float) -> float:
    """How far a rule goes from its weak prediction."""
    text = "How far to go from the weak prediction through the strong one: 1 is the plain model"
    value: float = parameter(default, "Strength", text, minimum=1.0, maximum=10.0, step=0.05,
                             limits=(0.0, 30.0))  # fmt: skip
    return value


def _time(default: float, label: str, text: str) -> float:
    value: float = parameter(default, label, text, minimum=0.0, maximum=1.0, step=0.05, rare=True)
    return value


def t_min_field() -> float:
    """Where the interval begins."""
    return _time(0.0, "From time", "Patches earlier than this are not guided")


def t_max_field(default: float = 1.0) -> float:
    """Where the interval ends."""
    return _time(default, "To time", "Patches later than this are not guided")


class Extrapolated(IntervalRule):
    """Base of the rules v = v_weak + w (v_strong - v_weak); a weight of 1 turns them off."""

    has_difference: ClassVar[bool] = True

    weight: float

    @property
    def needs_negative(self) -> bool:
        return self.unconditional and self.weight != 1

    @property
    def passes(self) -> float:
        return 1.0 if self.weight == 1 else 1.0 + self.t_max - self.t_min

    def strength(self, time: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Guidance strength of each patch at the times `time` (any shape)."""
        return self.strength_inside(self.weight, time)

    def shares(self, time: float) -> tuple[float, float]:
        """Shares of the patches that the strong and the weak prediction skip at a time."""
        return 0.0, 0.0

    def passes_at(self, time: float) -> tuple[NetworkPass, ...]:
        if self.weight == 1 or not self.holds_at(time):
            return (NetworkPass(),)
        strong, weak = self.shares(time)
        alike = self.needs_routes and not (self.unconditional or self.needs_weak_model)
        return NetworkPass(strong), NetworkPass(weak, alike)
