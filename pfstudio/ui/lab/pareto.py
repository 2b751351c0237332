"""The comparison as a plot: what a column costs, and how far its images are from the reference's.

How good an image is cannot be computed from one image. What can is how much of the reference's
images a column gives for less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pfstudio.core.pareto import pareto_front
from pfstudio.ui.lab.model import LabModel
from pfstudio.ui.lab.run import Cost, Point
from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.recipe.cost import compute_text
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.buttons import RadioGroup
from pfstudio.ui.widgets.paint import MIDDLE, FocusRing, painter_of, write
from pfstudio.ui.widgets.plot import Plot

ABOUT = QT_TR_NOOP(
    "Each point is a column: its cost, and the root mean square difference of its final images to "
    "the reference's, in grey levels. The dashed line joins the columns that none beats in one "
    "without losing in the other. Far from the reference is different, not worse: how good an "
    "image is cannot be told from one image."
)
LOW = 116  # logical pixels, at least
_DOT, _TARGET = 9.0, 24  # logical pixels of what is seen, and of what can be hit
_LEFT, _TOP, _RIGHT, _FOOT = 46, 22, 18, 34
_TICKS = 4  # about so many on an axis


def ticks(most: float) -> list[float]:
    """Round numbers from 0 to at least `most`, about `_TICKS` steps: of 1, 2 or 5 times 10^k."""
    if not most > 0:
        return [0.0, 1.0]
    rough = most / _TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough * (1 - 1e-9))
    return [step * i for i in range(math.ceil(most / step - 1e-9) + 1)]


def cost_text(cost: Cost, value: float) -> str:
    """A price per picture for people, e.g. "12 GFLOP" or "0.42 s"."""
    return compute_text(value / 1e12) if cost is Cost.FLOPS else f"{number(value, '.3g')} s"


class PointButton(FocusRing, QAbstractButton):
    """One column of the plot; a click shows its run in timeline and inspector."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.best = self.hollow = False  # on the front; the reference
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.resize(_TARGET, _TARGET)

    def sizeHint(self) -> QSize:
        return QSize(_TARGET, _TARGET)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        colour = QColor(t.link if self.best else t.muted)
        radius = _DOT / 2 + 1.5 * (self.isChecked() or self.underMouse())
        painter.setPen(QPen(QColor(t.text) if self.isChecked() else colour, 2))
        painter.setBrush(QColor(t.card) if self.hollow else colour)
        painter.drawEllipse(QPointF(_TARGET / 2, _TARGET / 2), radius, radius)
        self.draw_ring(painter, _TARGET / 2)


