"""Colour maps: tables, ranges, missing values, enlargement."""

from __future__ import annotations

import numpy as np
import pytest

from pfstudio.core import colour
from pfstudio.core.errors import InputError
from pfstudio.core.trace import Role


def lightness(rgb: np.ndarray) -> np.ndarray:
    """CIE L* (0..100) of sRGB colours (...,3)."""
    linear = np.where(rgb / 255 <= 0.04045, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


@pytest.mark.parametrize("name", colour.TABLES)
def test_tables_run_evenly_from_one_lightness_to_the_other(name: str) -> None:
    table = colour.lookup(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    steps = np.diff(lightness(table.astype(float)))
    rising = steps if steps.sum() > 0 else -steps
    assert rising.min() > -0.6  # rounding to bytes only
    assert rising.sum() > 60


def test_known_colours() -> None:
    assert colour.lookup("magma")[[0, 255]].tolist() == [[0, 0, 4], [252, 253, 191]]
    assert colour.lookup("viridis")[0].tolist() == [68, 1, 84]
    assert colour.lookup("Blues")[[0, 255]].tolist() == [[247, 251, 255], [8, 48, 107]]
    assert colour.lookup("grey")[77].tolist() == [77, 77, 77]


def test_tables_cannot_be_spoilt() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colour.lookup("magma")[0] = 1


def test_unknown_map_is_named() -> None:
    with pytest.raises(InputError, match="'jet'"):
        colour.lookup("jet")


def test_values_go_to_their_place_in_the_table() -> None:
    values = np.array([[-5.0, 0.0, 1.0], [2.0, 9.0, np.nan]])
    shown = colour.apply(values, 0.0, 2.0, "grey")
    assert shown[..., 0].tolist() == [[0, 0, 128], [255, 255, 128]]
    assert shown.dtype == np.uint8


def test_infinite_values_take_the_ends_and_nan_its_own_colour() -> None:
    shown = colour.apply(np.array([-np.inf, np.inf, np.nan]), 0.0, 1.0, "magma")
    assert shown.tolist() == [[0, 0, 4], [252, 253, 191], list(colour.MISSING)]


def test_range_without_width_gives_the_middle() -> None:
    assert colour.apply(np.array([3.0, np.nan]), 3.0, 3.0, "grey")[:, 0].tolist() == [128, 128]


def test_value_range_ignores_what_is_not_finite() -> None:
    values = np.array([1.0, np.nan, 3.0, np.inf])
    assert colour.value_range(values) == (1.0, 3.0)
    assert colour.value_range(np.full(4, np.nan)) == (0.0, 1.0)
    low, high = colour.value_range(np.arange(101.0), clip=10)
    assert (low, high) == (10.0, 90.0)


def test_every_role_has_its_own_colour() -> None:
    assert len(set(colour.ROLE_COLOURS)) == len(Role)
    shown = colour.role_colours(np.array([[Role.FAST, Role.FINISHED]], np.uint8))
    expected = [colour.ROLE_COLOURS[Role.FAST], colour.ROLE_COLOURS[Role.FINISHED]]
    assert shown[0].tolist() == [list(rgb) for rgb in expected]


# What dichromats see, in linear light (Machado, Oliveira and Fernandes 2009, severity 1).
SIGHT = {
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.mark.parametrize("sight", SIGHT)
def test_roles_are_told_apart_by_colour_blind_readers(sight: str) -> None:
    rgb = np.array(colour.ROLE_COLOURS) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(SIGHT[sight]).T, 0, 1)
    xyz = (
        seen
        @ np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]).T
        / np.array([0.9505, 1.0, 1.089])
    )
    f = np.cbrt(xyz)
    lab = np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    assert apart[~np.eye(len(lab), dtype=bool)].min() > 12  # about five just noticeable differences


def test_enlarging_keeps_patches_square_and_hard() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    large = colour.enlarge(pixels, 6, 8)
    assert large.shape == (6, 8, 3)
    assert (large[:3, :4] == pixels[0, 0]).all()
    assert (large[3:, 4:] == pixels[1, 1]).all()
