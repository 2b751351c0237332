"""How well patches are found again after a known warp, beside what needs no network.

A warp leaves many patches near their old place, and features also tell the place: a network that
knows nothing finds those. So the features are measured once more without what each place has in
common in all pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from pfstudio.core.feature_maps import cosine_similarity, mutual_nearest, subplace_match
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.train.feature_cells import Progress, cells

Bytes = npt.NDArray[np.uint8]
Array = npt.NDArray[np.floating]
Way = Callable[[Array], Array]
_RESAMPLED = 1000
_FINEST = 16  # places a side that are told apart: PCK@0.1 needs no more


@dataclass(frozen=True)
class Correspondence:
    """How many patches were found again, of one method."""

    method: str
    pck: float  # PCK@0.1, over all points of the pictures that count
    interval: tuple[float, float]  # 95 %, over pictures
    mutual: float  # PCK of the points that find each other; NaN where there are none
    cell: str = ""  # layer and time that were chosen on other pictures


def warp(picture: Bytes, generator: np.random.Generator) -> tuple[Bytes, Array]:
    """A picture turned, scaled, moved, recoloured and with noise; and the map (2,3) of its points.

    The map takes (x, y, 1) of the picture to (x, y) of the warped one, in pixels.
    """
    side = picture.shape[0]
    angle, scale = generator.uniform(-30, 30), float(np.exp(generator.uniform(-0.22, 0.22)))
    middle = (side / 2 - 0.5, side / 2 - 0.5)
    matrix = cv2.getRotationMatrix2D(middle, angle, scale)
    matrix[:, 2] += generator.uniform(-0.1, 0.1, 2) * side
    moved = cv2.warpAffine(picture, matrix, (side, side), borderMode=cv2.BORDER_REFLECT)
    gain, shift = generator.uniform(0.8, 1.2, 3), generator.uniform(-20, 20, 3)
    noisy = moved * gain + shift + generator.normal(0, 4, moved.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8), np.asarray(matrix, np.float64)


def evaluate_matches(
    model: LoadedModel, random: LoadedModel, pictures: Bytes, times: tuple[float, ...], seed: int,
    progress: Progress,
) -> Iterator[Correspondence]:  # fmt: skip
    """Measure; the first half of the pictures (N,H,W,3) chooses layer and time."""
    generator = np.random.default_rng(seed + 1)
    pairs = [warp(picture, generator) for picture in pictures]
    both = np.concatenate([pictures, np.stack([moved for moved, _ in pairs])])
    maps = [matrix for _, matrix in pairs]
    count, side = len(pictures), pictures.shape[1]
    choosing, counting = slice(0, count // 2), slice(count // 2, count)
    size = 0
    for name, network in (("features", model), ("permuted network", random)):
        known = cells(network, both, times, seed, name, progress, keep=_coarse)
        ways: tuple[tuple[str, Way], ...] = (
            (name, lambda values: values),
            (
                f"{name}, mean of each place removed",
                lambda values: without_places(values, choosing),
            ),
        )
        for method, way in ways:
            shares = [
                float(np.concatenate(_found(way(cell.values), maps, choosing, side)[0]).mean())
                for cell in known
            ]
            best = known[int(np.argmax(shares))]
            size = size or best.values.shape[1]
            yield _summed(method, way(best.values), maps, counting, side, best.name)
    controls: tuple[tuple[str, Array], ...] = (
        ("raw patches", raw_patches(both, size)),
        ("colour histograms", colour_histograms(both, size)),
        ("same place", _places(len(both), size)),
    )
    for name, array in controls:
        yield _summed(name, array, maps, counting, side)


def without_places(values: Array, pictures: slice) -> Array:
    """Features (2N,h,w,D) of N pictures and their warps, less the mean of each place.

    Args:
        pictures: those of the N that the mean is taken of, with their warps.
    """
    pairs = values.reshape(2, -1, *values.shape[1:]).astype(np.float32)
    return (pairs - pairs[:, pictures].mean(axis=(0, 1))).reshape(values.shape)


def _coarse(values: Array) -> Array:
    """Features (N,h,w,D), those of finer grids averaged."""
    if max(values.shape[1:3]) <= _FINEST:
        return values
    maps = torch.from_numpy(values).permute(0, 3, 1, 2).float()
    mean = F.adaptive_avg_pool2d(maps, _FINEST).permute(0, 2, 3, 1)
    return mean.numpy().astype(values.dtype)


def raw_patches(pictures: Bytes, size: int) -> Array:
    """The pixels of each patch without their mean, (N,size,size,D): as normalised correlation."""
    patches = _patches(pictures, size).astype(np.float32)
    return patches - patches.mean(axis=-1, keepdims=True)


def colour_histograms(pictures: Bytes, size: int, bins: int = 4) -> Array:
    """Square roots of the joint RGB histogram of each patch, (N,size,size,bins^3)."""
    patches = _patches(pictures, size).reshape(len(pictures), size, size, -1, 3)
    index = patches.astype(np.intp) * bins // 256
    joint = (index[..., 0] * bins + index[..., 1]) * bins + index[..., 2]
    return np.sqrt((joint[..., None] == np.arange(bins**3)).mean(axis=3, dtype=np.float32))


def _patches(pictures: Bytes, size: int) -> Bytes:
    count, cell = len(pictures), pictures.shape[1] // size
    cut = pictures.reshape(count, size, cell, size, cell, 3).transpose(0, 1, 3, 2, 4, 5)
    return cut.reshape(count, size, size, -1)


def _places(count: int, size: int) -> Array:
    """Features that know the place alone."""
    own = np.eye(size * size).reshape(1, size, size, -1)
    return np.broadcast_to(own, (count, *own.shape[1:]))


def _found(
    values: Array, maps: list[Array], pictures: slice, side: int
) -> tuple[list[npt.NDArray[np.bool_]], list[npt.NDArray[np.bool_]]]:
    """For each picture: which points were found again, and which patches find each other.

    Points are the middles of patches that are still in the picture after the warp.
    """
    size, count, cell = values.shape[1], len(maps), side / values.shape[1]
    middles = (np.indices((size, size)).reshape(2, -1).T[:, ::-1] + 0.5) * cell - 0.5  # (x, y)
    right, mutual = [], []
    for i in range(count)[pictures]:
        truth = middles @ maps[i][:, :2].T + maps[i][:, 2]
        inside = ((truth >= 0) & (truth <= side - 1)).all(axis=1)
        similar = cosine_similarity(
            values[i].reshape(size * size, -1), values[count + i].reshape(size * size, -1)
        )
        places = np.stack([subplace_match(row.reshape(size, size)) for row in similar])
        told = (places[:, ::-1] + 0.5) * cell - 0.5
        away = np.linalg.norm(told - truth, axis=1)[inside]
        right.append(away <= 0.1 * side)
        mutual.append(mutual_nearest(similar)[1][inside])
    return right, mutual


def _summed(
    name: str, values: Array, maps: list[Array], pictures: slice, side: int, cell: str = ""
) -> Correspondence:
    right, mutual = _found(values, maps, pictures, side)
    points, agreed = np.concatenate(right), np.concatenate(mutual)
    generator = np.random.default_rng(0)
    sums, counts = (np.array([f(one) for one in right]) for f in (np.sum, len))
    drawn = generator.integers(0, len(right), (_RESAMPLED, len(right)))
    shares = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(shares, (2.5, 97.5))
    both = float(points[agreed].mean()) if agreed.any() else float("nan")
    return Correspondence(name, float(points.mean()), (float(low), float(high)), both, cell)
