"""Saving depth maps: which formats, where, and the writing beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.depth import DepthMap
from pfstudio.core.depth_batch import collect
from pfstudio.core.depth_files import FORMATS, DepthExport, write_depth
from pfstudio.core.errors import PfstudioError
from pfstudio.core.image_batch import ImageJob
from pfstudio.core.image_io import read_picture
from pfstudio.core.paths import pictures_folder
from pfstudio.ui.depth.page_model import DepthPageModel
from pfstudio.ui.depth.runs import run_of
from pfstudio.ui.files.background import Background
from pfstudio.ui.files.model import FileItem
from pfstudio.ui.notify import ERROR, GOOD, WARNING, Notice, Notifier
from pfstudio.ui.widgets.buttons import PRIMARY, Button, Switch
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.labels import heading, label
from pfstudio.ui.widgets.layouts import fill

WORDS = {
    "png16": "16-bit PNG, its range in the text",
    "tiff": "TIFF, 32-bit float",
    "exr": "EXR, 32-bit float",
    "npy": "NPY, 32-bit float",
    "ply": "PLY, coloured points in space",
    "colour": "PNG in the colours shown",
    "spread": "NPY of both spreads over members",
    "latents": "safetensors of the members' latents",
}


@dataclass(frozen=True)
class SavedDepth:
    """How writing one file's depth went."""

    paths: tuple[Path, ...] = ()
    error: PfstudioError | None = None


class DepthSaver(QObject):
    """Writes results one after another and says how it went."""

    written = Signal(tuple)  # all paths of an order

    def __init__(self, model: DepthPageModel, notifier: Notifier, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._notifier = model, notifier
        self._background = Background("depth saving", self)
        self.folder = pictures_folder() / "depth"
        self.formats: tuple[str, ...] = ("png16",)

    @property
    def busy(self) -> bool:
        """Whether something is being written."""
        return self._background.busy

    def stop(self) -> None:
        """For closing the window: the file that is being written is finished, the rest is not."""
        self._background.stop()

    def save(self, items: Sequence[FileItem], folder: Path, formats: tuple[str, ...]) -> None:
        """Write the results of these files.

        Raises:
            InputError: one of the pictures is gone.
        """
        self.folder, self.formats = folder, formats
        display = self._model.display.settings
        export = DepthExport(
            formats, display.quantity, display.colormap, clip=display.clip, ends=display.locked
        )
        jobs = {job.source: job for job in collect([item.path for item in items], folder)}
        order = _Order(len(items))
        for item in items:
            result = run_of(item).result
            assert result is not None
            work = partial(write_result, jobs[item.path], result, export)
            self._background.ask(work, partial(self._on_saved, order))

    def _on_saved(self, order: _Order, saved: SavedDepth) -> None:
        order.done.append(saved)
        if len(order.done) < order.total:
            return
        paths = tuple(path for one in order.done for path in one.paths)
        errors = [one.error for one in order.done if one.error is not None]
        if errors:
            sentence = str(errors[0])
            if order.total > 1:
                sentence = f"{len(errors)} of {order.total} were not saved: {errors[0]}"
            details = "\n".join(str(error) for error in errors)
            level = WARNING if paths else ERROR
            self._notifier.post(Notice(level, sentence, errors[0].advice, details))
        if paths:
            name = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
            show = ("Show", partial(_show_folder, paths[0].parent))
            where = f"In {paths[0].parent}."
            self._notifier.post(Notice(GOOD, f"Saved {name}.", where, actions=(show,)))
        self.written.emit(paths)


class _Order:
    """What was asked for at once, and how far it is."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done: list[SavedDepth] = []


def write_result(job: ImageJob, result: DepthMap, export: DepthExport) -> SavedDepth:
    """Write one result; points need the picture, which is read again."""
    try:
        if "ply" in export.formats:
            result = replace(result, picture=read_picture(job.source))
        return SavedDepth(write_depth(job.folder, job.stem, result, export))
    except PfstudioError as error:
        return SavedDepth(error=error)


def _show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


class SaveDialog(QDialog):
    """Formats and folder; `accepted` when there is something to write."""

    def __init__(self, saver: DepthSaver, what: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save depth")
        self.resize(420, 420)
        self.switches: dict[str, Switch] = {}
        for name in FORMATS:
            switch = Switch(WORDS[name], f"…{FORMATS[name]}")
            switch.setChecked(name in saver.formats)
            switch.toggled.connect(self._check)
            self.switches[name] = switch
        self.folder = Field("Folder")
        self.folder.setText(str(saver.folder))
        self.folder.textChanged.connect(self._check)
        self.folder.add_button("folder", "Choose a folder").clicked.connect(self._browse)
        cancel = Button("Cancel")
        cancel.clicked.connect(self.reject)
        self.save = Button("Save", "export", kind=PRIMARY)
        self.save.clicked.connect(self.accept)
        fill(
            QVBoxLayout(self), label(what, "strong"), 4, heading("Formats"),
            *self.switches.values(), 6, heading("Folder"), self.folder, None,
            fill(QHBoxLayout(), None, cancel, self.save, spacing=-1),
            margins=(20, 18, 20, 18), spacing=6,
        )  # fmt: skip
        self._check()

    def formats(self) -> tuple[str, ...]:
        """The formats that are on."""
        return tuple(name for name, switch in self.switches.items() if switch.isChecked())

    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Choose a folder", self.folder.text())
        if name:
            self.folder.setText(name)

    def _check(self) -> None:
        self.save.setEnabled(bool(self.formats()) and bool(self.folder.text().strip()))
