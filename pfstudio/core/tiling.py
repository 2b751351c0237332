"""Overlapping tiles of a large map, computed one after the other, and how they are put together.

All tiles begin at multiples of the network's unit, so that its strides fall on the same pixels as
without tiles. Those that cover a whole map have one size; windows have the sizes that cost least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CALL = 300  # units that a call costs beside those it computes, measured with our own network
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


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

    def scaled(self, by: int) -> Tile:
        """The same rectangle in units that are so many times smaller."""
        return Tile(self.top * by, self.left * by, self.height * by, self.width * by)


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


@dataclass(frozen=True)
class WeightedTile:
    """A rectangle to compute, and how much each of its values counts where tiles overlap."""

    tile: Tile
    weight: Floats  # (height,width) of the tile, 0..1


@dataclass(frozen=True)
class TilingConfig:
    """How maps are cut. All lengths are in pixels of the map."""

    most: int  # side of the largest tile, a multiple of `unit`
    unit: int  # tiles begin and end at multiples
    margin: int  # at an inner edge of a tile this much is wrong, and is not used
    ramp: int  # over this much neighbours fade into each other
    fixed: bool = False  # tiles have the side `most` even where smaller ones would do


def weighted_tiles_over(height: int, width: int, tiling: TilingConfig) -> tuple[WeightedTile, ...]:
    """Overlapping tiles that cover a map whose sides are multiples of the unit, row by row."""
    down, across = _spans(height, tiling), _spans(width, tiling)
    row_weights = [_fade(*span, height, tiling) for span in down]
    column_weights = [_fade(*span, width, tiling) for span in across]
    return tuple(
        WeightedTile(Tile(top, left, h, w), np.outer(row_weights[i], column_weights[k]))
        for i, (top, h) in enumerate(down)
        for k, (left, w) in enumerate(across)
    )


def tiles_around(wanted: Mask, patch: int, tiling: TilingConfig) -> tuple[WeightedTile, ...]:
    """Cheap tiles that hold every wanted patch with the margin around it.

    Args:
        wanted: (n,m) of patches of `patch` pixels; the map is theirs, its sides multiples of the
            unit, and the unit is one of the patch.
    """
    cells = _cells(wanted, tiling.unit // patch)
    height, width = (side * tiling.unit for side in cells.shape)
    whole = weighted_tiles_over(height, width, tiling)
    margin = -(-tiling.margin // tiling.unit)
    boxes = _boxes(cells, margin, tiling.most // tiling.unit - 2 * margin)
    windows = tuple(_window(box, cells.shape, margin, tiling.unit) for box in boxes)
    return min(whole, windows, key=lambda tiles: _cost(tiles, tiling.unit))


def _cost(tiles: tuple[WeightedTile, ...], unit: int) -> int:
    return sum(weighted.weight.size // unit**2 + _CALL for weighted in tiles)


def _spans(length: int, tiling: TilingConfig) -> tuple[tuple[int, int], ...]:
    """(start, size) of the tiles along one side."""
    if length <= tiling.most:
        return ((0, length),)
    whole, most = length // tiling.unit, tiling.most // tiling.unit  # from here on in units
    overlap = min(-(-(2 * tiling.margin + tiling.ramp) // tiling.unit), most - 1)
    count = -(-(whole - overlap) // (most - overlap))
    size = most if tiling.fixed else -(-(whole + (count - 1) * overlap) // count)
    starts = (round(i * (whole - size) / (count - 1)) for i in range(count))
    return tuple((start * tiling.unit, size * tiling.unit) for start in starts)


def _fade(start: int, size: int, length: int, tiling: TilingConfig) -> Floats:
    """Weights along one side: 0 over the margin of an inner edge, then rising over the ramp."""
    distance = np.arange(size, dtype=np.float64) + 0.5
    weight = np.ones(size)
    margin = min(tiling.margin, size // 2 - tiling.unit // 2) if size < length else 0
    ramp = max(1, min(tiling.ramp, size - 2 * margin))
    for from_edge, inner in ((distance, start > 0), (distance[::-1], start + size < length)):
        if inner:
            weight *= np.sin(np.pi / 2 * np.clip((from_edge - margin) / ramp, 0, 1)) ** 2
    return weight.astype(np.float32)


def _cells(wanted: Mask, per_cell: int) -> Mask:
    """(n,m) of patches -> which units hold a wanted one."""
    n, m = wanted.shape[0] // per_cell, wanted.shape[1] // per_cell
    grouped = wanted.reshape(n, per_cell, m, per_cell)
    return np.asarray(grouped.any(axis=(1, 3)))


def _window(box: Tile, size: tuple[int, int], margin: int, unit: int) -> WeightedTile:
    """A box in units with the margin around it, which counts nothing."""
    top, left = max(0, box.top - margin), max(0, box.left - margin)
    height = min(size[0], box.top + box.height + margin) - top
    width = min(size[1], box.left + box.width + margin) - left
    weight = np.zeros((height, width), np.float32)
    weight[Tile(box.top - top, box.left - left, box.height, box.width).slices] = 1
    weight = weight.repeat(unit, axis=0).repeat(unit, axis=1)
    return WeightedTile(Tile(top, left, height, width).scaled(unit), weight)


def _boxes(cells: Mask, margin: int, most: int, top: int = 0, left: int = 0) -> list[Tile]:
    """Boxes around all wanted cells: a box is split where its halves with their margins cost less.

    Args:
        most: side of the largest box.
    """
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    if not len(rows):
        return []
    cells = cells[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    box = Tile(top + int(rows[0]), left + int(columns[0]), *cells.shape)
    fits = max(cells.shape) <= most
    least = int(cells.sum()) + 8 * margin * (margin + 1) + 2 * _CALL  # of any two boxes
    if fits and _padded([box], margin) <= least:
        return [box]
    (cost_down, down), (cost_across, across) = _split(cells, margin), _split(cells.T, margin)
    if not fits:  # the longer side has to be split
        cost_down, cost_across = (0, 1) if cells.shape[0] >= cells.shape[1] else (1, 0)
    if cost_down <= cost_across:
        halves = _boxes(cells[:down], margin, most, box.top, box.left)
        halves += _boxes(cells[down:], margin, most, box.top + down, box.left)
    else:
        halves = _boxes(cells[:, :across], margin, most, box.top, box.left)
        halves += _boxes(cells[:, across:], margin, most, box.top, box.left + across)
    return [box] if fits and _padded([box], margin) <= _padded(halves, margin) else halves


def _padded(boxes: list[Tile], margin: int) -> int:
    return sum((box.height + 2 * margin) * (box.width + 2 * margin) + _CALL for box in boxes)


def _split(cells: Mask, margin: int) -> tuple[int, int]:
    """The cheapest row to split before: (cost of the tight boxes of both halves, row)."""
    n, m = cells.shape
    if n == 1:
        return n * m * 10**6, 0  # never
    some, count = cells.any(axis=1), np.arange(n)
    first = np.where(some, cells.argmax(axis=1), m)
    last = np.where(some, m - cells[:, ::-1].argmax(axis=1), 0)
    above = np.maximum.accumulate(last) - np.minimum.accumulate(first)
    below = (np.maximum.accumulate(last[::-1]) - np.minimum.accumulate(first[::-1]))[::-1]
    end = np.maximum.accumulate(np.where(some, count, -1)) + 1
    begin = np.minimum.accumulate(np.where(some, count, n)[::-1])[::-1]
    pad = 2 * margin
    costs = (end[:-1] + pad) * (above[:-1] + pad) + (n - begin[1:] + pad) * (below[1:] + pad)
    row = int(costs.argmin())
    return int(costs[row]), row + 1
