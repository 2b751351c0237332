"""Coloured points in space from a picture and its depth, and how they look from anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

FIELD_OF_VIEW = 55.0  # degrees along the longer side, as in exported points
_NEAR = 0.1  # closest distance to the eye, in radii of the cloud
_STEP_BACK = 0.9  # radii, seen from the side
_LARGEST = 5  # pixels of a point's side
_WIDEST_HOLE = 4  # pixels


@dataclass(frozen=True)
class Cloud:
    """N points around the origin, all within a radius of about 1; x right, y down, z ahead."""

    points: Floats = field(repr=False)  # (N,3)
    colours: Bytes = field(repr=False)  # (N,3)
    centre: float  # how far ahead of the camera the origin lies, in the same unit
    spacing: float  # between neighbours one unit ahead of the camera
    reach: tuple[float, float]  # how far the camera saw to the side and down, one unit ahead


def make_cloud(
    log_depth: Floats, picture: Bytes, most: int, kept: npt.NDArray[np.bool_] | None = None
) -> Cloud:
    """At most about `most` points of a map (H,W), evenly chosen, as a pinhole camera sees them.

    Args:
        log_depth: its exponential is the distance along z, up to one scale.
        picture: (H,W,3).
        kept: (H,W) pixels to show; None: all.
    """
    height, width = log_depth.shape
    step = max(1, math.ceil(math.sqrt(height * width / most)))
    z = np.exp(log_depth[::step, ::step].astype(np.float64))
    rows, columns = np.arange(0, height, step), np.arange(0, width, step)
    focal = max(height, width) / 2 / math.tan(math.radians(FIELD_OF_VIEW) / 2)
    x = z * (columns + 0.5 - width / 2) / focal
    y = z * ((rows + 0.5 - height / 2) / focal)[:, None]
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    colours = picture[::step, ::step].reshape(-1, 3)
    near, far = np.percentile(z, (2, 98))
    centre = float(near + far) / 2  # the middle of the scene: it turns about this
    points[:, 2] -= centre
    radius = float(np.percentile(np.linalg.norm(points, axis=1), 90)) or 1.0
    if kept is not None:
        shown = kept[::step, ::step].ravel()
        points, colours = points[shown], colours[shown]
    points = (points / radius).astype(np.float32)
    reach = (width / 2 / focal, height / 2 / focal)
    return Cloud(points, np.ascontiguousarray(colours), centre / radius, step / focal, reach)


@dataclass(frozen=True)
class Eye:
    """Where one looks from: turned about the origin, then moved back."""

    yaw: float = 0.0  # degrees, to the right
    pitch: float = 0.0  # degrees, up
    zoom: float = 1.0

    def turned(self, yaw: float, pitch: float) -> Eye:
        """Turned further; never over the top."""
        return Eye((self.yaw + yaw + 180) % 360 - 180,
                   min(max(self.pitch + pitch, -89.0), 89.0), self.zoom)  # fmt: skip

    def zoomed(self, factor: float) -> Eye:
        """Nearer or farther."""
        return Eye(self.yaw, self.pitch, min(max(self.zoom * factor, 0.2), 8.0))

    def rotation(self) -> Floats:
        """(3,3) matrix that turns points."""
        a, b = math.radians(self.yaw), math.radians(self.pitch)
        about_y = [[math.cos(a), 0, math.sin(a)], [0, 1, 0], [-math.sin(a), 0, math.cos(a)]]
        about_x = [[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]]
        return (np.array(about_x) @ np.array(about_y)).astype(np.float32)


@dataclass(frozen=True)
class Seen:
    """Where N points appear on a surface of pixels. Points behind the eye are infinitely far."""

    x: Floats
    y: Floats
    distance: Floats  # from the eye
    side: Floats  # pixels between neighbours, if the surface faces the eye


def project(cloud: Cloud, eye: Eye, width: int, height: int) -> Seen:
    """Where the points of a cloud appear; from the front, everything that the camera saw."""
    turned = cloud.points @ eye.rotation().T
    # A step back while it is turned, so that its near end stays in sight.
    facing = math.cos(math.radians(eye.yaw)) * math.cos(math.radians(eye.pitch))
    away = cloud.centre + _STEP_BACK * math.sqrt(max(1 - facing**2, 0.0))
    distance = turned[:, 2] + away
    # From the front the whole picture fits, with a margin.
    focal = 0.46 * min(width / cloud.reach[0], height / cloud.reach[1]) * eye.zoom
    safe = np.maximum(distance, _NEAR)
    x = width / 2 + focal * turned[:, 0] / safe
    y = height / 2 + focal * turned[:, 1] / safe
    side = focal * cloud.spacing * (cloud.points[:, 2] + cloud.centre) / safe
    away_ = np.where(distance > _NEAR, distance, np.inf)
    return Seen(x, y, away_.astype(np.float32), side.astype(np.float32))


def draw_cloud(
    cloud: Cloud, eye: Eye, width: int, height: int, ground: tuple[int, int, int]
) -> Bytes:
    """The cloud as a picture (height,width,3), near points over far ones.

    Points are squares that grow with their nearness, so that surfaces close.
    """
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = ground
    at = project(cloud, eye, width, height)
    inside = (at.x >= 0) & (at.y >= 0) & (at.x < width) & (at.y < height)
    order = np.flatnonzero(inside & np.isfinite(at.distance))
    order = order[np.argsort(-at.distance[order])]  # far points first
    columns, rows = at.x[order].astype(np.intp), at.y[order].astype(np.intp)
    sides = np.clip(np.ceil(1.25 * at.side[order]), 1, _LARGEST).astype(np.intp)
    colours = cloud.colours[order]
    nearest = np.full(height * width, -1, np.intp)  # place in `order` of the point that is seen
    for down in range(int(sides.max(initial=0))):
        for right in range(int(sides.max())):
            big = np.flatnonzero(sides > max(down, right))
            r = np.minimum(rows[big] + down, height - 1)
            c = np.minimum(columns[big] + right, width - 1)
            place = r * width + c
            nearer = big > nearest[place]
            # Of equal places numpy keeps the last, which is the nearest.
            nearest[place[nearer]] = big[nearer]
    shown = _closed(nearest.reshape(height, width))
    hit = shown >= 0
    canvas[hit] = colours[shown[hit]]
    return canvas


def _closed(nearest: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
    """Surfaces that are torn where they stretch away from the eye, with their small holes filled.

    An empty pixel with others near on both sides, left and right or above and below, takes the
    farther of the two: what lies behind shows through a gap.

    Args:
        nearest: (H,W) numbers of the points that are seen, nearer ones larger; -1: none.
    """
    shown = nearest.astype(np.int32)
    between = []
    for lines in (shown, shown.T):  # above and below, then left and right
        before, after = lines.copy(), lines.copy()
        for _ in range(_WIDEST_HOLE):
            np.copyto(before[1:], before[:-1].copy(), where=before[1:] < 0)
            np.copyto(after[:-1], after[1:].copy(), where=after[:-1] < 0)
        between.append(np.minimum(before, after))
    np.copyto(shown, np.maximum(between[0], between[1].T), where=shown < 0)
    return shown
