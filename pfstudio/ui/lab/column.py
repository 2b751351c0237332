"""One column of the lab: what its run predicts now, and a map of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.core.events import Floats
from pfstudio.core.parameters import Parameter, parameters_of
from pfstudio.ui.lab.model import LabModel
from pfstudio.ui.lab.run import LabRun, State
from pfstudio.ui.lab.view_bar import map_title
from pfstudio.ui.language import number, tr, tr_inside
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.geometry import ViewTransform
from pfstudio.ui.stage.layers import Layers, map_image, to_image
from pfstudio.ui.stage.views import VIEWS, View, place_text, subtitle, value_text
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import FocusRing, box, painter_of

HEAD = 44
SIDE, WIDTH = 64, 140  # least logical pixels of a canvas and of a column


class ColumnHead(FocusRing, QAbstractButton):
    """Name, settings and state; a click shows the run in timeline and inspector."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._words = ""
        self._figure = ""
        self._state = ""
        self._share = 0.0
        self._failed = False

    def sizeHint(self) -> QSize:
        return QSize(150, HEAD)

    def show_run(self, run: LabRun, figure: str) -> None:
        """Name and settings, how far it is, and what its map says in a few words."""
        self.setText(run.label)
        self._figure = figure
        settings = run.settings
        self._words = " · ".join(
            f"{tr_inside(about.label)} {_short(about, getattr(settings, about.name))}"
            for about in parameters_of(settings)
            if not about.choices
            and (not about.rare or getattr(settings, about.name) != about.default)
        )
        done, expected = (run.data.done, run.data.expected) if run.data else (0, 0)
        running = run.state is State.RUNNING and expected > 0
        self._state = (
            tr("{done} of {expected}", done=done, expected=expected)
            if running
            else tr(run.state.value)
        )
        self._share = done / expected if running else 0.0
        self._failed = run.state is State.FAILED
        self.setAccessibleName(f"{self.text()}, {self._state}")
        self.setAccessibleDescription(self._figure)
        words = " · ".join(part for part in (self.text(), self._words, self._figure) if part)
        self.setToolTip(
            run.message or tr("{words}. Click to show it in timeline and inspector.", words=words)
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.hover if self.underMouse() else t.header))
        width = self.width()
        if self.isChecked():
            painter.fillRect(QRectF(0, self.height() - 2, width, 2), QColor(t.accent))
        if self._share:
            painter.fillRect(QRectF(0, 0, width * self._share, 2), QColor(t.good))
        painter.setFont(font("small"))
        state = QFontMetrics(font("small")).horizontalAdvance(self._state)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setPen(QColor(t.danger if self._failed else t.muted))
        painter.drawText(QRectF(10, 5, width - 20, 18), right, self._state)
        painter.setFont(font("strong"))
        painter.setPen(QColor(t.text))
        name = QRectF(10, 5, width - 30 - state, 18)
        elide = Qt.TextElideMode.ElideRight
        title = painter.fontMetrics().elidedText(self.text(), elide, round(name.width()))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(font("tiny"))
        metrics, below = painter.fontMetrics(), QRectF(10, 23, width - 20, 16)
        figure = metrics.elidedText(self._figure, elide, width - 20)
        painter.drawText(below, right, figure)
        painter.setPen(QColor(t.muted))
        room = width - 30 - metrics.horizontalAdvance(figure)
        words = metrics.elidedText(self._words, elide, room) if room > 30 else ""
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, words)
        if self._by_keyboard and self.hasFocus():
            box(painter, QRectF(self.rect()), "", t.focus, 2, 2)


