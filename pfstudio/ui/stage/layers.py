"""Layers: what one view of one call looks like, ready to be drawn on any canvas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from pfstudio.core.colour import role_colours
from pfstudio.core.events import Bytes, Floats
from pfstudio.ui.stage import patches
from pfstudio.ui.stage.colours import ColourModel, ColourScale
from pfstudio.ui.stage.geometry import Placement
from pfstudio.ui.stage.views import View, map_values
from pfstudio.ui.view_models.run_data import RunData

PIXELS_FROM = 20  # device pixels of a picture's pixel from which pixels are shown as squares
ROLE_OPACITY = 0.5
_BLEND_SCALED = 2048 * 2048  # device pixels up to which a translucent map is scaled by itself


@dataclass(frozen=True)
class Layers:
    """Bottom up: a picture (grey if `dimmed`), a map of one pixel per patch, patterns of roles."""

    picture: QImage | None = None
    dimmed: bool = False
    smooth: bool = True  # False: the picture's pixels are squares
    map: QImage | None = None
    opacity: float = 1.0  # of the map, where a picture lies below it
    roles: npt.NDArray[np.uint8] | None = None  # (n,m)


def to_image(pixels: Bytes) -> QImage:
    """A QImage of (H,W,3) RGB. It owns its pixels."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def map_image(values: Floats, scale: ColourScale) -> QImage:
    """Values (n,m) in colours, one pixel each."""
    return to_image(scale.colours(values))


def layers_of(data: RunData, view: View, call: int, image: int, colours: ColourModel) -> Layers:
    """One view of one call; empty where nothing is known yet."""
    if view is View.PREDICTION:
        return Layers(_picture(data, call, image))
    if view is View.NOISY:
        decoded = data.noisy_decoded(call, image)
        if decoded is not None:
            return Layers(to_image(decoded.pixels))
        noisy = data.noisy(call, image)
        return Layers(to_image(noisy.pixels) if noisy else None, smooth=False)
    if view is View.ROLE:
        roles = data.role[call, image]
        tint = to_image(role_colours(roles))
        picture = _picture(data, call, image)
        return Layers(picture, dimmed=True, map=tint, opacity=ROLE_OPACITY, roles=roles)
    values = map_values(data, view, call, image)
    if not np.isfinite(values).any():
        return Layers()
    return Layers(map=map_image(values, colours.scale(view, data, call, image)))


def overlay_of(
    data: RunData, view: View, call: int, image: int, colours: ColourModel, opacity: float
) -> Layers:
    """The prediction with a map view over it."""
    above = layers_of(data, view, call, image, colours)
    if view is View.ROLE:
        return replace(above, dimmed=False, opacity=opacity)
    return Layers(_picture(data, call, image), map=above.map, opacity=opacity)


def _picture(data: RunData, call: int, image: int) -> QImage | None:
    picture = data.prediction(call, image)
    return to_image(picture.pixels) if picture else None


def draw_layers(painter: QPainter, place: Placement, layers: Layers, unit: int) -> None:
    """Draw on placed patches, in device pixels; `unit` is a logical pixel."""
    if layers.picture is not None:
        picture = layers.picture
        if layers.dimmed:
            grey = picture.convertToFormat(QImage.Format.Format_Grayscale8)
            picture = grey.convertToFormat(QImage.Format.Format_RGB32)  # drawn twice as fast
        draw_picture(painter, place, picture, smooth=layers.smooth)
    if layers.map is not None:
        _draw_map(painter, place, layers.map, layers.opacity if layers.picture is not None else 1.0)
    if layers.roles is not None:
        patches.draw_patterns(painter, place, layers.roles, unit)


def _draw_map(painter: QPainter, place: Placement, map_: QImage, opacity: float) -> None:
    """A map with sharp patches. Blending is three times as fast at the final size."""
    if opacity < 1.0 and place.width * place.height <= _BLEND_SCALED:
        keep, sharp = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.FastTransformation
        map_ = map_.scaled(place.rect.size(), keep, sharp)
    painter.setOpacity(opacity)
    painter.drawImage(place.rect, map_)
    painter.setOpacity(1.0)


def draw_picture(
    painter: QPainter, place: Placement, picture: QImage, *, smooth: bool = True
) -> None:
    """A picture fitted on the grid: averaged when small, smooth when large, squares when huge."""
    if place.width < picture.width():
        mode = Qt.TransformationMode.SmoothTransformation
        keep = Qt.AspectRatioMode.IgnoreAspectRatio
        painter.drawImage(place.rect.topLeft(), picture.scaled(place.rect.size(), keep, mode))
        return
    smooth = smooth and place.width < PIXELS_FROM * picture.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(place.rect, picture)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
