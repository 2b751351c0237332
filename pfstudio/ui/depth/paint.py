"""Depth, spread and mask as pictures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from pfstudio.core.depth import SPREAD_LABEL
from pfstudio.ui.language import tr
from pfstudio.ui.widgets.plot import Plot

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


class SpreadPicture(Plot, QWidget):
    """The spread of the members in colours, darkest where they agree."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._words = ""
        self.set_up(tr("Map of the {spread}", spread=tr(SPREAD_LABEL)), 150)

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show a map, or words in its place."""
        self._image, self._words = image, words
        self.update()

    def words(self) -> str:
        return self._words

    def draw(self, painter: QPainter) -> None:
        if self._image is None:
            return
        size = self._image.size().scaled(
            self.width() - 2, self.height() - 2, Qt.AspectRatioMode.KeepAspectRatio
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = QRectF(QPointF(), QSizeF(size))
        place.moveCenter(QRectF(self.rect()).center())
        painter.drawImage(place, self._image)
