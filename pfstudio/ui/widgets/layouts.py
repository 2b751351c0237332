"""A row or a column of widgets and layouts in one call."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

Part = QWidget | QLayout | int | None
Box = TypeVar("Box", bound=QBoxLayout)


def fill(
    box: Box,
    *parts: Part | tuple[Part, int],
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    spacing: int = 0,
) -> Box:
    """Put parts into a row or column, and return it.

    Args:
        parts: widgets and layouts; a number is a gap of so many pixels, None takes the room that is
            left. In a pair (part, stretch) the second is its share of the room.
        margins: left, top, right, bottom in pixels.
        spacing: pixels between parts; -1: as around it.
    """
    box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for each in parts:
        part, stretch = each if isinstance(each, tuple) else (each, 0)
        if isinstance(part, QWidget):
            box.addWidget(part, stretch)
        elif isinstance(part, QLayout):
            box.addLayout(part, stretch)
        elif part is None:
            box.addStretch(stretch)
        else:
            box.addSpacing(part)
    return box
