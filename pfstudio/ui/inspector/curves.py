"""Time and difficulty of one patch over the run, drawn by ourselves; a click goes to the call."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from pfstudio.core.events import Floats
from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.player.player import Player
from pfstudio.ui.stage.colours import limits_of
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.widgets.plot import Plot, draw_caption

EMPTY = QT_TR_NOOP("Time and difficulty of one patch")
_LABELS = 62  # least logical pixels at the right for the curves' names
_POINTS = 120  # about as many as fit side by side; longer runs are thinned out


class PatchCurves(Plot, QWidget):
    """t runs from 0 to 1; difficulty (log sigma^2) fills the height with its own range."""

    def __init__(self, run: RunModel, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run, self.player = run, player
        self._pointer: int | None = None  # call under the pointer
        widest = QFontMetrics(font("tiny")).horizontalAdvance(tr("difficulty"))
        self._labels = max(_LABELS, widest + 4)
        self.set_up(tr("Time and difficulty of the patch over the run"), 92)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        for signal in (run.run_changed, run.slow_refresh, run.patch_changed, run.image_changed):
            signal.connect(self._changed)

    def _changed(self) -> None:
        self.setAccessibleDescription(self.run.sentence())
        self.update()

    def _area(self) -> QRectF:
        return QRectF(10, 12, max(self.width() - 20 - self._labels, 10), self.height() - 24)

    def _x(self, call: float) -> float:
        area = self._area()
        return area.x() + area.width() * call / max(self.run.shown.expected - 1, 1)

    # -- painting -----------------------------------------------------------------------------

    def words(self) -> str:
        return "" if self.run.done else tr(EMPTY)

    def draw(self, painter: QPainter) -> None:
        t, run = tokens(), self.run
        time = run.shown.curve("time", run.image, run.patch)
        difficulty = run.shown.curve("difficulty", run.image, run.patch)
        self._draw_play_head(painter)
        labels = []
        if np.isfinite(difficulty).any():
            limits = limits_of(difficulty)
            y = self._draw_curve(painter, difficulty, limits, t.curve_difficulty)
            labels.append((y, tr("difficulty"), t.curve_difficulty))
        y = self._draw_curve(painter, time, (0.0, 1.0), t.curve_time)
        labels.append((y, "t", t.curve_time))
        self._draw_labels(painter, sorted(labels))
        self._draw_read_out(painter, time, difficulty)

    def _draw_play_head(self, painter: QPainter) -> None:
        area = self._area()
        x = self._x(self.run.call)
        painter.setPen(QPen(QColor(tokens().play_head), 1))
        painter.drawLine(QPointF(x, area.y() - 5), QPointF(x, area.bottom() + 5))

    def _draw_curve(
        self, painter: QPainter, values: Floats, limits: tuple[float, float], colour: str
    ) -> float:
        """Draw a curve and a dot under the time cursor; returns the height of its last point."""
        area = self._area()
        ys = area.bottom() - area.height() * (values - limits[0]) / (limits[1] - limits[0])
        calls = np.append(np.arange(0, len(ys), max(1, len(ys) // _POINTS)), len(ys) - 1)
        calls = calls[np.isfinite(ys[calls])]
        xs = area.x() + area.width() * calls / max(self.run.shown.expected - 1, 1)
        points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys[calls].tolist(), strict=True)]
        painter.setPen(QPen(QColor(colour), 1))
        line = QPolygonF(points)
        painter.drawPolyline(line)  # two thin lines cost a fiftieth of a thick one
        painter.drawPolyline(line.translated(0, 0.8))
        y = float(ys[min(self.run.call, len(ys) - 1)])
        if np.isfinite(y):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QPointF(self._x(self.run.call), y), 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        return points[-1].y() if points else area.bottom()

    def _draw_labels(self, painter: QPainter, labels: list[tuple[float, str, str]]) -> None:
        painter.setFont(font("tiny"))
        left = self._area().right() + 8
        before = -99.0
        for y, text, colour in labels:
            y = min(max(y, before + 14, 12), self.height() - 12 - 14 * (text != labels[-1][1]))
            painter.setPen(QColor(colour))
            place = QRectF(left, y - 8, self._labels, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
            before = y

    def _draw_read_out(self, painter: QPainter, time: Floats, difficulty: Floats) -> None:
        call = self._pointer
        if call is None or call >= len(time):
            return
        text = tr(
            "call {call}   t {time:.3f}   log σ² {difficulty}",
            call=call + 1,
            time=time[call],
            difficulty=number(float(difficulty[call])),
        )
        draw_caption(painter, QPointF(self.width() - 4, 24), text, right=True)

    # -- pointer ------------------------------------------------------------------------------

    def _call_at(self, x: float) -> int | None:
        if self.run.data is None or not self.run.done:
            return None
        area = self._area()
        share = (x - area.x()) / area.width()
        call = round(share * max(self.run.shown.expected - 1, 1))
        return min(max(call, 0), self.run.done - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        call = self._call_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and call is not None:
            self.player.go(call)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = self._call_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton and self._pointer is not None:
            self.player.go(self._pointer)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()
