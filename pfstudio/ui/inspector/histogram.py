"""The difficulties of all patches in a call, with the threshold between easy and hard."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.ui.stage.colours import limits_of
from pfstudio.ui.stage.views import number
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.widgets.paint import box

BINS = 15
_FOOT = 21  # logical pixels for the numbers below


class DifficultyHistogram(QWidget):
    """Bars of log sigma^2; the bar of the patch under the cursor stands out."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.setFixedHeight(98)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Difficulties of all patches in this call")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        for signal in (run.run_changed, run.slow_refresh, run.patch_changed, run.image_changed):
            signal.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, 98)

    def _area(self) -> QRectF:
        return QRectF(10, 18, self.width() - 20, self.height() - 18 - _FOOT)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(t.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), t.card, t.border, t.radius)
        run = self.run
        if run.data is None or not run.done:
            self._say(painter, "Difficulties of all patches")
            return
        values = run.data.log_difficulty(run.call, run.image)
        if not np.isfinite(values).all():
            self._say(painter, "This model predicts no difficulty.")
            return
        limits = limits_of(values)
        self._draw_bars(painter, values, limits)
        self._draw_threshold(painter, limits)
        self._draw_limits(painter, limits)

    def _say(self, painter: QPainter, words: str) -> None:
        painter.setPen(QColor(tokens().muted))
        painter.setFont(font("small"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)

    def _draw_bars(
        self, painter: QPainter, values: np.ndarray, limits: tuple[float, float]
    ) -> None:
        t, area = tokens(), self._area()
        bins = (
            ((values - limits[0]) * (BINS / (limits[1] - limits[0]))).astype(int).clip(0, BINS - 1)
        )
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

    def _draw_threshold(self, painter: QPainter, limits: tuple[float, float]) -> None:
        run, t, area = self.run, tokens(), self._area()
        threshold = run.data.threshold(run.call, run.image)
        if threshold is None:
            return
        share = min(max((threshold - limits[0]) / (limits[1] - limits[0]), 0.0), 1.0)
        x = area.x() + area.width() * share
        pen = QPen(QColor(t.text), 1.2)
        pen.setDashPattern([2.5, 2.5])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 5), QPointF(x, area.bottom()))
        painter.setFont(font("tiny"))
        painter.setPen(QColor(t.muted))
        text = f"p = {run.data.request.sampler.easy_share:.2f}"
        width = painter.fontMetrics().horizontalAdvance(text)
        left = x + 5 if x + 5 + width < self.width() - 6 else x - 5 - width
        painter.drawText(QRectF(left, 3, width + 2, 14), Qt.AlignmentFlag.AlignVCenter, text)

    def _draw_limits(self, painter: QPainter, limits: tuple[float, float]) -> None:
        area = self._area()
        place = QRectF(area.x(), area.bottom() + 2, area.width(), _FOOT - 4)
        painter.setFont(font("tiny"))
        painter.setPen(QColor(tokens().muted))
        middle, side = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag
        painter.drawText(place, middle | side.AlignLeft, f"easy {number(limits[0])}")
        painter.drawText(place, middle | side.AlignRight, f"{number(limits[1])} hard")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
