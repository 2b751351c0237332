"""Parts of a large map that a network computes one after the other, and how they are put together.

All parts of a map have one size, so that several fit into one batch, and begin at multiples of the
network's unit, so that its strides fall on the same pixels as without parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pfstudio.core.tiles import Tile

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_CORES = (1, 2, 4, 8, 16, 32)  # sides of the windows to choose from, in units


@dataclass(frozen=True)
class Part:
    """A rectangle to compute, and how much each of its values counts where parts overlap."""

    tile: Tile
    weight: Floats  # (height,width) of the tile, 0..1


@dataclass(frozen=True)
class Cut:
    """How maps are cut. All lengths are in pixels of the map."""

    most: int  # side of the largest part, a multiple of `unit`
    unit: int  # parts begin and end at multiples
    margin: int  # at an inner edge of a part this much is wrong, and is not used
    ramp: int  # over this much neighbours fade into each other
    fixed: bool = False  # parts have the side `most` even where smaller ones would do


def parts_over(height: int, width: int, cut: Cut) -> tuple[Part, ...]:
    """Overlapping parts that cover a map whose sides are multiples of the unit, row by row."""
    down, across = _spans(height, cut), _spans(width, cut)
    row_weights = [_fade(*span, height, cut) for span in down]
    column_weights = [_fade(*span, width, cut) for span in across]
    return tuple(
        Part(Tile(top, left, h, w), np.outer(row_weights[i], column_weights[k]))
        for i, (top, h) in enumerate(down)
        for k, (left, w) in enumerate(across)
    )


def windows_over(wanted: Mask, patch: int, cut: Cut) -> tuple[Part, ...]:
    """The cheapest parts that hold every wanted patch with the margin around it.

    Args:
        wanted: (n,m) of patches of `patch` pixels; the map is theirs, its sides multiples of the
            unit, and the unit is one of the patch.
    """
    cells = _cells(wanted, cut.unit // patch)
    height, width = (side * cut.unit for side in cells.shape)
    best = parts_over(height, width, cut)
    cost = sum(part.weight.size for part in best)
    margin = -(-cut.margin // cut.unit)
    for core in _CORES:
        if (core + 2 * margin) * cut.unit > cut.most:
            break
        found = _windows(cells, core, margin, cut.unit)
        if sum(part.weight.size for part in found) < cost:
            best, cost = found, sum(part.weight.size for part in found)
    return best


def _spans(length: int, cut: Cut) -> tuple[tuple[int, int], ...]:
    """(start, size) of the parts along one side."""
    if length <= cut.most:
        return ((0, length),)
    overlap = min(2 * cut.margin + cut.ramp, cut.most - cut.unit)
    count = -(-(length - overlap) // (cut.most - overlap))
    size = cut.most
    if not cut.fixed:
        size = -(-(length + (count - 1) * overlap) // count // cut.unit) * cut.unit
        size = min(size + cut.unit, cut.most)
    free = (length - size) // cut.unit
    return tuple((round(i * free / (count - 1)) * cut.unit, size) for i in range(count))


def _fade(start: int, size: int, length: int, cut: Cut) -> Floats:
    """Weights along one side: 0 over the margin of an inner edge, then rising over the ramp."""
    distance = np.arange(size, dtype=np.float64) + 0.5
    weight = np.ones(size)
    margin = min(cut.margin, size // 2 - cut.unit // 2) if size < length else 0
    ramp = max(1, min(cut.ramp, size - 2 * margin))
    for from_edge, inner in ((distance, start > 0), (distance[::-1], start + size < length)):
        if inner:
            weight *= np.sin(np.pi / 2 * np.clip((from_edge - margin) / ramp, 0, 1)) ** 2
    return weight.astype(np.float32)


def _cells(wanted: Mask, per_cell: int) -> Mask:
    """(n,m) of patches -> which units hold a wanted one."""
    n, m = wanted.shape[0] // per_cell, wanted.shape[1] // per_cell
    grouped = wanted.reshape(n, per_cell, m, per_cell)
    return np.asarray(grouped.any(axis=(1, 3)))


def _windows(cells: Mask, core: int, margin: int, unit: int) -> tuple[Part, ...]:
    """Windows of core x core units, those that hold a wanted one, with the margin around them."""
    height, width = (min(core + 2 * margin, side) for side in cells.shape)
    parts = []
    for row in range(0, cells.shape[0], core):
        for column in range(0, cells.shape[1], core):
            if not cells[row : row + core, column : column + core].any():
                continue
            top = min(max(0, row - margin), cells.shape[0] - height)
            left = min(max(0, column - margin), cells.shape[1] - width)
            weight = np.zeros((height, width), np.float32)
            weight[row - top : row - top + core, column - left : column - left + core] = 1
            weight = weight.repeat(unit, axis=0).repeat(unit, axis=1)
            tile = Tile(top * unit, left * unit, height * unit, width * unit)
            parts.append(Part(tile, weight))
    return tuple(parts)
