"""Two pictures of one place, linked: side by side, under a line that wipes, or one over the other.

Positions are pixels (row, column) of the pair, whatever the size of what is drawn there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from pfstudio.ui.files.rendering import Renderer
from pfstudio.ui.language import tr
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.compare import WipeCanvas
from pfstudio.ui.stage.geometry import Placement, ViewTransform
from pfstudio.ui.stage.head import HEIGHT, draw_title
from pfstudio.ui.stage.layers import Layers
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.labels import Line
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import painter_of

Pixel = tuple[int, int]  # row, column


class PairMode(StrEnum):
    """How two pictures are laid against each other."""

    SIDE = "side"
    WIPE = "wipe"
    OVERLAY = "overlay"


@dataclass
class Marks:
    """What both canvases show over the pictures."""

    pointer: Pixel | None = None
    line: tuple[Pixel, Pixel] | None = None


class _PairCanvas(ImageCanvas):
    """A canvas of pixels: draws large pictures fast, and marks over them."""

    def __init__(self, view: ViewTransform, name: str, parent: QWidget | None = None) -> None:
        self.marks = Marks()
        self.renderer = Renderer()
        self.smooth_above = True  # whether what lies over the picture is one, too
        super().__init__(view, name, parent)

    def set_marks(self, marks: Marks) -> None:
        """Show these; the same object is shared by linked canvases."""
        self.marks = marks

    def _draw_view(self, painter: QPainter, place: Placement, area: QRect, layers: Layers) -> None:
        visible = place.rect.intersected(area)
        if visible.isEmpty():
            return
        for picture, smooth, opacity in (
            (layers.picture, layers.smooth, 1.0),
            (layers.map, self.smooth_above, layers.opacity),
        ):
            if picture is not None:
                view = self.renderer.view(picture, place, visible, smooth=smooth)
                painter.setOpacity(opacity)
                painter.drawImage(visible.topLeft(), view)
        painter.setOpacity(1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = painter_of(self)
        if self.marks.line is not None:
            start, end = (self._point(pixel) for pixel in self.marks.line)
            for colour, width in ((QColor(0, 0, 0, 170), 4.0), (QColor("#ffffff"), 1.8)):
                painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.RoundCap))
                painter.drawLine(start, end)
            for point in (start, end):
                painter.setPen(QPen(QColor(0, 0, 0, 170), 1))
                painter.setBrush(QColor("#ffffff"))
                painter.drawEllipse(point, 3.5, 3.5)
        if self.marks.pointer is not None and not self.underMouse():
            point = self._point(self.marks.pointer)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((QColor(0, 0, 0, 170), 3.0), (QColor("#ffffff"), 1.4)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(point, 5, 5)

    def _point(self, pixel: Pixel) -> QPointF:
        """Where the middle of a pixel lies on the widget."""
        place = self.placement()
        x = place.x + (pixel[1] + 0.5) * place.width / place.columns
        y = place.y + (pixel[0] + 0.5) * place.height / place.rows
        return QPointF(x, y) / self.devicePixelRatioF()


class _PairWipe(_PairCanvas, WipeCanvas):
    """Two pictures with a line between them that can be dragged."""


class PairHead(QWidget):
    """The thin head of a canvas: a title and words about it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._words = title, ""
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_words(self, title: str, words: str) -> None:
        """Show another title and other words."""
        if (title, words) != (self._title, self._words):
            self._title, self._words = title, words
            self.setAccessibleName(f"{title}: {words}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.header))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(t.border))
        draw_title(painter, QRectF(10, 0, self.width() - 18, HEIGHT - 1), self._title, self._words)


class PairView(QWidget):
    """Shows a left and a right picture. `draws` lets a left drag draw a line instead of panning."""

    pointed = Signal(int, int)  # pixel under the pointer; (-1, -1): none
    line_changed = Signal()  # `marks.line` is another one
    mode_changed = Signal(str)

    def __init__(
        self, left: str, right: str, transform: ViewTransform, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.transform = transform
        self.mode = PairMode.SIDE
        self.stacked = False  # side by side: whether one picture lies above the other
        self.marks = Marks()
        self.renderer = Renderer()
        self.draws = False
        self.opacity = 0.6  # of the right picture over the left one
        self._names = (left, right)
        self._layers = (Layers(), Layers())
        self.left = _PairCanvas(transform, tr("Canvas: {left}", left=left), self)
        self.right = _PairCanvas(transform, tr("Canvas: {right}", right=right), self)
        self.both = _PairWipe(
            transform, tr("Canvas: {left} and {right}", left=left, right=right), self
        )
        self.heads = (PairHead(left, self), PairHead(right, self))
        self._between = Line(vertical=True)
        self._lay_out()
        for canvas in self.canvases:
            canvas.margin = (14, 14)
            canvas.set_marks(self.marks)
            canvas.renderer = self.renderer
            canvas.hovered.connect(self._on_hovered)
            canvas.stroke_begun.connect(self._begin_line)
            canvas.stroke_moved.connect(self._move_line)
            canvas.patch_stepped.connect(self._step_pointer)
            canvas.patch_activated.connect(self._mark_end)
        self.set_mode(PairMode.SIDE.value)

    @property
    def canvases(self) -> tuple[_PairCanvas, ...]:
        return self.left, self.right, self.both

    def _lay_out(self) -> None:
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self._titles = fill(QHBoxLayout(), spacing=1)
        grid.addLayout(self._titles, 0, 0, 1, 3)
        self._arrange()

    def _arrange(self) -> None:
        """Put the parts where they belong now: side by side, one above the other, or as one."""
        grid, (first, second) = self._grid, self.heads
        side = self.mode is PairMode.SIDE
        for part in (*self.canvases, self._between, second):
            grid.removeWidget(part)
        self._titles.addWidget(first, 1)
        if self.stacked:
            self._titles.removeWidget(second)
            grid.addWidget(self.left, 1, 0, 1, 3)
            grid.addWidget(second, 2, 0, 1, 3)
            grid.addWidget(self.right, 3, 0, 1, 3)
        else:
            self._titles.addWidget(second, 1)
            grid.addWidget(self.left, 1, 0)
            grid.addWidget(self._between, 1, 1)
            grid.addWidget(self.right, 1, 2)
        grid.addWidget(self.both, 4, 0, 1, 3)
        for column in (0, 2):
            grid.setColumnStretch(column, 1)
        for row, used in ((1, side), (3, self.stacked), (4, not side)):
            grid.setRowStretch(row, int(used))
        for part, seen in (
            (self.left, side), (self.right, side), (self.both, not side),
            (self._between, side and not self.stacked),
        ):  # fmt: skip
            part.setVisible(seen)

    def _stack_or_not(self) -> None:
        """Lay landscape pictures one above the other where that shows them larger."""
        rows, columns = self.left.grid
        width, height = self.width(), self.height()
        beside = min(width / 2 / columns, (height - HEIGHT) / rows)
        above = min(width / columns, (height / 2 - HEIGHT) / rows)
        stacked = self.mode is PairMode.SIDE and above > beside
        if stacked is not self.stacked:
            self.stacked = stacked
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stack_or_not()

    # -- what is shown ----------------------------------------------------------------------------

    def set_mode(self, mode: str) -> None:
        """Side by side, wipe or overlay."""
        self.mode = PairMode(mode)
        self.stacked &= self.mode is PairMode.SIDE
        self._arrange()
        self._stack_or_not()
        self._show()
        self.mode_changed.emit(mode)

    def set_size(self, rows: int, columns: int) -> None:
        """Pixels of the pair."""
        for canvas in self.canvases:
            canvas.set_grid(rows, columns)
        self._stack_or_not()

    def set_pair(self, left: Layers, right: Layers) -> None:
        """Show these two."""
        self._layers = (left, right)
        self._show()

    def set_words(self, left: str, right: str) -> None:
        """Words beside the two titles."""
        for head, name, words in zip(self.heads, self._names, (left, right), strict=True):
            head.show_words(name, words)

    def set_messages(self, left: str, right: str) -> None:
        """Words in the middle of the canvases, while there is nothing else."""
        self.left.set_message(left)
        self.right.set_message(right)
        self.both.set_message(left or right)

    def set_opacity(self, share: float) -> None:
        """Of the right picture over the left one, 0 to 1."""
        self.opacity = share
        self._show()

    def set_draws(self, draws: bool) -> None:
        """Whether a left drag draws a line."""
        self.draws = draws
        shape = Qt.CursorShape.CrossCursor if draws else Qt.CursorShape.ArrowCursor
        for canvas in self.canvases:
            canvas.paints = draws
            canvas.setCursor(shape)

    def _show(self) -> None:
        left, right = self._layers
        if self.mode is PairMode.SIDE:
            self.left.set_layers(left)
            self.right.set_layers(right)
        elif self.mode is PairMode.WIPE:
            self.both.set_layers(left)
            self.both.set_other(right if right.picture else None, self._names)
        else:
            self.both.set_other(None)
            self.both.smooth_above = right.smooth
            self.both.set_layers(replace(left, map=right.picture, opacity=self.opacity))
        for canvas in self.canvases:
            canvas.refresh()

    # -- pointer and line -------------------------------------------------------------------------

    def _on_hovered(self, row: int, column: int) -> None:
        self.set_pointer(None if row < 0 else (row, column))

    def set_pointer(self, pixel: Pixel | None) -> None:
        """Look at a pixel."""
        if pixel != self.marks.pointer:
            self.marks.pointer = pixel
            self._update()
            self.pointed.emit(*(pixel or (-1, -1)))

    def set_line(self, line: tuple[Pixel, Pixel] | None) -> None:
        """Show a line, or none."""
        if line != self.marks.line:
            self.marks.line = line
            self._update()
            self.line_changed.emit()

    def _begin_line(self, row: int, column: int) -> None:
        self.set_line(((row, column), (row, column)))

    def _move_line(self, row: int, column: int) -> None:
        if self.marks.line is not None:
            self.set_line((self.marks.line[0], (row, column)))

    def _step_pointer(self, rows: int, columns: int) -> None:
        """By keys: a hundredth of the picture."""
        height, width = self.left.grid
        row, column = self.marks.pointer or (height // 2, width // 2)
        step = max(1, max(height, width) // 100)
        row, column = row + rows * step, column + columns * step
        self.set_pointer((min(max(row, 0), height - 1), min(max(column, 0), width - 1)))

    def _mark_end(self) -> None:
        """By keys: a line from the last end to the pointer."""
        if self.marks.pointer is not None:
            start = self.marks.line[1] if self.marks.line else self.marks.pointer
            self.set_line((start, self.marks.pointer))

    def _update(self) -> None:
        for canvas in self.canvases:
            canvas.update()
