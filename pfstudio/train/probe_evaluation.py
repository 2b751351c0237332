"""How well classes are told from features by a linear probe, beside controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core.clustering import nearest_labels
from pfstudio.core.probes import (
    accuracy,
    choose_linear_probe,
    fit_linear_probe,
    mcnemar,
    pooled,
    split,
    wilson_interval,
)
from pfstudio.engine.feature_source import pixels_of
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.train.data import TrainingData, to_unit
from pfstudio.train.feature_cells import AT_ONCE, Progress, cells, picture

Bytes = npt.NDArray[np.uint8]
Array = npt.NDArray[np.floating]
Labels = npt.NDArray[np.intp]
Pooled = Callable[[Tensor], Array]  # of MobileNetV2: pictures (N,3,H,W) in -1..1 -> (N,D)
BUDGETS = (1, 5, 20)  # labels per class
CONTROL = "permuted network"
_DRAWS = 5  # of the few labels of a budget
_QUICK_PENALTY = 0.1  # while layer and time are chosen, and where few labels choose nothing


@dataclass(frozen=True)
class ProbeSettings:
    """How much is measured."""

    times: tuple[float, ...]
    classes: int  # the most frequent ones
    train: int  # pictures per class, a quarter of them for validation
    test: int  # per class
    seed: int


@dataclass(frozen=True)
class Probe:
    """How many of the test pictures were told apart, of one kind of features."""

    method: str
    right: float
    interval: tuple[float, float]  # 95 %
    neighbours: float  # of 20 nearest neighbours, by cosine
    few: tuple[float, ...]  # right with each of BUDGETS; NaN where there are not so many labels
    p: float  # McNemar's against the permuted network; NaN for itself
    cell: str = ""  # layer and time that validation chose
    scores: tuple[tuple[float, ...], ...] = ()  # right in validation, of each layer at each time


@dataclass(frozen=True)
class _Split:
    labels: Labels  # of all pictures
    train: Labels
    validation: Labels
    test: Labels


def evaluate_probes(
    model: LoadedModel, random: LoadedModel, data: TrainingData, settings: ProbeSettings,
    mobilenet: Pooled | None, progress: Progress,
) -> tuple[tuple[Probe, ...], int, int]:  # fmt: skip
    """The probes, and how many classes and test pictures there were; no probes, 0 and 0 where the
    data has fewer than two classes."""
    pictures, parts, classes = _labelled(data, settings, pixels_of(model))
    if classes < 2:
        return (), 0, 0
    kinds: list[tuple[str, str, Array]] = []
    maps: dict[str, tuple[tuple[float, ...], ...]] = {}
    for name, network in (("features", model), (CONTROL, random)):
        known = cells(network, pictures, settings.times, settings.seed, name, progress, keep=pooled)
        scores = []
        for done, rows in enumerate(cell.values for cell in known):
            progress(f"probes of {name}", done, len(known))
            probe = fit_linear_probe(rows[parts.train], parts.labels[parts.train], _QUICK_PENALTY)
            told = probe.labels(rows[parts.validation])
            scores.append(accuracy(told, parts.labels[parts.validation]))
        best = known[int(np.argmax(scores))]
        maps[name] = tuple(map(tuple, np.reshape(scores, (-1, len(settings.times))).tolist()))
        kinds.append((name, best.name, best.values))
    small = [cv2.resize(one, (16, 16), interpolation=cv2.INTER_AREA).ravel() for one in pictures]
    kinds.append(("raw pixels", "", np.stack(small).astype(np.float64)))
    if mobilenet is not None:
        scaled = to_unit(torch.from_numpy(pictures).permute(0, 3, 1, 2))
        each = [mobilenet(part) for part in scaled.split(AT_ONCE)]
        kinds.append(("MobileNetV2", "", np.concatenate(each)))
    truth = parts.labels[parts.test]
    answers = {name: _told(array, parts) for name, _, array in kinds}
    control = answers[CONTROL][0] == truth
    probes = []
    for name, cell, array in kinds:
        linear, near = answers[name]
        right, count = linear == truth, len(truth)
        p = float("nan") if name == CONTROL else mcnemar(right, control)
        few = tuple(_with_few(array, parts, budget, settings.seed) for budget in BUDGETS)
        interval = wilson_interval(int(right.sum()), count)
        near_right = accuracy(near, truth)
        probes.append(
            Probe(name, float(right.mean()), interval, near_right, few, p, cell, maps.get(name, ()))
        )
    return tuple(probes), classes, len(truth)


def _with_few(rows: Array, parts: _Split, budget: int, seed: int) -> float:
    """Share right with so many labels per class, the mean over a few draws of them."""
    generator, labels = np.random.default_rng(seed + 3), parts.labels
    right = []
    for _ in range(_DRAWS):
        chosen = []
        for name in np.unique(labels[parts.train]):
            items = generator.permutation(parts.train[labels[parts.train] == name])
            if len(items) < budget:
                return float("nan")
            chosen += list(items[:budget])
        probe = fit_linear_probe(rows[chosen], labels[chosen], _QUICK_PENALTY)
        right.append(accuracy(probe.labels(rows[parts.test]), labels[parts.test]))
    return float(np.mean(right))


def _told(rows: Array, parts: _Split) -> tuple[Labels, Labels]:
    """What a linear probe and the nearest neighbours say of the test pictures."""
    labels, both = parts.labels, np.concatenate([parts.train, parts.validation])
    probe, _ = choose_linear_probe(
        (rows[parts.train], labels[parts.train]), (rows[parts.validation], labels[parts.validation])
    )
    mean = rows[both].mean(axis=0)
    near = nearest_labels(rows[both] - mean, labels[both], rows[parts.test] - mean)
    return probe.labels(rows[parts.test]), near


def _labelled(data: TrainingData, settings: ProbeSettings, side: int) -> tuple[Bytes, _Split, int]:
    """Pictures of the most frequent classes, and which of them are for what."""
    generator = np.random.default_rng(settings.seed + 2)
    given, held = data.train.labels.numpy(), data.test.labels.numpy()
    counts = np.bincount(given, minlength=len(data.classes))
    counts[~np.isin(np.arange(len(counts)), held)] = 0
    names = [k for k in np.argsort(-counts, kind="stable")[: settings.classes] if counts[k] >= 4]
    if len(names) < 2:
        nothing = np.zeros(0, np.intp)
        return np.zeros((0, side, side, 3), np.uint8), _Split(*[nothing] * 4), 0
    pictures: list[Bytes] = []
    labels: list[int] = []
    known = 0
    for source, each, most in (
        (data.train, given, settings.train), (data.test, held, settings.test),
    ):  # fmt: skip
        for label, name in enumerate(names):
            for i in generator.permutation(np.flatnonzero(each == name))[:most]:
                pictures.append(picture(source.pictures[i], side))
                labels.append(label)
        known = known or len(labels)
    all_labels = np.array(labels)
    train, validation, _ = split(all_labels[:known], (0.75, 0.25), settings.seed)
    test = np.arange(known, len(labels))
    return np.stack(pictures), _Split(all_labels, train, validation, test), len(names)
