"""Whether the model knows where it errs: three plots and three figures."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.calibration import Calibration
from pfstudio.core.features import CONTEXT_TIME
from pfstudio.ui.features.context_experiment import ContextExperiment
from pfstudio.ui.features.model import FeaturesPageModel, Tab
from pfstudio.ui.language import number, tr
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.labels import Surface, heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import MIDDLE, write
from pfstudio.ui.widgets.plot import Plot
from pfstudio.ui.widgets.scroll import scrolling

HEIGHT = 224


class _Curves(Plot, QWidget):
    """Curves over a common range."""

    def __init__(self, name: str, across: str, up: str) -> None:
        super().__init__()
        self.set_up(name, HEIGHT)
        self._across, self._up = across, up
        self._curves: tuple[tuple[np.ndarray, np.ndarray, str], ...] = ()
        self._missing = ""

    def show_curves(
        self, curves: tuple[tuple[np.ndarray, np.ndarray, str], ...], missing: str = ""
    ) -> None:
        """Show curves (x, y, name of a colour), or say why there are none."""
        self._curves, self._missing = curves, missing
        self.update()

    def words(self) -> str:
        return self._missing

    def draw(self, painter: QPainter) -> None:
        area = QRectF(self.rect()).adjusted(16, 34, -16, -34)
        if not self._curves:
            return
        x_most = max(float(x.max()) for x, _, _ in self._curves) or 1.0
        y_most = max(float(y.max()) for _, y, _ in self._curves) or 1.0
        t = tokens()
        painter.setPen(QPen(QColor(t.border), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y, colour in self._curves:
            points = [
                QPointF(
                    area.x() + a / x_most * area.width(), area.bottom() - b / y_most * area.height()
                )
                for a, b in zip(x, y, strict=True)
            ]
            style = Qt.PenStyle.DashLine if colour == "muted" else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(getattr(t, colour)), 2, style))
            painter.drawPolyline(QPolygonF(points))
        head, foot = area.adjusted(0, -26, 0, 0), area.adjusted(0, area.height() + 6, 0, 28)
        head.setHeight(22)
        _caption(painter, head, self._up, y_most, MIDDLE)
        _caption(painter, foot, self._across, x_most, MIDDLE | Qt.AlignmentFlag.AlignRight)


def _caption(
    painter: QPainter, place: QRectF, words: str, most: float, align: Qt.AlignmentFlag
) -> None:
    """What an axis shows and how far it goes; words give way to the number."""
    metrics, figure = QFontMetricsF(font("tiny")), f" {number(most, '.3g')}"
    room = place.width() - metrics.horizontalAdvance(figure)
    words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
    write(painter, place, words + figure, "tiny", align=align)


class CalibrationView(Surface):
    """Shows the calibration of a FeaturesPageModel."""

    def __init__(self, model: FeaturesPageModel, experiment: ContextExperiment) -> None:
        super().__init__("base")
        self._model, self._experiment = model, experiment
        self.reliability = _Curves(
            tr("Reliability"), tr("predicted variance →"), tr("measured error ↑")
        )
        self.sparsification = _Curves(tr("Sparsification"), tr("share kept →"), tr("mean error ↑"))
        self.context = _Curves(
            tr("More context"), tr("clean patches around →"), tr("variance, error ↑")
        )
        self.figures = label("", "body", wrap=True)
        self.reliability.setAccessibleDescription(tr("Dashed: perfectly calibrated"))
        self.sparsification.setAccessibleDescription(tr("Dashed: the best possible order"))
        self.context.setAccessibleDescription(tr("Dashed: the measured error"))
        columns = [
            fill(QVBoxLayout(), heading(name), plot, label(words, "small", "muted", wrap=True),
                 None, spacing=8)
            for name, plot, words in (
                (tr("Reliability"), self.reliability,
                 tr("Each point is a tenth of the patches. Dashed: perfectly calibrated.")),
                (tr("Sparsification"), self.sparsification,
                 tr("The surest patches are kept first. Dashed: the best possible order.")),
                (tr("More context"), self.context,
                 tr("One patch of four is noisy, at time {time:g}, and sees more and more of the "
                    "others clean. Dashed: the measured error.", time=CONTEXT_TIME)),
            )
        ]  # fmt: skip
        plots = fill(QHBoxLayout(), *((column, 1) for column in columns), spacing=20)
        body = fill(QVBoxLayout(), self.figures, plots, None, margins=(24, 20, 24, 20), spacing=16)
        fill(QVBoxLayout(self), scrolling(body))
        model.found_changed.connect(self.refresh)
        experiment.changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show what is known now."""
        if self._model.tab is not Tab.CALIBRATION:
            return
        found = self._model.calibration()
        if found is None:
            words = self._missing()
            self.figures.setText("")
            for plot in (self.reliability, self.sparsification, self.context):
                plot.show_curves((), words)
            return
        self._show_context()
        order = found.order
        ends = np.array([0.0, max(float(order.bin_spread.max()), 1e-9)])
        self.reliability.show_curves(
            ((ends, ends, "muted"), (order.bin_spread, order.bin_error, "link"))
        )
        self.sparsification.show_curves(
            ((order.coverage, order.oracle, "muted"), (order.coverage, order.risk, "link"))
        )
        self.figures.setText(figures_text(found))

    def _show_context(self) -> None:
        curve = self._experiment.curve
        if curve is None:
            words = tr("Asking the model…") if self._experiment.busy else ""
            if not self._model.takes_context:
                words = tr("{name} has one time for the whole image.", name=self._name())
            self.context.show_curves((), words)
            return
        shares, variance, error = map(np.array, (curve.shares, curve.variance, curve.error))
        self.context.show_curves(((shares, error, "muted"), (shares, variance, "link")))

    def _name(self) -> str:
        model = self._model
        return model.model.card.title if model.model else model.request.model

    def _missing(self) -> str:
        model = self._model
        if model.busy:
            return tr("Asking the model…")
        if not model.files or model.matrix is None:
            return tr("Drop images to see whether the model knows where it errs.")
        name = self._name()
        if model.matrix.difficulty is None:
            return tr("{name} predicts no error. Choose a model with a difficulty head.", name=name)
        return tr("The true velocity of {name} is not known here. Choose a generator.", name=name)


def figures_text(found: Calibration) -> str:
    """The figures in a sentence each."""
    verdict = (
        tr("about right") if 0.8 <= found.ratio <= 1.25
        else tr("overconfident") if found.ratio > 1 else tr("underconfident")
    )  # fmt: skip
    return tr(
        "Rank correlation of variance and error within a time: {within_time:.2f}. "
        "Error / variance: {ratio:.2f}, {verdict}. {patches:,} patches at all times.",
        within_time=found.within_time,
        ratio=found.ratio,
        verdict=verdict,
        patches=found.patches,
    )