class LabColumn(QWidget):
    """Head, prediction and map of one run; picture and map side by side where it is low."""

    chosen = Signal(int)  # the head was clicked

    def __init__(
        self, model: LabModel, index: int, view: ViewTransform, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._index = index
        self._values: Floats | None = None  # (n,m) of the map, as shown
        name = model.runs[index].label
        self.head = ColumnHead(self)
        self.picture = ImageCanvas(view, tr("Canvas: {name}, prediction", name=name), self)
        self.map = ImageCanvas(view, "", self)
        self._canvases = fill(
            QBoxLayout(QBoxLayout.Direction.TopToBottom), (self.picture, 1), (self.map, 1)
        )
        fill(QVBoxLayout(self), self.head, (self._canvases, 1))
        self.setMinimumSize(WIDTH, HEAD + SIDE)  # however picture and map lie now
        self.head.show_run(self.run, "")
        self.head.clicked.connect(self._clicked)
        self.map.hovered.connect(self._read)
        for canvas in (self.picture, self.map):
            canvas.setMinimumSize(SIDE, SIDE)
            canvas.patch_clicked.connect(model.set_patch)
            canvas.patch_stepped.connect(self._step_patch)

    @property
    def run(self) -> LabRun:
        """The run of this column."""
        return self._model.runs[self._index]

    def refresh(self, scale: ColourScale) -> None:
        """Show the run under the cursors, its map in the colours that all columns share."""
        run, data, view = self.run, self.run.data, self._model.view
        self.head.setChecked(self._model.selected == self._index)
        self.map.setAccessibleName(tr("Canvas: {name}, {map}", name=run.label, map=map_title(view)))
        self._values = values = self._model.values(run)
        if data is None or values is None:
            self._show_empty(run)
            return
        known, words = bool(np.isfinite(values).any()), self._figure(values)
        self.head.show_run(run, words)
        found = data.prediction(self._model.call_of(run), self._model.image_of(run))
        for canvas, shown in ((self.picture, True), (self.map, known)):
            canvas.set_grid(*data.grid)
            canvas.set_message("" if shown else "–")
            canvas.set_cursor_patch(self._model.patch if shown else None)
        self.picture.set_layers(Layers(to_image(found.pixels) if found else None))
        self.map.set_layers(Layers(map=map_image(values, scale) if known else None))
        self._read()

    def _figure(self, values: Floats) -> str:
        """What the map says in a few words."""
        run, data, view = self.run, self.run.data, self._model.view
        if view is None or data is None:
            return tr("{spent:,.0f} tokens", spent=values.sum())
        if view is View.MASKS or not np.isfinite(values).any():
            return subtitle(data, view, self._model.call_of(run), self._model.image_of(run))
        mean = number(float(np.nanmean(values)), f".{VIEWS[view].digits}f")
        return tr("mean {number}", number=mean)

    def _show_empty(self, run: LabRun) -> None:
        words = {State.WAITING: tr("Waiting"), State.RUNNING: tr("Loading…")}
        self.head.show_run(run, "")
        self._read()
        self.picture.set_layers(Layers())
        self.map.set_layers(Layers())
        self.map.set_message("")
        self.picture.set_message(
            run.message or words.get(run.state, tr(run.state.value).capitalize())
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        low = self.height() - HEAD < self.width()
        directions = QBoxLayout.Direction
        self._canvases.setDirection(directions.LeftToRight if low else directions.TopToBottom)

    def _clicked(self) -> None:
        self.head.setChecked(self._model.selected == self._index)
        self.chosen.emit(self._index)

    def _step_patch(self, rows: int, columns: int) -> None:
        row, column = self._model.patch
        self._model.set_patch(row + rows, column + columns)

    def _read(self) -> None:
        self.map.set_read_out(self._read_out(self.map.hover) if self.map.hover else "")

    def _read_out(self, patch: tuple[int, int]) -> str:
        run, data, view = self.run, self.run.data, self._model.view
        if data is None or self._values is None:
            return ""
        if view is not None:
            call, image = self._model.call_of(run), self._model.image_of(run)
            return value_text(data, view, call, image, patch)
        spent = self._values[patch]
        return tr("{place}   {spent:,.0f} tokens", place=place_text(patch), spent=spent)


def _short(about: Parameter, value: object) -> str:
    if isinstance(value, float):
        return f"{number(100 * value, 'g')} %" if about.percent else number(value, "g")
    return str(value)
