"""A plain colour scale with words at its ends, without settings."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPixmapCache,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from pfstudio.core.colour import lookup
from pfstudio.ui.stage.views import number
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import box

WIDTH = 46  # logical pixels that scales take at the side of a canvas
ENDS = 32  # height of the words at either end
BAR = 8


def draw_gradient(painter: QPainter, bar: QRectF, name: str) -> None:
    """The colour map `name` from the bottom of `bar` to its top, with a thin frame."""
    shades = np.ascontiguousarray(lookup(name)[::-1])
    image = QImage(shades.data, 1, len(shades), 3, QImage.Format.Format_RGB888)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(bar, image)
    box(painter, bar, "", tokens().border, 2)


def bar_place(size: QSize) -> QRectF:
    """Where the bar of a scale of this size lies."""
    return QRectF((size.width() - BAR) / 2, ENDS, BAR, size.height() - 2 * ENDS)


def scale_plate(size: QSize, dpr: float, name: str, high: str, low: str, surface: str) -> QPixmap:
    """All of a vertical scale but its numbers; `surface` is a name of the theme's tokens."""
    t = tokens()
    key = f"scale {size.width()} {size.height()} {dpr} {name} {high} {low} {surface} {t.name}"
    made = QPixmap()
    if QPixmapCache.find(key, made):
        return made
    made = QPixmap(size * dpr)
    made.setDevicePixelRatio(dpr)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(0.85)  # legible when a zoomed picture lies below
    box(painter, QRectF(0, 0, size.width(), size.height()), getattr(t, surface), "", 6)
    painter.setOpacity(1)
    painter.setFont(font("tiny"))
    painter.setPen(QColor(t.muted))
    for top, word in ((0, high), (size.height() - ENDS, low)):
        place = QRectF(0, top + 2, size.width(), 14)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, word)
    draw_gradient(painter, bar_place(size), name)
    painter.end()
    QPixmapCache.insert(key, made)
    return made


def draw_numbers(painter: QPainter, size: QSize, high: str, low: str) -> None:
    """The numbers at both ends of a scale."""
    painter.setFont(font("tiny"))
    painter.setPen(QColor(tokens().text))
    for top, value in ((0, high), (size.height() - ENDS, low)):
        place = QRectF(0, top + 15, size.width(), 14)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, value)


class PlainScale(QWidget):
    """Lies in the right margin of a canvas; `show_ends` says what its ends are."""

    def __init__(
        self, canvas: QWidget, table: str, high: str, low: str, *, digits: int = 2
    ) -> None:
        super().__init__(canvas)
        self._table, self._words, self._digits = table, (high, low), digits
        self._ends = (0.0, 1.0)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        canvas.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 2 * ENDS + 120)

    def show_ends(self, low: float, high: float) -> None:
        """The values at the ends."""
        self._ends = (low, high)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        size, dpr = self.size(), self.devicePixelRatioF()
        painter.drawPixmap(0, 0, scale_plate(size, dpr, self._table, *self._words, "base"))
        low, high = (number(end, self._digits) for end in self._ends)
        draw_numbers(painter, size, high, low)

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent):
            place_beside(self, event.size())
        return False


def place_beside(scale: QWidget, room: QSize) -> None:
    """Put a scale right of the fitted picture, in the middle of a canvas's height."""
    hint = scale.sizeHint()
    height = min(hint.height(), room.height() - 6)
    beside = (room.width() + min(room.width(), room.height())) // 2 + 14
    left = min(room.width() - hint.width() - 2, beside)
    scale.setGeometry(left, (room.height() - height) // 2, hint.width(), height)
