"""What a person painted on the patches for the next run, with undo."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from pfstudio.core.paint import Paint

MAX_BRUSH = 7  # patches across
_MAX_UNDO = 100


class PaintModel(QObject):
    """`Paint` codes per patch, (n,m) uint8; one stroke is one undo step."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.codes: npt.NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._undo: list[npt.NDArray[np.uint8]] = []
        self._redo: list[npt.NDArray[np.uint8]] = []

    def set_grid(self, rows: int, columns: int) -> None:
        """Fit to a model's patches; another grid starts empty."""
        if self.codes.shape != (rows, columns):
            self._undo.clear()
            self._redo.clear()
            self._replace(np.zeros((rows, columns), np.uint8))

    def begin_stroke(self) -> None:
        """What follows is undone together."""
        self._undo = [*self._undo[-_MAX_UNDO:], self.codes]
        self._redo.clear()

    def paint(self, row: int, column: int, code: int, brush: int = 1) -> None:
        """Put `code` on a square of `brush` patches around a patch."""
        top, left = max(row - (brush - 1) // 2, 0), max(column - (brush - 1) // 2, 0)
        codes = self.codes.copy()
        codes[top : row + brush // 2 + 1, left : column + brush // 2 + 1] = code
        if not np.array_equal(codes, self.codes):
            self._replace(codes)

    def end_stroke(self) -> None:
        """A stroke that changed nothing leaves no undo step."""
        if self._undo and np.array_equal(self._undo[-1], self.codes):
            self._undo.pop()
        self.changed.emit()

    def clear(self) -> None:
        """Erase everything (can be undone)."""
        self.set_codes(np.zeros_like(self.codes))

    def set_codes(self, codes: npt.NDArray[np.uint8]) -> None:
        """Replace everything, e.g. from a restored request (can be undone)."""
        if np.array_equal(codes, self.codes):
            return
        self.begin_stroke()
        self._replace(codes.astype(np.uint8))

    def undo(self) -> None:
        if self._undo:
            self._redo.append(self.codes)
            self._replace(self._undo.pop())

    def redo(self) -> None:
        if self._redo:
            self._undo.append(self.codes)
            self._replace(self._redo.pop())

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    @property
    def is_empty(self) -> bool:
        return not self.codes.any()

    @property
    def has_fixed(self) -> bool:
        """Whether a patch is to be kept from a start picture."""
        return bool((self.codes == Paint.FIXED).any())

    def as_request(self) -> tuple[int, ...]:
        """For `GenerateRequest.paint`: codes row by row, or empty where nothing is painted."""
        return () if self.is_empty else tuple(int(code) for code in self.codes.ravel())

    def set_request(self, paint: tuple[int, ...]) -> None:
        """Show the paint of a request; codes of another grid are left out."""
        if not paint:
            self.set_codes(np.full_like(self.codes, Paint.FREE))
        elif len(paint) == self.codes.size:
            self.set_codes(np.array(paint, np.uint8).reshape(self.codes.shape))

    def _replace(self, codes: npt.NDArray[np.uint8]) -> None:
        self.codes = codes
        self.changed.emit()
