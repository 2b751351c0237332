"""The dashed field that says where files may be dropped; a click browses."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pfstudio.ui.language import tr
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import FocusRing, painter_of


class DropZone(FocusRing, QAbstractButton):
    """A button; what is dropped on it is taken by the window, as everywhere on the page.

    `set_waiting(True)` lights it up while files hang over the window.
    """

    browsed = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setText(text)
        self.setAccessibleName(tr("{what}, or browse", what=text))
        self.setToolTip(tr("Files, folders, or Ctrl+V"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._waiting = False
        self.clicked.connect(self.browsed)

    def sizeHint(self) -> QSize:
        return QSize(220, 70)

    def set_waiting(self, waiting: bool) -> None:
        """Whether files hang over the window."""
        if waiting != self._waiting:
            self._waiting = waiting
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        lit = self._waiting or self.underMouse()
        pen = QPen(QColor(t.accent if self._waiting else t.link if lit else t.faint), 1.2)
        pen.setDashPattern([3.5, 3])
        painter.setPen(pen)
        painter.setBrush(QColor(t.soft) if self._waiting else Qt.BrushStyle.NoBrush)
        place = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(place, t.radius, t.radius)
        self._draw_lines(painter, place)
        self.draw_ring(painter, t.radius)

    def _draw_lines(self, painter: QPainter, place: QRectF) -> None:
        t = tokens()
        middle = place.center().y()
        for text, role, colour, top in (
            (self.text(), "body", t.muted, middle - 19),
            (tr("or browse…"), "body", t.link, middle),
        ):
            painter.setFont(font(role))
            painter.setPen(QColor(colour))
            line = QRectF(place.x(), top, place.width(), 19)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
