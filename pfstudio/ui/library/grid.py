"""The items of the library as a grid of thumbnails."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from pfstudio.core.library import LibraryItem
from pfstudio.core.result_files import TRACE_NAME
from pfstudio.ui import icons
from pfstudio.ui.files.model import ITEM_ROLE, ModelIndex
from pfstudio.ui.language import tr
from pfstudio.ui.library.model import LibraryModel
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import box
from pfstudio.ui.widgets.scroll import frameless

SIDE = 132  # of a thumbnail
_CELL = QSize(SIDE + 20, SIDE + 48)


class _Delegate(QStyledItemDelegate):
    """Draws an item: thumbnail, star, title."""

    def __init__(self, items: LibraryModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._items = items

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        return _CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        t, item = tokens(), index.data(ITEM_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = QRectF(option.rect).adjusted(3, 3, -3, -3)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            box(painter, cell, t.field if t.dark else t.raised, t.focus, t.radius)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            box(painter, cell, t.hover, "", t.radius)
        place = QRectF(cell.center().x() - SIDE / 2, cell.y() + 7, SIDE, SIDE)
        self._draw_thumbnail(painter, place, item)
        if item.starred:
            icons.draw(painter, "star", QRectF(place.right() - 22, place.y() + 6, 16, 16), t.link)
        painter.setFont(font("small"))
        painter.setPen(QColor(t.text))
        words = QRectF(cell.x() + 8, place.bottom() + 6, cell.width() - 16, 20)
        title = " ".join(item.title.split())
        right = Qt.TextElideMode.ElideRight
        title = painter.fontMetrics().elidedText(title, right, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, title)
        painter.restore()

    def _draw_thumbnail(self, painter: QPainter, place: QRectF, item: LibraryItem) -> None:
        t, image = tokens(), self._items.thumbnail(item)
        if image is None:
            box(painter, place, t.card, t.border, 6)
            name = "stop" if item.path.name == TRACE_NAME else "image"
            icons.draw(painter, name, place.adjusted(54, 54, -54, -54), t.muted)
            return
        scale = min(place.width() / image.width(), place.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        shown = QRectF(
            place.center().x() - width / 2, place.center().y() - height / 2, width, height
        )
        shape = QPainterPath()
        shape.addRoundedRect(shown, 6, 6)
        painter.save()
        painter.setClipPath(shape)
        painter.drawImage(shown, image)
        painter.restore()


class LibraryGrid(QListView):
    """Double click and Return open an item; items can be dragged to other programs."""

    open_wanted = Signal(object)  # LibraryItem
    trash_wanted = Signal()  # what is selected
    star_wanted = Signal()
    menu_wanted = Signal(object)  # QPoint, on the screen
    chosen_changed = Signal()

    def __init__(self, items: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self.setModel(items)
        self.setItemDelegate(_Delegate(items, self))
        self.setAccessibleName(tr("Library, newest first"))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(_CELL)
        frameless(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalScrollBar().setSingleStep(60)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.activated.connect(self._on_activated)
        self.selectionModel().selectionChanged.connect(self.chosen_changed)
        self._remembered: tuple[set[Path], Path | None] = (set(), None)
        items.modelAboutToBeReset.connect(self._remember)
        items.modelReset.connect(self._choose_again)

    def chosen(self) -> list[LibraryItem]:
        """The selected items, in the order of the grid."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self._items.items[row] for row in rows]

    @Slot()
    def _remember(self) -> None:
        current = self.currentIndex()
        row = self._items.items[current.row()].path if current.isValid() else None
        self._remembered = {item.path for item in self.chosen()}, row

    @Slot()
    def _choose_again(self) -> None:
        """What was selected stays so, as long as it is there."""
        chosen, current = self._remembered
        selection, model = QItemSelection(), self.selectionModel()
        for row, item in enumerate(self._items.items):
            index = self._items.index(row)
            if item.path in chosen:
                selection.select(index, index)
            if item.path == current:
                model.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if selection.isEmpty():
            self.chosen_changed.emit()
        else:
            model.select(selection, QItemSelectionModel.SelectionFlag.Select)

    def _on_activated(self, index: ModelIndex) -> None:
        self.open_wanted.emit(index.data(ITEM_ROLE))

    def dataChanged(self, first: ModelIndex, last: ModelIndex, roles: object = ()) -> None:
        self.viewport().update()  # QListView would lay out every item again

    def startDrag(self, actions: Qt.DropAction) -> None:
        super().startDrag(Qt.DropAction.CopyAction)

    def _tell_view(self) -> None:
        columns = max(1, self.viewport().width() // _CELL.width())
        top = self.verticalScrollBar().value() // _CELL.height()
        rows = self.viewport().height() // _CELL.height() + 2
        self._items.look_at(range(top * columns, (top + rows) * columns))

    def paintEvent(self, event: QPaintEvent) -> None:
        self._tell_view()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_view()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.trash_wanted.emit()
        elif event.key() == Qt.Key.Key_S and not event.modifiers():
            self.star_wanted.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())
