"""How values become colours: colour map and limits, and what each view takes them from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from pfstudio.core.colour import apply, value_range
from pfstudio.core.events import Bytes, Floats
from pfstudio.ui.language import QT_TR_NOOP
from pfstudio.ui.stage.views import VIEWS, View, map_values
from pfstudio.ui.view_models.run_data import RunData

CLIPS = (0.0, 1.0, 2.0, 5.0)  # per cent of the patches at either end


@dataclass(frozen=True)
class ColourScale:
    """A colour map from the value `limits[0]` to `limits[1]`."""

    colormap: str = "grey"
    limits: tuple[float, float] = (0.0, 1.0)

    def colours(self, values: Floats) -> Bytes:
        """Values (...) as RGB (...,3); NaN is grey."""
        return apply(values, *self.limits, self.colormap)


def limits_of(values: Floats, clip: float = 0.0) -> tuple[float, float]:
    """Lowest and highest value, `clip` per cent cut at either end; never an empty range."""
    low, high = value_range(values, clip)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


class RangeMode(Enum):
    """What the limits of a colour bar are taken from."""

    NATURAL = QT_TR_NOOP("natural limits")
    CALL = QT_TR_NOOP("this call")
    RUN = QT_TR_NOOP("the whole run")
    LOCKED = "locked"


@dataclass(frozen=True)
class Colouring:
    """How one view is coloured. `locked` is used in the mode LOCKED only."""

    colormap: str
    mode: RangeMode
    clip: float = 0.0  # per cent
    locked: tuple[float, float] = (0.0, 1.0)


def natural_mode(view: View) -> RangeMode:
    """What a view takes its limits from unless somebody chooses."""
    return RangeMode.NATURAL if VIEWS[view].limits else RangeMode.CALL


def scale_over(
    colouring: Colouring, view: View, data: RunData, image: int, calls: Sequence[int]
) -> ColourScale:
    """The colours of a view that are the same in several calls."""
    if colouring.mode is RangeMode.LOCKED:
        limits = colouring.locked
    elif colouring.mode is RangeMode.NATURAL:
        natural = VIEWS[view].limits
        assert natural is not None, f"{view} has no natural limits"
        limits = natural(data)
    else:
        if colouring.mode is RangeMode.RUN:
            calls = range(data.known(image))
        values = np.stack([map_values(data, view, call, image) for call in calls])
        limits = limits_of(values, colouring.clip)
    return ColourScale(colouring.colormap, limits)


class ColourModel(QObject):
    """The colouring of every view; panels of the same view always agree."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._of = {
            view: Colouring(kind.colormap, natural_mode(view))
            for view, kind in VIEWS.items()
            if kind.is_map
        }

    def of(self, view: View) -> Colouring:
        return self._of[view]

    def all(self) -> dict[View, Colouring]:
        """How every view is coloured now."""
        return dict(self._of)

    def set(self, view: View, **values: Any) -> None:
        """Change fields of a view's Colouring."""
        colouring = replace(self._of[view], **values)
        if colouring != self._of[view]:
            self._of[view] = colouring
            self.changed.emit()

    def scale(self, view: View, data: RunData, call: int, image: int) -> ColourScale:
        """The colours of a view in one call."""
        return scale_over(self._of[view], view, data, image, (call,))
