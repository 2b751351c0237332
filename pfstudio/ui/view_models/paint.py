"""What a person paints on the patches for the next run: a part of the recipe, as a map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from pfstudio.ui.recipe.model import RecipeModel

MAX_BRUSH = 7  # patches across


class PaintModel(QObject):
    """`Paint` codes per patch, (n,m) uint8, of a recipe; they are undone with it."""

    changed = Signal()
    picture_needed = Signal()  # fixed patches were painted, but there is no picture to keep

    def __init__(self, recipe: RecipeModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self._stroke = 0
        self.codes: npt.NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self.can_undo = False  # whether what would be undone next is paint
        recipe.changed.connect(self._follow)

    def set_grid(self, rows: int, columns: int) -> None:
        """Fit to a model's patches."""
        if self.codes.shape != (rows, columns):
            self.codes = np.zeros((rows, columns), np.uint8)
            self._follow()
            self.changed.emit()

    def _follow(self) -> None:
        """Show the recipe's codes; those of another grid are left out."""
        painted, can_undo = self._recipe.recipe.painted, self._recipe.undoes_paint
        codes = np.zeros_like(self.codes)
        if len(painted) == codes.size:
            codes[:] = np.reshape(painted, codes.shape)
        if can_undo != self.can_undo or not np.array_equal(codes, self.codes):
            self.codes, self.can_undo = codes, can_undo
            self.changed.emit()

    def begin_stroke(self) -> None:
        """What follows is undone together."""
        self._stroke += 1

    def paint(self, row: int, column: int, code: int, brush: int = 1) -> None:
        """Put `code` on a square of `brush` patches around a patch."""
        top, left = max(row - (brush - 1) // 2, 0), max(column - (brush - 1) // 2, 0)
        codes = self.codes.copy()
        codes[top : row + brush // 2 + 1, left : column + brush // 2 + 1] = code
        self._recipe.paint(codes.ravel().tolist(), self._stroke)

    def end_stroke(self) -> None:
        """Ask for a picture where fixed patches lack one."""
        if self._recipe.lacks_picture:
            self.picture_needed.emit()

    def clear(self) -> None:
        """Erase everything (can be undone)."""
        self._recipe.set(paint=())

    def undo(self) -> None:
        """Take the last change back."""
        self._recipe.undo()

    @property
    def is_empty(self) -> bool:
        return not self.codes.any()
