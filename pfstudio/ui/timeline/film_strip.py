"""The film strip: predictions of as many calls as fit, evenly chosen, above the raster."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.core.events import Bytes
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.view_models.run_data import Source
from pfstudio.ui.widgets.paint import FocusRing, box

SIDE = 44
_GAP = 4


class FilmStrip(FocusRing, QWidget):
    """A click goes to the call. Thumbnails stay until a better picture of their call is there."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self._thumbs: dict[int, tuple[tuple, QPixmap]] = {}  # call: (what it was made of, picture)
        self.setFixedHeight(SIDE + 4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Film strip of predictions")
        self._shown: dict[int, tuple] = {}  # slot: what it was last asked to show
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        run.settled.connect(self._changed)
        run.picture_changed.connect(self._pictured)
        for signal in (run.run_changed, run.image_changed):
            signal.connect(self._start_over)

    def sizeHint(self) -> QSize:
        return QSize(400, SIDE + 4)

    # -- which calls --------------------------------------------------------------------------

    def _expected(self) -> int:
        return self.run.data.expected if self.run.data else 1

    def slots(self) -> int:
        """How many thumbnails there are."""
        return max(1, min(self._expected(), (self.width() + _GAP) // (SIDE + _GAP)))

    def call_of(self, slot: int) -> int:
        """The call that a slot shows: the middle of its share of the run."""
        return int((slot + 0.5) * self._expected() / self.slots())

    def slot_of(self, call: int) -> int:
        """The slot that a call belongs to."""
        return min(int((call + 0.5) * self.slots() / self._expected()), self.slots() - 1)

    def _changed(self) -> None:
        """Repaint the slots that show something else now."""
        self.setAccessibleDescription(self.run.sentence())
        for slot in range(self.slots()):
            wanted = self._wanted(slot)
            if self._shown.get(slot) != wanted:
                self._shown[slot] = wanted
                self.update(self._place(slot).adjusted(-4, -4, 4, 4).toAlignedRect())

    def _pictured(self) -> None:
        if not self.run.is_live:  # then the run settles soon
            self._changed()

    def _wanted(self, slot: int) -> tuple:
        """What a slot should show: made of which picture, and whether the time cursor is there."""
        call, run = self.call_of(slot), self.run
        if not run.done:
            return (None, False)
        best = run.data.source(call, run.image) if call < run.done else None
        marked = slot == self.slot_of(run.call)
        return (None if best is None else self._made_of(best), marked)

    def _made_of(self, best: tuple[Source, int]) -> tuple:
        fits = self.run.data.colours.version if best[0] is Source.LINEAR else 0
        if self.run.is_live:
            fits = min(fits, 1)  # better colours can wait for the end of the run
        return (*best, fits, self.devicePixelRatioF())

    def _start_over(self) -> None:
        self._thumbs.clear()
        self._shown.clear()
        self._wish()
        self.setAccessibleDescription(self.run.sentence())
        self.update()

    def _wish(self) -> None:
        if self.run.data is not None and not self.run.is_live:
            self.run.wish_pictures(self.call_of(slot) for slot in range(self.slots()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._shown.clear()
        self._wish()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(t.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.run.data is not None:
            for slot in range(self.slots()):
                place = self._place(slot)
                if event.region().intersects(place.adjusted(-4, -4, 4, 4).toAlignedRect()):
                    self._draw_slot(painter, slot, place)
        self.draw_ring(painter, 4)

    def _place(self, slot: int) -> QRectF:
        step = self.width() / self.slots()
        return QRectF(round(slot * step + (step - SIDE) / 2), 2, SIDE, SIDE)

    def _draw_slot(self, painter: QPainter, slot: int, place: QRectF) -> None:
        made_of, marked = self._wanted(slot)
        if made_of is None:
            box(painter, place, tokens().card, tokens().border, 4)
        else:
            painter.drawPixmap(place.topLeft(), self._thumb(self.call_of(slot), made_of))
        if marked:
            box(painter, place.adjusted(-2, -2, 2, 2), "", tokens().accent, 6, 2)

    def _thumb(self, call: int, made_of: tuple) -> QPixmap:
        if call not in self._thumbs or self._thumbs[call][0] != made_of:
            scale = self.devicePixelRatioF()
            pixels = self.run.data.prediction(call, self.run.image).pixels
            self._thumbs[call] = (made_of, _rounded(pixels, round(SIDE * scale), scale))
        return self._thumbs[call][1]

    # -- pointer ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        slot = int(event.position().x() * self.slots() / max(self.width(), 1))
        self.run.set_call(self.call_of(min(max(slot, 0), self.slots() - 1)))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)


def _rounded(pixels: Bytes, side: int, scale: float) -> QPixmap:
    """A square thumbnail of `side` device pixels with round corners."""
    image = to_image(pixels).scaled(
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
