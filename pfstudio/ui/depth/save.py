"""Saving depth maps: which formats, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.depth import DepthMap
from pfstudio.core.depth_files import FORMATS, DepthExport, file_paths, write_depth
from pfstudio.core.errors import InputError
from pfstudio.core.files import numbered
from pfstudio.core.image_batch import ImageJob, named
from pfstudio.core.image_io import read_picture
from pfstudio.core.paths import pictures_folder
from pfstudio.ui.depth.detail import CHANGED
from pfstudio.ui.depth.page_model import DepthPageModel
from pfstudio.ui.depth.runs import run_of
from pfstudio.ui.files.model import FileItem
from pfstudio.ui.files.saving import Saver
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.notify import Notifier
from pfstudio.ui.widgets.buttons import PRIMARY, Button, Switch
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.labels import heading, label
from pfstudio.ui.widgets.layouts import fill

WORDS = {
    "png16": QT_TR_NOOP("16-bit PNG, range stored in the file"),
    "tiff": QT_TR_NOOP("TIFF, 32-bit float"),
    "exr": QT_TR_NOOP("EXR, 32-bit float"),
    "npy": QT_TR_NOOP("NPY, 32-bit float"),
    "ply": QT_TR_NOOP("PLY, coloured points in space"),
    "colour": QT_TR_NOOP("PNG in the colours shown"),
    "spread": QT_TR_NOOP("NPY of both ensemble spreads"),
    "mask": QT_TR_NOOP("PNG mask, black where less certain than the line"),
    "latents": QT_TR_NOOP("safetensors of the members' latents"),
}


class DepthSaver(Saver):
    """Writes results as the display shows them; knows the folder and formats of the last time."""

    def __init__(self, model: DepthPageModel, notifier: Notifier, parent: QObject) -> None:
        super().__init__(notifier, parent)
        self._model = model
        self.folder = pictures_folder() / "depth"
        self.formats: tuple[str, ...] = ("png16",)

    def save_items(self, items: Sequence[FileItem], folder: Path, formats: tuple[str, ...]) -> None:
        """Write the results of these files; nothing in the folder is overwritten.

        Raises:
            InputError: formats that do not exist.
        """
        self.folder, self.formats = folder, formats
        display = self._model.display.settings
        export = DepthExport(
            formats, display.quantity, display.colormap, clip=display.clip, ends=display.locked,
            threshold=display.threshold,
        )  # fmt: skip
        jobs = {job.source: job for job in named({item.path: folder for item in items})}
        self.save([partial(_write, jobs[item.path], run_of(item).result, export) for item in items])


def _write(job: ImageJob, result: DepthMap | None, export: DepthExport) -> tuple[Path, ...]:
    """Write one result where no file is yet; points need the picture, which is read again."""
    assert result is not None
    if "ply" not in export.formats:
        return _write_free(job, result, export)
    try:
        picture = read_picture(job.source)
        if picture.shape != result.picture.shape:
            raise InputError(CHANGED)
    except InputError as error:  # the other files need no picture
        others = tuple(name for name in export.formats if name != "ply")
        if not others:
            raise
        _write_free(job, result, replace(export, formats=others))
        why = tr("The points of {name} need the image as it was.", name=job.source.name)
        raise InputError(why, tr("Its other files are saved.")) from error
    return _write_free(job, replace(result, picture=picture), export)


def _write_free(job: ImageJob, result: DepthMap, export: DepthExport) -> tuple[Path, ...]:
    """Write one result under the first name that is free."""
    for stem in numbered(job.stem):
        if not any(path.exists() for path in file_paths(job.folder, stem, export.formats)):
            return write_depth(job.folder, stem, result, export)
    raise AssertionError("names never end")


class SaveDialog(Dialog):
    """Formats and folder; `accepted` when there is something to write."""

    def __init__(self, saver: DepthSaver, what: str, parent: QWidget) -> None:
        super().__init__(tr("Save depth"), parent, (420, 420))
        self.switches: dict[str, Switch] = {}
        for name in FORMATS:
            switch = Switch(tr(WORDS[name]), f"…{FORMATS[name]}")
            switch.setChecked(name in saver.formats)
            switch.toggled.connect(self._check)
            self.switches[name] = switch
        self.folder = Field(tr("Folder"))
        self.folder.setText(str(saver.folder))
        self.folder.textChanged.connect(self._check)
        self.folder.add_button("folder", tr("Choose a folder")).clicked.connect(self._browse)
        cancel = Button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.save = Button(tr("Save"), "export", kind=PRIMARY)
        self.save.clicked.connect(self.accept)
        fill(
            QVBoxLayout(self), label(what, "strong"), 4, heading(tr("Formats")),
            *self.switches.values(), 6, heading(tr("Folder")), self.folder, None,
            fill(QHBoxLayout(), None, cancel, self.save, spacing=-1),
            margins=(20, 18, 20, 18), spacing=6,
        )  # fmt: skip
        self._check()

    def formats(self) -> tuple[str, ...]:
        """The formats that are on."""
        return tuple(name for name, switch in self.switches.items() if switch.isChecked())

    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), self.folder.text())
        if name:
            self.folder.setText(name)

    def _check(self) -> None:
        self.save.setEnabled(bool(self.formats()) and bool(self.folder.text().strip()))
