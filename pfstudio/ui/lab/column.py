"""One sampler's column: what it predicts now, and where its compute went so far."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.core.events import Floats
from pfstudio.core.parameters import parameters_of
from pfstudio.ui.lab.model import LabModel, LabRun, State
from pfstudio.ui.language import QT_TR_NOOP, number, tr, tr_inside
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.geometry import ViewTransform
from pfstudio.ui.stage.layers import Layers, map_image, to_image
from pfstudio.ui.stage.views import place_text
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import FocusRing, box, painter_of

COLORMAP = "viridis"  # of the compute
TITLE = QT_TR_NOOP("Where the compute went")
HEAD, SUB = 44, 24


class ColumnHead(FocusRing, QAbstractButton):
    """Sampler, settings and state; a click shows the run in timeline and inspector."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._words = ""
        self._state = ""
        self._share = 0.0
        self._failed = False

    def sizeHint(self) -> QSize:
        return QSize(150, HEAD)

    def show_run(self, run: LabRun) -> None:
        """Sampler, its settings, and how far it is."""
        sampler = run.request.sampler
        self.setText(tr(run.label))
        self._words = " · ".join(
            f"{tr_inside(about.label)} {_short(getattr(sampler, about.name))}"
            for about in parameters_of(sampler)
            if not about.choices
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
        self.setToolTip(
            run.message
            or tr("{words}. Click to show it in timeline and inspector.", words=self._words)
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
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(font("tiny"))
        painter.setPen(QColor(t.muted))
        words = QFontMetrics(font("tiny")).elidedText(
            self._words, Qt.TextElideMode.ElideRight, width - 20
        )
        painter.drawText(QRectF(10, 23, width - 20, 16), Qt.AlignmentFlag.AlignVCenter, words)
        if self._by_keyboard and self.hasFocus():
            box(painter, QRectF(self.rect()), "", t.focus, 2, 2)


class _SubHead(QWidget):
    """Thin line of words between the two canvases."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = ""
        self.setFixedHeight(SUB)

    def set_words(self, words: str) -> None:
        """What stands at the right end."""
        if words != self._words:
            self._words = words
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.header))
        painter.setFont(font("small"))
        painter.setPen(QColor(t.muted))
        middle = Qt.AlignmentFlag.AlignVCenter
        area = QRectF(10, 0, self.width() - 20, self.height())
        metrics = painter.fontMetrics()
        room = self.width() - 32 - metrics.horizontalAdvance(self._words)
        title = metrics.elidedText(tr(TITLE), Qt.TextElideMode.ElideRight, room)
        painter.drawText(area, middle, title)
        painter.setPen(QColor(t.text))
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, self._words)


class LabColumn(QWidget):
    """Head, prediction and compute map of one run."""

    chosen = Signal(int)  # the head was clicked

    def __init__(
        self, model: LabModel, index: int, view: ViewTransform, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._index = index
        self._spent: Floats | None = None  # (n,m) tokens, as shown
        name = tr(model.runs[index].label)
        self.head = ColumnHead(self)
        self.picture = ImageCanvas(view, tr("Canvas: {name}, prediction", name=name), self)
        self._sub = _SubHead(self)
        self.map = ImageCanvas(view, tr("Canvas: {name}, where the compute went", name=name), self)
        fill(QVBoxLayout(self), self.head, (self.picture, 1), self._sub, (self.map, 1))
        self.head.show_run(self.run)
        self.head.clicked.connect(self._clicked)
        self.map.hovered.connect(self._read)
        for canvas in (self.picture, self.map):
            canvas.patch_clicked.connect(model.set_patch)
            canvas.patch_stepped.connect(self._step_patch)

    @property
    def run(self) -> LabRun:
        """The run of this column."""
        return self._model.runs[self._index]

    def refresh(self, top: float) -> None:
        """Show the run under the cursors; `top` ends the compute maps' common colour range."""
        run, data = self.run, self.run.data
        self.head.show_run(run)
        self.head.setChecked(self._model.selected == self._index)
        call, image = self._model.call_of(run), self._model.image_of(run)
        spent = run.compute(call + 1, image)
        if data is None or spent is None:
            self._show_empty(run)
            return
        self._spent = spent
        found = data.prediction(call, image)
        for canvas in (self.picture, self.map):
            canvas.set_grid(*data.grid)
            canvas.set_message("")
            canvas.set_cursor_patch(self._model.patch)
        self.picture.set_layers(Layers(to_image(found.pixels) if found else None))
        self.map.set_layers(Layers(map=map_image(spent, ColourScale(COLORMAP, (0.0, top)))))
        self._sub.set_words(tr("{spent:,.0f} tokens", spent=spent.sum()))

    def _show_empty(self, run: LabRun) -> None:
        words = {State.WAITING: tr("Waiting"), State.RUNNING: tr("Loading…")}
        self.picture.set_layers(Layers())
        self.map.set_layers(Layers())
        self._spent = None
        self.picture.set_message(
            run.message or words.get(run.state, tr(run.state.value).capitalize())
        )
        self._sub.set_words("")

    def _clicked(self) -> None:
        self.head.setChecked(self._model.selected == self._index)
        self.chosen.emit(self._index)

    def _step_patch(self, rows: int, columns: int) -> None:
        row, column = self._model.patch
        self._model.set_patch(row + rows, column + columns)

    def _read(self, row: int, column: int) -> None:
        text = ""
        if row >= 0 and self._spent is not None:
            text = tr(
                "{place}   {spent:,.0f} tokens",
                place=place_text((row, column)),
                spent=self._spent[row, column],
            )
        self.map.set_read_out(text)


def _short(value: object) -> str:
    return number(value, "g") if isinstance(value, float) else str(value)
