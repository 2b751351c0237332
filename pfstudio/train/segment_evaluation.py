"""How well regions of drawn scenes are found without a label, beside groups by colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from pfstudio.core.clustering import attention_groups, k_means
from pfstudio.engine.feature_source import pixels_of
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.train.feature_cells import Cell, Progress, cells
from pfstudio.train.scenes import draw_scenes, mean_iou, of_patches

Labels = npt.NDArray[np.intp]
Group = Callable[[int, int], Labels]  # scene, number of groups -> (P,)
_RESAMPLED = 1000


@dataclass(frozen=True)
class Segmentation:
    """How well the regions were found, of one method; it is told how many there are."""

    method: str
    miou: float
    interval: tuple[float, float]  # 95 %, over scenes
    cell: str = ""  # layer and time that were chosen on other scenes


def evaluate_segments(
    model: LoadedModel, random: LoadedModel, times: tuple[float, ...], choosing: int, counting: int,
    seed: int, progress: Progress,
) -> Iterator[Segmentation]:  # fmt: skip
    """Measure; `choosing` scenes choose layer and time, `counting` others count."""
    side = pixels_of(model)
    scenes = draw_scenes(choosing + counting, side, seed)
    first, rest = range(choosing), range(choosing, choosing + counting)
    for name, network in (("the model", model), ("the permuted network", random)):
        known = cells(network, scenes.pictures, times, seed, name, progress, attention=True)
        size = max(cell.values.shape[1] for cell in known)
        truth = of_patches(scenes.regions, size)
        for words, way in (("attention", _by_attention), ("k-means of features", _by_values)):
            usable = [cell for cell in known if way is _by_values or cell.attention is not None]
            scores = []
            for done, cell in enumerate(usable):
                progress(f"{words} of {name}", done, len(usable))
                scores.append(float(np.mean(_scores(partial(way, cell, size), truth, first))))
            if usable:
                best = usable[int(np.argmax(scores))]
                yield _summed(
                    f"{words}, {name}", _scores(partial(way, best, size), truth, rest), best.name
                )
    cut = scenes.pictures.reshape(len(scenes.pictures), size, side // size, size, side // size, 3)
    colours = cut.mean(axis=(2, 4)).reshape(len(cut), size * size, 3)
    yield _summed("k-means of colours", _scores(lambda i, k: k_means(colours[i], k), truth, rest))


def _by_values(cell: Cell, size: int, scene: int, count: int) -> Labels:
    values = cell.values[scene].astype(np.float32)
    own = values.shape[0]
    labels = k_means(values.reshape(own * own, -1), count).reshape(own, own)
    return labels.repeat(size // own, axis=0).repeat(size // own, axis=1).ravel()


def _by_attention(cell: Cell, size: int, scene: int, count: int) -> Labels:
    assert cell.attention is not None
    return attention_groups(cell.attention[scene].reshape(size * size, -1), count)


def _scores(group: Group, truth: Labels, scenes: range) -> list[float]:
    flat = truth.reshape(len(truth), -1)
    return [mean_iou(group(i, len(np.unique(flat[i]))), flat[i]) for i in scenes]


def _summed(method: str, scores: list[float], cell: str = "") -> Segmentation:
    drawn = np.random.default_rng(0).integers(0, len(scores), (_RESAMPLED, len(scores)))
    low, high = np.percentile(np.array(scores)[drawn].mean(axis=1), (2.5, 97.5))
    return Segmentation(method, float(np.mean(scores)), (float(low), float(high)), cell)
