"""The upper part of a page's left side: where files are dropped, and the list of them."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.ui.files.drop_zone import DropZone
from pfstudio.ui.files.list_view import ROW, FileListView
from pfstudio.ui.files.page_model import FilesPageModel
from pfstudio.ui.language import tr
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.labels import heading
from pfstudio.ui.widgets.layouts import fill


class FileListPanel(QWidget):
    """Shows the files of a FilesPageModel."""

    browse_wanted = Signal()

    def __init__(self, model: FilesPageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = model.files
        self.drop = DropZone(tr("Drop images or a folder here"))
        self.drop.browsed.connect(self.browse_wanted)
        self.list = FileListView(model.files, tr("Images"))
        self.list.remove_wanted.connect(model.remove)
        self.clear = IconButton("trash", tr("Clear list"))
        self.clear.clicked.connect(model.clear)
        top = fill(QHBoxLayout(), heading(tr("Images")), None, self.clear, spacing=-1)
        below = fill(QVBoxLayout(), self.drop, (self.list, 1), margins=(0, 0, 6, 0), spacing=8)
        column = fill(QVBoxLayout(self), top, (below, 1), margins=(14, 6, 8, 0), spacing=8)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinAndMaxSize)
        model.files.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Be as high as the rows, so that a short list leaves the room to the settings."""
        rows = len(self._files.items)
        self.clear.setEnabled(rows > 0)
        self.list.setVisible(rows > 0)
        self.list.setMinimumHeight(min(rows, 2) * ROW)
        self.list.setMaximumHeight(rows * ROW + 2)
