"""The queue as a list: what runs, what waits; order, remove, stop this or all others."""

from __future__ import annotations

from functools import lru_cache, partial

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from pfstudio.core.request_json import Request
from pfstudio.core.tasks import kind_of
from pfstudio.ui import icons
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_sentence
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.buttons import DANGER, Button
from pfstudio.ui.widgets.labels import Line, heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import write
from pfstudio.ui.widgets.popover import Popover

WIDTH, ROW, MOST_ROWS = 400, 46, 7
SETTINGS = Qt.ItemDataRole.UserRole
_NAMELESS = (QT_TR_NOOP("no prompt"), QT_TR_NOOP("unconditional"))
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@lru_cache(1000)
def title_and_settings(request: Request) -> tuple[str, str]:
    """What a request is about, and its settings. Names of classes lie on disk."""
    kind = kind_of(request)
    title = kind.title(request)  # the user's own words, or a name, wherever there is one
    return tr(title) if title in _NAMELESS else title, tr_sentence(kind.settings(request))


class QueueList(QAbstractListModel):
    """The running job, if there is one, and those that wait."""

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.handles: list[JobHandle] = []

    @property
    def first(self) -> int:
        """The row of the first that waits."""
        return sum(handle.running for handle in self.handles[:1])

    def refresh(self) -> None:
        """Follow the queue."""
        running = [self._jobs.running] if self._jobs.running else []
        if (handles := running + self._jobs.waiting) != self.handles:
            self.beginResetModel()
            self.handles = handles
            self.endResetModel()
        else:
            self.dataChanged.emit(self.index(0), self.index(len(handles) - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.handles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        handle = self.handles[index.row()]
        what, how = title_and_settings(handle.request)
        if role == Qt.ItemDataRole.DisplayRole:
            state = tr("running") if handle.running else ""
            idle = handle.restored and handle.job is None  # until somebody lets it run
            state = state or (tr("from the last session") if idle else "")
            state = state or (tr("next") if index.row() == self.first else "")
            return f"{what} · {state}" if state else what
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{what}\n{how}"
        return how if role == SETTINGS else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # between the rows
        waits = index.row() >= self.first
        return super().flags(index) | (
            Qt.ItemFlag.ItemIsDragEnabled if waits else Qt.ItemFlag.NoItemFlags
        )

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def moveRows(self, source: _Index, row: int, count: int, target: _Index, to: int) -> bool:
        """Put a job that waits before the row `to`; what runs stays at the top."""
        to, waiting = max(to, self.first), self._jobs.waiting
        if to > len(self.handles) or row < 0 or self.handles[row] not in waiting:
            return False  # or its turn came just now
        if not self.beginMoveRows(source, row, row, target, to):
            return False
        handle = self.handles.pop(row)
        place = to - (to > row)
        self.handles.insert(place, handle)
        self.endMoveRows()
        self._jobs.move(handle, place - self.first)
        return True


class _Delegate(QStyledItemDelegate):
    """Two lines of text, and a cross that takes a waiting job out."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(WIDTH // 2, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self.initStyleOption(option, index)
        option.text = ""
        row = QStyle.ControlElement.CE_ItemViewItem
        option.widget.style().drawControl(row, option, painter, option.widget)
        waits = index.flags() & Qt.ItemFlag.ItemIsDragEnabled
        for data, role, colour, top in (
            (Qt.ItemDataRole.DisplayRole, "body", "text", 3), (SETTINGS, "small", "muted", 22),
        ):  # fmt: skip
            place = option.rect.adjusted(8, top, -36 if waits else -8, 0)
            text = QFontMetrics(font(role)).elidedText(
                index.data(data), Qt.TextElideMode.ElideRight, place.width()
            )
            write(painter, place, text, role, colour, Qt.AlignmentFlag.AlignTop)
        if waits:
            icons.draw(painter, "close", _cross(option.rect).toRectF(), tokens().muted)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        if (
            isinstance(model, QueueList)
            and isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonRelease
            and event.button() == Qt.MouseButton.LeftButton
            and _cross(option.rect).contains(event.position().toPoint())
            and index.row() >= model.first
        ):
            model.handles[index.row()].cancel()
            return True
        return False


def _cross(row: QRect) -> QRect:
    return QRect(row.right() - 27, row.center().y() - 8, 16, 16)


class QueuePopover(Popover):
    """Shows what waits and runs."""

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(tr("Queue"), parent)
        self._jobs = jobs
        self.setFixedWidth(WIDTH)
        self.model = QueueList(jobs, self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(_Delegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.view.setAccessibleName(tr("Queue"))
        for text, keys, run in (
            (tr("Move up"), "Alt+Up", partial(self._shift, -1)),
            (tr("Move down"), "Alt+Down", partial(self._shift, 2)),
            (tr("Remove"), "Del", self._remove),
        ):
            action = self.view.addAction(text, keys, run)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._nothing = label(tr("The queue is empty."), colour="muted")
        self.resume = Button(tr("Run jobs from last session"))
        self.resume.clicked.connect(jobs.run_restored)
        self.clear = Button(tr("Clear queue"), "trash")
        self.clear.clicked.connect(jobs.clear)
        self.stop = Button(tr("Stop"), "stop", kind=DANGER)
        self.stop.clicked.connect(jobs.stop)
        line = fill(QHBoxLayout(), self.resume, self.clear, self.stop, None, spacing=-1)
        fill(
            QVBoxLayout(self), heading(tr("Queue")), self._nothing, self.view, Line(), line,
            margins=(14, 12, 14, 14), spacing=8,
        )  # fmt: skip
        jobs.changed.connect(self._on_changed)
        jobs.phase_changed.connect(self._on_changed)
        self.refresh()

    @Slot()
    def _on_changed(self) -> None:
        if self.isVisible():  # whoever opens it refreshes it
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the queue as it is; the chosen job stays chosen."""
        chosen = self._chosen()
        self.model.refresh()
        rows = self.model.handles
        if chosen in rows:
            self.view.setCurrentIndex(self.model.index(rows.index(chosen)))
        self.view.setVisible(bool(rows))
        self._nothing.setVisible(not rows)
        self.view.setFixedHeight(min(max(1, len(rows)), MOST_ROWS) * ROW + 4)
        self.resume.setVisible(bool(self._jobs.restored))
        self.clear.setEnabled(bool(self._jobs.waiting))
        self.stop.setEnabled(self._jobs.running is not None)

    def _chosen(self) -> JobHandle | None:
        row = self.view.currentIndex().row()
        return self.model.handles[row] if row >= 0 else None

    def _shift(self, to: int) -> None:
        row = self.view.currentIndex().row()
        self.model.moveRow(_NOWHERE, row, _NOWHERE, row + to)

    def _remove(self) -> None:
        if (handle := self._chosen()) and not handle.running:
            handle.cancel()
