"""Six ways to write a flow, side by side on one toy: the same noise, the same data."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.core.formulations import FORMULATIONS, MIXTURE, Path, errors
from pfstudio.ui.language import tr
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import MIDDLE, box, painter_of, write
from pfstudio.ui.widgets.plot import Plot, draw_foot
from pfstudio.ui.widgets.scroll import scrolling
from pfstudio.ui.widgets.slider import Slider

POINTS = 260
CALLS = (4, 8, 16, 32, 64)  # that the curves are measured at
_NOISIEST = 4.0  # log(b / a) at the left end of the slider; its negative at the right
_REACH = 2.5  # half of the side that is drawn
_COLOURS = ("#4c9be8", "#e69f00", "#22a884", "#cc79a7", "#d55e00", "#8c7ae6")
_RIGHT = MIDDLE | Qt.AlignmentFlag.AlignRight


class Cloud(QWidget):
    """The points of one way at one moment, before a sample of the data."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self._way, self._colour = FORMULATIONS[place], _COLOURS[place]
        self.path: Path | None = None
        self.data = np.zeros((0, 2))
        self.step = 0
        self.setAccessibleName(self._way.name)
        self.setMinimumSize(150, 170)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(230, 250)

    def show_progress(self, progress: float) -> None:
        """Show the state whose noise is nearest to that of a progress, 0 to 1."""
        if self.path is None:
            return
        a, b = self.path.a.mean(axis=1), self.path.b.mean(axis=1)
        noise = np.log(np.maximum(b, 1e-9) / np.maximum(a, 1e-9))
        wanted = _NOISIEST * (1 - 2 * progress)
        last = len(a) - 1
        ends = {0.0: 0, 1.0: last}
        self.step = ends.get(progress, int(np.abs(noise[:last] - wanted).argmin()))
        self.setAccessibleDescription(tr("Step {step} of {last}", step=self.step, last=last))
        self.update()

    def _dots(self, points: np.ndarray, area: QRectF) -> QPolygonF:
        scale = min(area.width(), area.height()) / (2 * _REACH)
        middle = area.center()
        return QPolygonF([
            QPointF(middle.x() + scale * x, middle.y() - scale * y) for x, y in points
        ])  # fmt: skip

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        box(painter, QRectF(self.rect()), t.card, t.border, t.radius)
        head = QRectF(self.rect()).adjusted(12, 6, -12, 0)
        head.setHeight(20)
        write(painter, head, self._way.name, "strong", "text", MIDDLE)
        foot = QRectF(12, self.height() - 40, self.width() - 24, 18)
        write(painter, foot, f"x = {self._way.state}", "tiny", align=MIDDLE)
        below = foot.translated(0, 17)
        words = tr("learns {network}, {solver}", network=self._way.network, solver=self._way.solver)
        write(painter, below, words, "tiny", align=MIDDLE)
        if self.path is None:
            return
        area = QRectF(self.rect()).adjusted(8, 28, -8, -44)
        painter.setClipRect(area)
        self._draw(painter, self.data, area, t.track, 3.0)
        self._draw(painter, self.path.scaled(self.step), area, self._colour, 3.0)

    def _draw(
        self, painter: QPainter, points: np.ndarray, area: QRectF, colour: str, size: float
    ) -> None:
        pen = QPen(QColor(colour), size)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(self._dots(points, area))


class ErrorCurves(Plot, QWidget):
    """Distance to where many calls end, against the calls; both axes logarithmic."""

    def __init__(self) -> None:
        super().__init__()
        self.set_up(tr("Error against network calls"), 190)
        self.curves: list[tuple[float, ...]] = []

    def draw(self, painter: QPainter) -> None:
        area = QRectF(self.rect()).adjusted(14, 14, -160, -30)
        painter.setPen(QPen(QColor(tokens().border), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        every = [value for curve in self.curves for value in curve] or [1.0]
        low, high = math.log(min(every)), math.log(max(every))
        for place, curve in enumerate(self.curves):
            points = [
                QPointF(
                    area.x() + i / (len(CALLS) - 1) * area.width(),
                    area.bottom() - (math.log(y) - low) / max(high - low, 1e-9) * area.height(),
                )
                for i, y in enumerate(curve)
            ]
            painter.setPen(QPen(QColor(_COLOURS[place]), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(points))
            line = QRectF(area.right() + 14, area.y() + place * 22 - 4, 140, 20)
            left = QPointF(line.left(), line.center().y())
            painter.drawLine(left, left + QPointF(12, 0))
            write(painter, line.adjusted(18, 0, 0, 0), FORMULATIONS[place].name, "tiny", "text",
                  MIDDLE)  # fmt: skip
        foot = QRectF(14, self.height() - 26, self.width() - 174, 18)
        top = tr("error ↑ {low:.2g} to {high:.2g}", low=math.exp(low), high=math.exp(high))
        draw_foot(painter, foot, top, tr("network calls → {most}", most=CALLS[-1]))


class FormulationsView(QWidget):
    """Sliders, six clouds, and their errors."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = Slider(tr("Network calls"), 4, 64, 1, tr("That each way may make"))
        self.progress = Slider(tr("Way"), 0, 1, 0.01, tr("0 is noise, 1 is data"))
        self.again = Button(tr("Other noise"), "dice")
        self.clouds = [Cloud(place) for place in range(len(FORMULATIONS))]
        self.curves = ErrorCurves()
        self._seed = 0
        self._timer = QTimer(self, interval=0)  # a curve a turn: the window stays quick
        self._timer.timeout.connect(self._measure)
        self.calls.set_number(16)
        self.progress.set_number(1)
        self.calls.edited.connect(lambda _: self.solve())
        self.progress.edited.connect(lambda _: self.show_progress())
        self.again.clicked.connect(self._again)
        grid = QGridLayout()
        grid.setSpacing(10)
        for place, cloud in enumerate(self.clouds):
            grid.addWidget(cloud, place // 3, place % 3)
        words = label(
            tr(
                "One distribution, six ways to write its flow. The same noise goes in everywhere. "
                "With enough calls all six clouds end on the data, the first four along one path."
            ),
            "small", "muted", wrap=True,
        )  # fmt: skip
        bar = fill(QHBoxLayout(), (self.calls, 2), (self.progress, 3), self.again, spacing=18)
        pictures = scrolling(fill(QVBoxLayout(), (grid, 1), self.curves, spacing=10))
        fill(QVBoxLayout(self), words, bar, (pictures, 1), spacing=10)
        self.solve()

    @Slot()
    def _again(self) -> None:
        self._seed += 1
        self.curves.curves = []
        self.solve()

    def solve(self) -> None:
        """Take the points from noise to data, with the calls that are chosen."""
        generator = np.random.default_rng(self._seed)
        self._noise = generator.normal(size=(POINTS, 2))
        self._data = MIXTURE.sample(POINTS, generator)
        for cloud, way in zip(self.clouds, FORMULATIONS, strict=True):
            cloud.path = way.solve(MIXTURE, self._noise, self._data, int(self.calls.number()))
            cloud.data = self._data
        self.show_progress()
        self._timer.start()

    def show_progress(self) -> None:
        """Show all clouds at the noise that is chosen."""
        for cloud in self.clouds:
            cloud.show_progress(self.progress.number())

    @Slot()
    def _measure(self) -> None:
        """The next curve that is missing."""
        missing = len(self.curves.curves)
        if missing == len(FORMULATIONS):
            self._timer.stop()
            return
        solve = partial(errors, FORMULATIONS[missing], MIXTURE)
        self.curves.curves.append(solve(self._noise[:80], self._data[:80], CALLS))
        self.curves.update()
