"""The path, patch maps and pooling against the stored vectors and their own inverses."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from patch_forcing_vectors import difference, tensors

from pfstudio.core.paint import Paint
from pfstudio.flow.path import (
    interpolate,
    pool,
    predicted_data,
    speed,
    target_velocity,
    to_pixels,
)
from pfstudio.flow.samplers.common import easy_patches
from pfstudio.flow.step import InitialState

TOLERANCE = 1e-6


def test_interpolant_equals_the_published_one():
    vectors = {key: tensors("ops")[f"interpolant/{key}"] for key in ("x0", "x1", "t", "xt", "ut")}
    t = vectors["t"].unflatten(1, (4, 6))
    assert difference(interpolate(vectors["x1"], vectors["x0"], t, 2), vectors["xt"]) < TOLERANCE
    assert torch.equal(target_velocity(vectors["x1"], vectors["x0"]), vectors["ut"])
    assert torch.equal(to_pixels(t, 2), tensors("ops")["patch_to_image/t_map"])


@pytest.mark.parametrize("pooling", ["mean", "max", "min"])
def test_pooling_equals_the_published_one(pooling):
    vectors = tensors("ops")
    pooled = pool(vectors["pool/in"], 2, pooling)
    assert difference(pooled.unsqueeze(1), vectors[f"pool/{pooling}"]) < TOLERANCE
    assert difference(to_pixels(pooled, 2), vectors[f"pool/{pooling}_upsampled"]) < TOLERANCE


def flat_start(times: torch.Tensor, paint: torch.Tensor | None = None) -> InitialState:
    batch, rows, columns = times.shape
    return InitialState(torch.zeros(batch, 4, 2 * rows, 2 * columns), times, paint)


@pytest.mark.parametrize("share", [10, 25, 40, 50, 70, 90])
def test_easy_patches_equal_the_published_masks(share):
    vectors = tensors("ops")
    difficulty = pool(vectors["mask/logvar"].exp(), 2)
    assert difference(to_pixels(difficulty, 2), vectors["mask/difficulty_pooled"]) < TOLERANCE
    easy = easy_patches(difficulty, share / 100, flat_start(torch.zeros(3, 4, 4)), 2)
    assert torch.equal(easy.flatten(1), vectors[f"mask/p{share}"].bool())


@pytest.mark.parametrize(("share", "count"), [(0.4, 102), (0.5, 128), (0.7, 179)])
def test_share_of_easy_patches_at_256_px(share, count):
    difficulty = torch.randperm(256, generator=torch.Generator().manual_seed(0)).float()
    easy = easy_patches(difficulty.reshape(1, 16, 16), share, flat_start(torch.zeros(1, 16, 16)), 2)
    assert easy.sum().item() == count


def test_quantile_runs_over_the_unfinished_patches_only():
    difficulty = torch.arange(16.0).reshape(1, 4, 4)
    times = torch.zeros(1, 4, 4)
    times[0, :2] = 1.0  # the easiest half is finished
    easy = easy_patches(difficulty, 0.5, flat_start(times), 2)
    assert easy.flatten().nonzero().flatten().tolist() == [8, 9, 10, 11]
    assert not easy_patches(difficulty, 0.5, flat_start(torch.ones(1, 4, 4)), 2).any()


def test_equally_difficult_patches_are_all_hard():
    assert not easy_patches(torch.ones(1, 4, 4), 0.7, flat_start(torch.zeros(1, 4, 4)), 2).any()


def test_painted_wishes_come_before_the_difficulty():
    paint = torch.zeros(4, 4, dtype=torch.uint8)
    paint[0, 0], paint[0, 1], paint[3, 3] = Paint.SLOW, Paint.FIXED, Paint.FAST
    start = flat_start(torch.zeros(2, 4, 4), paint)
    easy = easy_patches(torch.arange(16.0).reshape(1, 4, 4).expand(2, -1, -1), 0.5, start, 2)
    assert not easy[:, 0, 0].any()
    assert not easy[:, 0, 1].any()
    assert easy[:, 3, 3].all()
    assert easy[:, 0, 2].all()


@given(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.integers(1, 4))
def test_pooling_undoes_spreading(batch, rows, columns, p):
    generator = torch.Generator().manual_seed(rows * columns)
    values = torch.rand(batch, rows, columns, generator=generator)
    assert to_pixels(values, p).shape == (batch, 1, rows * p, columns * p)
    for pooling in ("mean", "max", "min"):
        assert difference(pool(to_pixels(values, p), p, pooling), values) < TOLERANCE


@given(st.integers(0, 99))
def test_predicted_data_is_the_data_where_the_velocity_is_right(seed):
    generator = torch.Generator().manual_seed(seed)
    data, noise = torch.randn(2, 2, 4, 8, 12, generator=generator)
    t = torch.rand(2, 4, 6, generator=generator)
    x = interpolate(data, noise, t, 2)
    assert difference(predicted_data(x, target_velocity(data, noise), t, 2), data) < 1e-5


def test_speed_is_the_root_mean_square_of_each_patch():
    velocity = torch.zeros(1, 2, 4, 4)
    velocity[0, :, :2, :2] = torch.tensor([3.0, 4.0]).reshape(2, 1, 1)
    expected = torch.tensor([[[12.5**0.5, 0.0], [0.0, 0.0]]])
    assert difference(speed(velocity, 2), expected) < TOLERANCE
