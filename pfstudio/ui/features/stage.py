"""The pictures above, what the model holds of them below; a click or a stroke marks a patch."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.core.clustering import NO_LABEL
from pfstudio.ui.features.maps import GROUP_COLOURS, Match, Place
from pfstudio.ui.features.model import FeaturesPageModel, Tab
from pfstudio.ui.language import tr
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import MIDDLE, FocusRing, painter_of, write

_GAP, _MARGIN, _FOOT = 14, 16, 22
_STEPS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class FeatureStage(FocusRing, QWidget):
    """Shows a FeaturesPageModel."""

    def __init__(self, model: FeaturesPageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._pictures: list[QImage] = []
        self._maps: list[QImage] = []
        self._grid = (0, 0)
        self._matches: tuple[Match, ...] = ()
        self.setAccessibleName(tr("Images and what the model holds of them"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        model.found_changed.connect(self.refresh)
        model.busy_changed.connect(self._on_busy)

    def sizeHint(self) -> QSize:
        return QSize(640, 420)

    @Slot()
    def refresh(self) -> None:
        """Make the pictures anew."""
        model = self._model
        pictures, shown = model.pictures, model.map()
        self._pictures = [] if pictures is None else [to_image(one) for one in pictures]
        self._maps = [] if shown is None else [to_image(one) for one in shown]
        values = model.values
        self._grid = (0, 0) if values is None else (values.shape[1], values.shape[2])
        self._matches = model.matches()
        self.setAccessibleDescription(self._said())
        self.update()

    @Slot()
    def _on_busy(self) -> None:
        """Say so where there is nothing else to see."""
        if not (self._pictures and self._maps):
            self.update()

    def _said(self) -> str:
        place = self._model.place
        if place is None:
            return tr("No patch is picked.")
        words = tr(
            "Image {image}, row {row}, column {column}",
            image=place.image + 1,
            row=place.row + 1,
            column=place.column + 1,
        )
        for match in self._matches:
            there = match.place
            words = tr(
                "{before}; image {image}: row {row}, column {column}, similarity {similarity:.2f}",
                before=words,
                image=there.image + 1,
                row=there.row + 1,
                column=there.column + 1,
                similarity=match.similarity,
            )
        return words + "."

    # -- places ----------------------------------------------------------------------------------

    def tile(self, image: int, row: int) -> QRectF:
        """Where a picture (row 0) or its map (row 1) is drawn: below it, or beside it where both
        are larger so."""
        count = max(1, len(self._pictures))
        width, height = self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN
        below = min((width - (count - 1) * _GAP) / count, (height - _GAP) / 2 - _FOOT)
        beside = min((width - (2 * count - 1) * _GAP) / (2 * count), height - _FOOT)
        across = 2 * count if beside > below else count
        side = max(8.0, below, beside)
        left = (self.width() - across * side - (across - 1) * _GAP) / 2
        step = side + _GAP
        if beside > below:
            top = (self.height() - side - _FOOT) / 2
            return QRectF(left + (2 * image + row) * step, top, side, side)
        top = (self.height() - 2 * (side + _FOOT) - _GAP) / 2
        return QRectF(left + image * step, top + row * (step + _FOOT), side, side)

    def centre(self, place: Place, row: int) -> QPointF:
        """The middle of a patch."""
        tile, (rows, columns) = self.tile(place.image, row), self._grid
        return QPointF(
            tile.x() + (place.column + 0.5) * tile.width() / columns,
            tile.y() + (place.row + 0.5) * tile.height() / rows,
        )

    def place_at(self, point: QPointF) -> Place | None:
        """The patch under a point."""
        rows, columns = self._grid
        for image in range(len(self._maps)):
            for row in (0, 1):
                tile = self.tile(image, row)
                if tile.contains(point):
                    x = int((point.x() - tile.x()) / tile.width() * columns)
                    y = int((point.y() - tile.y()) / tile.height() * rows)
                    return Place(image, min(y, rows - 1), min(x, columns - 1))
        return None

    # -- pointer and keys ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._touch(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._touch(event.position())

    def _touch(self, point: QPointF) -> None:
        place = self.place_at(point)
        if place is not None and (place != self._model.place or not self._model.busy):
            self._model.touch(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or not self._maps:
            super().keyPressEvent(event)
            return
        place = self._model.place or Place(0, 0, 0)
        row = min(max(place.row + step[0], 0), self._grid[0] - 1)
        column = min(max(place.column + step[1], 0), self._grid[1] - 1)
        self._model.touch(Place(place.image, row, column))

    # -- look ------------------------------------------------------------------------------------

    def _words(self) -> str:
        model = self._model
        if not model.files:
            return tr("Drop one to four images here to see what a model holds of them.")
        if model.busy:
            return tr("Asking the model…")
        if model.matrix is None:
            return tr("Nothing is known of these images.")
        return "" if self._maps else tr("This model does not tell this. Choose another map.")

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.base))
        if not self._pictures or (not self._maps and self._words()):
            write(painter, self.rect().adjusted(30, 0, -30, 0), self._words(), "body")
            self.draw_ring(painter)
            return
        smooth = QPainter.RenderHint.SmoothPixmapTransform
        painter.setRenderHint(smooth)
        for image, picture in enumerate(self._pictures):
            painter.drawImage(self.tile(image, 0), picture)
        painter.setRenderHint(smooth, False)
        for image, shown in enumerate(self._maps):
            painter.drawImage(self.tile(image, 1), shown)
        self._draw_marks(painter)
        names = self._model.matrix.names if self._model.matrix else ()
        for image, name in enumerate(names[: len(self._pictures)]):
            self._write_below(painter, self.tile(image, 0), name)
        for match in self._matches:
            words = tr("similarity {similarity:.2f}", similarity=match.similarity)
            if not match.mutual:
                words = tr("{similarity}, one way", similarity=words)
            self._write_below(painter, self.tile(match.place.image, 1), words)
        self.draw_ring(painter)

    def _write_below(self, painter: QPainter, tile: QRectF, words: str) -> None:
        foot = QRectF(tile.x(), tile.bottom() + 2, tile.width(), _FOOT - 2)
        metrics = QFontMetrics(font("small"))
        short = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, int(tile.width()))
        write(painter, foot, short, "small", "muted", MIDDLE)

    def _draw_marks(self, painter: QPainter) -> None:
        model, t = self._model, tokens()
        if model.tab is Tab.SEGMENT and model.scribbles is not None:
            for image, row, column in np.argwhere(model.scribbles != NO_LABEL):
                place = Place(int(image), int(row), int(column))
                colour = GROUP_COLOURS[model.scribbles[image, row, column] % len(GROUP_COLOURS)]
                self._draw_place(painter, place, QColor(*map(int, colour)))
        if model.place is None or max(model.place.row + 1, 1) > self._grid[0]:
            return
        if model.tab is Tab.MATCH and not model.masking:
            for match in self._matches:
                line = QLineF(self.centre(model.place, 0), self.centre(match.place, 0))
                for colour, width in ((t.cursor_edge, 3.5), (t.cursor, 1.5)):
                    style = Qt.PenStyle.SolidLine if match.mutual else Qt.PenStyle.DashLine
                    painter.setPen(QPen(QColor(colour), width, style))
                    painter.drawLine(line)
                self._draw_place(painter, match.place, QColor(t.cursor))
        if model.tab in (Tab.MAP, Tab.MATCH) and not model.masking:
            self._draw_place(painter, model.place, QColor(t.cursor))

    def _draw_place(self, painter: QPainter, place: Place, colour: QColor) -> None:
        for row in (0, 1):
            tile, middle = self.tile(place.image, row), self.centre(place, row)
            size = (tile.width() / self._grid[1], tile.height() / self._grid[0])
            spot = QRectF(middle.x() - size[0] / 2, middle.y() - size[1] / 2, *size)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for edge, width in ((QColor(tokens().cursor_edge), 4.0), (colour, 2.0)):
                painter.setPen(QPen(edge, width))
                painter.drawRect(spot.adjusted(1, 1, -1, -1))
