"""Compare: the run under the cursors with another call or a pinned run, in three ways."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from pfstudio.core.events import Floats
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.colours import ColourScale, limits_of
from pfstudio.ui.stage.geometry import Placement, ViewTransform
from pfstudio.ui.stage.layers import Layers, map_image
from pfstudio.ui.stage.views import View, map_values
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.ui.widgets.paint import box
from pfstudio.ui.widgets.plot import draw_caption

_GRIP = 7  # logical pixels beside the line where it can be taken
DIFFERENCE_COLORMAP = "magma"


class CompareMode(StrEnum):
    """How two views are laid against each other."""

    WIPE = "wipe"
    DIFFERENCE = "difference"
    SIDE = "side"


@dataclass(frozen=True)
class Difference:
    """Two views subtracted: values (n,m) or (H,W), how to draw them, their colours and mean."""

    values: Floats
    layers: Layers
    scale: ColourScale
    mean: float


class WipeCanvas(ImageCanvas):
    """Two layers with a line between them that can be dragged; `wiped(share)` when it is."""

    wiped = Signal(float)
    crossed = Signal()  # by the pointer: `beyond` has changed

    def __init__(self, view: ViewTransform, name: str, parent: QWidget | None = None) -> None:
        super().__init__(view, name, parent)
        self.share = 0.5
        self.beyond = False  # whether the pointer is right of the line
        self._other: Layers | None = None
        self._names = ("", "")
        self._dragging = False

    def set_other(self, layers: Layers | None, names: tuple[str, str] = ("", "")) -> None:
        """The view right of the line; None: no line."""
        self._other, self._names = layers, names
        self.refresh()

    def set_share(self, share: float) -> None:
        """Where the line is, as a share of the picture's width."""
        share = min(max(share, 0.0), 1.0)
        if share != self.share:
            self.share = share
            self.refresh()

    def _line(self) -> int:
        place = self.placement()
        return place.x + round(self.share * place.width)

    def _draw_content(self, painter: QPainter, place: Placement, area: QRect, unit: int) -> None:
        super()._draw_content(painter, place, area, unit)
        if self._other is None:
            return
        right = QRect(self._line(), 0, max(area.width() - self._line(), 0), area.height())
        painter.save()
        painter.setClipRect(right, Qt.ClipOperation.IntersectClip)
        painter.fillRect(place.rect, QColor(tokens().base))
        self._draw_view(painter, place, area, self._other)
        painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._other is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self._line() / self.devicePixelRatioF()
        for colour, width in ((QColor(0, 0, 0, 160), 4), (QColor("#ffffff"), 2)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        middle = self.height() / 2
        box(painter, QRectF(x - 5, middle - 14, 10, 28), "#ffffff", "#000000", 5)
        draw_caption(painter, QPointF(x - 8, 28), self._names[0], right=True)
        draw_caption(painter, QPointF(x + 8, 28), self._names[1])

    def _on_line(self, event: QMouseEvent) -> bool:
        x = self._line() / self.devicePixelRatioF()
        return self._other is not None and abs(event.position().x() - x) <= _GRIP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragging = event.button() == Qt.MouseButton.LeftButton and self._on_line(event)
        if not self._dragging:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            share = self.placement().share(self._device(event.position()))[0]
            self.set_share(share)
            self.wiped.emit(self.share)
            return
        shape = Qt.CursorShape.SplitHCursor if self._on_line(event) else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        super().mouseMoveEvent(event)
        beyond = self._device(event.position()).x() >= self._line()
        if beyond is not self.beyond:
            self.beyond = beyond
            self.crossed.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
        else:
            super().mouseReleaseEvent(event)


@dataclass(frozen=True)
class Moment:
    """One call of one run and one of its images."""

    data: RunData
    call: int
    image: int


def difference_of(view: View, first: Moment, second: Moment) -> Difference | None:
    """Absolute difference of two views; None if one is not known anywhere or the shapes differ.

    Pictures: mean over red, green and blue, in levels of 255. Roles: 1 where they differ.
    """
    a, b = _plain_values(view, first), _plain_values(view, second)
    if a is None or b is None or a.shape != b.shape:
        return None
    apart = np.abs(a - b)
    if not np.isfinite(apart).any():
        return None
    if view is View.ROLE:
        apart = (apart > 0).astype(np.float32)
    mean = float(np.nanmean(apart))
    if apart.ndim == 3:
        apart = apart.mean(axis=2)
    scale = ColourScale(DIFFERENCE_COLORMAP, (0.0, max(limits_of(apart)[1], 1e-3)))
    picture = map_image(apart, scale)
    smooth = view in (View.PREDICTION, View.NOISY)
    return Difference(apart, Layers(picture) if smooth else Layers(map=picture), scale, mean)


def _plain_values(view: View, moment: Moment) -> Floats | None:
    if view not in (View.PREDICTION, View.NOISY):
        return map_values(moment.data, view, moment.call, moment.image)
    known = moment.data.prediction if view is View.PREDICTION else moment.data.noisy
    picture = known(moment.call, moment.image)
    return None if picture is None else picture.pixels.astype(np.float32)