class ParetoPlot(Plot, QWidget):
    """Cost to the right, difference to the reference upwards; the Pareto front is drawn."""

    def __init__(self, model: LabModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._cost = Cost.FLOPS
        self._reference = ""  # its name
        self._points: list[Point] = []
        self._front: tuple[int, ...] = ()  # places in `_points`
        self.buttons: list[PointButton] = []  # one a point
        self._group = RadioGroup(self)
        self.setAccessibleName(tr("Cost and difference of the columns"))
        self.setAccessibleDescription(tr(ABOUT))
        self.setToolTip(tr(ABOUT))
        self.setMinimumHeight(LOW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._group.buttonClicked.connect(self._clicked)

    def sizeHint(self) -> QSize:
        return QSize(240, 190)

    # -- following the model ------------------------------------------------------------------

    def show_points(self, cost: Cost) -> None:
        """Show what is known now, priced so."""
        self._cost, self._points = cost, self._model.points(cost)
        self._front = pareto_front([(point.cost, point.error) for point in self._points])
        while len(self.buttons) > len(self._points):
            button = self.buttons.pop()
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        while len(self.buttons) < len(self._points):
            button = PointButton(self)
            self._group.add(button)
            self.buttons.append(button)
        for place, (point, button) in enumerate(zip(self._points, self.buttons, strict=True)):
            button.best = place in self._front
            button.hollow = point.column == self._model.reference
            self._reference = point.label if button.hollow else self._reference
            button.setAccessibleName(self._told(point))
            button.setToolTip(self._told(point))
            button.setVisible(not self.words())
        self._check()
        self._place()
        self.update()

    def _check(self) -> None:
        """The point of the run that timeline and inspector show."""
        self._group.setExclusive(False)  # none may be on
        for point, button in zip(self._points, self.buttons, strict=True):
            button.setChecked(point.column == self._model.selected)
        self._group.setExclusive(True)

    def _told(self, point: Point) -> str:
        name, cost = point.label, cost_text(self._cost, point.cost)
        if point.column == self._model.reference:
            return tr("{name}: {cost} per image, the reference", name=name, cost=cost)
        return tr(
            "{name}: {cost} per image, RMSE {error:.2f}", name=name, cost=cost, error=point.error
        )

    def _clicked(self, button: PointButton) -> None:
        self._model.select(self._points[self.buttons.index(button)].column)
        self._check()

    # -- geometry -----------------------------------------------------------------------------

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_FOOT)

    def _axes(self) -> tuple[list[float], list[float]]:
        """The ticks of cost and difference."""
        return (
            ticks(max((point.cost for point in self._points), default=0.0)),
            ticks(max((point.error for point in self._points), default=0.0)),
        )

    def _at(self, cost: float, error: float) -> QPointF:
        (costs, errors), area = self._axes(), self._area()
        x = area.x() + area.width() * cost / costs[-1]
        return QPointF(x, area.bottom() - area.height() * error / errors[-1])

    def _place(self) -> None:
        half = QPointF(_TARGET / 2, _TARGET / 2)
        for point, button in zip(self._points, self.buttons, strict=True):
            button.move((self._at(point.cost, point.error) - half).toPoint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    # -- drawing ------------------------------------------------------------------------------

    def words(self) -> str:
        return "" if len(self._points) > 1 else tr("Two finished columns make a plot.")

    def draw(self, painter: QPainter) -> None:
        self._draw_axes(painter)
        self._draw_front(painter)
        for words, place in self._names():
            write(painter, place, words, "tiny", "text", MIDDLE)

    def _draw_axes(self, painter: QPainter) -> None:
        t, area = tokens(), self._area()
        costs, errors = self._axes()
        middle = Qt.AlignmentFlag.AlignVCenter
        for error in errors:
            y = self._at(0, error).y()
            painter.setPen(QPen(QColor(t.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            side = QRectF(2, y - 7, area.left() - 8, 14)
            write(
                painter,
                side,
                number(error, "g"),
                "tiny",
                align=middle | Qt.AlignmentFlag.AlignRight,
            )
        for cost in costs:
            x = self._at(cost, 0).x()
            painter.setPen(QPen(QColor(t.border), 1))
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
            shown = cost / 1e9 if self._cost is Cost.FLOPS else cost
            below = QRectF(x - 40, area.bottom() + 4, 80, 13)
            write(painter, below, number(shown, "g"), "tiny", align=Qt.AlignmentFlag.AlignCenter)
        foot = QRectF(area.left(), self.height() - 17, area.width(), 14)
        unit = "GFLOP" if self._cost is Cost.FLOPS else "s"
        right = middle | Qt.AlignmentFlag.AlignRight
        write(painter, foot, f"{tr(self._cost.value)} ({unit}) →", "tiny", align=right)
        above = QRectF(10, 4, self.width() - 20, 14)
        words = tr("RMSE to {name}, in grey levels ↑", name=self._reference)
        write(painter, above, words, "tiny", align=MIDDLE)

    def _draw_front(self, painter: QPainter) -> None:
        """As stairs: with what lies on it, everything above and to the right of it can be had."""
        corners: list[QPointF] = []
        for place in self._front:
            here = self._at(self._points[place].cost, self._points[place].error)
            if corners:
                corners.append(QPointF(here.x(), corners[-1].y()))
            corners.append(here)
        painter.setPen(QPen(QColor(tokens().link), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(corners))

    def _names(self) -> Iterator[tuple[str, QRect]]:
        """Names beside their points, where they cover neither each other nor another point."""
        metrics = QFontMetrics(font("tiny"))
        taken = [button.geometry().adjusted(6, 6, -6, -6) for button in self.buttons]
        inside = self.rect().adjusted(_LEFT, _TOP - 6, -6, -_FOOT)
        for point, button in zip(self._points, self.buttons, strict=True):
            dot, width = button.geometry().center(), metrics.horizontalAdvance(point.label) + 2
            for left, top in (
                (dot.x() + 6, dot.y() - 19), (dot.x() - 6 - width, dot.y() - 19),
                (dot.x() - 6 - width, dot.y() + 6), (dot.x() + 6, dot.y() + 6),
                (dot.x() + 9, dot.y() - 7),
            ):  # fmt: skip
                place = QRect(left, top, width, 14)
                if inside.contains(place) and not any(place.intersects(one) for one in taken):
                    taken.append(place)
                    yield point.label, place
                    break
