"""What plots and canvases share: a card with a drawing or words, and small words over pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import MIDDLE, FocusRing, box, painter_of, write

if TYPE_CHECKING:
    _Mixed = QWidget
else:
    _Mixed = object


class Plot(FocusRing, _Mixed):
    """Mixin of a QWidget: call `set_up`, write `draw`, and `words` for when there is nothing."""

    def set_up(self, name: str, height: int) -> None:
        """Name for screen readers, and height in logical pixels."""
        self.setAccessibleName(name)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(240, self.height())

    def words(self) -> str:
        """What to say in place of the drawing; empty where there is one."""
        return ""

    def draw(self, painter: QPainter) -> None:
        """Draw on the card."""
        raise TypeError("Plot is a base class")

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(event.rect(), QColor(t.panel))
        box(painter, QRectF(self.rect()), t.card, t.border, t.radius)
        if words := self.words():
            write(painter, self.rect().adjusted(14, 6, -14, -6), words)
        else:
            self.draw(painter)
        self.draw_ring(painter)


def draw_caption(
    painter: QPainter, place: QPointF, words: str, *, right: bool = False, colour: str = "text"
) -> None:
    """Small words, legible on any picture; `place` is their lower left or `right` corner."""
    t = tokens()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font("tiny"))
    width = painter.fontMetrics().horizontalAdvance(words) + 14
    background = QRectF(place.x() - width * right, place.y() - 20, width, 20)
    painter.setOpacity(0.93)
    box(painter, background, t.card, t.border, 5)
    painter.setOpacity(1)
    write(painter, background, words, "tiny", colour)


def draw_foot(painter: QPainter, place: QRectF, left: str, right: str) -> None:
    """Small words at both ends of a line below a drawing."""
    write(painter, place, left, "tiny", align=MIDDLE)
    write(painter, place, right, "tiny", align=MIDDLE | Qt.AlignmentFlag.AlignRight)
