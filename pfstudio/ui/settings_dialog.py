"""The settings, generated from their declarations; every change is applied and stored at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.execution import MachineSpeed
from pfstudio.core.models import models_folder
from pfstudio.core.paths import config_folder, pictures_folder, state_folder
from pfstudio.ui.context import AppContext
from pfstudio.ui.files.background import Background
from pfstudio.ui.jobs import BUSY
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_sentence
from pfstudio.ui.recipe.form import ParameterForm, choice_word
from pfstudio.ui.theme import font
from pfstudio.ui.widgets.buttons import Button, IconButton
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.labels import Line, heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import scrolling
from pfstudio.ui.widgets.segmented import Segmented

LOOK, COMPUTING, REST = (
    (QT_TR_NOOP("Appearance"), ("theme", "language", "difficulty_colours", "time_colours")),
    (QT_TR_NOOP("Computing"), ("device", "precision", "threads")),
    (
        QT_TR_NOOP("Runs and network"),
        ("preview_share", "word_maps", "scan_maps", "notify_finished", "offline"),
    ),
)
_SOME_HAVE = ("cuda", "mps")


class SettingsDialog(Dialog):
    """Shows the settings; not modal, so that a theme can be judged on the window itself."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(tr("Settings"), parent, (860, 720))
        self._context, self._settings = context, context.settings
        self._background = Background(tr("measuring"), self)
        self.forms = [ParameterForm(10, names) for _, names in (LOOK, COMPUTING, REST)]
        for form in self.forms:
            form.edited.connect(self._edited)
        look, computing, rest = self.forms
        self.measure = Button(tr("Measure this machine"), "fast")
        self.measure.clicked.connect(self._measure)
        self.found = label(
            tr("Auto is timed on this machine when a model first runs."),
            "small",
            "muted",
            wrap=True,
        )
        shortcuts = Button(tr("Keyboard shortcuts…"))
        shortcuts.clicked.connect(context.commands.action("help.shortcuts").trigger)
        left = fill(
            QVBoxLayout(), heading(tr(LOOK[0])), look, 10, Line(), 8, heading(tr(REST[0])), rest,
            None, spacing=8,
        )  # fmt: skip
        right = fill(
            QVBoxLayout(), heading(tr(COMPUTING[0])), computing, self.found, self.measure, 10,
            Line(), 8, heading(tr("Folders")), *_folder_rows(), 10, Line(), 8,
            heading(tr("Keyboard")), shortcuts, 6,
            label(tr("Nothing is ever sent anywhere."), "small", "muted"), None, spacing=8,
        )  # fmt: skip
        columns = fill(QHBoxLayout(), (left, 1), (right, 1), margins=(22, 18, 22, 16), spacing=34)
        close = Button(tr("Close"))
        close.clicked.connect(self.close)
        foot = fill(QHBoxLayout(), None, close, margins=(20, 0, 20, 16), spacing=-1)
        fill(QVBoxLayout(self), (scrolling(columns), 1), foot, spacing=-1)
        self._settings.changed.connect(self.refresh)
        context.jobs.phase_changed.connect(self._show_measurable)
        context.jobs.bridge.ready.connect(self._show_devices)
        self.refresh()
        self._show_measurable()
        self._show_devices()

    @Slot()
    def refresh(self) -> None:
        """Show what is set."""
        for form in self.forms:
            form.show_settings(self._settings.settings)

    @Slot(str, object)
    def _edited(self, name: str, value: object) -> None:
        try:
            self._settings.set(**{name: value})
        except InputError:  # a control cannot leave its range; a stale one shows the value again
            self.refresh()

    @Slot()
    def _show_devices(self) -> None:
        """Devices that this machine has not are grey; the worker knows them, once it is there."""
        runner, devices = self._context.jobs.engine.runner, self.forms[1].control("device")
        assert isinstance(devices, Segmented)
        if runner is not None:
            for kind in _SOME_HAVE:
                there = kind in runner.device_kinds
                devices.set_usable(kind, there, "" if there else tr("This machine has none"))

    # -- the measurement ---------------------------------------------------------------------------

    @Slot()
    def _show_measurable(self) -> None:
        """A run would disturb the measurement, and the measurement the run."""
        running = self._context.jobs.phase in BUSY
        self.measure.setEnabled(not running and not self._background.busy)

    @Slot()
    def _measure(self) -> None:
        self.found.setText(tr("Measuring…"))
        self._background.ask(_measure, self._on_measured, self._on_failed)
        self._show_measurable()

    def _on_measured(self, speed: MachineSpeed) -> None:
        self._say_found(_words(speed))

    def _on_failed(self, error: PfstudioError) -> None:
        self._say_found(tr_sentence(error))

    def _say_found(self, words: str) -> None:
        self.found.setText(words)
        self._show_measurable()
        if self.isHidden():
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._background.busy:  # it is closed once that has ended
            self.hide()
            event.ignore()
            return
        self._background.stop()
        super().closeEvent(event)


def _measure() -> MachineSpeed:
    from pfstudio.engine.measurement import measure_machine  # late: it imports torch

    return measure_machine()


def _words(speed: MachineSpeed) -> str:
    """What was measured, in sentences."""
    auto = speed.auto
    how = [choice_word(auto.device.partition(":")[0]), auto.dtype]
    if auto.device == "cpu":
        how.append(tr("%n threads", "", auto.threads))
    words = [tr("For one image, auto chooses {how}.", how=", ".join(how))]
    if speed.seconds:
        times = [
            tr("{time:.1f} ms in {precision}", time=1000 * seconds, precision=precision)
            for precision, seconds in speed.seconds
        ]
        words.append(
            tr("A call of {model} takes {times} on this processor.",
               model=speed.model, times=", ".join(times))
        )  # fmt: skip
    if speed.busy:
        words.append(tr("Other programs kept it busy: measure again when they are done."))
    return " ".join(words)


def _folder_rows() -> list[QHBoxLayout]:
    folders = {
        tr("Results"): pictures_folder(),
        tr("Models"): models_folder(),
        tr("Settings"): config_folder(),
        tr("Log"): state_folder(),
    }
    widest = max(map(QFontMetrics(font("body")).horizontalAdvance, folders))
    return [_folder_row(name, folder, max(70, widest + 8)) for name, folder in folders.items()]


def _folder_row(name: str, folder: Path, width: int) -> QHBoxLayout:
    title = label(name, colour="muted")
    title.setFixedWidth(width)
    path = label(str(folder).replace(str(Path.home()), "~", 1), "small", wrap=True)
    path.setToolTip(str(folder))
    button = IconButton("folder", tr("Open the folder: {name}", name=name))
    button.clicked.connect(partial(_open, folder))
    return fill(QHBoxLayout(), title, (path, 1), button, spacing=-1)


def _open(folder: Path, _: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
