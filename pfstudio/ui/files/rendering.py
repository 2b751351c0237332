"""Large pictures at the size they are looked at: from their halves, and only the visible part."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, field

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from pfstudio.ui.stage.geometry import Placement
from pfstudio.ui.stage.layers import PIXELS_FROM

KEPT_PICTURES, KEPT_VIEWS = 6, 8


@dataclass
class Halves:
    """A large picture and its halves, so that a small view of it is drawn from a small one."""

    image: QImage
    _halves: list[QImage] = field(default_factory=list)

    def at_least(self, width: int) -> QImage:
        """The smallest of them that is not narrower than `width`."""
        best = self.image
        for level in range(16):
            if best.width() < 2 * width or min(best.width(), best.height()) < 2:
                break
            if level == len(self._halves):
                size = QSize(max(1, best.width() // 2), max(1, best.height() // 2))
                keep, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode
                self._halves.append(best.scaled(size, keep, smooth.SmoothTransformation))
            best = self._halves[level]
        return best


class Renderer:
    """Draws pictures for a place on the screen, and remembers the last ones it drew."""

    def __init__(self) -> None:
        self._halves: OrderedDict[int, Halves] = OrderedDict()  # by the key of the picture
        self._views: OrderedDict[tuple[object, ...], QImage] = OrderedDict()

    def know(self, halves: Halves) -> None:
        """Use halves that were made elsewhere, e.g. beside the window."""
        self._halves[halves.image.cacheKey()] = halves
        while len(self._halves) > KEPT_PICTURES:
            self._halves.popitem(last=False)

    def view(self, picture: QImage, place: Placement, visible: QRect, *, smooth: bool) -> QImage:
        """The `visible` part of a picture that is stretched over `place`."""
        rects = (place.rect.getRect(), visible.getRect())
        key = (picture.cacheKey(), smooth, *rects)
        if key not in self._views:
            if picture.cacheKey() not in self._halves:
                self.know(Halves(picture))
            halves = self._halves[picture.cacheKey()]
            self._views[key] = _part(halves, place, visible, smooth=smooth)
            while len(self._views) > KEPT_VIEWS:
                self._views.popitem(last=False)
        return self._views[key]


def _part(halves: Halves, place: Placement, visible: QRect, *, smooth: bool) -> QImage:
    best = halves.at_least(place.width)
    across, down = place.width / best.width(), place.height / best.height()  # per pixel of `best`
    left = max(0, math.floor((visible.x() - place.x) / across) - 1)
    top = max(0, math.floor((visible.y() - place.y) / down) - 1)
    right = min(best.width(), math.ceil((visible.right() + 1 - place.x) / across) + 1)
    bottom = min(best.height(), math.ceil((visible.bottom() + 1 - place.y) / down) + 1)
    made = QImage(visible.size(), QImage.Format.Format_RGB32)
    painter = QPainter(made)
    large = place.width >= PIXELS_FROM * halves.image.width()
    painter.setRenderHint(
        QPainter.RenderHint.SmoothPixmapTransform, across < 1 or (smooth and not large)
    )
    target = QRectF(
        place.x + left * across - visible.x(), place.y + top * down - visible.y(),
        (right - left) * across, (bottom - top) * down,
    )  # fmt: skip
    painter.drawImage(target, best, QRectF(left, top, right - left, bottom - top))
    painter.end()
    return made
