"""The recipe's section on the scan: along which paths a zigzag Mamba reads the patches."""

from __future__ import annotations

import re

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pfstudio.core.scan_paths import is_path
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.widgets.fields import Combo
from pfstudio.ui.widgets.labels import label_of
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.segmented import Segmented

_OWN, _DRAWN = "", "drawn"
PATHS = {
    "zigzag": QT_TR_NOOP("Zigzag"),
    "spiral": QT_TR_NOOP("Spiral"),
    "curve": QT_TR_NOOP("Hilbert curve"),
    "raster": QT_TR_NOOP("Sweep, row by row"),
    "random": QT_TR_NOOP("Random"),
}
_OTHERS = {
    "hilbert": QT_TR_NOOP("Hilbert, as published"),
    "v2": QT_TR_NOOP("Sweep, there and back"),
}
DIRECTIONS = (1, 2, 4, 8)


def scan_words(scan: str) -> str:
    """A scan in words, e.g. "Zigzag, 8 directions"; "" is the model's own."""
    if not scan:
        return tr("the model's own")
    if is_path(scan):
        return tr("Drawn by hand")
    family, _, count = scan.partition("N")
    names = PATHS | _OTHERS
    name = tr(names[family]) if family in names else family
    return tr("{path}, %n directions", "", int(count), path=name) if count else name


class ScanSection(QWidget):
    """Visible only where the chosen model scans."""

    def __init__(self, recipe: RecipeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self.path = Combo(tr("Scan path"))
        self.path.setToolTip(tr("In which order the model reads the patches; no training needed"))
        self.path.activated.connect(self._path_chosen)
        choices = [(str(count), str(count)) for count in DIRECTIONS]
        self.directions = Segmented(tr("Directions"), choices)
        self.directions.chosen.connect(self._directions_chosen)
        self._directions_title = label_of(self.directions)
        fill(
            QVBoxLayout(self), label_of(self.path), self.path,
            self._directions_title, self.directions, margins=(0, 7, 0, 0), spacing=6,
        )  # fmt: skip
        recipe.changed.connect(self.refresh)
        self.refresh()

    @Slot(int)
    def _path_chosen(self, place: int) -> None:
        family = self.path.itemData(place)
        if family == _OWN:
            self._recipe.set(scan="")
        elif family != _DRAWN:
            self._recipe.set(scan=f"{family}N{self._count()}")

    @Slot(str)
    def _directions_chosen(self, count: str) -> None:
        family = self._recipe.request.scan.partition("N")[0]
        self._recipe.set(scan=f"{family}N{count}")

    def _count(self) -> int:
        """How many directions the scan of the next run has."""
        found = re.search(r"N(\d)$", self._recipe.scan)
        return int(found[1]) if found else 8

    @Slot()
    def refresh(self) -> None:
        """Show what the request says."""
        own, scan = self._recipe.own_scan, self._recipe.request.scan
        self.setVisible(bool(own))
        if not own:
            return
        choices = [(_OWN, tr("As trained: {path}", path=scan_words(own)))]
        choices += [(family, tr(name)) for family, name in PATHS.items()]
        family = scan.partition("N")[0]
        if is_path(scan):
            family = _DRAWN
            choices.append((_DRAWN, tr("Drawn by hand")))
        elif family and family not in PATHS:
            choices.append((family, scan_words(scan)))
        self.path.clear()
        for key, text in choices:
            self.path.addItem(text, key)
        self.path.setCurrentIndex(self.path.findData(family))
        named = family in PATHS
        for part in (self._directions_title, self.directions):
            part.setVisible(named)
        if named and self._count() in DIRECTIONS:
            self.directions.set_key(str(self._count()))
