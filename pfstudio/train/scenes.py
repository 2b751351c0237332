"""Drawn scenes whose regions are known exactly: shapes with textures before a textured ground.

Two colours make a texture, and two textures may share one of them: the colour of a patch alone
does not tell what it belongs to. N scenes, H x W pixels, h x w patches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
_OBJECTS = (1, 3)  # fewest and most
_SMALLEST = 0.04  # share of the pixels that a region has to keep in sight


@dataclass(frozen=True)
class Scenes:
    """Pictures and what is where in them."""

    pictures: Bytes  # (N,H,W,3)
    regions: Labels  # (N,H,W), 0 is the ground; of each picture 0..K-1 without gaps


def draw_scenes(count: int, side: int, seed: int) -> Scenes:
    """Square scenes of a side in pixels."""
    generator = np.random.default_rng(seed)
    each = [_scene(side, generator) for _ in range(count)]
    return Scenes(np.stack([one[0] for one in each]), np.stack([one[1] for one in each]))


def _scene(side: int, generator: np.random.Generator) -> tuple[Bytes, Labels]:
    while True:
        regions = np.zeros((side, side), np.intp)
        for number in range(1, int(generator.integers(_OBJECTS[0], _OBJECTS[1] + 1)) + 1):
            regions[_shape(side, generator)] = number
        names, counts = np.unique(regions, return_counts=True)
        if len(names) > 1 and counts.min() >= _SMALLEST * regions.size:
            break
    regions = np.searchsorted(names, regions)
    picture = np.zeros((side, side, 3))
    for number in range(len(names)):
        inside = regions == number
        picture[inside] = _texture(side, generator)[inside]
    noisy = picture + generator.normal(0, 6, picture.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8), regions


def _shape(side: int, generator: np.random.Generator) -> Mask:
    """A disc, a square or a triangle, turned."""
    y, x = np.indices((side, side)) / side - generator.uniform(0.2, 0.8, 2)[:, None, None]
    angle, size = generator.uniform(0, 2 * np.pi), generator.uniform(0.16, 0.3)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    shapes: tuple[Callable[[], Mask], ...] = (
        lambda: np.hypot(u, v) < size,
        lambda: np.maximum(abs(u), abs(v)) < 0.85 * size,
        lambda: (v > -0.6 * size) & (v + 1.7 * abs(u) < size),
    )
    return shapes[generator.integers(len(shapes))]()


def _texture(side: int, generator: np.random.Generator) -> npt.NDArray[np.float64]:
    """Stripes, dots or a ramp between two colours, (side,side,3)."""
    y, x = np.indices((side, side)) / side
    angle, turns = generator.uniform(0, 2 * np.pi), generator.uniform(4, 12)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    kinds = (
        (np.sin(2 * np.pi * turns * along) > 0).astype(float),
        (np.sin(2 * np.pi * turns * along) * np.sin(2 * np.pi * turns * across) > 0.2).astype(
            float
        ),
        np.clip(along * 0.7 + 0.5, 0, 1),
    )
    share = kinds[generator.integers(len(kinds))][..., None]
    one, other = generator.uniform(20, 235, (2, 3))
    return np.asarray(share * one + (1 - share) * other)


def of_patches(regions: Labels, size: int) -> Labels:
    """What most of each of size x size patches belongs to: (N,H,W) -> (N,size,size)."""
    cell = regions.shape[1] // size
    cut = regions.reshape(len(regions), size, cell, size, cell)
    counts = (cut[..., None] == np.arange(regions.max() + 1)).sum(axis=(2, 4))
    return np.asarray(counts.argmax(axis=-1))


def mean_iou(told: Labels, truth: Labels) -> float:
    """Mean over the true regions of the intersection over the union, with the best pairing.

    Each region is paired with at most one group and each group with at most one region, so that
    the mean is the highest (PiCIE's protocol, brute force: there are few regions).

    Args:
        told, truth: (P,) in 0..; a group beyond the regions may stay alone.
    """
    regions, groups = np.unique(truth), np.unique(told)
    shares = np.array([
        [((truth == r) & (told == g)).sum() / ((truth == r) | (told == g)).sum() for g in groups]
        for r in regions
    ])  # fmt: skip
    missing = max(0, len(regions) - len(groups))
    shares = np.pad(shares, ((0, 0), (0, missing)))
    rows = np.arange(len(regions))
    best = max(shares[rows, list(p)].sum() for p in permutations(range(shares.shape[1]), len(rows)))
    return float(best / len(regions))
