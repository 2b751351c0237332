"""The models as a list of rows."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from pfstudio.ui import icons
from pfstudio.ui.files.model import ITEM_ROLE, ModelIndex
from pfstudio.ui.models.items import (
    HERE,
    MOVING,
    Heading,
    ModelItem,
    ModelList,
    State,
    size_text,
)
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import MIDDLE, box, write
from pfstudio.ui.widgets.scroll import frameless

ROW, HEAD = 60, 40
_SIDE = 36  # of the drawing's plate
_ICONS = {
    "generate": "generate", "depth": "depth", "upscale": "upscale", "autoencode": "models",
    "video": "models",
}  # fmt: skip
_END = MIDDLE | Qt.AlignmentFlag.AlignRight


class _Delegate(QStyledItemDelegate):
    """Draws a row: what it is for, title, name and size, and where it stands."""

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        return QSize(200, HEAD if isinstance(index.data(ITEM_ROLE), Heading) else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        row = index.data(ITEM_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(option.rect).adjusted(0, 1, 0, -1)
        if isinstance(row, Heading):
            write(painter, place.adjusted(10, 12, 0, 0), row.text.upper(), "heading", "muted",
                  MIDDLE)  # fmt: skip
        else:
            self._draw_item(painter, place, option, row)
        painter.restore()

    def _draw_item(
        self, painter: QPainter, place: QRectF, option: QStyleOptionViewItem, item: ModelItem
    ) -> None:
        t = tokens()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            edge = t.focus if t.name == "high-contrast" else ""
            box(painter, place, t.field if t.dark else t.raised, edge, t.radius)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            box(painter, place, t.hover, "", t.radius)
        plate = QRectF(place.x() + 10, place.center().y() - _SIDE / 2, _SIDE, _SIDE)
        box(painter, plate, t.card, t.border, t.radius)
        task = item.model.card.task if item.model else ""
        drawing = _ICONS.get(task, "download" if item.entry else "warning")
        colour = t.text if item.state in HERE else t.muted
        icons.draw(painter, drawing, plate.adjusted(9, 9, -9, -9), colour)
        room = place.adjusted(_SIDE + 24, 0, -14, 0)
        end = QRectF(room.right() - 170, room.y() + 9, 170, 20)
        self._draw_state(painter, end, item)
        words = room.adjusted(0, 9, -176, 0)
        words.setHeight(20)
        lower = words.translated(0, 21)
        for text, role, shade, line in (
            (item.title, "body", "text", words),
            (f"{item.name} · {size_text(item.bytes)}", "small", "muted", lower),
        ):
            painter.setFont(font(role))
            right = Qt.TextElideMode.ElideRight
            text = painter.fontMetrics().elidedText(text, right, int(line.width()))
            write(painter, line, text, role, shade, MIDDLE)
        if chosen and option.widget is not None and option.widget.hasFocus():
            box(painter, place, "", t.focus, t.radius, 2)

    def _draw_state(self, painter: QPainter, end: QRectF, item: ModelItem) -> None:
        t = tokens()
        colour = "link" if item.state in MOVING else "muted"
        if item.error or item.state is State.BROKEN:
            colour = "danger"
        if item.state is not State.OFFERED or item.error:  # its place says that it is not here
            write(painter, end, item.status(), "small", colour, _END)
        if item.state in MOVING or item.done:
            track = QRectF(end.x() + 20, end.bottom() + 8, end.width() - 20, 4)
            box(painter, track, t.track, "", 2)
            if item.share > 0:
                filled = QRectF(track)
                filled.setWidth(max(4.0, track.width() * item.share))
                box(painter, filled, t.accent if item.state in MOVING else t.muted, "", 2)


class ModelListView(QListView):
    """`chosen` is one model at a time; Delete asks for the trash."""

    chosen_changed = Signal()
    trash_wanted = Signal()
    menu_wanted = Signal(object)  # QPoint, on the screen

    def __init__(self, rows: ModelList, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        # The model that is chosen, also while the rows change; "": the first, None: none at all.
        self._wanted: str | None = ""
        self.setModel(rows)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName(name)
        frameless(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        rows.modelReset.connect(self._choose_again)

    def chosen(self) -> ModelItem | None:
        """The model that is looked at."""
        row = self.currentIndex().data(ITEM_ROLE)
        return row if isinstance(row, ModelItem) else None

    def choose(self, name: str | None) -> None:
        """Look at a model, now or as soon as there is one of this name; None: at none."""
        self._wanted = name
        self._choose_again()

    def _choose_again(self) -> None:
        row = -1 if self._wanted is None else self._rows.row_of(self._wanted)
        if row < 0 and self._wanted is not None:
            row = next((n for n, r in enumerate(self._rows.rows) if isinstance(r, ModelItem)), -1)
        wanted = self._wanted
        self.setCurrentIndex(self._rows.index(row))
        self._wanted = wanted
        self.chosen_changed.emit()

    def currentChanged(self, current: ModelIndex, previous: ModelIndex) -> None:
        super().currentChanged(current, previous)
        item = self.chosen()
        if item is not None:
            self._wanted = item.name
        self.chosen_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.trash_wanted.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.chosen() is not None:
            self.menu_wanted.emit(event.globalPos())
