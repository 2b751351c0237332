"""Text in the theme's colours, and plain areas: the style sheet gives them their look."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from pfstudio.ui.theme import font
from pfstudio.ui.widgets.layouts import fill

_LONGEST_NAME = 44  # characters without a space


def label(
    text: str = "", role: str = "body", colour: str = "text", *, wrap: bool = False
) -> QLabel:
    """A label in a font role and a colour: text, muted, faint, danger, good or warn."""
    made = QLabel(text)
    made.setFont(font(role))
    made.setProperty("colour", colour)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    return made


def set_colour(widget: QLabel, colour: str) -> None:
    """Change a label's colour."""
    if widget.property("colour") != colour:
        widget.setProperty("colour", colour)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def shortened(text: str) -> str:
    """The text with the middle of very long names left out."""
    half = _LONGEST_NAME // 2
    names = rf"\S{{{half}}}\S{{2,}}\S{{{half}}}"
    return re.sub(names, lambda name: f"{name[0][:half]}…{name[0][-half:]}", text)


class Elided(QLabel):
    """One line that leaves out its middle where there is little room; the tip has all of it."""

    def __init__(self, role: str = "small", colour: str = "muted") -> None:
        super().__init__()
        self.setFont(font(role))
        self.setProperty("colour", colour)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.whole = ""

    def say(self, text: str) -> None:
        """Show this."""
        self.whole = text
        self.setAccessibleName(text)
        self._fit()

    def _fit(self) -> None:
        middle = Qt.TextElideMode.ElideMiddle
        text = self.fontMetrics().elidedText(self.whole, middle, self.width() - 2)
        self.setText(text)
        self.setToolTip(self.whole if text != self.whole else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def heading(text: str, control: QWidget | None = None) -> QLabel:
    """The small capitals over a panel or a part of it, or over one control."""
    made = label(text.upper(), "heading", "muted")
    if control is not None:
        made.setBuddy(control)
    return made


def label_of(control: QWidget) -> QLabel:
    """The name of a control, to stand beside it. On Linux, where a list is spoken of as what it
    shows, screen readers say it first."""
    made = label(control.accessibleName(), colour="muted")
    made.setBuddy(control)
    return made


def row(name: str, value: QLabel) -> QHBoxLayout:
    """A name at the left and its value at the right."""
    return fill(QHBoxLayout(), label(name, "small", "muted"), None, value, spacing=-1)


class Line(QFrame):
    """A hairline between parts."""

    def __init__(self, *, vertical: bool = False) -> None:
        super().__init__()
        (self.setFixedWidth if vertical else self.setFixedHeight)(1)


class Surface(QFrame):
    """A plain area in a surface colour: base or panel."""

    def __init__(self, surface: str = "panel", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", surface)
