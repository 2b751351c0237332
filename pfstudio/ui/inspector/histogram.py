"""The difficulties of all patches in a call, with the threshold between easy and hard."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from pfstudio.core.events import Floats
from pfstudio.ui.language import number, tr
from pfstudio.ui.stage.colours import limits_of
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.widgets.paint import MIDDLE, box, write
from pfstudio.ui.widgets.plot import Plot, draw_foot

BINS = 15
_FOOT = 21  # logical pixels for the numbers below


class DifficultyHistogram(Plot, QWidget):
    """Bars of log sigma^2; the bar of the patch under the cursor stands out."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.set_up(tr("Difficulties of all patches in this call"), 98)
        for signal in (run.run_changed, run.slow_refresh, run.patch_changed, run.image_changed):
            signal.connect(self.update)

    def _area(self) -> QRectF:
        return QRectF(10, 18, self.width() - 20, self.height() - 18 - _FOOT)

    def _values(self) -> Floats | None:
        """(n,m) log sigma^2; None where it is not known."""
        run = self.run
        values = run.data.log_difficulty(run.call, run.image) if run.data and run.done else None
        return values if values is not None and np.isfinite(values).all() else None

    def words(self) -> str:
        if not self.run.done:
            return tr("Difficulties of all patches")
        if self._values() is not None:
            return ""
        if self.run.data is not None and self.run.data.has_difficulty():
            return tr("The difficulty in this call is not known.")
        return tr("This model predicts no difficulty.")

    def draw(self, painter: QPainter) -> None:
        values, area = self._values(), self._area()
        assert values is not None
        low, high = limits_of(values)
        self._draw_bars(painter, (values - low) / (high - low))
        self._draw_threshold(painter, low, high)
        foot = QRectF(area.x(), area.bottom() + 2, area.width(), _FOOT - 4)
        draw_foot(
            painter, foot, tr("easy {low}", low=number(low)), tr("{high} hard", high=number(high))
        )

    def _draw_bars(self, painter: QPainter, shares: Floats) -> None:
        t, area = tokens(), self._area()
        bins = (shares * BINS).astype(int).clip(0, BINS - 1)
        counts = np.bincount(bins.ravel(), minlength=BINS).tolist()
        width, unit = area.width() / BINS, area.height() / max(counts)
        bars = []
        for i, count in enumerate(counts):
            height = max(unit * count, 1.5 if count else 0)
            bars.append(QRectF(area.x() + i * width, area.bottom() - height, width - 1.5, height))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.bars))
        painter.drawRects(bars)
        mine = bars[int(bins[self.run.patch])]
        box(painter, mine.adjusted(-1, -1, 1, 1), "", t.text, 1, 1.5)

    def _draw_threshold(self, painter: QPainter, low: float, high: float) -> None:
        run, t, area = self.run, tokens(), self._area()
        threshold = run.shown.threshold(run.call, run.image)
        if threshold is None:
            return
        share = min(max((threshold - low) / (high - low), 0.0), 1.0)
        x = area.x() + area.width() * share
        pen = QPen(QColor(t.text), 1.2)
        pen.setDashPattern([2.5, 2.5])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 5), QPointF(x, area.bottom()))
        painter.setFont(font("tiny"))
        sampler: Any = run.shown.request.sampler  # one that has a threshold
        text = f"p = {number(sampler.easy_share)}"
        width = painter.fontMetrics().horizontalAdvance(text)
        left = x + 5 if x + 5 + width < self.width() - 6 else x - 5 - width
        write(painter, QRectF(left, 3, width + 2, 14), text, "tiny", align=MIDDLE)
