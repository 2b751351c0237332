"""The scan above the stage: whose path is drawn, what colours the patches, and a walk along it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pfstudio.ui.debounce import Debouncer
from pfstudio.ui.language import QT_TR_NOOP, parts_around, tr
from pfstudio.ui.player.player import Player
from pfstudio.ui.recipe.scan import scan_words
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.view_models.scan_data import ScanFigure, ScanLook
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import painter_of
from pfstudio.ui.widgets.slider import SlimSlider

HEIGHT = 36
PER_SECOND = 16.0  # steps of the walk
_NONE = "none"
FIGURES = {
    ScanFigure.DECAY: QT_TR_NOOP("decay"),
    ScanFigure.WRITTEN: QT_TR_NOOP("what is written"),
    ScanFigure.GATE: QT_TR_NOOP("gate"),
    ScanFigure.REACH: QT_TR_NOOP("reach of the patch"),
}


class ScanWalk(QObject):
    """The steps of the shown layer's scan as calls of a player: its cursor is the patch cursor."""

    run_changed = Signal()
    calls_changed = Signal()
    call_changed = Signal(int)

    def __init__(self, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = run
        run.run_changed.connect(self.run_changed)
        run.scan_changed.connect(self._moved)
        run.patch_changed.connect(self._moved)

    def _moved(self) -> None:
        self.call_changed.emit(self.call)

    @property
    def call(self) -> int:
        """The step that comes to the patch cursor, from 0."""
        path = self.run.data.scan.path() if self.run.data else None
        if path is None:
            return 0
        patch = np.ravel_multi_index(self.run.patch, self.run.shown.grid)
        return int(np.flatnonzero(path == patch)[0])

    @property
    def done(self) -> int:
        """Steps of the scan; 0: there is none."""
        path = self.run.data.scan.path() if self.run.data else None
        return 0 if path is None else len(path)

    @property
    def total(self) -> int:
        return max(self.done, 1)

    def set_call(self, call: int) -> None:
        """Move the patch cursor along the path."""
        path = self.run.data.scan.path() if self.run.data else None
        if path is not None:
            patch = int(path[min(max(call, 0), len(path) - 1)])
            self.run.set_patch(*divmod(patch, self.run.shown.grid[1]))

    def words(self) -> tuple[str, str, str]:
        """Where the walk is."""
        text = tr("step {step} of {steps}")
        return parts_around("step", text, step=self.call + 1, steps=self.total)

    def sentence(self) -> str:
        return "".join(self.words())


class ScanLine(QWidget):
    """Follows a run; hidden where its scans are not known."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.walk = ScanWalk(run, self)
        self.player = Player(self.walk, self, per_second=PER_SECOND)
        self.layer = ChoiceButton(tr("Layer of the scan"), [("0", "")], parent=self)
        figures = [(_NONE, tr("path only")), *((f.value, tr(name)) for f, name in FIGURES.items())]
        self.figure = ChoiceButton(tr("What colours the patches"), figures, parent=self)
        self.path = IconButton("path", tr("Show the path of the scan"), parent=self)
        self.path.setCheckable(True)
        self.path.setChecked(True)
        self.play = IconButton("play", tr("Walk along the path"), parent=self)
        self.step = SlimSlider(tr("Step of the scan"), 1, 1, self)
        self.words = label("", "small", "muted")
        fill(
            QHBoxLayout(self), label(tr("Scan"), "small", "muted"), self.layer, self.figure,
            self.path, 8, self.play, (self.step, 1), self.words, (None, 1),
            margins=(12, 4, 8, 4), spacing=4,
        )  # fmt: skip
        self.setFixedHeight(HEIGHT)
        self._debouncer = Debouncer(self)
        self._debouncer.due.connect(self.refresh)
        for signal in (run.run_changed, run.slow_refresh, self.walk.call_changed):
            signal.connect(self._debouncer.ask)
        self.player.changed.connect(self._debouncer.ask)
        self.layer.chosen.connect(self._chosen)
        self.figure.chosen.connect(self._chosen)
        self.path.clicked.connect(self._chosen)
        self.play.clicked.connect(self.player.toggle)
        self.step.valueChanged.connect(self._step_moved)
        self._look = ScanLook()
        self.refresh()

    def refresh(self) -> None:
        """Show the scan of the shown run, and where the walk is."""
        data = self.run.data
        layers = data.scan.layers if data else 0
        self.setVisible(layers > 0)
        if not layers:
            return
        self.run.set_scan_look(self._look)  # of another run, as it was of the one before
        choices = [(str(i), tr("layer {layer}", layer=i + 1)) for i in range(layers)]
        self.layer.set_options(choices)
        self.layer.set_key(str(self.run.shown.scan.layer))
        self.step.blockSignals(True)
        self.step.setRange(1, self.walk.total)
        self.step.setValue(self.walk.call + 1)
        self.step.blockSignals(False)
        self.words.setText(self.walk.sentence())
        scan = scan_words(self.run.shown.scan.scan)
        self.path.setToolTip(tr("Show the path of the scan: {path}", path=scan))
        playing = self.player.playing
        self.play.set_icon("pause" if playing else "play")
        name = tr("Stop the walk") if playing else tr("Walk along the path")
        self.play.setAccessibleName(name)
        self.play.setToolTip(name)

    def _chosen(self) -> None:
        figure = self.figure.key()
        self._look = replace(
            self._look,
            layer=int(self.layer.key()),
            figure=None if figure == _NONE else ScanFigure(figure),
            path=self.path.isChecked(),
        )
        self.run.set_scan_look(self._look)

    def _step_moved(self, step: int) -> None:
        self.player.go(step - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.base))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(t.border))
