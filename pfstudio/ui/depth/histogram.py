"""The spread of all pixels as bars, with the threshold that can be dragged."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractSlider, QWidget

from pfstudio.core.colour import lookup
from pfstudio.ui.depth.paint import SPREAD_COLORMAP
from pfstudio.ui.language import number, tr
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import box
from pfstudio.ui.widgets.plot import Plot, draw_foot
from pfstudio.ui.widgets.spoken import SpokenValue

Floats = npt.NDArray[np.float32]

BINS = 36
STEPS = 200  # of the threshold by keys
_FOOT = 20


class SpreadHistogram(SpokenValue, Plot, QAbstractSlider):
    """`threshold_chosen(value)` when the user moves the line; Up and Down move it."""

    threshold_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._counts: npt.NDArray[np.int64] | None = None
        self._top = 1.0
        self._threshold = 0.0
        super().__init__(parent)
        self.setRange(0, STEPS)
        self.set_up(tr("Threshold of the spread"), 96)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(tr("Drag the line: pixels above it count as uncertain"))

    def show_spread(self, spread: Floats | None, threshold: float) -> None:
        """Show the values of all pixels and the threshold; None: nothing is known."""
        if spread is None or not float(spread.max()) > 0:
            self._counts = None
        else:
            # The last bar holds the few largest values too: they would squeeze all others.
            self._top = max(float(np.percentile(spread, 99.5)), float(spread.max()) / 20)
            self._counts, _ = np.histogram(np.minimum(spread, self._top), BINS, (0, self._top))
        self.show_threshold(threshold)

    def show_threshold(self, threshold: float) -> None:
        """Move the line, silently."""
        self._threshold = threshold
        self.blockSignals(True)
        self.setValue(round(min(threshold / self._top, 1.0) * STEPS))
        self.blockSignals(False)
        self.setEnabled(self._counts is not None)
        self.update()

    def number(self) -> float:
        return self._threshold

    def text(self) -> str:
        return number(self._threshold, ".3f")

    def limits(self) -> tuple[float, float, float]:
        return 0.0, self._top, self._top / STEPS

    def enter(self, number: float) -> None:
        self.threshold_chosen.emit(min(max(number, 0.0), self._top))

    def _area(self) -> QRectF:
        return QRectF(10, 12, self.width() - 20, self.height() - 12 - _FOOT)

    def words(self) -> str:
        return tr("Spread of all pixels") if self._counts is None else ""

    def draw(self, painter: QPainter) -> None:
        self._draw_bars(painter)
        self._draw_line(painter)

    def _draw_bars(self, painter: QPainter) -> None:
        assert self._counts is not None
        area, colours = self._area(), lookup(SPREAD_COLORMAP)
        width, most = area.width() / BINS, max(int(self._counts.max()), 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for i, count in enumerate(self._counts):
            height = max(area.height() * count / most, 1.5 if count else 0)
            bar = QRectF(area.x() + i * width, area.bottom() - height, width - 1, height)
            painter.fillRect(bar, QColor(*(int(c) for c in colours[round(255 * i / (BINS - 1))])))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _draw_line(self, painter: QPainter) -> None:
        t, area = tokens(), self._area()
        x = area.x() + area.width() * min(self._threshold / self._top, 1.0)
        over = QRectF(x, area.y(), area.right() - x, area.height())
        painter.setOpacity(0.55)
        painter.fillRect(over, QColor(t.card))
        painter.setOpacity(1)
        painter.setPen(QPen(QColor(t.text), 1.6))
        painter.drawLine(QPointF(x, 5), QPointF(x, area.bottom()))
        box(painter, QRectF(x - 4, 3, 8, 8), t.knob, t.text, 4)
        foot = QRectF(area.x(), area.bottom() + 2, area.width(), _FOOT - 4)
        draw_foot(
            painter, foot, tr("0 certain"), tr("uncertain {top}+", top=number(self._top, ".3f"))
        )

    # -- moving the line --------------------------------------------------------------------------

    def _drag_to(self, x: float) -> None:
        area = self._area()
        share = min(max((x - area.x()) / max(area.width(), 1), 0.0), 1.0)
        self.enter(share * self._top)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag_to(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {keys.Key_Up: 1, keys.Key_Down: -1, keys.Key_PageUp: 10, keys.Key_PageDown: -10}
        if event.key() in steps:
            self.enter((self.value() + steps[Qt.Key(event.key())]) / STEPS * self._top)
        else:
            event.ignore()  # Left and Right belong to the flow
