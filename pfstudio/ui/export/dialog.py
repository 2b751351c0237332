"""The export dialog: what, how, where, and a preview of it."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from pfstudio.core.errors import InputError
from pfstudio.core.paths import pictures_folder, shipped
from pfstudio.core.results import result_stem
from pfstudio.ui.export.model import ExportModel
from pfstudio.ui.export.options import KINDS, Options, PictureOptions
from pfstudio.ui.export.plan import Export, ShownRun
from pfstudio.ui.export.preview import WORDS, ExportPreview, preview_image
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.widgets.buttons import PRIMARY, Button, RadioGroup
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.labels import heading, label, set_colour
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.progress import ThinBar

OPTIONS_WIDTH = 300


class ExportDialog(Dialog):
    """Exports `run` through `model`."""

    def __init__(self, model: ExportModel, run: ShownRun, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export"), parent, (1000, 640))
        self.setModal(True)
        self._model = model
        self._run = run
        self._proposed = Path()  # the name that the user may have changed
        self.kind = ""
        self.kinds: dict[str, Button] = {}
        self.options: dict[str, Options] = {}
        self._stack = QStackedWidget()
        self.preview = ExportPreview()
        self.path = Field(tr("Save as"))
        self._browse = self.path.add_button("folder", tr("Choose folder and name"))
        self.says = label("", "small", "muted")
        self.bar = ThinBar(tr("Progress of the export"), 160)
        self.bar.hide()
        self.cancel = Button(tr("Cancel"))
        self.export = Button(tr("Export"), "export", kind=PRIMARY)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(30)
        self._timer.timeout.connect(self.refresh)
        self._lay_out()
        self._connect()
        self.choose("picture")
        self.path.setFocus()

    def _lay_out(self) -> None:
        kinds = fill(QVBoxLayout(), heading(tr("Export")), spacing=6)
        group = RadioGroup(self)
        for key, (text, icon, make) in KINDS.items():
            button = Button(tr(text), icon, height=34)
            group.add(button)
            kinds.addWidget(button)
            self.kinds[key] = button
            self.options[key] = options = make()
            options.setFixedWidth(OPTIONS_WIDTH)
            options.changed.connect(self._schedule)
            self._stack.addWidget(options)
        group.buttonClicked.connect(self._kind_clicked)
        kinds.addStretch(1)
        pictures = self.options["picture"]
        assert isinstance(pictures, PictureOptions)
        pictures.which.setVisible(self._run.data.images > 1)
        upper = fill(QHBoxLayout(), kinds, self._stack, (self.preview, 1), spacing=16)
        foot = fill(QHBoxLayout(), (self.says, 1), self.bar, self.cancel, self.export, spacing=8)
        fill(QVBoxLayout(self), (upper, 1), self.path, foot, margins=(18, 16, 18, 16), spacing=12)

    def _connect(self) -> None:
        self.cancel.clicked.connect(self.reject)
        self.export.clicked.connect(self.start)
        self.path.textEdited.connect(self._schedule)
        self.path.returnPressed.connect(self.start)
        self._browse.clicked.connect(self._choose_path)
        self._model.busy_changed.connect(self._on_busy)
        self._model.progressed.connect(self._on_progress)
        self._model.written.connect(self.accept)
        self._model.failed.connect(self._on_failed)

    # -- what the user does -------------------------------------------------------------------

    def choose(self, kind: str) -> None:
        """Show the options of a kind of export, and a name that fits."""
        self.kind = kind
        self.kinds[kind].setChecked(True)
        self._stack.setCurrentWidget(self.options[kind])
        self.path.setText(str(self._fitting_path()))
        self.refresh()

    def _kind_clicked(self, button: Button) -> None:
        self.choose(next(key for key, known in self.kinds.items() if known is button))

    def _fitting_path(self) -> Path:
        """The name that was typed, or one beside the saved result of which no file is there yet."""
        typed, suffix = Path(self.path.text()).expanduser(), self.options[self.kind].suffix
        if typed.name and typed.stem != self._proposed.stem:
            return typed.with_suffix(suffix)
        folder = typed.parent if typed.is_absolute() else self._folder()
        stem = f"{result_stem(self._run.data.request)}-{self.kind}"
        numbered = (stem if number == 1 else f"{stem}-{number}" for number in itertools.count(1))
        paths = (folder / f"{name}{suffix}" for name in numbered)
        self._proposed = next(path for path in paths if not self._in_the_way(path))
        return self._proposed

    def _folder(self) -> Path:
        """Where the run lies; for an example of ours, where results go."""
        trace = self._run.trace
        if trace is None or trace.is_relative_to(shipped("resources")):
            return pictures_folder()
        return trace.parent

    def _in_the_way(self, path: Path) -> str:
        """A sentence on the files that an export to this path replaces; "": none."""
        files = self.options[self.kind].files(path, self._run.data)
        count = sum(file.exists() for file in files)
        if count and len(files) > 1:
            return tr("%n files exist and will be replaced.", "", count)
        return tr("This file exists and will be replaced.") if count else ""

    def _schedule(self) -> None:
        self._timer.start()

    @Slot()
    def _choose_path(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save as"), self.path.text())
        if name:
            self.path.setText(name)
            self.refresh()

    def plan(self) -> Export:
        """The export as set.

        Raises:
            InputError: a sentence about what is missing.
        """
        text = self.path.text().strip()
        if not text:
            raise InputError(tr("The file has no name."), tr("Type where to save it."))
        path = Path(text).expanduser()
        return self.options[self.kind].plan(path, self._run.data, self._run.image)

    @Slot()
    def start(self) -> None:
        """Begin the export; the dialog closes when it is written."""
        try:
            self._model.start(self.plan(), self._run)
        except InputError as error:
            self._say(f"{tr_sentence(error)} {tr_sentence(error.advice)}", "danger")

    def reject(self) -> None:
        """Stop what is under way, then close."""
        self._model.stop()
        super().reject()

    # -- what is shown ------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Follow the chosen ending and show what would come out."""
        text, suffix = self.path.text(), self.options[self.kind].suffix
        path = Path(text)
        if path.name and path.suffix.lower() != suffix and not self.path.hasFocus():
            self.path.setText(str(path.with_suffix(suffix)))
        try:
            plan = self.plan()
            title, _, classes = self._model.about(self._run.data.request)
            colours = self._model.colours.all()
            image = preview_image(plan, self._run, colours, title, classes)
        except InputError as error:
            self.preview.show_image(None, f"{tr_sentence(error)} {tr_sentence(error.advice)}")
            self.export.setEnabled(False)
            return
        self.preview.show_image(image, tr(WORDS.get(self.kind, "")))
        self.export.setEnabled(not self._model.busy)
        self._say(self._in_the_way(plan.path), "warn")

    def _say(self, words: str, colour: str) -> None:
        self.says.setText(words)
        set_colour(self.says, colour)

    @Slot()
    def _on_busy(self) -> None:
        busy = self._model.busy
        self.bar.setVisible(busy)
        self.export.setEnabled(not busy)
        self._stack.setEnabled(not busy)
        if not busy:
            self._say("", "muted")

    @Slot(str)
    def _on_failed(self, words: str) -> None:
        self._say(words, "danger")

    @Slot(str, int, int)
    def _on_progress(self, what: str, done: int, total: int) -> None:
        self.bar.show_progress(done, total)
        self._say(tr("{what} {done} of {total}", what=what, done=done, total=total), "muted")
