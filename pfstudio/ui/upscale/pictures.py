"""Pictures before and after, prepared beside the window so that showing them costs little."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import gcd
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from pfstudio.core.colour import lookup
from pfstudio.core.events import Floats
from pfstudio.core.image_io import read_picture
from pfstudio.core.upscale import Upscaled
from pfstudio.core.upscale_files import over_white
from pfstudio.ui.files.rendering import Halves
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.layers import map_image, to_image

Bytes = npt.NDArray[np.uint8]

DIFFERENCE_COLORMAP = "magma"
_LEAST = 400  # pixels across of the smallest view that is prepared
_MOST_SHARE = 0.999  # of the pixels lie below the upper end of the difference's colours


@dataclass(frozen=True)
class PixelDifference:
    """How far the result is from the picture enlarged plainly, in levels of 255."""

    image: QImage
    mean: float
    high: float  # what the brightest colour stands for


@dataclass(frozen=True)
class Pictures:
    """One file before and, once it was upscaled, after."""

    before: Bytes = field(repr=False)  # (H,W,3)
    after: Bytes | None = field(default=None, repr=False)  # (FH,FW,3)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the result, or of the picture while there is none."""
        shown = self.before if self.after is None else self.after
        return shown.shape[0], shown.shape[1]

    @property
    def factor(self) -> int:
        """How much larger the result is; 1 while there is none."""
        return self.size[0] // self.before.shape[0]

    @cached_property
    def near(self) -> QImage:
        """The picture itself; drawn larger, its pixels are squares."""
        return to_image(self.before)

    @cached_property
    def enlarged(self) -> Bytes:
        """The picture enlarged bicubically to the size of the result."""
        import cv2  # late: it takes a while, and the window starts without it

        height, width = self.size
        return np.asarray(
            cv2.resize(self.before, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8
        )

    @cached_property
    def smooth(self) -> QImage:
        """`enlarged`, to be drawn."""
        return to_image(self.enlarged)

    @cached_property
    def sharp(self) -> QImage | None:
        """The result."""
        return None if self.after is None else to_image(self.after)

    @cached_property
    def difference(self) -> PixelDifference | None:
        """The result minus the bicubic enlargement, mean over red, green and blue."""
        if self.after is None:
            return None
        import cv2

        apart = cv2.transform(cv2.absdiff(self.after, self.enlarged), np.full((1, 3), 1 / 3))
        counts = cv2.calcHist([apart], [0], None, [256], [0, 256]).ravel()
        high = max(1, int(np.searchsorted(counts.cumsum(), _MOST_SHARE * apart.size)))
        mean = float(counts @ np.arange(256) / apart.size)
        levels = cv2.convertScaleAbs(apart, alpha=255 / high)
        coloured = cv2.applyColorMap(levels, lookup(DIFFERENCE_COLORMAP).reshape(256, 1, 3))
        return PixelDifference(to_image(np.asarray(coloured, np.uint8)), mean, float(high))

    @property
    def bytes(self) -> int:
        """Memory that all of this takes, about."""
        each = 4 * 4 / 3  # a pixel to draw, with its halves
        drawn = self.before.size / 3 + (0 if self.after is None else self.after.size)
        kept = self.before.nbytes + (0 if self.after is None else 2 * self.after.nbytes)
        return kept + round(each * drawn)

    @cached_property
    def halves(self) -> tuple[Halves, ...]:
        """For fast views of the large pictures, down to small ones."""
        large = [self.near]
        if self.sharp is not None and self.difference is not None:
            large += [self.smooth, self.sharp, self.difference.image]
        made = tuple(Halves(image) for image in large)
        for halves in made:
            halves.at_least(_LEAST)
        return made

    def prepared(self) -> Pictures:
        """Itself, with everything that the stage draws computed."""
        _ = (self.near, self.halves)
        return self


@dataclass(frozen=True)
class Reading:
    """A job for the background: read what is not in memory, and prepare it all.

    Raises:
        InputError: a file is no picture.
    """

    path: Path
    result: Path | None = None  # where the result was saved
    upscaled: Upscaled | None = None  # where its pixels are in memory already

    def __call__(self) -> Pictures:
        done = self.upscaled
        if done is not None and done.alpha is None:
            return Pictures(done.picture, done.image).prepared()
        before = read_picture(self.path)  # of transparency `done` has only what the network saw
        if done is not None:
            after: Bytes | None = over_white(done)
        else:
            after = None if self.result is None else read_picture(self.result)
        if after is not None and not _fits(before, after):
            after = None  # one of the files was changed since
        return Pictures(before, after).prepared()


def _fits(before: Bytes, after: Bytes) -> bool:
    """Whether one is a whole multiple of the other."""
    factor = after.shape[0] // before.shape[0]
    return after.shape[:2] == (factor * before.shape[0], factor * before.shape[1])


def patch_side(size: tuple[int, int], grid: tuple[int, int]) -> int:
    """Pixels of a patch's side, where `grid` patches (rows, columns) cover `size` (height, width).

    The last patches may reach over the edge.
    """
    side = 1
    while side < max(size) and (-(-size[0] // side), -(-size[1] // side)) != grid:
        side *= 2
    return side


def map_over(values: Floats, scale: ColourScale, size: tuple[int, int]) -> QImage:
    """Values of patches (n,m) as a picture to be stretched over `size` (height, width) pixels."""
    side = patch_side(size, (values.shape[0], values.shape[1]))
    unit = gcd(side, *size)
    each = side // unit
    cells = values.repeat(each, axis=0).repeat(each, axis=1)
    cells = cells[: size[0] // unit, : size[1] // unit]
    return map_image(cells, scale)
