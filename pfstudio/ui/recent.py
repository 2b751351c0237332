"""The results on disk, newest first, to open one again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from pfstudio.core.errors import InputError
from pfstudio.core.results import SavedResult
from pfstudio.ui import icons
from pfstudio.ui.files.find import thumbnail
from pfstudio.ui.language import tr
from pfstudio.ui.widgets.buttons import PRIMARY, Button
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.labels import heading, label
from pfstudio.ui.widgets.layouts import fill

SHOWN = 60
SIDE = 56


class RecentDialog(Dialog):
    """`chosen(path)` with the trace (or the first picture) of the result that the user opens."""

    chosen = Signal(object)

    def __init__(self, results: list[SavedResult], parent: QWidget | None = None) -> None:
        super().__init__(tr("Open recent"), parent, (560, 560))
        self.setModal(True)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Results, newest first"))
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(2)
        for result in results[:SHOWN]:
            self._add(result)
        self.list.itemActivated.connect(self._open)
        self.open_button = Button(tr("Open"), "open", kind=PRIMARY)
        self.open_button.clicked.connect(self._open_current)
        self.open_button.setEnabled(self.list.count() > 0)
        cancel = Button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.list.setCurrentRow(0)
        nothing = label(tr("Nothing was generated yet."), colour="muted")
        shown = self.list if self.list.count() else nothing
        foot = fill(QHBoxLayout(), (None, 1), cancel, self.open_button, spacing=-1)
        fill(
            QVBoxLayout(self), heading(tr("Open recent")), (shown, 1), foot,
            margins=(18, 16, 18, 16), spacing=12,
        )  # fmt: skip

    def _add(self, result: SavedResult) -> None:
        target = result.trace or next(iter(result.images), None)
        if target is None:
            return
        image = thumbnail(result.images[0])[0] if result.images else None
        item = QListWidgetItem(icons.of_image(image), _words(result))
        item.setData(Qt.ItemDataRole.UserRole, str(target))
        item.setToolTip(str(result.folder))
        self.list.addItem(item)

    def _open_current(self) -> None:
        if self.list.currentItem() is not None:
            self._open(self.list.currentItem())

    def _open(self, item: QListWidgetItem) -> None:
        self.chosen.emit(Path(item.data(Qt.ItemDataRole.UserRole)))
        self.accept()


def _words(result: SavedResult) -> str:
    """Folder names are the date and `time-model-seed`; the request says the rest."""
    day, name = result.folder.parent.name, result.folder.name
    clock = name[:6]
    when = f"{day}  {clock[:2]}:{clock[2:4]}" if clock.isdigit() else day
    try:
        request = result.request()
    except InputError:
        return f"{name}\n{when}"
    text = tr("{model} · {sampler} · seed {seed}")
    if not result.images:
        text = tr("{model} · {sampler} · seed {seed} · stopped")
    what = text.format(
        model=Path(request.model).name,
        sampler=tr(request.sampler.label),
        seed=request.seed,
    )
    return f"{what}\n{when}"
