"""The film strip: pictures of as many calls as fit, evenly chosen."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.ui.player.player import Player
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import FocusRing, box, write

SIDE = 44
_GAP = 4
_IN_ONE_PAINT = 6  # new thumbnails; each takes a millisecond or two


class Frame(NamedTuple):
    """A picture of the strip: as long as `made_of` is the same it is not drawn again."""

    made_of: Hashable
    draw: Callable[[], QImage]


class FilmStrip(FocusRing, QWidget):
    """A click or a drag goes to a call. `frame_of(call)` is its picture, or words in its place.

    `spread` lays few pictures over the whole width, above the columns of a raster.
    """

    slots_changed = Signal()  # other calls are shown: `calls()`

    def __init__(
        self, player: Player, frame_of: Callable[[int], Frame | str], name: str, *,
        spread: bool = False, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._player, self._run = player, player.run
        self._frame_of, self._spread = frame_of, spread
        self._thumbs: dict[int, tuple[Hashable, QPixmap]] = {}  # call: (made of, picture)
        self._shown: dict[int, tuple] = {}  # slot: what it was last asked to show
        self._to_make = 0  # thumbnails that this paint may still make
        self.setFixedHeight(SIDE + 4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._run.run_changed.connect(self.start_over)

    def sizeHint(self) -> QSize:
        return QSize(400, SIDE + 4)

    # -- which calls --------------------------------------------------------------------------

    def slots(self) -> int:
        """How many pictures there are."""
        return max(1, min(self._run.total, (self.width() + _GAP) // (SIDE + _GAP)))

    def slot_of(self, call: int) -> int:
        """The slot that a call belongs to."""
        return round(call * (self.slots() - 1) / max(self._run.total - 1, 1))

    def calls(self) -> list[int]:
        """The call that each slot shows; the first and the last always have one."""
        slots, last = self.slots(), self._run.total - 1
        if slots == 1:
            return [last]
        return [round(slot * last / (slots - 1)) for slot in range(slots)]

    def refresh(self) -> None:
        """Repaint the slots that show something else now."""
        self.setAccessibleDescription(self._run.sentence())
        for slot, call in enumerate(self.calls()):
            wanted = self._wanted(slot, call)
            if self._shown.get(slot) != wanted:
                self._shown[slot] = wanted
                self.update(self._place(slot).adjusted(-4, -4, 4, 4).toAlignedRect())

    def _wanted(self, slot: int, call: int) -> tuple:
        """What a slot should show: made of what, and whether the cursor is there."""
        frame = self._frame_of(call)
        made_of = frame.made_of if isinstance(frame, Frame) else frame
        return (made_of, self._run.done > 0 and slot == self.slot_of(self._run.call))

    def start_over(self) -> None:
        """Forget all pictures."""
        self._thumbs.clear()
        self._shown.clear()
        self.setAccessibleDescription(self._run.sentence())
        self.slots_changed.emit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._shown.clear()
        self.slots_changed.emit()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(tokens().panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._to_make = _IN_ONE_PAINT
        if self._run.total > 1 or isinstance(self._frame_of(0), Frame):
            for slot, call in enumerate(self.calls()):
                place = self._place(slot)
                if event.region().intersects(place.adjusted(-4, -4, 4, 4).toAlignedRect()):
                    self._draw_slot(painter, slot, call, place)
        self.draw_ring(painter, 4)

    def _pitch(self) -> float:
        return self.width() / self.slots() if self._spread else SIDE + _GAP

    def _place(self, slot: int) -> QRectF:
        return QRectF(round(slot * self._pitch() + (self._pitch() - SIDE) / 2), 2, SIDE, SIDE)

    def _draw_slot(self, painter: QPainter, slot: int, call: int, place: QRectF) -> None:
        t, frame = tokens(), self._frame_of(call)
        if isinstance(frame, Frame):
            if (thumb := self._thumb(call, frame)) is not None:
                painter.drawPixmap(place.topLeft(), thumb)
            else:  # soon
                box(painter, place, t.card, t.border, 4)
                QTimer.singleShot(0, self, partial(self.update, place.toAlignedRect()))
        else:
            box(painter, place, t.card, t.border, 4)
            write(painter, place, frame, "tiny")
        if self._wanted(slot, call)[1]:
            box(painter, place.adjusted(-2, -2, 2, 2), "", t.accent, 6, 2)

    def _thumb(self, call: int, frame: Frame) -> QPixmap | None:
        """The picture of a call; None where this paint has made enough of them."""
        made_of, scale = (frame.made_of, self.devicePixelRatioF()), self.devicePixelRatioF()
        if call not in self._thumbs or self._thumbs[call][0] != made_of:
            if self._to_make == 0:
                return None
            self._to_make -= 1
            self._thumbs[call] = (made_of, _rounded(frame.draw(), round(SIDE * scale), scale))
        return self._thumbs[call][1]

    # -- pointer ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        slot = int(event.position().x() // self._pitch())
        self._player.go(self.calls()[min(max(slot, 0), self.slots() - 1)])


def _rounded(image: QImage, side: int, scale: float) -> QPixmap:
    """A square thumbnail of `side` device pixels with round corners."""
    image = image.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip
    pixmap = QPixmap(side, side)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(0, 0, side, side), 4 * scale, 4 * scale)
    painter.setClipPath(shape)
    painter.drawImage((side - image.width()) // 2, (side - image.height()) // 2, image)
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap
