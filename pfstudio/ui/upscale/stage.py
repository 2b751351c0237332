"""The stage of the Upscale page: before and after, their difference, and where the work went."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pfstudio.core.events import Floats
from pfstudio.core.upscale import UpscaleStep
from pfstudio.ui.files.model import FileState
from pfstudio.ui.files.pair import PairMode, PairView
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.stage.colour_bar import WIDTH, ColourBar
from pfstudio.ui.stage.colours import ColourScale, limits_of
from pfstudio.ui.stage.geometry import ViewTransform
from pfstudio.ui.stage.layers import Layers
from pfstudio.ui.theme import tokens
from pfstudio.ui.upscale.page_model import ShownUpscale, UpscalePageModel, step_words
from pfstudio.ui.upscale.pictures import DIFFERENCE_COLORMAP, Pictures, map_over
from pfstudio.ui.upscale.saving import Result
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.fitting_bar import FittingBar
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.slider import SlimSlider

EMPTY = QT_TR_NOOP("""Drop images or folders here to make them two or four times as large.

Ctrl+V pastes one. Send to Upscale, on the Generate page, brings what was generated.""")
NFE_COLORMAP, DIFFICULTY_COLORMAP = "viridis", "magma"
TIME_SCALE = ColourScale("Blues")
_STEP, _LEAP = 0.02, 0.1  # shares of the picture that a key moves the line


class UpscaleView(StrEnum):
    """How before and after are looked at."""

    WIPE = "wipe"
    SIDE = "side"
    DIFFERENCE = "difference"
    PATCHES = "patches"


class PatchMap(StrEnum):
    """What is known about every patch."""

    NFE = "nfe"
    DIFFICULTY = "difficulty"


VIEWS = {
    UpscaleView.WIPE: (
        QT_TR_NOOP("Wipe"), "compare",
        QT_TR_NOOP("A line between before and after; Left and Right move it"),
    ),
    UpscaleView.SIDE: (QT_TR_NOOP("Side by side"), "side", QT_TR_NOOP("Before and after, linked")),
    UpscaleView.DIFFERENCE: (
        QT_TR_NOOP("Difference"), "difference",
        QT_TR_NOOP("How far the result is from plain enlarging"),
    ),
    UpscaleView.PATCHES: (
        QT_TR_NOOP("Patches"), "patches",
        QT_TR_NOOP("Where the network evaluations went, over the result"),
    ),
}  # fmt: skip
_NEAREST, _BICUBIC = "nearest", "bicubic"


class UpscaleStage(QWidget):
    """Shows what an UpscalePageModel looks at. Zoom and pan are shared by all its views."""

    view_changed = Signal()
    pointed = Signal(int, int)  # pixel of the result under the pointer; (-1, -1): none

    def __init__(self, model: UpscalePageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.view = UpscaleView.WIPE
        self.transform = ViewTransform(self)
        self.pair = PairView(tr("Before"), tr("After"), self.transform, self)
        self.pair.both.margin = (WIDTH + 4, 14)
        self.colour_bar = ColourBar(self.pair.both)
        self.pair.both.add_beside(self.colour_bar)
        self._build_bar()
        fill(QVBoxLayout(self), self.bar, (self.pair, 1))
        self.transform.changed.connect(self._show_zoom)
        for canvas in self.pair.canvases:
            canvas.resized.connect(self._show_zoom)
        self.pair.pointed.connect(self.pointed)
        model.shown_changed.connect(self.refresh)
        model.stepped.connect(self.refresh)
        self.set_view(UpscaleView.WIPE)

    def _build_bar(self) -> None:
        self.bar = FittingBar(self)
        self.views = self.bar.add_choice(VIEWS, self.set_view)
        self.enlarging = ChoiceButton(
            tr("Before, enlarged by"), [(_BICUBIC, tr("bicubic")), (_NEAREST, tr("nearest"))],
            prefix=tr("before"), parent=self.bar,
        )  # fmt: skip
        self.maps = ChoiceButton(
            tr("Map of the patches"),
            [(PatchMap.NFE, tr("NFE spent")), (PatchMap.DIFFICULTY, tr("difficulty"))],
            parent=self.bar,
        )
        self.opacity = SlimSlider(tr("Opacity of the map"), 0, 100, self.bar)
        self.opacity.setValue(60)
        self.zoom = label("", "small", "muted")
        self.fit = IconButton("fit", tr("Show the whole image (0)"), parent=self.bar)
        row = self.bar.row
        row.addSpacing(8)
        for part in (self.enlarging, self.maps):
            row.addWidget(part)
        row.addWidget(self.opacity, 1)
        row.addStretch(1)
        row.addWidget(self.zoom)
        row.addWidget(self.fit)
        self.enlarging.chosen.connect(self.refresh)
        self.maps.chosen.connect(self.refresh)
        self.opacity.valueChanged.connect(self._set_opacity)
        self.fit.clicked.connect(self.transform.fit)

    # -- choices ------------------------------------------------------------------------------

    def set_view(self, view: str) -> None:
        """Wipe, side by side, difference or patches."""
        self.view = UpscaleView(view)
        self.views[self.view].setChecked(True)
        self.maps.setVisible(self.view is UpscaleView.PATCHES)
        self.opacity.setVisible(self.view is UpscaleView.PATCHES)
        self.enlarging.setVisible(self.view in (UpscaleView.WIPE, UpscaleView.SIDE))
        self.bar.make_fit()
        self.refresh()
        self.view_changed.emit()

    def set_enlarging(self, key: str) -> None:
        """Show the picture before as squares ("nearest") or smooth ("bicubic")."""
        self.enlarging.set_key(key)
        self.refresh()

    def toggle_enlarging(self) -> None:
        """From nearest to bicubic and back."""
        self.set_enlarging(_NEAREST if self.enlarging.key() == _BICUBIC else _BICUBIC)

    @Slot(int)
    def _set_opacity(self, _: int) -> None:
        if self.view is UpscaleView.PATCHES:
            self.pair.set_opacity(self.opacity.value() / 100)

    # -- content ------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show what the model looks at."""
        shown = self._model.shown
        self.colour_bar.hide()
        if shown.pictures is None:
            self._show_nothing(shown)
        else:
            for halves in shown.pictures.halves:
                self.pair.renderer.know(halves)
            self.pair.set_messages("", "")
            self.pair.set_size(*shown.pictures.size)
            if shown.item is not None and shown.item.state is FileState.RUNNING:
                self._show_run(shown, shown.pictures)
            elif shown.result is None or shown.pictures.sharp is None:
                self._show_single(self._before(shown.pictures))
                self._head(
                    tr("Image"), tr("{source} · not upscaled yet", source=self._source(shown))
                )
            else:
                self._show_result(shown, shown.pictures, shown.result)
        self._show_zoom()

    def _show_nothing(self, shown: ShownUpscale) -> None:
        self._show_single(Layers())
        words = tr(EMPTY) if shown.item is None else shown.problem or tr("Reading…")
        self.pair.set_messages(words, "")
        self._head(tr("Image") if shown.item else tr("No image"), "")

    def _show_single(self, layers: Layers, above: Layers | None = None) -> None:
        """One picture, with a map over it."""
        self._set_mode(PairMode.OVERLAY)
        self.pair.set_pair(layers, above or Layers())

    def _set_mode(self, mode: PairMode) -> None:
        if self.pair.mode is not mode:
            self.pair.set_mode(mode.value)

    def _before(self, pictures: Pictures) -> Layers:
        if self.enlarging.key() == _NEAREST or pictures.factor == 1:
            return Layers(pictures.near, smooth=pictures.factor == 1)
        return Layers(pictures.smooth)

    def _source(self, shown: ShownUpscale) -> str:
        """Name and size of the picture before."""
        assert shown.item is not None
        assert shown.pictures is not None
        height, width = shown.pictures.before.shape[:2]
        return tr(
            "{name} · {width} × {height} px", name=shown.item.path.name, width=width, height=height
        )

    def _head(self, title: str, words: str, after: str = "") -> None:
        """Words over the canvas; `after` are those of the right half, where there are two."""
        left, right = self.pair.heads
        left.show_words(title, words)
        right.show_words(tr("After"), after)
        right.setVisible(bool(after))

    def _show_run(self, shown: ShownUpscale, pictures: Pictures) -> None:
        """The picture under the map of what is finished."""
        step = shown.step
        size = (pictures.before.shape[0], pictures.before.shape[1])
        self.pair.set_size(*size)
        above = (
            Layers() if step is None else Layers(self._time_map(step.detail, size), smooth=False)
        )
        self.pair.opacity = 0.6
        self._show_single(Layers(pictures.near), above)
        if step is not None:
            self.colour_bar.show_scale(TIME_SCALE, "noise", "finished", name="time")
        words = tr("loading…") if step is None else step_words(step)
        self._head(tr("Upscaling"), f"{self._source(shown)} · {words}")

    def _time_map(self, step: UpscaleStep, size: tuple[int, int]):
        enlarged = (size[0] * 2 ** (step.level + 1), size[1] * 2 ** (step.level + 1))
        return map_over(step.time, TIME_SCALE, enlarged)

    def _show_result(self, shown: ShownUpscale, pictures: Pictures, result: Result) -> None:
        if self.view is UpscaleView.DIFFERENCE and pictures.difference is not None:
            apart = pictures.difference
            self._show_single(Layers(apart.image))
            scale = ColourScale(DIFFERENCE_COLORMAP, (0.0, apart.high))
            self.colour_bar.show_scale(
                scale, tr("equal"), tr("different"), name=tr("the difference"), digits=0
            )
            words = tr("|after − bicubic|, mean {mean:.2f} of 255", mean=apart.mean)
            self._head(tr("Difference"), f"{words} · {self._source(shown)}")
        elif self.view is UpscaleView.PATCHES:
            self._head(tr("Patches"), self._show_patches(pictures, result))
        else:
            self._set_mode(PairMode.WIPE if self.view is UpscaleView.WIPE else PairMode.SIDE)
            self.pair.set_pair(self._before(pictures), Layers(pictures.sharp))
            height, width = pictures.size
            before = tr(
                "{source} · enlarged by {method}",
                source=self._source(shown),
                method=tr(self.enlarging.key()),
            )
            self._head(
                tr("Before"),
                before,
                tr(
                    "{width} × {height} px · {model}",
                    width=width,
                    height=height,
                    model=result.upscaled.model,
                ),
            )

    def _show_patches(self, pictures: Pictures, result: Result) -> str:
        which = PatchMap(self.maps.key())
        values = patch_values(result, which)
        if values is None:
            self._show_single(Layers(pictures.sharp))
            return tr("this model predicts no difficulty")
        nfe = which is PatchMap.NFE
        if nfe:
            scale = ColourScale(NFE_COLORMAP, (0.0, max(1.0, float(values.max()))))
            self.colour_bar.show_scale(
                scale, "NFE", "NFE", name=tr("network evaluations"), digits=0
            )
        else:
            scale = ColourScale(DIFFICULTY_COLORMAP, limits_of(values))
            self.colour_bar.show_scale(scale, "easy", "hard", name="difficulty")
        self.pair.opacity = self.opacity.value() / 100
        above = Layers(map_over(values, scale, pictures.size), smooth=False)
        self._show_single(Layers(pictures.sharp), above)
        what = (
            tr("network evaluations of each patch")
            if nfe
            else tr("log σ² of each patch in the first call")
        )
        return tr(
            "{what} · {columns} × {rows} patches",
            what=what,
            columns=values.shape[1],
            rows=values.shape[0],
        )

    def _show_zoom(self) -> None:
        canvas = next((c for c in self.pair.canvases if c.isVisibleTo(self.pair)), None)
        pictures = self._model.shown.pictures
        if canvas is None or pictures is None:
            self.zoom.setText("")
            return
        self.zoom.setText(f"{100 * canvas.placement().width / canvas.grid[1]:.0f} %")

    # -- keys and paint -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        wipes = self.pair.mode is PairMode.WIPE and event.key() in moves
        if not wipes:
            super().keyPressEvent(event)
            return
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        canvas = self.pair.both
        canvas.set_share(canvas.share + moves[Qt.Key(event.key())] * (_LEAP if far else _STEP))
        canvas.setAccessibleDescription(
            tr("The line is at {share:.0f} %", share=100 * canvas.share)
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(360, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(tokens().base))


def patch_values(result: Result, which: PatchMap) -> Floats | None:
    """Calls or log-difficulty of each patch, (n,m); None where it is not known."""
    if which is PatchMap.NFE:
        return result.upscaled.nfe.astype(np.float32)
    difficulty = result.upscaled.difficulty
    return None if difficulty is None else np.log(np.maximum(difficulty, np.float32(1e-12)))
