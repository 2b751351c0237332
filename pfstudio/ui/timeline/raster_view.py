"""The schedule raster on the screen: a click goes to that call and patch."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.ui.stage.colours import ColourModel
from pfstudio.ui.stage.views import View, value_text
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.timeline.raster import Order, Raster, Shown
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.widgets.paint import FocusRing, box

_VIEWS = {Shown.TIME: View.TIME, Shown.DIFFICULTY: View.DIFFICULTY, Shown.ROLE: View.ROLE}

EMPTY = "Every call will be a column here, and every patch a row."


class RasterView(FocusRing, QWidget):
    """Calls across the whole width; the play head is the time cursor."""

    def __init__(self, run: RunModel, colours: ColourModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run, self.colours = run, colours
        self.raster = Raster({})
        self._take_tables()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(44)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Schedule: calls across, patches down")
        for signal in (run.run_changed, run.calls_changed, run.call_changed, run.patch_changed,
                       run.image_changed):  # fmt: skip
            signal.connect(self._changed)
        colours.changed.connect(self._take_tables)

    def sizeHint(self) -> QSize:
        return QSize(400, 104)

    def set_order(self, order: str) -> None:
        """Sort the patches by place, difficulty or finishing order."""
        self.raster.order = Order(order)
        self.update()

    def set_shown(self, shown: str) -> None:
        """Colour by time, difficulty or role."""
        self.raster.shown = Shown(shown)
        self.update()

    def _take_tables(self) -> None:
        time, difficulty = self.colours.of(View.TIME), self.colours.of(View.DIFFICULTY)
        self.raster.tables = {
            Shown.TIME: time.table, Shown.DIFFICULTY: difficulty.table, Shown.ROLE: "",
        }  # fmt: skip
        self.update()

    def _changed(self) -> None:
        self.setAccessibleDescription(self.run.sentence())
        self.update()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        box(painter, area, t.card, t.border, 5)
        data = self.run.data
        if data is not None and self.run.done:
            height = round((self.height() - 2) * self.devicePixelRatioF())
            self.raster.update(data, self.run.image, height)
            self._draw_raster(painter, area.adjusted(1, 1, -1, -1))
            self._draw_cursors(painter, area.adjusted(1, 1, -1, -1))
        else:
            painter.setFont(font("small"))
            painter.setPen(QColor(t.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, EMPTY)
        self.draw_ring(painter, 5)

    def _draw_raster(self, painter: QPainter, area: QRectF) -> None:
        pixels = self.raster.pixels
        rows, calls = pixels.shape
        known = self.raster.columns
        image = QImage(pixels.data, known, rows, 4 * calls, QImage.Format.Format_RGB32)
        place = QRectF(area.x(), area.y(), area.width() * known / calls, area.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawImage(place.toRect(), image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = QPainterPath()
        corners.addRect(area)
        rounded = QPainterPath()
        rounded.addRoundedRect(area, 4, 4)
        painter.fillPath(corners - rounded, QColor(tokens().panel))

    def _draw_cursors(self, painter: QPainter, area: QRectF) -> None:
        t, calls = tokens(), self.run.data.expected
        x = area.x() + area.width() * (self.run.call + 1) / calls
        columns = self.run.data.grid[1]
        patch = self.run.patch[0] * columns + self.run.patch[1]
        y = area.y() + area.height() * self.raster.share_of(patch)
        for colour, width in ((t.cursor_edge, 3), (t.cursor, 1)):
            painter.setPen(QPen(QColor(colour), width))
            left = area.x() + area.width() * self.run.call / calls
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
            self.run.set_call(place[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if place is None:
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.run.set_call(place[0])
            return
        view = _VIEWS[self.raster.shown]
        words = value_text(self.run.data, view, place[0], self.run.image, place[1:])
        self.setToolTip(f"call {place[0]}   {words}")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
