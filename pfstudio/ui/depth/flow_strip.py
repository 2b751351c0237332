"""The way from picture to depth as a strip of small pictures, with its cursor and transport."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.ui.depth.flow import FlowModel
from pfstudio.ui.depth.paint import RangeBar
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.timeline.timeline_view import CallWords
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.paint import FocusRing, box, painter_of

SIDE = 46
_GAP = 5
ImageOf = Callable[[int], QImage | None]  # what a position shows


class FlowStrip(FocusRing, QWidget):
    """A click or a drag goes to the position. As many pictures as fit, evenly chosen."""

    def __init__(self, flow: FlowModel, image_of: ImageOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow, self._image_of = flow, image_of
        self.setFixedHeight(SIDE + 6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("From the picture to its depth")
        for signal in (flow.changed, flow.moved, flow.frame_changed):
            signal.connect(self.refresh)

    def sizeHint(self) -> QSize:
        return QSize(400, SIDE + 6)

    @Slot()
    def refresh(self) -> None:
        """Paint anew."""
        self.setAccessibleDescription(self._flow.words())
        self.update()

    def slots(self) -> int:
        """How many pictures there are."""
        return max(1, min(self._flow.count, (self.width() + _GAP) // (SIDE + _GAP)))

    def position_of(self, slot: int) -> int:
        """The position that a slot shows; the first and the last always have one."""
        if self.slots() == 1:
            return self._flow.count - 1
        return round(slot * (self._flow.count - 1) / (self.slots() - 1))

    def _slot_now(self) -> int:
        if self._flow.count == 1:
            return 0
        return round(self._flow.position * (self.slots() - 1) / (self._flow.count - 1))

    def _place(self, slot: int) -> QRectF:
        return QRectF(3 + slot * (SIDE + _GAP), 3, SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        if self._image_of(0) is None and self._flow.count == 1:
            return
        for slot in range(self.slots()):
            place, position = self._place(slot), self.position_of(slot)
            image = self._image_of(position)
            if image is None:
                box(painter, place, t.card, t.border, 5)
                painter.setFont(font("tiny"))
                painter.setPen(QColor(t.muted))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(position))
            else:
                _draw_fitted(painter, place, image)
        now = self._place(self._slot_now()).adjusted(-2, -2, 2, 2)
        box(painter, now, "", t.accent, 7, 2)
        self.draw_ring(painter, 4)

    def _go(self, event: QMouseEvent) -> None:
        slot = int((event.position().x() - 3) // (SIDE + _GAP))
        self._flow.stop()
        self._flow.go(self.position_of(min(max(slot, 0), self.slots() - 1)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)


def _draw_fitted(painter: QPainter, place: QRectF, image: QImage) -> None:
    """The middle square of an image, with round corners."""
    side = min(image.width(), image.height())
    source = QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)
    shape = QPainterPath()
    shape.addRoundedRect(place, 5, 5)
    painter.save()
    painter.setClipPath(shape)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image, source)
    painter.restore()


class FlowBar(QWidget):
    """Transport and words, the range of the colours at the right, and the strip below."""

    def __init__(self, flow: FlowModel, image_of: ImageOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = flow
        self.first = IconButton("first", "The picture (Home)", parent=self)
        self.previous = IconButton("previous-call", "One back (Left)", parent=self)
        self.play = IconButton("play", "Play (Space)", parent=self)
        self.next = IconButton("next-call", "One on (Right)", parent=self)
        self.last = IconButton("last", "The result (End)", parent=self)
        self.words = CallWords(self)
        self.range = RangeBar(self)
        self.strip = FlowStrip(flow, image_of, self)
        row = QHBoxLayout()
        row.setSpacing(2)
        buttons = (self.first, self.previous, self.play, self.next, self.last)
        for button in buttons:
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.words)
        row.addStretch(1)
        row.addWidget(self.range)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 7, 14, 9)
        column.setSpacing(5)
        column.addLayout(row)
        column.addWidget(self.strip)
        for button, verb in zip(
            buttons, (flow.first, flow.previous, flow.toggle, flow.next, flow.last), strict=True
        ):
            button.clicked.connect(verb)
        flow.changed.connect(self.refresh)
        flow.moved.connect(self.refresh)
        flow.playing_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show where the cursor is."""
        flow = self._flow
        some = flow.count > 1
        for button in (self.first, self.previous, self.play, self.next, self.last):
            button.setEnabled(some)
        name = "Hold (Space)" if flow.playing else "Play (Space)"
        self.play.set_icon("pause" if flow.playing else "play")
        self.play.setAccessibleName(name)
        self.play.setToolTip(name)
        self.words.show_words(flow.words() if some else "from picture to depth")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, flow = Qt.Key, self._flow
        verbs = {keys.Key_Left: flow.previous, keys.Key_Right: flow.next, keys.Key_Home: flow.first,
                 keys.Key_End: flow.last, keys.Key_Space: flow.toggle}  # fmt: skip
        verb = verbs.get(Qt.Key(event.key()))
        if verb is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        else:
            verb()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), QPainter(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.fillRect(0, 0, self.width(), 1, QColor(t.border))
