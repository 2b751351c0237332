"""A table of names and values, drawn in one go; screen readers get it as one description."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.ui.language import tr
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import MIDDLE, write

_LINE = 21
_NAMES = 118  # least logical pixels for the names


class FigureTable(QWidget):
    """Rows of `names`, shown by `tr`; `show_values` repaints the rows that changed."""

    def __init__(self, title: str, names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names
        widest = max(map(QFontMetrics(font("small")).horizontalAdvance, map(tr, names)))
        self._left = max(_NAMES, widest + 8)  # where the values begin
        self._values = dict.fromkeys(names, "–")
        self._colours: dict[str, str] = {}  # name: field of the theme's tokens
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(title)
        self.setFixedHeight(_LINE * len(names))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(260, self.height())

    def text(self, name: str) -> str:
        """The value shown for a name."""
        return self._values[name]

    def show_values(self, values: dict[str, str], colours: dict[str, str] | None = None) -> None:
        """Show these values; `colours` are names of the theme (good, warn) by row."""
        colours = colours or {}
        for i, name in enumerate(self._names):
            fresh = values.get(name, "–")
            if fresh != self._values[name] or colours.get(name) != self._colours.get(name):
                self._values[name] = fresh
                self.update(self._left - 2, i * _LINE, self.width(), _LINE)
        self._colours = colours
        rows = (f"{tr(name)} {value}" for name, value in self._values.items())
        self.setAccessibleDescription("; ".join(rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(tokens().panel))
        region, names = event.region(), event.rect().left() < self._left - 2
        metrics = QFontMetrics(font("value"))
        room = self.width() - self._left
        for i, name in enumerate(self._names):
            line = QRect(0, i * _LINE, self.width(), _LINE)
            if not region.intersects(line):
                continue
            if names:
                write(painter, line, tr(name), align=MIDDLE)
            value = metrics.elidedText(self._values[name], Qt.TextElideMode.ElideRight, room)
            colour = self._colours.get(name, "text")
            write(painter, line.adjusted(self._left, 0, 0, 0), value, "value", colour, MIDDLE)
