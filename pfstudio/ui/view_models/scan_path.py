"""The scan of the next run, and a path for it that is drawn: a part of the recipe."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from pfstudio.core.errors import InputError
from pfstudio.core.scan_paths import ScanPath, path_word, scan_paths
from pfstudio.ui.recipe.model import RecipeModel


class ScanPathModel(QObject):
    """Follows a recipe whose model scans; undone with it.

    A stroke over patches puts them, in its order, behind those of the strokes before it; all others
    follow in the order that they had. So a path is always one over all patches.
    """

    changed = Signal()

    def __init__(self, recipe: RecipeModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self._grid = (0, 0)
        self._before: ScanPath | None = None  # the path that is drawn upon; None: no stroke
        self._drawn: list[int] = []  # patches of this stroke and those before it
        self._word = ""  # the path that the strokes have made
        recipe.changed.connect(self.changed)

    @property
    def available(self) -> bool:
        """Whether the recipe's model scans."""
        return bool(self._recipe.scan)

    @property
    def chosen(self) -> bool:
        """Whether the next run walks another path than its model was trained with."""
        return self._recipe.scan != self._recipe.own_scan

    def set_grid(self, rows: int, columns: int) -> None:
        """Fit to the patches of the next run."""
        if self._grid != (rows, columns):
            self._grid, self._drawn = (rows, columns), []
            self.changed.emit()

    def path(self, layer: int = 0) -> ScanPath | None:
        """The path of a layer, with what is drawn just now; None: there is none."""
        if self._before is not None:
            return self._path()
        scan = self._recipe.scan
        if not scan or not all(self._grid):
            return None
        try:
            return scan_paths(scan, layer + 1, *self._grid)[layer]
        except InputError:  # a path over another number of patches
            return None

    @property
    def drawn(self) -> int:
        """Patches that strokes have visited."""
        return len(self._drawn)

    def begin_stroke(self, layer: int) -> None:
        """What follows is undone together; the path of this layer is drawn upon."""
        if self._recipe.request.scan != self._word:
            self._drawn = []
        self._before = self.path(layer)

    def visit(self, row: int, column: int) -> None:
        """Let the path come to a patch next, where it has not been yet."""
        patch = row * self._grid[1] + column
        if self._before is not None and patch not in self._drawn:
            self._drawn.append(patch)
            self.changed.emit()

    def end_stroke(self) -> None:
        """Put the path into the recipe."""
        if self._before is not None:
            self._word, self._before = path_word(self._path()), None
            self._recipe.draw_scan(self._word)

    def _path(self) -> ScanPath:
        assert self._before is not None
        drawn = np.array(self._drawn, np.int64)
        return np.concatenate([drawn, self._before[~np.isin(self._before, drawn)]])
