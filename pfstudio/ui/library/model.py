"""What the Library page shows: the items that fit its query, and their thumbnails."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    Qt,
    QTimer,
    QUrl,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage

from pfstudio.core.errors import PfstudioError
from pfstudio.core.library import Kind, Library, LibraryItem, LibraryQuery
from pfstudio.core.result_files import TRACE_NAME
from pfstudio.ui.files.background import Background
from pfstudio.ui.files.find import thumbnail
from pfstudio.ui.files.model import ITEM_ROLE, ModelIndex
from pfstudio.ui.language import QT_TR_NOOP, tr

KEPT = 2000  # thumbnails in memory, about 30 kB each
_AT_ONCE = 12  # thumbnails read in one job
_TYPING_MS = 150
KINDS = {
    Kind.GENERATED: QT_TR_NOOP("Generated"),
    Kind.STOPPED: QT_TR_NOOP("Stopped run"),
    Kind.DEPTH: QT_TR_NOOP("Depth map"),
    Kind.UPSCALED: QT_TR_NOOP("Upscaled"),
    Kind.OTHER: QT_TR_NOOP("Image"),
}


class LibraryModel(QAbstractListModel):
    """Items of a query, newest first. Thumbnails are read for what is in view."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(tr("library thumbnails"), self)
        self._thumbnails: OrderedDict[Path, QImage | None] = OrderedDict()
        self._reading = False
        self.items: list[LibraryItem] = []
        self.in_view = range(0)  # rows, as the view tells

    def rowCount(self, parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return item.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = f"{item.title}, {tr(KINDS[item.kind])}, {item.made:%Y-%m-%d %H:%M}"
            return tr("{item}, starred", item=words) if item.starred else words
        return None

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The files of what is dragged out."""
        data = QMimeData()
        paths = [self.items[index.row()].path for index in indexes]
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return data

    def thumbnail(self, item: LibraryItem) -> QImage | None:
        """The thumbnail of an item, as soon as it has been read."""
        return self._thumbnails.get(item.path)

    def show_items(self, items: list[LibraryItem]) -> None:
        """Show other items."""
        if items != self.items:
            self.beginResetModel()
            self.items = items
            self.endResetModel()

    def replace(self, new: LibraryItem) -> None:
        """An item has another star or note."""
        for row, item in enumerate(self.items):
            if item.path == new.path:
                self.items[row] = new
                self.dataChanged.emit(self.index(row), self.index(row))

    def look_at(self, rows: range) -> None:
        """These rows are in view."""
        self.in_view = rows
        self._read_next()

    def close(self) -> None:
        """End what works beside the window."""
        self._background.stop()

    def _read_next(self) -> None:
        if self._reading:
            return
        seen = (self.items[row].path for row in self.in_view if row < len(self.items))
        wanted = [path for path in seen if path not in self._thumbnails][:_AT_ONCE]
        if wanted:
            self._reading = True
            done = partial(self._on_read, wanted)
            self._background.ask(partial(_thumbnails, wanted), done, lambda error: done([]))

    def _on_read(self, paths: Sequence[Path], images: Sequence[QImage | None]) -> None:
        self._reading = False
        for path, image in zip(paths, images or [None] * len(paths), strict=True):
            self._thumbnails[path] = image
        while len(self._thumbnails) > KEPT:
            self._thumbnails.popitem(last=False)
        if len(self.in_view) and self.items:
            last = min(self.in_view[-1], len(self.items) - 1)
            self.dataChanged.emit(self.index(self.in_view[0]), self.index(last))
        self._read_next()


def _thumbnails(paths: Sequence[Path]) -> list[QImage | None]:
    return [thumbnail(path)[0] if path.name != TRACE_NAME else None for path in paths]


class LibraryPageModel(QObject):
    """Query, items and what is done with them. The index is used by two threads beside the window:
    one brings it in step with the files, one finds and marks."""

    items_changed = Signal()
    scanned = Signal()  # a scan ended
    failed = Signal(object)  # PfstudioError

    def __init__(self, make_library: Callable[[], Library], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = make_library()
        self._scanning = Background(tr("library scan"), self)
        self._finding = Background("library", self)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.refresh)
        self.list = LibraryModel(self)
        self.query = LibraryQuery()
        self.total = 0
        self.models: list[str] = []
        self.samplers: list[str] = []
        self.is_scanning = False

    @property
    def root(self) -> Path:
        """The results folder."""
        return self._library.root

    def set_query(self, **changes: Any) -> None:
        """Show other items, a moment after the last change."""
        query = replace(self.query, **changes)
        if query != self.query:
            self.query = query
            self._typing.start()

    @Slot()
    def refresh(self) -> None:
        """Ask the index again."""
        work = partial(self._find, self.query)
        self._finding.ask(work, self._on_found, self.failed.emit, "find")

    def _find(self, query: LibraryQuery) -> tuple[Any, ...]:
        library = self._library
        choices = (library.choices("model"), library.choices("sampler"))
        return query, library.find(query), len(library), *choices

    def _on_found(self, found: tuple[Any, ...]) -> None:
        query, items, self.total, self.models, self.samplers = found
        if query == self.query:
            self.list.show_items(items)
            self.items_changed.emit()

    @Slot()
    def scan(self) -> None:
        """Look for what has changed on disk; results appear as they are read."""
        self.is_scanning = True
        self._scanning.ask(self._scan, self._on_scanned, self._on_scan_failed, "scan")

    def _scan(self) -> bool:
        def told(read: int) -> bool:
            if read % 500 == 0:
                self._finding.ask(partial(self._find, self.query), self._on_found,
                                  self.failed.emit, "find")  # fmt: skip
            return not self._scanning.stopping

        return self._library.scan(told)

    def _on_scanned(self, changed: bool) -> None:
        self.is_scanning = False
        self.refresh()
        self.scanned.emit()

    def _on_scan_failed(self, error: PfstudioError) -> None:
        self.is_scanning = False
        self.failed.emit(error)

    def mark(self, item: LibraryItem, *, starred: bool, note: str) -> None:
        """Give an item a star and a note."""
        if (item.starred, item.note) != (starred, note):
            work = partial(self._library.mark, item, starred=starred, note=note)
            self._finding.ask(work, self._on_marked, self.failed.emit)

    def _on_marked(self, new: LibraryItem) -> None:
        self.list.replace(new)
        self.items_changed.emit()

    def finish_marks(self) -> None:
        """Wait until stars and notes are written; afterwards their files may move."""
        self._finding.finish()

    def close(self) -> None:
        """End what works beside the window; stars and notes are written first."""
        self._typing.stop()
        self._scanning.stop()
        self.finish_marks()
        self._finding.stop()
        self.list.close()
        self._library.close()
