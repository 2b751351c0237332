"""Depth, spread and mask as pictures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.core.colour import apply, lookup
from pfstudio.core.depth import SPREAD_LABEL
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import box, painter_of

Floats = npt.NDArray[np.float32]

SPREAD_TABLE = "viridis"
_STRIPES = 5  # pixels of a stripe of the mask


def map_picture(values: Floats, ends: tuple[float, float], table: str) -> QImage:
    """Values (h,w) in colours."""
    return to_image(apply(values, *ends, table))


def masked_picture(picture: QImage, spread: Floats, threshold: float) -> QImage:
    """A picture (h,w) with dark stripes over the pixels whose spread is above the threshold."""
    rows, columns = np.indices(spread.shape)
    away = spread > threshold
    stripes = (rows + columns) // _STRIPES % 2 == 0
    cover = np.zeros((*spread.shape, 4), np.uint8)  # blue, green, red, opacity
    cover[away] = (22, 18, 16, 235)
    cover[away & stripes] = (74, 66, 60, 235)
    height, width = spread.shape
    over = QImage(cover.data, width, height, 4 * width, QImage.Format.Format_ARGB32)
    masked = picture.copy()
    painter = QPainter(masked)
    painter.drawImage(masked.rect(), over)
    painter.end()
    return masked


class SpreadPicture(QWidget):
    """The spread of the members in colours, darkest where they agree."""

    HEIGHT = 150

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._words = ""
        self.setFixedHeight(self.HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Map of the {SPREAD_LABEL}")

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show a map, or words in its place."""
        self._image, self._words = image, words
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        box(painter, QRectF(self.rect()), t.card, t.border, t.radius)
        if self._image is None:
            painter.setFont(font("small"))
            painter.setPen(QColor(t.muted))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(14, 6, -14, -6), flags, self._words)
            return
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        scale = min(room.width() / self._image.width(), room.height() / self._image.height())
        width, height = self._image.width() * scale, self._image.height() * scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = QRectF(0, 0, width, height)
        place.moveCenter(room.center())
        painter.drawImage(place, self._image)


class RangeBar(QWidget):
    """The colours with the values at their ends, from near to far."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table, self._low, self._high = "grey", "", ""
        self.setFixedSize(QSize(230, 26))
        self.setAccessibleName("Colours of the depth")

    def show_range(self, table: str, low: str, high: str) -> None:
        """Show these colours with words at both ends."""
        self._table, self._low, self._high = table, low, high
        self.setAccessibleDescription(f"{table}, {low} to {high}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.setFont(font("tiny"))
        metrics = painter.fontMetrics()
        left, right = (metrics.horizontalAdvance(text) for text in (self._low, self._high))
        painter.setPen(QColor(t.muted))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignLeft, self._low)
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignRight, self._high)
        bar = QRectF(left + 8, 9, self.width() - left - right - 16, 8)
        shades = np.ascontiguousarray(lookup(self._table)[None])
        image = QImage(shades.data, 256, 1, 768, QImage.Format.Format_RGB888)
        painter.drawImage(bar, image)
        box(painter, bar, "", t.border, 2)
