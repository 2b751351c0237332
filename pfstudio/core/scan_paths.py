"""The orders in which a state-space network scans the patches of a picture.

A path over a grid of n x m patches is an array (n*m,) of int64: position k of the scanned sequence
holds patch path[k], with patches numbered row by row. The eight snakes and the Hilbert tables are
those of "ZigMa: A DiT-style Zigzag Mamba Diffusion Model" (ECCV 2024, arXiv 2403.13802).

A scan, which says the paths of all layers, is written as one word: a family and how many of its
paths take turns ("zigzagN8"), "v2" (row by row), or one path for every layer, by the numbers of its
patches from 1 ("1-4,8-5,9-12").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError

ScanPath = npt.NDArray[np.int64]
MOST_PATCHES = 1 << 20
_FAMILY = re.compile(r"([a-z]+)N([1-8])")
_STRETCH = re.compile(r"([1-9][0-9]{0,6})(?:-([1-9][0-9]{0,6}))?")


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


def path_word(path: ScanPath) -> str:
    """A path by the numbers of its patches from 1; stretches that count up or down as "1-8"."""
    numbers, parts = [int(patch) + 1 for patch in path], list[str]()
    while numbers:
        step = numbers[1] - numbers[0] if len(numbers) > 1 else 0
        length = 1
        while abs(step) == 1 and numbers[length : length + 1] == [numbers[0] + length * step]:
            length += 1
        last = numbers[length - 1]
        parts.append(f"{numbers[0]}-{last}" if length > 1 else f"{last}")
        numbers = numbers[length:]
    return ",".join(parts)


def is_path(scan: str) -> bool:
    """Whether a scan is one path, and no name: it fits only one number of patches."""
    return scan[:1].isdigit()


@lru_cache(maxsize=32)
def _path_of(word: str) -> ScanPath:
    """What `path_word` wrote."""
    numbers: list[int] = []
    for part in word.split(","):
        found = _STRETCH.fullmatch(part)
        if found is None:
            raise InputError(
                f"{word[:40]} is no scan path.",
                "Give the numbers of the patches from 1, such as 1-4,8-5,9-12.",
            )
        first, last = int(found[1]), int(found[2] or found[1])
        if len(numbers) + abs(last - first) >= MOST_PATCHES:
            raise InputError(f"A scan path has at most {MOST_PATCHES:,} patches.")
        numbers += range(first, last + 1) if last >= first else range(first, last - 1, -1)
    path = np.array(numbers, np.int64) - 1
    missing = np.setdiff1d(np.arange(len(path)), path)
    if len(missing):
        raise InputError(
            f"The scan path has {len(path)} steps, but does not visit patch {missing[0] + 1}.",
            "A path visits every patch of the image once.",
        )
    path.flags.writeable = False
    return path


def check_scan(scan: str) -> None:
    """See that a word is a scan.

    Raises:
        InputError: it is neither the name of one, nor a path that visits every patch once.
    """
    if is_path(scan):
        _path_of(scan)
        return
    parts = _FAMILY.fullmatch(scan)
    if scan != "v2" and (parts is None or parts[1] not in FAMILIES):
        raise InputError(
            f"There is no scan {scan[:40]!r}.",
            f"A scan is v2, one of {', '.join(FAMILIES)} followed by N and how many paths take "
            "turns, 1 to 8, or the numbers of all patches, such as 1-4,8-5,9-12.",
        )


def layer_path(scan: str, layer: int, rows: int, columns: int) -> ScanPath:
    """The path of a layer (from 0) of a network with this scan.

    Raises:
        InputError: there is no such scan, or it is a path over another number of patches.
    """
    check_scan(scan)
    if is_path(scan):
        path = _path_of(scan)
        if len(path) != rows * columns:
            raise InputError(
                f"The scan path visits {len(path)} patches, but the image has {rows * columns}.",
                "Give a path over all patches, or the name of a scan.",
            )
        return path
    if scan == "v2":
        return raster(rows, columns)
    parts = _FAMILY.fullmatch(scan)
    assert parts is not None, "it was checked"
    return FAMILIES[parts[1]](rows, columns, layer % int(parts[2]))


@lru_cache(maxsize=32)
def scan_paths(scan: str, layers: int, rows: int, columns: int) -> tuple[ScanPath, ...]:
    """The path of each layer, see `layer_path`; they are not to be written to."""
    return tuple(layer_path(scan, layer, rows, columns) for layer in range(layers))


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
