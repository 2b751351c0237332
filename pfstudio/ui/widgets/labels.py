"""Text in the theme's inks: the colour follows the theme by the style sheet."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import box, painter_of


def label(text: str = "", role: str = "body", ink: str = "text", *, wrap: bool = False) -> QLabel:
    """A label in a font role and an ink: text, muted, faint, danger, good or warn."""
    made = QLabel(text)
    made.setFont(font(role))
    made.setProperty("ink", ink)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    return made


def set_ink(widget: QLabel, ink: str) -> None:
    """Change a label's ink."""
    if widget.property("ink") != ink:
        widget.setProperty("ink", ink)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def heading(text: str) -> QLabel:
    """The small capitals over a panel or a part of it."""
    return label(text.upper(), "heading", "muted")


def row(name: str, value: QLabel) -> QHBoxLayout:
    """A name at the left and its value at the right."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(label(name, "small", "muted"))
    line.addStretch()
    line.addWidget(value)
    return line


class Line(QWidget):
    """A hairline between parts."""

    def __init__(self, *, vertical: bool = False) -> None:
        super().__init__()
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        if vertical:
            self.setFixedWidth(1)
            self.setSizePolicy(fixed, free)
        else:
            self.setFixedHeight(1)
            self.setSizePolicy(free, fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter_of(self).fillRect(self.rect(), tokens().border)


class Surface(QFrame):
    """A plain area in one of the theme's surface colours, with an optional border."""

    def __init__(
        self, surface: str = "panel", *, rounded: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.surface = surface
        self._rounded = rounded

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        fill = getattr(tokens(), self.surface)
        if self._rounded:
            box(painter, QRectF(self.rect()), fill, tokens().border, tokens().radius)
        else:
            painter.fillRect(self.rect(), fill)
