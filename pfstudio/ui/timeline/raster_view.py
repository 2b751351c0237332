"""The schedule raster on the screen: a click goes to that call and patch."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.player.player import Player
from pfstudio.ui.stage.colours import ColourModel
from pfstudio.ui.stage.views import View, value_text
from pfstudio.ui.theme import tokens
from pfstudio.ui.timeline.raster import PatchOrder, Raster
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.widgets.paint import FocusRing, box, write

EMPTY = QT_TR_NOOP("Every call will be a column here, and every patch a row.")


class RasterView(FocusRing, QWidget):
    """Calls across the whole width; the play head is the time cursor."""

    def __init__(
        self, run: RunModel, player: Player, colours: ColourModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.run, self.player, self.colours = run, player, colours
        self.raster = Raster({})
        self._marks: QRect | None = None  # where the cursors are on the screen
        self._corners = QPainterPath()  # what a rounded frame cuts off
        self._follow_colours()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(44)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Schedule: calls across, patches down"))
        for signal in (run.run_changed, run.patch_changed, run.image_changed):
            signal.connect(self._changed)
        for signal in (run.calls_changed, run.call_changed):
            signal.connect(self._moved)
        run.slow_refresh.connect(self._describe)
        colours.changed.connect(self._follow_colours)

    def sizeHint(self) -> QSize:
        return QSize(400, 104)

    def set_order(self, order: str) -> None:
        """Sort the patches by place, difficulty or finishing order."""
        self.raster.order = PatchOrder(order)
        self.update()

    def set_shown(self, shown: str) -> None:
        """Colour by time, difficulty or role."""
        self.raster.shown = View(shown)
        self.update()

    def _follow_colours(self) -> None:
        for view in (View.TIME, View.DIFFICULTY):
            self.raster.colormaps[view] = self.colours.of(view).colormap
        self.update()

    def _changed(self) -> None:
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self.run.sentence())

    def _moved(self) -> None:
        """Repaint the columns that are new, and the cursors."""
        if not self.isVisible() or self._marks is None:
            self.update()
            return
        first = self._bring_up_to_date()
        if not first:
            self.update()
        elif first < self.raster.columns:
            left, right = self._x(first), self._x(self.raster.columns)
            self.update(int(left), 0, int(right) - int(left) + 2, self.height())
        self.update(self._marks)
        self._marks = self._marks_place()
        self.update(self._marks)

    def _bring_up_to_date(self) -> int:
        height = round((self.height() - 2) * self.devicePixelRatioF())
        return self.raster.update(self.run.shown, self.run.image, height)

    def _x(self, call: float) -> float:
        """Where the column of a call begins."""
        return 1 + (self.width() - 2) * call / self.run.shown.expected

    def _marks_place(self) -> QRect:
        left = int(self._x(self.run.call)) - 3
        return QRect(left, 0, int(self._x(self.run.call + 1)) + 9 - left, self.height())

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(t.card))
        area = QRectF(self.rect())
        some = self.run.data is not None and self.run.done > 0
        if some:
            self._bring_up_to_date()
            self._draw_raster(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(self._corners, QColor(t.panel))
        box(painter, area, "", t.border, 5)
        self._marks = None
        if some:
            self._marks = self._marks_place()
            self._draw_cursors(painter, area.adjusted(1, 1, -1, -1))
        else:
            write(painter, area, tr(EMPTY))
        self.draw_ring(painter, 5)

    def _draw_raster(self, painter: QPainter) -> None:
        """Always the whole image, so that columns stay where they are when more come to it."""
        pixels = self.raster.pixels
        rows, calls = pixels.shape
        image = QImage(pixels.data, calls, rows, 4 * calls, QImage.Format.Format_RGB32)
        known = self.rect().adjusted(1, 1, -1, -1)
        whole = QRect(known)
        known.setRight(round(self._x(self.raster.columns)) - 1)
        painter.setClipRect(known)
        painter.drawImage(whole, image)
        painter.setClipping(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        area = QRectF(self.rect())
        outside, inside = QPainterPath(), QPainterPath()
        outside.addRect(area)
        inside.addRoundedRect(area, 5, 5)
        self._corners = outside - inside

    def _draw_cursors(self, painter: QPainter, area: QRectF) -> None:
        t = tokens()
        left, x = self._x(self.run.call), self._x(self.run.call + 1)
        columns = self.run.shown.grid[1]
        patch = self.run.patch[0] * columns + self.run.patch[1]
        y = area.y() + area.height() * self.raster.share_of(patch)
        for colour, width in ((t.cursor_edge, 3), (t.cursor, 1)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(QPointF(left, y), QPointF(min(x + 5, area.right()), y))
        painter.setPen(QPen(QColor(t.play_head), 2))
        painter.drawLine(QPointF(x - 1, area.y()), QPointF(x - 1, area.bottom()))

    # -- pointer ------------------------------------------------------------------------------

    def _place(self, point: QPointF) -> tuple[int, int, int] | None:
        """(call, row, column) under a point."""
        data = self.run.data
        if data is None or not self.run.done:
            return None
        share_x = min(max((point.x() - 1) / max(self.width() - 2, 1), 0.0), 0.9999)
        share_y = min(max((point.y() - 1) / max(self.height() - 2, 1), 0.0), 0.9999)
        call = min(int(share_x * data.expected), self.run.done - 1)
        return (call, *divmod(self.raster.patch_at(share_y), data.grid[1]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.run.set_patch(*place[1:])
            self.player.go(place[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if place is None:
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.player.go(place[0])
            return
        words = value_text(self.run.shown, self.raster.shown, place[0], self.run.image, place[1:])
        self.setToolTip(tr("call {call}   {words}", call=place[0] + 1, words=words))
