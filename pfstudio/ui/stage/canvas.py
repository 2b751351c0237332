"""ImageCanvas: a picture with map, roles, paint, patch grid and cursor, drawn by ourselves.

What lies under the cursors is composed into a pixmap in device pixels, so that moving a cursor
costs one blit and a frame. Layers that have just changed, as they do with every call of a run, are
drawn straight on the widget; they are composed when they stay.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from pfstudio.core.scan_paths import ScanPath
from pfstudio.ui.stage import patches, scan_path
from pfstudio.ui.stage.geometry import Placement, ViewTransform
from pfstudio.ui.stage.layers import Layers, draw_layers
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import FocusRing, write
from pfstudio.ui.widgets.plot import draw_caption

Codes = npt.NDArray[np.uint8]
_DRAG = 4  # logical pixels a press may move and still be a click


class ImageCanvas(FocusRing, QWidget):
    """Draws layers on a grid of patches; says what pointer and keys do, and decides nothing."""

    patch_clicked = Signal(int, int)
    patch_stepped = Signal(int, int)  # by keys: rows, columns to move
    patch_activated = Signal()  # Return: use the tool at the patch cursor
    stroke_begun = Signal(int, int)
    stroke_moved = Signal(int, int)
    stroke_ended = Signal()
    resized = Signal()
    hovered = Signal(int, int)  # patch under the pointer; (-1, -1) outside

    def __init__(self, view: ViewTransform, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.grid = (16, 16)
        self.margin = (6, 6)  # logical pixels kept free around the fitted picture
        self.show_grid = False
        self.paints = False  # whether a left drag paints instead of panning
        self._layers = Layers()
        self._paint: Codes | None = None
        self._path: ScanPath | None = None
        self._path_steps: int | None = None
        self._cursor: tuple[int, int] | None = None
        self._message = ""
        self._read_out = ""
        self.hover: tuple[int, int] | None = None  # patch under the pointer
        self._pressed: QPointF | None = None
        self._panning = False
        self._composed: QPixmap | None = None  # None: it must be drawn anew
        self._stale = False  # whether the layers have changed since the last paint
        self._beside: list[QWidget] = []
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(80, 80)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        view.changed.connect(self.refresh)

    # -- what is shown ------------------------------------------------------------------------

    def set_layers(self, layers: Layers) -> None:
        """Picture, map and roles, bottom up."""
        self._layers = layers
        self._stale = True
        self._composed = None
        if self._covered():
            self._update_picture()
        else:
            self.update()

    def set_paint(self, codes: Codes | None) -> None:
        """The mask painted for the next run, (n,m) `Paint` codes."""
        if codes is not self._paint:
            self._paint = codes
            self.refresh()

    def set_path(self, path: ScanPath | None, steps: int | None = None) -> None:
        """The path of a scan, of which so many steps stand out; None: up to the patch cursor."""
        if path is not self._path or steps != self._path_steps:
            self._path, self._path_steps = path, steps
            self.refresh()

    def set_grid(self, rows: int, columns: int) -> None:
        if (rows, columns) != self.grid:
            self.grid = (rows, columns)
            self._set_hover(None)  # it was of other patches
            self.refresh()

    def set_cursor_patch(self, patch: tuple[int, int] | None) -> None:
        """The patch cursor."""
        if patch != self._cursor:
            self._cursor = patch
            self._update_picture()

    def set_message(self, text: str) -> None:
        """Shown in the middle while there is nothing else."""
        if text != self._message:
            self._message = text
            self.update()

    def set_read_out(self, text: str) -> None:
        """The value under the pointer, as text in the corner."""
        if text != self._read_out:
            self._read_out = text
            self.update()

    def refresh(self) -> None:
        """Compose anew at the next paint."""
        self._composed = None
        self.update()

    def _update_picture(self) -> None:
        """Repaint the picture only; scales and legends beside it stay as they are."""
        dpr, spare = self.devicePixelRatioF(), 4
        rect = self.placement().rect
        left, top = int(rect.left() / dpr) - spare, int(rect.top() / dpr) - spare
        width, height = rect.width() / dpr, rect.height() / dpr
        self.update(left, top, round(width) + 2 * spare, round(height) + 2 * spare)

    def add_beside(self, widget: QWidget) -> None:
        """Keep a child right of the fitted picture, in the middle of the height."""
        self._beside.append(widget)
        self.place_beside(widget)

    def place_beside(self, widget: QWidget) -> None:
        """Give a child of `add_beside` the room that it needs now."""
        hint = widget.sizeHint()
        height = min(hint.height(), self.height() - 6)
        beside = (self.width() + min(self.width(), self.height())) // 2 + 14
        left = min(self.width() - hint.width() - 2, beside)
        widget.setGeometry(left, (self.height() - height) // 2, hint.width(), height)

    # -- geometry -----------------------------------------------------------------------------

    def placement(self) -> Placement:
        """Where the patches lie, in device pixels of this widget."""
        dpr = self.devicePixelRatioF()
        size = (round(self.width() * dpr), round(self.height() * dpr))
        margin = (round(self.margin[0] * dpr), round(self.margin[1] * dpr))
        return Placement.fitted(size, margin, self.grid, self.view)

    def picture_width(self) -> int:
        """Pixels of the picture, 0 without one."""
        return self._layers.picture.width() if self._layers.picture is not None else 0

    def _device(self, point: QPointF) -> QPointF:
        return point * self.devicePixelRatioF()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        dpr, place = self.devicePixelRatioF(), self.placement()
        t = tokens()
        if self._composed is None and not self._stale:
            self._composed = self._compose()
        if dpr % 1:  # at 150 % its last row or column may be half a pixel that nothing else fills
            painter.fillRect(0, self.height() - 1, self.width() + 1, 2, QColor(t.base))
            painter.fillRect(self.width() - 1, 0, 2, self.height() + 1, QColor(t.base))
        painter.save()
        if self._composed is not None:
            painter.drawPixmap(0, 0, self._composed)
            painter.scale(1 / dpr, 1 / dpr)
        else:
            painter.scale(1 / dpr, 1 / dpr)
            self._draw_all(painter, place)
        self._stale = False
        unit = max(1, round(dpr))
        if self.hover is not None and self.hover != self._cursor:
            patches.draw_hover(
                painter, place.patch_rect(*self.hover), unit, t.cursor, t.cursor_edge
            )
        if self._path is not None and self._fits(self._path):
            scan_path.draw_walked(painter, place, self._path[: self._walked(self._path)], unit)
        if self._cursor is not None:
            patches.draw_cursor(
                painter, place.patch_rect(*self._cursor), unit, t.cursor, t.cursor_edge
            )
        painter.restore()
        if self._message:
            write(painter, self.rect().adjusted(12, 12, -12, -12), self._message, "body")
        if self._read_out:
            draw_caption(painter, QPointF(6, self.height() - 6), self._read_out)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw_ring(painter, 0)

    def _compose(self) -> QPixmap:
        dpr = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * dpr), round(self.height() * dpr))
        painter = QPainter(pixmap)
        self._draw_all(painter, self.placement())
        painter.end()
        pixmap.setDevicePixelRatio(dpr)
        return pixmap

    def _draw_all(self, painter: QPainter, place: Placement) -> None:
        """Draw on the whole canvas in device pixels; what is clipped away costs nothing."""
        dpr = self.devicePixelRatioF()
        area = QRect(0, 0, round(self.width() * dpr), round(self.height() * dpr))
        base = QColor(tokens().base)
        outside = QRegion(area) - QRegion(place.rect if self._covered() else QRect())
        for beside in outside:  # type: ignore[attr-defined]  # PySide's types lack it
            painter.fillRect(beside, base)
        painter.save()
        painter.setClipRect(place.rect, Qt.ClipOperation.IntersectClip)
        self._draw_content(painter, place, area, max(1, round(dpr)))
        painter.restore()

    def _covered(self) -> bool:
        """Whether the layers hide all that lies below them."""
        return self._layers.picture is not None or self._layers.map is not None

    def _draw_content(self, painter: QPainter, place: Placement, area: QRect, unit: int) -> None:
        """What is composed once: the layers, the grid and the painted mask."""
        self._draw_view(painter, place, area, self._layers)
        if self.show_grid:
            patches.draw_grid(painter, place, area)
        if self._paint is not None and self._paint.shape == self.grid and self._paint.any():
            patches.draw_paint(painter, place, self._paint, unit)
        if self._path is not None and self._fits(self._path):
            scan_path.draw_path(painter, place, self._path, unit)

    def _walked(self, path: ScanPath) -> int:
        """Steps of the path that stand out."""
        if self._path_steps is not None or self._cursor is None:
            return self._path_steps or 0
        patch = self._cursor[0] * self.grid[1] + self._cursor[1]
        return int(np.flatnonzero(path == patch)[0]) + 1

    def _fits(self, path: ScanPath) -> bool:
        return len(path) == self.grid[0] * self.grid[1]

    def _draw_view(self, painter: QPainter, place: Placement, area: QRect, layers: Layers) -> None:
        """One picture with what lies over it."""
        draw_layers(painter, place, layers, max(1, round(self.devicePixelRatioF())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        for widget in self._beside:
            self.place_beside(widget)
        self.refresh()
        self.resized.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.refresh()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.refresh()
        return super().event(event)

    # -- pointer ------------------------------------------------------------------------------

    def _patch_at(self, event: QMouseEvent) -> tuple[int, int] | None:
        return self.placement().patch_at(self._device(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = event.position()
        self._panning = not left
        patch = self._patch_at(event)
        if left and self.paints and patch is not None:
            self.stroke_begun.emit(*patch)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        patch = self._patch_at(event)
        self._set_hover(patch)
        if self._pressed is None:
            return
        if self.paints and not self._panning:
            if patch is not None:
                self.stroke_moved.emit(*patch)
            return
        moved = event.position() - self._pressed
        if self._panning or moved.manhattanLength() > _DRAG:
            self._panning = True
            place = self.placement()
            moved = self._device(moved)
            self._pressed = event.position()
            self.view.pan(-moved.x() / place.width, -moved.y() / place.height)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        clicked = not self._panning
        self._pressed, self._panning = None, False
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.paints:
            self.stroke_ended.emit()
        elif clicked and (patch := self._patch_at(event)) is not None:
            self.patch_clicked.emit(*patch)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.paints:
            self.mousePressEvent(event)
        else:
            self.view.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = 1.0015 ** event.angleDelta().y()
        self.view.zoom_at(factor, self.placement().share(self._device(event.position())))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(None)

    def _set_hover(self, patch: tuple[int, int] | None) -> None:
        if patch != self.hover:
            self.hover = patch
            self.hovered.emit(*(patch or (-1, -1)))
            self.update()

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {
            keys.Key_Left: (0, -1), keys.Key_Right: (0, 1),
            keys.Key_Up: (-1, 0), keys.Key_Down: (1, 0),
        }  # fmt: skip
        zooms = {keys.Key_Plus: 1.25, keys.Key_Equal: 1.25, keys.Key_Minus: 0.8}
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        upright = event.key() in (keys.Key_Up, keys.Key_Down)
        if event.key() in steps and (control or upright):
            self.patch_stepped.emit(*steps[Qt.Key(event.key())])
        elif not control and event.key() in zooms:
            self.view.zoom_at(zooms[Qt.Key(event.key())], self.view.centre)
        elif not control and event.key() == keys.Key_0:
            self.view.fit()
        elif not control and event.key() in (keys.Key_Return, keys.Key_Enter):
            self.patch_activated.emit()
        else:
            event.ignore()  # time keys belong to the page
