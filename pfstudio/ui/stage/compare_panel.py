"""The compare layout: its choices, and one or two canvases below."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.colour_bar import WIDTH, ColourBar
from pfstudio.ui.stage.compare import (
    CompareMode,
    Difference,
    Moment,
    WipeCanvas,
    difference_of,
)
from pfstudio.ui.stage.head import ViewHead
from pfstudio.ui.stage.layers import Layers, layers_of
from pfstudio.ui.stage.panel import RunPanel, Shared
from pfstudio.ui.stage.views import VIEWS, View, place_text, subtitle, value_text
from pfstudio.ui.view_models.run_data import patch_on
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import SlimSlider

_CALL, _PINNED = "call", "pinned"
_MODES = (
    (CompareMode.WIPE, QT_TR_NOOP("Wipe")),
    (CompareMode.DIFFERENCE, QT_TR_NOOP("Difference")),
    (CompareMode.SIDE, QT_TR_NOOP("Side")),
)


class ComparePanel(RunPanel):
    """The view under the cursors against another call of the run, or against the pinned run."""

    def __init__(self, shared: Shared, parent: QWidget | None = None) -> None:
        super().__init__(shared, parent)
        run, transform = shared.run, shared.transform
        self.view = View.PREDICTION
        self.head = ViewHead(parent=self)
        options = [(mode.value, tr(text)) for mode, text in _MODES]
        self.modes = Segmented(tr("Compare by"), options, room=math.inf, parent=self)
        self.reference = ChoiceButton(
            tr("Compare with"), [(_CALL, tr("another call")), (_PINNED, tr("the pinned run"))],
            prefix=tr("with"), parent=self,
        )  # fmt: skip
        self.other_call = SlimSlider(tr("Call to compare with"), 1, 1, self)
        self.pin = IconButton(
            "bookmark", tr("Pin this run, to compare later ones with it"), parent=self
        )
        self.canvas = WipeCanvas(transform, tr("Canvas: compared"), self)
        self.other_canvas = ImageCanvas(transform, tr("Canvas: compared with"), self)
        self.bar = ColourBar(self.canvas)
        self.canvas.add_beside(self.bar)
        self.modes.set_key(CompareMode.WIPE.value)
        self.modes.setMinimumWidth(206)
        self.modes.setMaximumWidth(230)
        self._arrange()
        self.head.chosen.connect(self._view_chosen)
        self.modes.chosen.connect(self.set_mode)
        self.reference.chosen.connect(self.schedule)
        self.other_call.valueChanged.connect(self.schedule)
        self.pin.clicked.connect(run.pin)
        self._apart: Difference | None = None  # where the difference is shown
        for signal in (self.canvas.hovered, self.canvas.crossed, self.other_canvas.hovered):
            signal.connect(self._read)
        run.patch_changed.connect(self._patch_moved)
        run.calls_changed.connect(self.schedule)
        run.pinned_changed.connect(self._pinned)

    def _arrange(self) -> None:
        bar = QWidget(self)
        fill(
            QHBoxLayout(bar), self.modes, self.reference, (self.other_call, 1), None, self.pin,
            margins=(10, 6, 10, 6), spacing=8,
        )  # fmt: skip
        for canvas in (self.canvas, self.other_canvas):
            canvas.margin = (WIDTH + 4, 5)
        canvases = fill(QHBoxLayout(), (self.canvas, 1), (self.other_canvas, 1), spacing=1)
        fill(QVBoxLayout(self), bar, self.head, (canvases, 1))
        self.other_canvas.hide()
        self.bar.hide()

    # -- choices ------------------------------------------------------------------------------

    def set_mode(self, mode: str) -> None:
        """Wipe, difference or side by side."""
        self.modes.set_key(mode)
        self.other_canvas.setVisible(mode == CompareMode.SIDE.value)
        self.schedule()

    def _view_chosen(self, key: str) -> None:
        self.view = View(key)
        self.schedule()

    def _pinned(self) -> None:
        self.reference.set_key(_PINNED if self.run.pinned else _CALL)
        self.schedule()

    def other(self) -> Moment | None:
        """What the view under the cursors is compared with."""
        run = self.run
        if self.reference.key() == _PINNED:
            if run.pinned is None or run.pinned_call is None:
                return None
            return Moment(run.pinned, run.pinned_call, min(run.image, run.pinned.images - 1))
        if run.data is None or not run.done:
            return None
        return Moment(run.data, min(self.other_call.value(), run.done) - 1, run.image)

    # -- content ------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._show_all()
        self._read()

    def _show_all(self) -> None:
        run, other = self.run, self.other()
        by_call = self.reference.key() == _CALL
        self.other_call.setVisible(by_call)
        call = tr("call {call}", call=self.other_call.value()) if by_call else tr("another call")
        self.reference.set_options([(_CALL, call), (_PINNED, tr("the pinned run"))])
        self.pin.setEnabled(run.done > 0)
        self.canvas.set_other(None)
        self._apart = None
        self.bar.hide()
        if run.data is None or not run.done:
            self._show_nothing(tr("Two moments of a run, or two runs, can be compared here."))
            return
        self.other_call.setMaximum(run.done)
        if other is None:
            self._show_nothing(tr("No run is pinned yet. Pin one, then generate another."))
            return
        run.look_alike(other.data, other.image)
        run.want_reference(other.data, other.call)
        here = Moment(run.data, run.call, run.image)
        for canvas, data in ((self.canvas, run.data), (self.other_canvas, other.data)):
            canvas.set_message("")
            canvas.set_grid(*data.grid)
        self._show_cursor()
        self.canvas.setAccessibleDescription(run.sentence())
        self._show(here, other)

    def _show_nothing(self, why: str) -> None:
        for canvas in (self.canvas, self.other_canvas):
            canvas.set_layers(Layers())
            canvas.set_cursor_patch(None)
        self.canvas.set_message(why)
        self.head.set_words("")

    def _show(self, here: Moment, other: Moment) -> None:
        names = (self._name(here, ""), self._name(other, self.run.pinned_title or tr("pinned")))
        mode = CompareMode(self.modes.key())
        if mode is CompareMode.DIFFERENCE:
            self._show_difference(here, other, names)
            return
        layers = [
            layers_of(m.data, self.view, m.call, m.image, self.colours) for m in (here, other)
        ]
        self.canvas.set_layers(layers[0])
        if mode is CompareMode.WIPE:
            self.canvas.set_other(layers[1], names)
        else:
            self.other_canvas.set_layers(layers[1])
        self._title(f"{names[0]}  |  {names[1]}", here, other)

    def _show_difference(self, here: Moment, other: Moment, names: tuple[str, str]) -> None:
        apart = self._apart = difference_of(self.view, here, other)
        self.canvas.set_layers(apart.layers if apart else Layers())
        if apart is None:
            self.canvas.set_message(tr("These two cannot be subtracted: one of them is not known."))
            self.canvas.set_cursor_patch(None)
            self._title("", here, other)
            return
        self.bar.show_scale(apart.scale, tr("equal"), tr("different"), name=tr("the difference"))
        text = tr("|{here} − {other}|, mean {mean}")
        if self.view is View.ROLE:
            text = tr("|{here} − {other}|, mean {mean} of the patches")
        elif not VIEWS[self.view].is_map:
            text = tr("|{here} − {other}|, mean {mean} of 255")
        text = text.format(here=names[0], other=names[1], mean=number(apart.mean))
        self._title(text, here, other)

    def _title(self, text: str, here: Moment, other: Moment) -> None:
        """Say what is compared; where that is a word, which one."""
        word = ""
        if self.view is View.WORD:
            word = subtitle(here.data, self.view, here.call, here.image)
            if here.data.word is not None and other.data.word is None:
                word = tr("the pinned run has no map of this word")
        self.head.set_words(" · ".join(filter(None, (text, word))))

    def _name(self, moment: Moment, run_name: str) -> str:
        if moment.data is self.run.data:
            return tr("call {call}", call=moment.call + 1)
        return tr("{run_name} · call {call}", run_name=run_name, call=moment.call + 1)

    # -- cursors ------------------------------------------------------------------------------

    def _patch_moved(self) -> None:
        self._show_cursor()
        if self.view is View.REACH:
            self.schedule()

    def _show_cursor(self) -> None:
        for canvas in (self.canvas, self.other_canvas):
            canvas.set_cursor_patch(patch_on(canvas.grid, self.run.patch, self.run.shown.grid))

    def patch_at(self, row: int, column: int) -> tuple[int, int]:
        """The shown run's patch at a patch of the other canvas."""
        return patch_on(self.run.shown.grid, (row, column), self.other_canvas.grid)

    def _read(self) -> None:
        """Tell the values under the pointer."""
        mode, run, other = CompareMode(self.modes.key()), self.run, self.other()
        here = Moment(run.shown, run.call, run.image) if other is not None else None
        if mode is CompareMode.DIFFERENCE:
            self.canvas.set_read_out(self._difference_text())
        else:
            beyond = mode is CompareMode.WIPE and self.canvas.beyond
            self.canvas.set_read_out(self._text(self.canvas, other if beyond else here))
        self.other_canvas.set_read_out(self._text(self.other_canvas, other))

    def _text(self, canvas: ImageCanvas, moment: Moment | None) -> str:
        if canvas.hover is None or moment is None or not moment.data.known(moment.image):
            return ""
        patch = patch_on(moment.data.grid, canvas.hover, canvas.grid)
        return value_text(moment.data, self.view, moment.call, moment.image, patch)

    def _difference_text(self) -> str:
        apart, patch = self._apart, self.canvas.hover
        if apart is None or patch is None:
            return ""
        if not VIEWS[self.view].is_map and self.view is not View.ROLE:
            return place_text(patch)  # a patch of a picture has many values
        value = float(apart.values[patch])
        text = tr("difference {value}", value=number(value, f".{VIEWS[self.view].digits}f"))
        if self.view is View.ROLE:
            text = tr("different") if value else tr("equal")
        return f"{place_text(patch)}   {text}"
