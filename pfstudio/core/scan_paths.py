"""The orders in which a state-space network scans the patches of a picture.

A path over a grid of n x m patches is an array (n*m,) of int64: position k of the scanned sequence
holds patch path[k], with patches numbered row by row. The eight snakes and the Hilbert tables are
those of "ZigMa: A DiT-style Zigzag Mamba Diffusion Model" (ECCV 2024, arXiv 2403.13802).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError

ScanPath = npt.NDArray[np.int64]


def _oriented(rows: int, columns: int, number: int) -> ScanPath:
    """The patches' numbers as seen from corner `number // 2`, transposed for odd numbers: 2-D."""
    grid = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns)
    if number // 2 % 2:
        grid = grid[:, ::-1]
    if number // 4:
        grid = grid[::-1]
    return grid.T if number % 2 else grid


def zigzag(rows: int, columns: int, number: int = 0) -> ScanPath:
    """A snake: from corner number // 2 (top left, top right, bottom left, bottom right), along rows
    (even numbers) or columns (odd). Every step goes to a neighbour."""
    grid = _oriented(rows, columns, number).copy()
    grid[1::2] = grid[1::2, ::-1]
    return grid.ravel()


def raster(rows: int, columns: int, number: int = 0) -> ScanPath:
    """Row by row from a corner (even numbers), or column by column, jumping back at each end."""
    return _oriented(rows, columns, number).ravel()


def spiral(rows: int, columns: int, number: int = 0) -> ScanPath:
    """From a corner along the border and on inwards."""
    grid, parts = _oriented(rows, columns, number), []
    while grid.size:
        parts.append(grid[0])
        grid = np.rot90(grid[1:])
    return np.concatenate(parts)


def hilbert(rows: int, columns: int, number: int = 0) -> ScanPath:
    """A generalised Hilbert curve from a corner; every step goes to a neighbour, but for one
    diagonal step where both sides fit badly (the longer odd, the shorter even)."""
    grid = _oriented(rows, columns, number)
    height, width = grid.shape
    cells: list[tuple[int, int]] = []
    if width >= height:
        _hilbert_walk(cells, (0, 0), (0, width), (height, 0))
    else:
        _hilbert_walk(cells, (0, 0), (height, 0), (0, width))
    y, x = np.array(cells).T
    return grid[y, x]


def published_hilbert(rows: int, columns: int, number: int = 0) -> ScanPath:
    """What the published ZigMa walks by this name: a table of each patch's rank on the curve, read
    as if it held the patch of each rank. Most of its steps are jumps."""
    rank = np.empty(rows * columns, np.int64)
    rank[hilbert(rows, columns)] = np.arange(rows * columns)
    table = np.rot90(rank.reshape(rows, columns).T, number // 2)
    return (table.T if number % 2 else table).ravel()


def shuffled(rows: int, columns: int, number: int = 0) -> ScanPath:
    """A random order, the same for the same number."""
    return np.random.default_rng(number).permutation(rows * columns)


def inverse(path: ScanPath) -> ScanPath:
    """Where each patch comes in the sequence: inverse(path)[path[k]] = k."""
    places = np.empty_like(path)
    places[path] = np.arange(len(path))
    return places


# The families by their names: those of the published code, then what it has no name for.
FAMILIES: dict[str, Callable[[int, int, int], ScanPath]] = {
    "zigzag": zigzag,
    "hilbert": published_hilbert,
    "random": shuffled,
    "curve": hilbert,
    "raster": raster,
    "spiral": spiral,
}


def layer_path(scan: str, layer: int, rows: int, columns: int) -> ScanPath:
    """The path of a layer (from 0) of a network whose scan is a family and how many of its paths
    take turns, like "zigzagN8"; "v2" scans row by row, in both directions.

    Raises:
        InputError: there is no such scan.
    """
    if scan == "v2":
        return raster(rows, columns)
    parts = re.fullmatch(r"([a-z]+)N([1-8])", scan)
    if parts is None or parts[1] not in FAMILIES:
        raise InputError(
            f"There is no scan {scan!r}.",
            f"A scan is v2, or one of {', '.join(FAMILIES)} followed by N and how many paths take "
            "turns, 1 to 8.",
        )
    return FAMILIES[parts[1]](rows, columns, layer % int(parts[2]))


Vector = tuple[int, int]


def _hilbert_walk(cells: list[Vector], at: Vector, along: Vector, across: Vector) -> None:
    """Walk the rectangle of two axis-parallel vectors, from `at` to the end of `along`."""
    length, width = abs(sum(along)), abs(sum(across))
    forward, sideways = _unit(along), _unit(across)
    if width == 1 or length == 1:
        step, count = (forward, length) if width == 1 else (sideways, width)
        cells += [_plus(at, step, k) for k in range(count)]
        return
    half, half_across = _half(along), _half(across)
    if 2 * length > 3 * width:  # long: two parts one behind the other
        if abs(sum(half)) % 2 and length > 2:
            half = _plus(half, forward)
        _hilbert_walk(cells, at, half, across)
        _hilbert_walk(cells, _plus(at, half), _plus(along, half, -1), across)
        return
    if abs(sum(half_across)) % 2 and width > 2:
        half_across = _plus(half_across, sideways)
    # Up the near side, along the far side, and down again.
    _hilbert_walk(cells, at, half_across, half)
    _hilbert_walk(cells, _plus(at, half_across), along, _plus(across, half_across, -1))
    end = _plus(_plus(_plus(at, along), forward, -1), _plus(half_across, sideways, -1))
    back = (-half_across[0], -half_across[1])
    _hilbert_walk(cells, end, back, _plus(half, along, -1))


def _unit(vector: Vector) -> Vector:
    return (int(np.sign(vector[0])), int(np.sign(vector[1])))


def _half(vector: Vector) -> Vector:
    return (vector[0] // 2, vector[1] // 2)


def _plus(a: Vector, b: Vector, times: int = 1) -> Vector:
    return (a[0] + times * b[0], a[1] + times * b[1])
