"""The list of files on a page: which ones, how far each is, and which one is looked at.

Nothing here takes longer for a longer list, except what is done to every file of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from operator import attrgetter
from pathlib import Path
from time import monotonic
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from pfstudio.core.errors import PfstudioError
from pfstudio.ui.files.background import Background
from pfstudio.ui.files.find import thumbnail
from pfstudio.ui.language import QT_TR_NOOP, tr


class FileState(StrEnum):
    """Where a file is; the value is the word shown."""

    NEW = ""  # nothing was asked for it
    WAITING = QT_TR_NOOP("waiting")
    RUNNING = QT_TR_NOOP("running")
    DONE = QT_TR_NOOP("done")
    FAILED = QT_TR_NOOP("failed")
    CANCELLED = QT_TR_NOOP("cancelled")


Thumbnail = tuple[QImage | None, tuple[int, int]]  # and the size of the whole picture
AT_ONCE, MOMENT = 16, 0.05  # thumbnails, and seconds that reading them may take
OPEN = (FileState.WAITING, FileState.RUNNING)


@dataclass(eq=False)
class FileItem:
    """One file of the list."""

    number: int  # grows down the list
    path: Path
    state: FileState = FileState.NEW
    words: str = ""  # instead of the state's own word: progress, seconds, or why it failed
    size: tuple[int, int] = (0, 0)  # width, height; 0 until known
    thumbnail: QImage | None = None
    recipe: Hashable = None  # what its result was made with; None: there is no result
    known: Any = None  # what its page keeps of it

    @property
    def line(self) -> str:
        """The second line of its row."""
        size = f"{self.size[0]} × {self.size[1]}" if self.size[0] else ""
        return " · ".join(part for part in (size, self.words or tr(self.state.value)) if part)


ITEM_ROLE = Qt.ItemDataRole.UserRole
ModelIndex = QModelIndex | QPersistentModelIndex


class FileListModel(QAbstractListModel):
    """Files in the order they came. Thumbnails appear when they are ready, those in view first."""

    chosen_changed = Signal()
    changed = Signal()  # something was added, removed or has another state

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("thumbnails", self)
        self._numbers = 0
        self._by_path: dict[Path, FileItem] = {}
        self._counts: dict[tuple[FileState, Hashable], list[int]] = {}  # files and their pixels
        self._unread: dict[FileItem, None] = {}  # without a thumbnail yet
        self._reading: list[FileItem] = []
        self.items: list[FileItem] = []
        self.chosen: FileItem | None = None  # the one that is looked at
        self.in_view = range(0)  # rows, as the view tells

    # -- for views --------------------------------------------------------------------------------

    def rowCount(self, parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
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
        """Where an item of the list stands."""
        return bisect_left(self.items, item.number, key=lambda other: other.number)

    # -- for pages --------------------------------------------------------------------------------

    def add(self, paths: Iterable[Path], state: FileState = FileState.NEW) -> list[FileItem]:
        """Put files at the end, and return them; one that is in the list is not taken twice."""
        fresh = []
        for path in dict.fromkeys(paths):
            if path not in self._by_path:
                self._numbers += 1
                fresh.append(FileItem(self._numbers, path, state))
        if not fresh:
            return []
        first = len(self.items)
        self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
        self.items += fresh
        self._by_path.update((item.path, item) for item in fresh)
        self.endInsertRows()
        self._count(fresh, 1)
        self._unread.update(dict.fromkeys(fresh))
        self._read_next()
        if self.chosen is None:
            self.choose(fresh[0])
        self.changed.emit()
        return fresh

    def at(self, path: Path) -> FileItem | None:
        """The file of a path, if it is in the list."""
        return self._by_path.get(path)

    def holds(self, item: FileItem) -> bool:
        """Whether a file is in the list."""
        return self._by_path.get(item.path) is item

    def set_state(self, item: FileItem, state: FileState, words: str = "") -> None:
        """Tell how far a file is, also one that was taken out meanwhile."""
        self.set_states([item], state, words)

    def set_states(self, items: Collection[FileItem], state: FileState, words: str = "") -> None:
        """Tell it of many files at once."""
        others = [item for item in items if (item.state, item.words) != (state, words)]
        changed = any(item.state is not state for item in others)
        with self._counted_anew(others) as listed:
            for item in others:
                item.state, item.words = state, words
        self._show(listed)
        if changed:
            self.changed.emit()

    def set_recipe(self, item: FileItem, recipe: Hashable) -> None:
        """Tell what the result of a file was made with; None: it has no result."""
        with self._counted_anew([item]):
            item.recipe = recipe

    def remove(self, items: Collection[FileItem]) -> None:
        """Take files out; if one of them was looked at, its neighbour is."""
        gone = {item for item in items if self.holds(item)}
        if not gone:
            return
        near = self.row_of(self.chosen) if self.chosen in gone else -1
        if len(gone) == 1:
            row = self.row_of(next(iter(gone)))
            self.beginRemoveRows(QModelIndex(), row, row)
            self.items.pop(row)
            self._forget(gone)
            self.endRemoveRows()
        else:
            self.beginResetModel()
            near -= sum(self.row_of(item) < near for item in gone)
            self.items = [item for item in self.items if item not in gone]
            self._forget(gone)
            self.endResetModel()
        if self.chosen in gone:
            near = min(near, len(self.items) - 1)
            self.choose(self.items[near] if self.items else None)
        self.changed.emit()

    def _forget(self, gone: Collection[FileItem]) -> None:
        self._count(gone, -1)
        for item in gone:
            del self._by_path[item.path]
            self._unread.pop(item, None)

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
        return sum(files for (state, _), (files, _) in self._counts.items() if state in states)

    def due(self, recipe: Hashable) -> tuple[int, int]:
        """How many files are idle without a result of this recipe, and how many pixels they have.

        Pixels are those of the files whose size is known.
        """
        counts = [
            count for (state, made_with), count in self._counts.items()
            if state not in OPEN and made_with != recipe
        ]  # fmt: skip
        return sum(files for files, _ in counts), sum(pixels for _, pixels in counts)

    def with_result(self) -> int:
        """How many files have a result, whatever it was made with."""
        return sum(files for (_, recipe), (files, _) in self._counts.items() if recipe is not None)

    def close(self) -> None:
        """End what works beside the window."""
        self._background.stop()

    @contextmanager
    def _counted_anew(self, items: Iterable[FileItem]) -> Iterator[list[FileItem]]:
        """For changing what is counted; gives those that are in the list."""
        listed = [item for item in items if self.holds(item)]
        self._count(listed, -1)
        yield listed
        self._count(listed, 1)

    def _count(self, listed: Iterable[FileItem], by: int) -> None:
        for item in listed:
            count = self._counts.setdefault((item.state, item.recipe), [0, 0])
            count[0] += by
            count[1] += by * item.size[0] * item.size[1]
        self._counts = {kind: count for kind, count in self._counts.items() if count[0]}

    def _show(self, listed: Sequence[FileItem]) -> None:
        if listed:
            number = attrgetter("number")
            first, last = min(listed, key=number), max(listed, key=number)
            self.dataChanged.emit(self.index(self.row_of(first)), self.index(self.row_of(last)))

    # -- thumbnails -------------------------------------------------------------------------------

    def _read_next(self) -> None:
        """Ask for a few thumbnails; soon others may be in view."""
        if not self._unread or self._reading:
            return
        seen = [self.items[row] for row in self.in_view if row < len(self.items)]
        wanted = [item for item in seen if item in self._unread]
        self._reading = (wanted or [*islice(self._unread, AT_ONCE)])[:AT_ONCE]
        work = _Thumbnails(tuple(item.path for item in self._reading))
        self._background.ask(work, self._on_thumbnails, self._on_no_thumbnails)

    def _on_thumbnails(self, found: list[Thumbnail]) -> None:
        read, self._reading = self._reading[: len(found)], []
        with self._counted_anew(read) as listed:
            for item, (image, size) in zip(read, found, strict=True):
                item.thumbnail, item.size = image, size
                self._unread.pop(item, None)
        self._show(listed)
        self._read_next()

    def _on_no_thumbnails(self, error: PfstudioError) -> None:
        self._on_thumbnails([(None, (0, 0))] * len(self._reading))


@dataclass(frozen=True)
class _Thumbnails:
    """A job for the background: the first of these files, as many as can be read in a moment."""

    paths: tuple[Path, ...]

    def __call__(self) -> list[Thumbnail]:
        end, found = monotonic() + MOMENT, []
        for path in self.paths:
            found.append(thumbnail(path))
            if monotonic() > end:
                break
        return found
