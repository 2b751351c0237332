"""The rows of the Models page: what is on this machine, and what can be had."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QObject, Qt

from pfstudio.core.catalogue import CatalogueEntry
from pfstudio.core.models import InstalledModel
from pfstudio.ui.files.model import ITEM_ROLE, ModelIndex
from pfstudio.ui.language import QT_TR_NOOP, number, tr


class State(Enum):
    """Where a model stands; the value is the word that is shown."""

    SHIPPED = QT_TR_NOOP("Included")
    INSTALLED = QT_TR_NOOP("Installed")
    BROKEN = QT_TR_NOOP("Cannot be used")
    OFFERED = QT_TR_NOOP("Not downloaded")
    PAUSED = QT_TR_NOOP("Paused")
    WAITING = QT_TR_NOOP("Waiting")
    FETCHING = QT_TR_NOOP("Downloading")
    INSTALLING = QT_TR_NOOP("Checking and converting")


HERE = (State.SHIPPED, State.INSTALLED, State.BROKEN)
MOVING = (State.WAITING, State.FETCHING, State.INSTALLING)
TASKS = {
    "generate": QT_TR_NOOP("Generates images"),
    "depth": QT_TR_NOOP("Estimates depth"),
    "upscale": QT_TR_NOOP("Upscales images"),
    "autoencode": QT_TR_NOOP("Turns latents into images"),
    "video": QT_TR_NOOP("Makes videos, from Python only"),
}


@dataclass(frozen=True)
class ModelItem:
    """One row."""

    name: str
    title: str
    state: State
    model: InstalledModel | None = None  # once it can be used
    entry: CatalogueEntry | None = None  # where the catalogue offers it
    folder: Path | None = None  # where it lies
    problem: str = ""  # why it cannot be used
    done: int = 0  # bytes that were fetched
    total: int = 0  # bytes there are to fetch
    speed: float = 0.0  # bytes a second; 0: not known
    error: str = ""  # what ended the last attempt

    @property
    def bytes(self) -> int:
        """Size on disk, or of what would be fetched."""
        return self.model.bytes if self.model else self.total

    @property
    def share(self) -> float:
        """0 to 1: how much of it has been fetched."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def status(self) -> str:
        """Where it stands, in words."""
        if self.error:
            return tr("Failed")
        if self.state in (State.FETCHING, State.PAUSED):
            return f"{tr(self.state.value)} · {100 * self.share:.0f} %"
        return tr(self.state.value)


@dataclass(frozen=True)
class Heading:
    """A line between groups of rows."""

    text: str


Row = ModelItem | Heading


class ModelList(QAbstractListModel):
    """The rows as a list; headings cannot be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def rowCount(self, parent: ModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == ITEM_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title if isinstance(row, ModelItem) else row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if isinstance(row, Heading):
                return row.text
            return ", ".join((row.title, size_text(row.bytes), row.status()))
        return None

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        if isinstance(self.rows[index.row()], Heading):
            return Qt.ItemFlag.NoItemFlags  # the arrow keys pass over it
        return super().flags(index)

    def show_rows(self, rows: list[Row]) -> None:
        """Show these; the view keeps its place where they are the same models as before."""
        if [_key(row) for row in rows] != [_key(row) for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        changed = [n for n, row in enumerate(rows) if row != self.rows[n]]
        self.rows = rows
        for n in changed:
            self.dataChanged.emit(self.index(n), self.index(n))

    def row_of(self, name: str) -> int:
        """The place of a model; -1: it is not there."""
        found = (n for n, r in enumerate(self.rows) if isinstance(r, ModelItem) and r.name == name)
        return next(found, -1)


def _key(row: Row) -> str:
    return row.name if isinstance(row, ModelItem) else f"\0{row.text}"


def size_text(count: int) -> str:
    """A size as people read it: 15 MB, 2.70 GB."""
    if count >= 1e9:
        return f"{number(count / 1e9)} GB"
    if count >= 1e7:
        return f"{count / 1e6:.0f} MB"
    return f"{number(count / 1e6, '.1f')} MB"
