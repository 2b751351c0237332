"""A result at its picture's own size, prepared beside the window: large pictures take a moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pfstudio.core.depth import DepthMap
from pfstudio.core.depth_measures import spread_of, view
from pfstudio.core.errors import PfstudioError
from pfstudio.core.image_io import read_picture
from pfstudio.ui.files.rendering import Halves
from pfstudio.ui.language import QT_TR_NOOP
from pfstudio.ui.stage.layers import to_image

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

# Longest side of what is coloured; values come from all pixels.
DRAWN, MOST_DRAWN = 1024, 2048
CHANGED = QT_TR_NOOP(
    "The image was changed since its depth was estimated. Estimate this image again."
)


@dataclass(frozen=True)
class DepthDetail:
    """One file, and its depth once there is one. H x W pixels.

    The `small` maps are what is drawn: not much larger than what was worked at.
    """

    picture: Bytes | None = field(repr=False)  # (H,W,3); None: it cannot be read
    halves: Halves | None = field(default=None, repr=False)  # the picture to be drawn
    quantity: str = ""
    depth: DepthMap | None = None  # with its picture
    values: Floats | None = field(default=None, repr=False)  # (H,W) of the quantity
    spread: Floats | None = field(default=None, repr=False)  # (H,W) in the same units
    small_values: Floats | None = field(default=None, repr=False)
    small_spread: Floats | None = field(default=None, repr=False)
    problem: str = ""  # why the picture or its depth cannot be shown

    @property
    def size(self) -> tuple[int, int]:
        """(H, W); a square where nothing is known."""
        known = self.picture if self.picture is not None else self.values
        return (known.shape[0], known.shape[1]) if known is not None else (1, 1)


def without_picture(depth: DepthMap) -> DepthMap:
    """A result that takes little memory: its picture is there in size only."""
    return replace(depth, picture=np.broadcast_to(np.uint8(0), depth.picture.shape))


def read_detail(
    path: Path, depth: DepthMap | None, quantity: str, picture: Bytes | None = None
) -> DepthDetail:
    """Read the picture (unless it is given), and make the maps at its size."""
    problem = ""
    if picture is None:
        try:
            picture = read_picture(path)
        except PfstudioError as error:
            problem = str(error)
    halves = None
    if picture is not None:
        halves = Halves(to_image(picture))
        halves.at_least(DRAWN // 2)  # makes them here, and not while the window paints
    if depth is None:
        return DepthDetail(picture, halves, problem=problem)
    if picture is not None and picture.shape != depth.picture.shape:
        return DepthDetail(picture, halves, problem=CHANGED)
    if picture is not None:
        depth = replace(depth, picture=picture)
    values = view(depth.log_depth, quantity)
    spread = spread_of(depth, quantity)
    most = min(max(DRAWN, *depth.processed.shape[1:]), MOST_DRAWN)
    return DepthDetail(
        picture, halves, quantity, depth, values, spread, smaller(values, most),
        smaller(spread, most), problem,
    )  # fmt: skip


def smaller(values: Floats, most: int) -> Floats:
    """A map whose sides are at most `most`, averaged."""
    import cv2

    scale = most / max(values.shape)
    if scale >= 1:
        return values
    size = (max(1, round(values.shape[1] * scale)), max(1, round(values.shape[0] * scale)))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA))
