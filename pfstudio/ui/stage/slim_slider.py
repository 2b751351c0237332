"""A slider that is only a track and a knob, for tool bars."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import FocusRing, Hover, box, painter_of

_KNOB = 6


class SlimSlider(FocusRing, Hover, QAbstractSlider):
    """A horizontal slider; Up and Down move it, Left and Right stay with the time cursor."""

    def __init__(self, name: str, maximum: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, maximum)
        self.setPageStep(max(1, maximum // 10))
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(180)
        self.valueChanged.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(110, 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(50, 26)

    def _take(self, x: float) -> None:
        share = (x - _KNOB) / max(self.width() - 2 * _KNOB, 1)
        self.setValue(round(share * self.maximum()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._take(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._take(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = self.pageStep()
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1,
                 Qt.Key.Key_PageUp: page, Qt.Key.Key_PageDown: -page}  # fmt: skip
        if event.key() in steps:
            self.setValue(self.value() + steps[Qt.Key(event.key())])
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = painter_of(self)
        middle = self.height() / 2
        span = self.width() - 2 * _KNOB
        x = _KNOB + span * self.value() / max(self.maximum(), 1)
        box(painter, QRectF(0, middle - 2, self.width(), 4), t.track, "", 2)
        box(painter, QRectF(0, middle - 2, x, 4), t.accent, "", 2)
        painter.setPen(QPen(QColor(t.accent), 1) if not t.dark else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.knob))
        side = _KNOB + (1 if self.underMouse() or self.isSliderDown() else 0)
        painter.drawEllipse(QPointF(x, middle), side, side)
        self.draw_ring(painter, 6)
