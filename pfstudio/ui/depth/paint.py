"""Depth, spread and mask as pictures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.core.depth import SPREAD_LABEL
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import box, painter_of

Floats = npt.NDArray[np.float32]

SPREAD_COLORMAP = "viridis"
_STRIPES = 5  # pixels of a stripe of the mask


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
