"""Back-projection: the result, shrunk again, becomes the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pfstudio.core.back_projection import back_project, shrunk


@pytest.fixture
def picture():
    return np.random.default_rng(0).uniform(-1, 1, (20, 30, 3)).astype(np.float32)


@pytest.fixture
def result(picture):
    noise = np.random.default_rng(1).normal(0, 0.2, (40, 60, 3)).astype(np.float32)
    return cv2.resize(picture, (60, 40), interpolation=cv2.INTER_LINEAR) + 0.1 + noise


def error(result, picture) -> float:
    return float(np.abs(shrunk(result, picture) - picture).max())


def test_full_strength_makes_the_result_consistent(picture, result) -> None:
    assert error(result, picture) > 0.3
    found = back_project(result, picture)
    assert found.dtype == np.float32
    mean = np.abs(shrunk(found, picture) - picture).mean()
    assert 20 * np.log10(2 / mean) > 45


def test_strength_0_leaves_it_alone(picture, result) -> None:
    assert (back_project(result, picture, 0.0) == result).all()


def test_half_the_strength_goes_half_the_way(picture, result) -> None:
    whole, half = (back_project(result, picture, s) for s in (1.0, 0.5))
    np.testing.assert_allclose(half, (result + whole) / 2, atol=1e-6)


def test_what_is_consistent_stays(picture) -> None:
    consistent = np.repeat(np.repeat(picture, 2, axis=0), 2, axis=1)
    np.testing.assert_allclose(back_project(consistent, picture), consistent, atol=1e-5)


def test_one_pixel() -> None:
    picture = np.full((1, 1, 3), 0.5, np.float32)
    np.testing.assert_allclose(back_project(np.zeros((4, 4, 3), np.float32), picture), 0.5)
