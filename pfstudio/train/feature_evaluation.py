"""What a generator's features are worth: found again under known warps, and told apart by probes.

Layer and time are chosen on pictures that do not count for what is reported. Beside every figure
stands that of controls, most of all the same network with every weight tensor permuted: random
features are better than one thinks.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core.clustering import nearest_labels
from pfstudio.core.errors import InputError
from pfstudio.core.feature_maps import (
    cosine_similarity,
    mutual_nearest,
    subplace_match,
)
from pfstudio.core.probes import (
    accuracy,
    choose_linear_probe,
    fit_linear_probe,
    mcnemar,
    pooled,
    split,
    wilson_interval,
)
from pfstudio.engine.api import features
from pfstudio.engine.feature_source import pixels_of
from pfstudio.engine.model import Model
from pfstudio.nn.modulation import ForwardCache
from pfstudio.train.data import TrainingData, fit, to_unit

Bytes = npt.NDArray[np.uint8]
Array = npt.NDArray[np.floating]
Labels = npt.NDArray[np.intp]
Progress = Callable[[str, int, int], None]
Pooled = Callable[[Tensor], Array]  # of MobileNetV2: pictures (N,3,H,W) in -1..1 -> (N,D)
_AT_ONCE = 64
_QUICK_PENALTY = 0.1  # while layer and time are chosen
_RESAMPLED = 1000


@dataclass(frozen=True)
class FeatureSettings:
    """How much is measured."""

    times: tuple[float, ...] = (0.5, 0.7, 0.9)
    warped: int = 60  # pictures; half of them choose the layer and the time
    classes: int = 20  # the most frequent ones
    train: int = 60  # pictures per class, a quarter of them for validation
    test: int = 15  # per class
    seed: int = 0


@dataclass(frozen=True)
class Correspondence:
    """How many patches were found again, of one method."""

    method: str
    pck: float  # PCK@0.1, over all points of the pictures that count
    interval: tuple[float, float]  # 95 %, over pictures
    mutual: float  # PCK of the points that find each other; NaN where there are none
    cell: str = ""  # layer and time that were chosen


@dataclass(frozen=True)
class Probe:
    """How many of the test pictures were told apart, of one kind of features."""

    method: str
    right: float
    interval: tuple[float, float]  # 95 %
    neighbours: float  # of 20 nearest neighbours, by cosine
    p: float  # McNemar's against the permuted network; NaN for itself
    cell: str = ""


@dataclass(frozen=True)
class FeatureEvaluation:
    """What was measured."""

    correspondence: tuple[Correspondence, ...]
    probes: tuple[Probe, ...]
    classes: int
    warped: int  # pictures that count
    tested: int

    def quality(self, data: str) -> dict[str, str]:
        """For a card."""
        found = {
            f"PCK@0.1 under warps, {data}, {one.method}": _share(one.pck, one.interval)
            for one in self.correspondence
        }
        return found | {
            f"linear probe, {self.classes} classes of {data}, {one.method}": _share(
                one.right, one.interval
            )
            for one in self.probes
        }


def _share(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def evaluate_features(
    model: Model,
    data: TrainingData,
    settings: FeatureSettings,
    mobilenet: Pooled | None = None,
    progress: Progress = lambda what, done, total: None,
) -> FeatureEvaluation:
    """Measure.

    Raises:
        InputError: too few pictures, or fewer than two classes.
    """
    if len(data.test) < 4:
        raise InputError(f"{len(data.test)} held-out images are too few.", "Give at least 4.")
    random = permuted(model, settings.seed)
    side = pixels_of(model)
    chosen = np.random.default_rng(settings.seed).permutation(len(data.test))[: settings.warped]
    pictures = np.stack([_picture(data.test.pictures[i], side) for i in chosen])
    found = tuple(_correspondence(model, random, pictures, settings, progress))
    probes, classes, tested = _probes(model, random, data, settings, mobilenet, progress)
    return FeatureEvaluation(found, probes, classes, len(pictures) - len(pictures) // 2, tested)


def permuted(model: Model, seed: int) -> Model:
    """The same network with the numbers of each weight tensor in another order.

    It keeps the sizes and spreads of everything, and knows nothing; a freshly initialised network
    of this kind would pass on nothing at all, since its blocks start as identities.
    """
    other = copy.deepcopy(model)
    other._cache = ForwardCache()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in other.network.parameters():
            if parameter.requires_grad:
                flat = parameter.flatten()
                order = torch.randperm(len(flat), generator=generator).to(flat.device)
                parameter.copy_(flat[order].view_as(parameter))
    return other


def _picture(picture: Tensor, side: int) -> Bytes:
    return fit(picture, side).permute(1, 2, 0).numpy()


def _values(
    model: Model, pictures: Bytes, settings: FeatureSettings, what: str, progress: Progress
) -> tuple[tuple[str, npt.NDArray[np.float16]], ...]:
    """The features (N,h,w,D) of each layer and time, with words for it."""
    parts = []
    for first in range(0, len(pictures), _AT_ONCE):
        progress(what, first, len(pictures))
        part = pictures[first : first + _AT_ONCE]
        parts.append(
            features(model, part, all_layers=True, times=settings.times, seed=settings.seed + first)
        )
    return tuple(
        (
            f"layer {layer.layer}, time {time:g}",
            np.concatenate([part.layers[index].values[:, t] for part in parts]),
        )
        for index, layer in enumerate(parts[0].layers)
        for t, time in enumerate(settings.times)
    )


# -- correspondence ------------------------------------------------------------------------------


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


def _correspondence(
    model: Model, random: Model, pictures: Bytes, settings: FeatureSettings, progress: Progress
) -> Iterator[Correspondence]:
    generator = np.random.default_rng(settings.seed + 1)
    pairs = [warp(picture, generator) for picture in pictures]
    both = np.concatenate([pictures, np.stack([moved for moved, _ in pairs])])
    maps = [matrix for _, matrix in pairs]
    count, side = len(pictures), pictures.shape[1]
    choosing, counting = slice(0, count // 2), slice(count // 2, count)
    size = 0
    for name, network in (("features", model), ("permuted network", random)):
        best: tuple[float, str, npt.NDArray[np.float16] | None] = (-1.0, "", None)
        for cell, values in _values(network, both, settings, name, progress):
            right, _ = _found(values, maps, choosing, side)
            share = float(np.concatenate(right).mean())
            if share > best[0]:
                best = (share, cell, values)
        assert best[2] is not None
        size = best[2].shape[1]
        yield _summed(name, best[2], maps, counting, side, best[1])
    controls: tuple[tuple[str, Array], ...] = (
        ("raw patches", raw_patches(both, size)),
        ("colour histograms", colour_histograms(both, size)),
        ("same place", _places(len(both), size)),
    )
    for name, array in controls:
        yield _summed(name, array, maps, counting, side)


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


# -- probes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Split:
    labels: Labels  # of all pictures
    train: Labels
    validation: Labels
    test: Labels


def _probes(
    model: Model,
    random: Model,
    data: TrainingData,
    settings: FeatureSettings,
    mobilenet: Pooled | None,
    progress: Progress,
) -> tuple[tuple[Probe, ...], int, int]:
    pictures, parts, classes = _labelled(data, settings, pixels_of(model))
    kinds: list[tuple[str, str, Array]] = []
    for name, network in (("features", model), ("permuted network", random)):
        cells = [
            (cell, pooled(values))
            for cell, values in _values(network, pictures, settings, name, progress)
        ]
        scores = []
        for done, (_, rows) in enumerate(cells):
            progress(f"probes of {name}", done, len(cells))
            probe = fit_linear_probe(rows[parts.train], parts.labels[parts.train], _QUICK_PENALTY)
            told = probe.labels(rows[parts.validation])
            scores.append(accuracy(told, parts.labels[parts.validation]))
        cell, rows = cells[int(np.argmax(scores))]
        kinds.append((name, cell, rows))
    small = [cv2.resize(one, (16, 16), interpolation=cv2.INTER_AREA).ravel() for one in pictures]
    kinds.append(("raw pixels", "", np.stack(small).astype(np.float64)))
    if mobilenet is not None:
        scaled = to_unit(torch.from_numpy(pictures).permute(0, 3, 1, 2))
        each = [mobilenet(part) for part in scaled.split(_AT_ONCE)]
        kinds.append(("MobileNetV2", "", np.concatenate(each)))
    right: dict[str, npt.NDArray[np.bool_]] = {}
    found = []
    for name, cell, array in kinds:
        told, near = _told(array, parts)
        truth = parts.labels[parts.test]
        right[name] = told == truth
        count = int(right[name].sum())
        found.append((name, cell, count, accuracy(near, truth)))
    control = right["permuted network"]
    probes = tuple(
        Probe(
            name, count / len(parts.test), wilson_interval(count, len(parts.test)), near,
            float("nan") if name == "permuted network" else mcnemar(right[name], control), cell,
        )
        for name, cell, count, near in found
    )  # fmt: skip
    return probes, classes, len(parts.test)


def _told(rows: Array, parts: _Split) -> tuple[Labels, Labels]:
    """What a linear probe and the nearest neighbours say of the test pictures."""
    labels, both = parts.labels, np.concatenate([parts.train, parts.validation])
    probe, _ = choose_linear_probe(
        (rows[parts.train], labels[parts.train]), (rows[parts.validation], labels[parts.validation])
    )
    mean = rows[both].mean(axis=0)
    near = nearest_labels(rows[both] - mean, labels[both], rows[parts.test] - mean)
    return probe.labels(rows[parts.test]), near


def _labelled(
    data: TrainingData, settings: FeatureSettings, side: int
) -> tuple[Bytes, _Split, int]:
    """Pictures of the most frequent classes, and which of them are for what."""
    generator = np.random.default_rng(settings.seed + 2)
    given, held = data.train.labels.numpy(), data.test.labels.numpy()
    counts = np.bincount(given, minlength=len(data.classes))
    counts[~np.isin(np.arange(len(counts)), held)] = 0
    names = [k for k in np.argsort(-counts, kind="stable")[: settings.classes] if counts[k] >= 4]
    if len(names) < 2:
        raise InputError("A probe needs at least two classes.", "Give a labels file with classes.")
    pictures: list[Bytes] = []
    labels: list[int] = []
    known = 0
    for source, each, most in (
        (data.train, given, settings.train), (data.test, held, settings.test),
    ):  # fmt: skip
        for label, name in enumerate(names):
            for i in generator.permutation(np.flatnonzero(each == name))[:most]:
                pictures.append(_picture(source.pictures[i], side))
                labels.append(label)
        known = known or len(labels)
    all_labels = np.array(labels)
    train, validation, _ = split(all_labels[:known], (0.75, 0.25), settings.seed)
    test = np.arange(known, len(labels))
    return np.stack(pictures), _Split(all_labels, train, validation, test), len(names)
