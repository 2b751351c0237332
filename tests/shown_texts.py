"""What a window shows as text, and which of it is cut."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from PySide6.QtCore import QBuffer, QRect
from PySide6.QtGui import QAction
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

PROPERTIES = (
    "text", "toolTip", "accessibleName", "accessibleDescription", "placeholderText", "title",
)  # fmt: skip


def painted(window: QWidget) -> list[str]:
    """Every line of text that the window paints."""
    buffer, generator = QBuffer(), QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(window.size())
    window.render(generator)
    found = re.findall(r"<text[^>]*>([^<]*)</text>", bytes(buffer.data().data()).decode())
    return [text.strip().replace("&amp;", "&") for text in found if text.strip()]


def shown(window: QWidget) -> Iterator[str]:
    """Every text in the window: painted, in tips and menus, and for screen readers."""
    yield from painted(window)
    for part in (window, *window.findChildren(QWidget), *window.findChildren(QAction)):
        for name in PROPERTIES:
            yield str(part.property(name) or "")


def narrow(window: QWidget) -> list[str]:
    """The labels and buttons whose words are wider than they are."""
    return [part.text() for part in _worded(window) if _is_narrow(part)]


def cut(window: QWidget) -> list[str]:
    """Those, and the ones that something around them cuts."""
    return [part.text() for part in _worded(window) if _is_narrow(part) or _is_clipped(part)]


def overlapping(window: QWidget) -> list[tuple[str, str]]:
    """Pairs of labels and buttons beside each other that cover each other."""
    pairs = itertools.combinations(_worded(window), 2)
    return [
        (one.text(), other.text())
        for one, other in pairs
        if one.parentWidget() is other.parentWidget()
        and one.geometry().intersects(other.geometry())
    ]


def _worded(window: QWidget) -> list[QLabel | QAbstractButton]:
    parts = (*window.findChildren(QLabel), *window.findChildren(QAbstractButton))
    return [part for part in parts if part.isVisible() and part.text()]


def _is_narrow(part: QLabel | QAbstractButton) -> bool:
    if isinstance(part, QPushButton):
        return part.width() < part.minimumSizeHint().width() - 8  # of its margins
    wraps = isinstance(part, QLabel) and part.wordWrap()
    paints_itself = isinstance(part, QAbstractButton) and not isinstance(part, QToolButton)
    needed = part.fontMetrics().horizontalAdvance(part.text())
    return not wraps and not paints_itself and needed > part.width()


def _is_clipped(part: QWidget) -> bool:
    """Whether something that holds it is too small; what scrolls may be, downwards."""
    holder, place, scrolls = part.parentWidget(), QRect(part.pos(), part.size()), False
    while holder is not None and not part.isWindow():
        scrolls = scrolls or isinstance(holder.parentWidget(), QScrollArea)
        inside = holder.rect()
        if place.left() < 0 or place.right() > inside.right():
            return True
        if not scrolls and (place.top() < 0 or place.bottom() > inside.bottom()):
            return True
        if holder.isWindow():
            return False
        place.translate(holder.pos())
        holder = holder.parentWidget()
    return False
