"""Drawn scenes are what they say, and the measure of their regions is that of brute force."""

from __future__ import annotations

import numpy as np
import pytest

from pfstudio.train.scenes import draw_scenes, mean_iou, of_patches


def test_scenes_have_regions_in_sight() -> None:
    scenes = draw_scenes(12, 32, 3)
    assert scenes.pictures.shape == (12, 32, 32, 3)
    for picture, regions in zip(scenes.pictures, scenes.regions, strict=True):
        names, counts = np.unique(regions, return_counts=True)
        np.testing.assert_array_equal(names, np.arange(len(names)))
        assert 2 <= len(names) <= 4
        assert counts.min() >= 0.04 * 32 * 32
        inside = [picture[regions == name].astype(float) for name in names]
        assert all(one.std(axis=0).max() < 120 for one in inside)
    again = draw_scenes(12, 32, 3)
    np.testing.assert_array_equal(again.pictures, scenes.pictures)
    assert (draw_scenes(1, 32, 4).pictures != scenes.pictures[0]).any()


def test_a_patch_is_what_most_of_it_is() -> None:
    regions = np.zeros((1, 4, 4), np.intp)
    regions[0, :2, 2:] = 1
    regions[0, 3, 0] = 2
    np.testing.assert_array_equal(of_patches(regions, 2), [[[0, 1], [0, 0]]])


def test_mean_iou_pairs_the_best() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2])
    assert mean_iou(np.array([2, 2, 2, 0, 0, 1]), truth) == 1
    # Group 1 on region 0 (2/3), group 0 on region 1 (2/4), nothing is left for region 2.
    assert mean_iou(np.array([1, 1, 0, 0, 0, 0]), truth) == pytest.approx((2 / 3 + 2 / 4) / 3)
    # One group too many: it may stay alone.
    assert mean_iou(np.array([0, 0, 3, 1, 1, 2]), truth) == pytest.approx((2 / 3 + 1 + 1) / 3)
