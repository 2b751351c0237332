"""Scan paths against the published ones, and what each family promises on any grid."""

from __future__ import annotations

import numpy as np
import pytest
from zigma_vectors import tensors

from pfstudio.core.errors import InputError
from pfstudio.core.scan_paths import (
    FAMILIES,
    ScanPath,
    check_scan,
    inverse,
    is_path,
    layer_path,
    path_word,
    scan_paths,
    spiral,
    zigzag,
)


def steps(path: ScanPath, columns: int) -> ScanPath:
    """Patches from each position to the next, along the longer of the two directions."""
    y, x = np.divmod(path, columns)
    return np.maximum(abs(np.diff(y)), abs(np.diff(x))) + (abs(np.diff(y)) & abs(np.diff(x)))


@pytest.mark.parametrize("family", ["zigzag", "hilbert"])
def test_paths_are_the_published_ones(family: str) -> None:
    stored = tensors("scan_paths")
    sides = [int(key.split(".N")[1].split(".")[0]) for key in stored if key.startswith(family)]
    assert len(sides) >= 10
    for side in sides:
        own = np.stack([layer_path(f"{family}N8", layer, side, side) for layer in range(8)])
        assert np.array_equal(own, stored[f"{family}.N{side}.path"].numpy()), side
        undone = np.stack([inverse(path) for path in own])
        assert np.array_equal(undone, stored[f"{family}.N{side}.inverse"].numpy()), side


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("grid", [(1, 1), (1, 6), (4, 4), (3, 7), (8, 5), (9, 16)])
def test_a_path_visits_every_patch_once(family: str, grid: tuple[int, int]) -> None:
    for layer in range(8):
        path = layer_path(f"{family}N8", layer, *grid)
        assert np.array_equal(np.sort(path), np.arange(grid[0] * grid[1]))
        assert np.array_equal(path[inverse(path)], np.arange(len(path)))


@pytest.mark.parametrize("family", ["zigzag", "curve", "spiral"])
@pytest.mark.parametrize("grid", [(2, 2), (8, 8), (6, 10), (16, 9)])
def test_continuous_paths_step_to_neighbours(family: str, grid: tuple[int, int]) -> None:
    for layer in range(8):
        assert (steps(layer_path(f"{family}N8", layer, *grid), grid[1]) == 1).all()


def test_layers_take_turns_and_the_published_hilbert_order_jumps() -> None:
    first, second, third = (layer_path("zigzagN2", layer, 4, 4) for layer in range(3))
    assert np.array_equal(first, third)
    assert not np.array_equal(first, second)
    assert (steps(layer_path("hilbertN8", 0, 8, 8), 8) == 1).sum() == 28
    assert np.array_equal(layer_path("v2", 3, 2, 3), np.arange(6))
    assert spiral(3, 3).tolist() == [0, 1, 2, 5, 8, 7, 6, 3, 4]


@pytest.mark.parametrize("scan", ["zigzagN9", "zigzagN0", "zigzag", "peanoN8", ""])
def test_an_unknown_scan_is_named(scan: str) -> None:
    with pytest.raises(InputError, match="no scan"):
        check_scan(scan)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_path_becomes_a_word_and_back(family: str) -> None:
    for layer in range(8):
        path = layer_path(f"{family}N8", layer, 5, 6)
        word = path_word(path)
        assert is_path(word)
        assert all(np.array_equal(again, path) for again in scan_paths(word, 3, 5, 6))
    assert path_word(zigzag(2, 3)) == "1-3,6-4"
    assert not is_path("spiralN8")


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("1-4,3", "does not visit patch 5"),
        ("1-8,10-16,8", "does not visit patch 9"),
        ("2-16", "does not visit patch 1"),
        ("1-4,", "is no scan path"),
        ("1-4,x", "is no scan path"),
        ("1-4,0", "is no scan path"),
        ("1-9999999", "at most"),
        ("1-12", "visits 12 patches, but the image has 16"),
    ],
)
def test_what_is_no_path_over_every_patch_is_refused(word: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        layer_path(word, 0, 4, 4)
