"""The list of files as rows: thumbnail, name, size and state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from pfstudio.ui import icons
from pfstudio.ui.files.find import THUMBNAIL
from pfstudio.ui.files.model import ITEM_ROLE, FileItem, FileListModel, FileState, ModelIndex
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import box
from pfstudio.ui.widgets.scroll import frameless

ROW = 58
_MARKS = {
    FileState.DONE: ("check", "good"),
    FileState.FAILED: ("error", "danger"),
    FileState.CANCELLED: ("close", "muted"),
}


class _Delegate(QStyledItemDelegate):
    """Draws a row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        t, item = tokens(), index.data(ITEM_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(option.rect).adjusted(0, 1, 0, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen:
            edge = t.focus if t.name == "high-contrast" else ""
            box(painter, place, t.field if t.dark else t.raised, edge, t.radius)
        elif hovered:
            box(painter, place, t.hover, "", t.radius)
        side = THUMBNAIL
        corner = QRectF(place.x() + 7, place.center().y() - side / 2, side, side)
        self._draw_thumbnail(painter, corner, item)
        self._draw_words(painter, place.adjusted(side + 17, 0, -8, 0), item)
        if chosen and option.widget is not None and option.widget.hasFocus():
            box(painter, place, "", t.focus, t.radius, 2)
        painter.restore()

    def _draw_thumbnail(self, painter: QPainter, place: QRectF, item: FileItem) -> None:
        t = tokens()
        if item.thumbnail is None:
            box(painter, place, t.card, t.border, 5)
            icons.draw(painter, "image", place.adjusted(13, 13, -13, -13), t.muted)
            return
        shape = QPainterPath()
        shape.addRoundedRect(place, 5, 5)
        painter.save()
        painter.setClipPath(shape)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, item.thumbnail)
        painter.restore()

    def _draw_words(self, painter: QPainter, room: QRectF, item: FileItem) -> None:
        t = tokens()
        mark = _MARKS.get(item.state)
        lower = QRectF(room.x(), room.y() + 30, room.width(), 17)
        upper = QRectF(room.x(), room.y() + 10, room.width(), 19)
        if mark is not None:
            icons.draw(painter, mark[0], QRectF(lower.x(), lower.y() + 2, 13, 13),
                       getattr(t, mark[1]))  # fmt: skip
            lower.setLeft(lower.x() + 18)
        colours = {FileState.FAILED: t.danger, FileState.RUNNING: t.link}
        for text, role, colour, line in (
            (item.path.name, "body", t.text, upper),
            (item.line, "small", colours.get(item.state, t.muted), lower),
        ):
            painter.setFont(font(role))
            painter.setPen(QColor(colour))
            middle = Qt.TextElideMode.ElideMiddle if line is upper else Qt.TextElideMode.ElideRight
            text = painter.fontMetrics().elidedText(text, middle, int(line.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)


class FileListView(QListView):
    """Shows a FileListModel; the current row is the file that is looked at."""

    remove_wanted = Signal(object)  # FileItem, by the Delete key

    def __init__(self, files: FileListModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self.setModel(files)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName(name)
        frameless(self)
        self.setUniformItemSizes(True)
        self.selectionModel().currentChanged.connect(self._on_current)
        files.chosen_changed.connect(self._show_chosen)
        files.rowsInserted.connect(self._show_chosen)
        files.modelReset.connect(self._show_chosen)
        self.viewport()  # PySide makes many classes at the first call: not with the first files
        self._show_chosen()

    def _on_current(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid():
            self._files.choose(current.data(ITEM_ROLE))

    def _show_chosen(self) -> None:
        chosen = self._files.chosen
        if chosen is None or not self._files.holds(chosen):
            return
        index = self._files.index(self._files.row_of(chosen))
        if index != self.currentIndex():
            select = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, select)  # and scroll to it

    def dataChanged(self, first: ModelIndex, last: ModelIndex, roles: Sequence[int] = ()) -> None:
        # QListView would lay out every row again; here all rows are equally high.
        QAbstractItemView.dataChanged(self, first, last, list(roles))

    def paintEvent(self, event: QPaintEvent) -> None:
        place = self.viewport().rect()
        first = self.indexAt(place.topLeft()).row()
        last = self.indexAt(place.bottomLeft()).row()
        self._files.in_view = range(max(first, 0), (last if last >= 0 else first + 99) + 1)
        super().paintEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._files.chosen:
            self.remove_wanted.emit(self._files.chosen)
        else:
            super().keyPressEvent(event)
