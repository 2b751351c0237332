"""The list of files on a page: which ones, how far each is, and which one is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QImage

from pfstudio.ui.files.background import Background
from pfstudio.ui.files.find import thumbnail


class FileState(Enum):
    """Where a file is; the value is the word shown."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass
class FileItem:
    """One file of the list."""

    number: int
    path: Path
    state: FileState = FileState.WAITING
    words: str = ""  # instead of the state's own word: progress, seconds, or why it failed
    size: tuple[int, int] = (0, 0)  # width, height; 0 until known
    thumbnail: QImage | None = None

    @property
    def line(self) -> str:
        """The second line of its row."""
        size = f"{self.size[0]} × {self.size[1]}" if self.size[0] else ""
        return " · ".join(part for part in (size, self.words or self.state.value) if part)


ITEM_ROLE = Qt.ItemDataRole.UserRole


class FileListModel(QAbstractListModel):
    """Files by number. Thumbnails are made in the background and appear when they are ready."""

    chosen_changed = Signal()
    changed = Signal()  # something was added, removed or has another state

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._numbers = 0
        self.items: list[FileItem] = []
        self.chosen: FileItem | None = None  # the one that is looked at

    # -- for views --------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.path.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{item.path.name}, {item.line}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.path}\n{item.line}"
        return None

    def row_of(self, item: FileItem) -> int:
        """Where an item stands."""
        return next(row for row, other in enumerate(self.items) if other is item)

    # -- for pages --------------------------------------------------------------------------------

    def add(self, paths: Iterable[Path]) -> list[FileItem]:
        """Put files at the end; one that is in the list already is not taken twice."""
        known = {item.path for item in self.items}
        fresh = []
        for path in paths:
            if path not in known:
                known.add(path)
                self._numbers += 1
                fresh.append(FileItem(self._numbers, path))
        if not fresh:
            return []
        first = len(self.items)
        self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
        self.items += fresh
        self.endInsertRows()
        for item in fresh:
            self._background.ask(_Thumbnail(item), self._on_thumbnail)
        if self.chosen is None:
            self.choose(fresh[0])
        self.changed.emit()
        return fresh

    def set_state(self, item: FileItem, state: FileState, words: str = "") -> None:
        """Tell how far a file is, also one that was taken out meanwhile."""
        if (state, words) == (item.state, item.words):
            return
        other = state is not item.state
        item.state, item.words = state, words
        self._show(item)
        if other:
            self.changed.emit()

    def remove(self, item: FileItem) -> None:
        """Take a file out; if it was looked at, its neighbour is."""
        row = self.row_of(item)
        self.beginRemoveRows(QModelIndex(), row, row)
        self.items.pop(row)
        self.endRemoveRows()
        if item is self.chosen:
            near = min(row, len(self.items) - 1)
            self.choose(self.items[near] if self.items else None)
        self.changed.emit()

    def choose(self, item: FileItem | None) -> None:
        """Look at a file."""
        if item is not self.chosen:
            self.chosen = item
            self.chosen_changed.emit()

    def step(self, by: int) -> None:
        """Look at another file further down (or up)."""
        if self.items:
            row = self.row_of(self.chosen) + by if self.chosen else 0
            self.choose(self.items[min(max(row, 0), len(self.items) - 1)])

    def count(self, *states: FileState) -> int:
        """How many files are in one of these states."""
        return sum(item.state in states for item in self.items)

    def holds(self, item: FileItem) -> bool:
        """Whether a file is in the list."""
        return any(other is item for other in self.items)

    def _show(self, item: FileItem) -> None:
        if self.holds(item):
            index = self.index(self.row_of(item))
            self.dataChanged.emit(index, index)

    def _on_thumbnail(self, found: tuple[FileItem, QImage | None, tuple[int, int]]) -> None:
        item, image, size = found
        item.thumbnail, item.size = image, size
        self._show(item)


@dataclass(frozen=True)
class _Thumbnail:
    item: FileItem

    def __call__(self) -> tuple[FileItem, QImage | None, tuple[int, int]]:
        return self.item, *thumbnail(self.item.path)
