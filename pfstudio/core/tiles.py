"""Overlapping tiles that cover a large map, and the weights that blend them without seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Tile:
    """A rectangle of a map, in its units."""

    top: int
    left: int
    height: int
    width: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )


def starts(length: int, tile: int, overlap: int) -> tuple[int, ...]:
    """First units of equally spaced tiles over `length`, neighbours sharing at least `overlap`."""
    if tile >= length:
        return (0,)
    count = -(-(length - overlap) // (tile - overlap))
    return tuple(round(i * (length - tile) / (count - 1)) for i in range(count))


def tiles_over(height: int, width: int, tile: int, overlap: int) -> tuple[Tile, ...]:
    """Tiles of at most `tile` x `tile` over a map, row by row. `overlap` is less than `tile`."""
    rows, columns = starts(height, tile, overlap), starts(width, tile, overlap)
    h, w = min(tile, height), min(tile, width)
    return tuple(Tile(top, left, h, w) for top in rows for left in columns)


def blend_weights(height: int, width: int) -> Floats:
    """Weights (height,width) of a tile: a raised cosine that is highest in the middle, never 0."""

    def window(length: int) -> npt.NDArray[np.float64]:
        return np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2

    return np.outer(window(height), window(width)).astype(np.float32)
