"""How values become colours: colour map, range and clipping of each view, shared by all panels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from PySide6.QtCore import QObject, Signal

from pfstudio.core.events import Bytes, Floats
from pfstudio.ui.stage.views import VIEWS, View, map_values
from pfstudio.ui.view_models.run_data import RunData

CLIPS = (0.0, 1.0, 2.0, 5.0)  # per cent of the patches at either end


class RangeMode(Enum):
    """What the ends of a colour bar are taken from."""

    NATURAL = "natural ends"
    CALL = "this call"
    RUN = "the whole run"
    LOCKED = "locked"


@dataclass(frozen=True)
class Colouring:
    """How one view is coloured. `locked` is used in the mode LOCKED only."""

    table: str
    mode: RangeMode
    clip: float = 0.0  # per cent
    locked: tuple[float, float] = (0.0, 1.0)


class ColourModel(QObject):
    """The colouring of every view; panels of the same view always agree."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._of = {
            view: Colouring(kind.table, RangeMode.NATURAL if kind.ends else RangeMode.CALL)
            for view, kind in VIEWS.items()
            if kind.is_map
        }

    def of(self, view: View) -> Colouring:
        return self._of[view]

    def set_table(self, view: View, table: str) -> None:
        self._set(view, replace(self._of[view], table=table))

    def set_mode(self, view: View, mode: RangeMode) -> None:
        self._set(view, replace(self._of[view], mode=mode))

    def set_clip(self, view: View, clip: float) -> None:
        self._set(view, replace(self._of[view], clip=clip))

    def lock(self, view: View, ends: tuple[float, float]) -> None:
        """Keep these ends from now on."""
        self._set(view, replace(self._of[view], mode=RangeMode.LOCKED, locked=ends))

    def _set(self, view: View, colouring: Colouring) -> None:
        if colouring != self._of[view]:
            self._of[view] = colouring
            self.changed.emit()

    def ends(self, view: View, data: RunData, call: int, image: int) -> tuple[float, float]:
        """The values at the low and the high end of the view's colour bar."""
        colouring, kind = self._of[view], VIEWS[view]
        if colouring.mode is RangeMode.LOCKED:
            return colouring.locked
        if colouring.mode is RangeMode.NATURAL:
            return kind.ends(data)
        if colouring.mode is RangeMode.RUN:
            calls = range(data.known(image))
            values = np.stack([map_values(data, view, k, image) for k in calls])
        else:
            values = map_values(data, view, call, image)
        return ends_of(values, colouring.clip)


def ends_of(values: Floats, clip: float = 0.0) -> tuple[float, float]:
    """Lowest and highest value, `clip` per cent cut at either end; never an empty range."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 1.0
    if clip:
        low, high = (float(end) for end in np.percentile(known, (clip, 100.0 - clip)))
    else:
        low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def shades(values: Floats, ends: tuple[float, float]) -> Bytes:
    """Values as steps 0..255 between the ends; what is not a number becomes 0."""
    scaled = (np.nan_to_num(values, nan=ends[0]) - ends[0]) * (255.0 / (ends[1] - ends[0]))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
