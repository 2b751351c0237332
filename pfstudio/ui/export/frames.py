"""The frames of a video: chosen views of every call side by side, with titles and the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from pfstudio.core.colour import role_colours
from pfstudio.core.events import Bytes
from pfstudio.ui.stage.colours import ColourScale, limits_of
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.stage.views import VIEWS, View, map_values
from pfstudio.ui.theme import Tokens
from pfstudio.ui.view_models.run_data import RunData

HEAD, FOOT, GAP = 26, 30, 2
ROLE_OPACITY = 0.55


@dataclass(frozen=True)
class VideoLook:
    """What every frame of a video shares."""

    views: tuple[View, ...]
    image: int
    side: int  # height of a view in pixels
    theme: Tokens
    title: str = ""


def video_frames(data: RunData, decoded: Mapping[int, Bytes], look: VideoLook) -> Iterator[Bytes]:
    """One RGB frame (H,W,3) per call; width and height are even, as video codecs want.

    Args:
        decoded: decoded predictions by call; others are shown as `data` has them.
    """
    for call in range(data.done):
        yield video_frame(data, decoded, look, call)


def columns_of(count: int) -> int:
    """Views side by side before a new row begins."""
    return count if count <= 3 else 2 if count == 4 else 3


def _scale(data: RunData, view: View, image: int) -> ColourScale:
    """One range for the whole video."""
    kind = VIEWS[view]
    if kind.limits is not None:
        return ColourScale(kind.colormap, kind.limits(data))
    values = np.stack([map_values(data, view, k, image) for k in range(data.done)])
    return ColourScale(kind.colormap, limits_of(values))


def video_frame(data: RunData, decoded: Mapping[int, Bytes], look: VideoLook, call: int) -> Bytes:
    """One frame; see `video_frames`."""
    columns = columns_of(len(look.views))
    rows = -(-len(look.views) // columns)
    wide = round(look.side * data.grid[1] / data.grid[0])
    width = columns * (wide + GAP) + GAP
    height = rows * (HEAD + look.side + GAP) + FOOT
    canvas = QImage(width + width % 2, height + height % 2, QImage.Format.Format_RGB888)
    canvas.fill(QColor(look.theme.base))
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for index, view in enumerate(look.views):
        left = GAP + (index % columns) * (wide + GAP)
        top = (index // columns) * (HEAD + look.side + GAP)
        painter.setFont(_font(13, strong=True))
        painter.setPen(QColor(look.theme.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left + 8, top, wide - 16, HEAD), middle, VIEWS[view].title)
        where = QRectF(left, top + HEAD, wide, look.side)
        _draw_view(painter, where, data, decoded, view, call, look.image)
    _draw_foot(painter, look, data, call, QRectF(0, height - FOOT, width, FOOT))
    painter.end()
    return _array(canvas)


def _draw_view(
    painter: QPainter,
    where: QRectF,
    data: RunData,
    decoded: Mapping[int, Bytes],
    view: View,
    call: int,
    image: int,
) -> None:
    if VIEWS[view].is_map:
        values = map_values(data, view, call, image)
        _draw(painter, where, _scale(data, view, image).colours(values), smooth=False)
        return
    if view is View.NOISY:
        found = data.noisy(call, image)
        pixels = found.pixels if found else None
    else:
        pixels = decoded.get(call)
        if pixels is None:
            found = data.prediction(call, image)
            pixels = found.pixels if found else None
    if view is not View.ROLE:
        if pixels is not None:
            _draw(painter, where, pixels, smooth=True)
        return
    if pixels is not None:
        grey = pixels.mean(axis=2, keepdims=True).astype(np.uint8).repeat(3, axis=2)
        _draw(painter, where, grey, smooth=True)
    painter.setOpacity(ROLE_OPACITY)
    _draw(painter, where, role_colours(data.role[call, image]), smooth=False)
    painter.setOpacity(1)


def _draw_foot(painter: QPainter, look: VideoLook, data: RunData, call: int, where: QRectF) -> None:
    t = look.theme
    area = where.adjusted(10, 3, -10, 0)
    painter.setFont(_font(12))
    painter.setPen(QColor(t.muted))
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(area, middle, look.title)
    place = f"call {call + 1} of {data.done}"
    painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, place)
    share = (call + 1) / data.done
    painter.fillRect(QRectF(0, where.top(), where.width(), 3), QColor(t.track))
    painter.fillRect(QRectF(0, where.top(), where.width() * share, 3), QColor(t.accent))


def _draw(painter: QPainter, where: QRectF, pixels: Bytes, *, smooth: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(where, to_image(pixels))


def _font(size: int, *, strong: bool = False) -> QFont:
    made = QFont("Inter")
    made.setPixelSize(size)
    made.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return made


def _array(image: QImage) -> Bytes:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
