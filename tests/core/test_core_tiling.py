"""Tiles of a map: they cover it, agree in size, and hold the wanted patches with their margin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pfstudio.core.tiling import TilingConfig, tiles_around, weighted_tiles_over

UNIT = 4
cuts = st.builds(
    TilingConfig,
    most=st.integers(8, 20).map(lambda k: k * UNIT),
    unit=st.just(UNIT),
    margin=st.integers(0, 2).map(lambda k: k * UNIT),
    ramp=st.integers(1, 12),
    fixed=st.booleans(),
)
sides = st.integers(1, 60).map(lambda k: k * UNIT)


@given(sides, sides, cuts)
def test_parts_cover_a_map(height, width, tiling) -> None:
    tiles = weighted_tiles_over(height, width, tiling)
    total = np.zeros((height, width))
    for weighted in tiles:
        t = weighted.tile
        assert weighted.weight.shape == (t.height, t.width) == tiles[0].weight.shape
        assert max(t.height, t.width) <= tiling.most
        assert t.top % UNIT == t.left % UNIT == t.height % UNIT == t.width % UNIT == 0
        assert t.top + t.height <= height
        assert t.left + t.width <= width
        total[t.slices] += weighted.weight
    assert total.min() > 0.1


@given(sides, cuts)
def test_the_margin_of_an_inner_edge_is_not_used(width, tiling) -> None:
    for weighted in weighted_tiles_over(UNIT, width, tiling):
        if weighted.tile.left > 0:
            assert not weighted.weight[:, : tiling.margin].any()
        if weighted.tile.left + weighted.tile.width < width:
            assert not weighted.weight[:, weighted.tile.width - tiling.margin :].any()


def test_a_map_that_fits_is_one_part() -> None:
    (weighted,) = weighted_tiles_over(16, 32, TilingConfig(32, UNIT, 8, 4))
    assert weighted.tile.slices == (slice(0, 16), slice(0, 32))
    assert (weighted.weight == 1).all()


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 30), st.integers(1, 30), st.data(), st.sampled_from([1, 2]))
def test_windows_hold_what_is_wanted(rows, columns, data, per_unit) -> None:
    patch, shape = UNIT // per_unit, (rows * per_unit, columns * per_unit)
    seed, share = data.draw(st.integers(0, 99)), data.draw(st.sampled_from([0.02, 0.2, 0.9]))
    wanted = np.random.default_rng(seed).random(shape) < share
    wanted[0, 0] = True
    tiling = TilingConfig(12 * UNIT, UNIT, 2 * UNIT, 4)
    tiles = tiles_around(wanted, patch, tiling)
    total = np.zeros((rows * UNIT, columns * UNIT))
    for weighted in tiles:
        assert weighted.tile.top % UNIT == weighted.tile.left % UNIT == 0
        assert max(weighted.weight.shape) <= tiling.most
        total[weighted.tile.slices] += weighted.weight
    assert (total[np.repeat(np.repeat(wanted, patch, 0), patch, 1)] > 0).all()


def test_few_wanted_patches_are_cheap() -> None:
    wanted = np.zeros((32, 32), bool)
    wanted[3, 30] = True
    (weighted,) = tiles_around(wanted, UNIT, TilingConfig(128, UNIT, 2 * UNIT, 4))
    assert weighted.tile.slices == (
        slice(4, 24),
        slice(112, 128),
    )  # 2 units around it, as far as it is
    assert weighted.weight.sum() == UNIT**2  # the margin counts nothing
    assert weighted.weight[8:12, 8:12].all()


def test_areas_apart_are_computed_apart() -> None:
    wanted = np.zeros((90, 90), bool)
    wanted[:30, :30] = wanted[60:90, 50:60] = True
    tiles = tiles_around(wanted, UNIT, TilingConfig(512, UNIT, 2 * UNIT, 4))
    assert sorted(weighted.weight.size // UNIT**2 for weighted in tiles) == [32 * 14, 32 * 32]


@settings(deadline=None, max_examples=10)
@given(st.floats(0.02, 1))
def test_scattered_patches_cost_no_more_than_all(share) -> None:
    wanted = np.random.default_rng(1).random((24, 24)) <= share
    tiling = TilingConfig(256, UNIT, 2 * UNIT, 4)
    whole = sum(weighted.weight.size for weighted in weighted_tiles_over(96, 96, tiling))
    assert sum(weighted.weight.size for weighted in tiles_around(wanted, UNIT, tiling)) <= whole
