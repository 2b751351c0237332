"""Tiles cover every pixel, overlap enough, and blend to one."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pfstudio.core.tiling import blend_weights, starts, tiles_over


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(2, 60), st.data())
def test_tiles_cover_a_side_and_overlap(length, tile, data):
    overlap = data.draw(st.integers(0, tile - 1))
    first = starts(length, tile, overlap)
    assert first[0] == 0
    assert first[-1] + tile >= length
    assert first[-1] == max(0, length - tile)
    for left, right in itertools.pairwise(first):
        assert left < right <= left + tile - overlap


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(3, 20))
def test_every_pixel_has_weight(height, width, tile):
    weight = np.zeros((height, width))
    for part in tiles_over(height, width, tile, tile // 3):
        weight[part.slices] += blend_weights(part.height, part.width)
    assert (weight > 0).all()
