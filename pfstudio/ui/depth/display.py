"""How depth is shown: quantity, colours, range, and the threshold on the spread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from pfstudio.core.colour import DEPTH_TABLES, value_range
from pfstudio.core.depth_measures import QUANTITIES, least_certain
from pfstudio.ui.language import QT_TR_NOOP

Floats = npt.NDArray[np.float32]

CLIPS = (0.0, 0.5, 1.0, 2.0, 5.0)  # percent of the pixels at both ends
WORDS = {
    "depth": QT_TR_NOOP("near – far, relative"),
    "log-depth": QT_TR_NOOP("near – far, logarithm"),
    "disparity": QT_TR_NOOP("far – near, relative"),
}


@dataclass(frozen=True)
class DisplaySettings:
    """What a person chose; the same for every picture."""

    quantity: str = QUANTITIES[0]
    colormap: str = DEPTH_TABLES[0]
    clip: float = 0.0
    locked: tuple[float, float] | None = None  # limits of the range, whatever is shown
    threshold: float | None = None  # of the spread; None: where the least certain 5 % begin
    masked: bool = False


class DisplayModel(QObject):
    """The settings, and who wants to know of it."""

    changed = Signal()  # anything
    quantity_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = DisplaySettings()

    def set(self, **values: Any) -> None:
        """Choose something else."""
        before, self.settings = self.settings, replace(self.settings, **values)
        if self.settings.quantity != before.quantity:
            # Values of another quantity have another range and another spread.
            self.settings = replace(self.settings, locked=None, threshold=None)
            self.quantity_changed.emit()
        if self.settings != before:
            self.changed.emit()

    def limits(self, values: Floats) -> tuple[float, float]:
        """The range that colours run over."""
        return self.settings.locked or value_range(values, self.settings.clip)

    def threshold(self, spread: Floats) -> float:
        """The spread above which a pixel counts as uncertain."""
        if self.settings.threshold is not None:
            return self.settings.threshold
        return least_certain(spread)
