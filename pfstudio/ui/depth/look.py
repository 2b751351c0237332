"""How depth is shown: quantity, colours, range, and the threshold on the spread."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from pfstudio.core.colour import DEPTH_TABLES, value_range
from pfstudio.core.depth_measures import QUANTITIES

Floats = npt.NDArray[np.float32]

CLIPS = (0.0, 0.5, 1.0, 2.0, 5.0)  # percent of the pixels at both ends
WORDS = {"depth": "near – far, relative", "log-depth": "near – far, logarithm",
         "disparity": "far – near, relative"}  # fmt: skip


@dataclass(frozen=True)
class DepthLook:
    """What a person chose; the same for every picture."""

    quantity: str = QUANTITIES[0]
    table: str = DEPTH_TABLES[0]
    clip: float = 0.0
    locked: tuple[float, float] | None = None  # ends of the range, whatever is shown
    threshold: float | None = None  # of the spread; None: where the least certain 5 % begin
    masked: bool = False


class LookModel(QObject):
    """The look, and who wants to know of it."""

    changed = Signal()  # anything
    quantity_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.look = DepthLook()

    def set(self, **values: object) -> None:
        """Choose something else."""
        before, self.look = self.look, replace(self.look, **values)
        if self.look.quantity != before.quantity:
            # Values of another quantity have another range and another spread.
            self.look = replace(self.look, locked=None, threshold=None)
            self.quantity_changed.emit()
        if self.look != before:
            self.changed.emit()

    def ends(self, values: Floats) -> tuple[float, float]:
        """The range that colours run over."""
        return self.look.locked or value_range(values, self.look.clip)

    def threshold(self, spread: Floats) -> float:
        """The spread above which a pixel counts as uncertain."""
        if self.look.threshold is not None:
            return self.look.threshold
        return float(np.percentile(spread, 95))
