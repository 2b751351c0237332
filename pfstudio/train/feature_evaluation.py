"""What a model's features are worth: found again under known warps, told apart by probes, grouped
into regions; and whether it knows where it errs.

Layer and time are chosen on pictures that do not count for what is reported. Beside every figure
stands that of controls, most of all the same network with every weight tensor permuted: random
features are better than one thinks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pfstudio.core.calibration import Calibration, ContextCurve, calibration
from pfstudio.core.errors import InputError
from pfstudio.core.features import CONTEXT_SHARES, CONTEXT_TIME
from pfstudio.core.probes import BEST_LAYER
from pfstudio.engine.api import features
from pfstudio.engine.feature_source import pixels_of
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.train.data import TrainingData
from pfstudio.train.feature_cells import Bytes, Progress, permuted, picture
from pfstudio.train.match_evaluation import Correspondence, evaluate_matches
from pfstudio.train.probe_evaluation import (
    BUDGETS,
    Pooled,
    Probe,
    ProbeSettings,
    evaluate_probes,
)
from pfstudio.train.segment_evaluation import Segmentation, evaluate_segments


@dataclass(frozen=True)
class FeatureSettings:
    """How much is measured."""

    times: tuple[float, ...] = (0.5, 0.7, 0.9)
    warped: int = 60  # pictures; half of them choose the layer and the time
    scenes: int = 36  # drawn ones; a third of them choose
    classes: int = 20  # the most frequent ones
    train: int = 60  # pictures per class, a quarter of them for validation
    test: int = 15  # per class
    seed: int = 0


@dataclass(frozen=True)
class FeatureEvaluation:
    """What was measured."""

    correspondence: tuple[Correspondence, ...]
    segmentation: tuple[Segmentation, ...]
    probes: tuple[Probe, ...]  # (): the data has fewer than two classes
    calibration: Calibration | None  # None: it predicts no error, or its true one is not known
    context: ContextCurve | None  # at CONTEXT_TIME; None: as well, or no time per patch
    warped: int  # pictures that count
    scenes: int  # that count
    classes: int
    tested: int
    times: tuple[float, ...]

    def quality(self, data: str) -> dict[str, str]:
        """For a card."""
        found = {
            f"PCK@0.1 under warps, {data}, {one.method}": _share(one.pck, one.interval)
            for one in self.correspondence
        }
        found |= {
            f"mIoU of regions, {self.scenes} drawn scenes, {one.method}": _share(
                one.miou, one.interval
            )
            for one in self.segmentation
        }
        for one in self.probes:
            curve = ", ".join(
                f"{budget}: {right:.3f}" for budget, right in zip(BUDGETS, one.few, strict=True)
            )
            p = "" if np.isnan(one.p) else f", p {one.p:.2g} against the permuted network"
            name = f"linear probe, {self.classes} classes of {data}, {one.method}"
            found[name] = f"{_share(one.right, one.interval)}{p}; labels a class {curve}"
            if one.method == "features":
                found[f"{BEST_LAYER}, {self.classes} classes of {data}"] = one.cell
        known = self.calibration
        if known is not None:
            name = f"difficulty within a time, {data}"
            found[name] = (
                f"rank correlation {known.within_time:.3f}, error / variance {known.ratio:.2f}"
            )
        if self.context is not None:
            found[f"more context, {data}, noisy patches at time {CONTEXT_TIME:g}"] = "; ".join(
                f"{share:.0%} of the others clean: variance {variance:.3f}, error {error:.3f}"
                for share, variance, error in self.context.rows()
            )
        return found


def _share(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def evaluate_features(
    model: LoadedModel,
    data: TrainingData,
    settings: FeatureSettings,
    mobilenet: Pooled | None = None,
    progress: Progress = lambda what, done, total: None,
) -> FeatureEvaluation:
    """Measure.

    Raises:
        InputError: too few pictures.
    """
    if len(data.test) < 4:
        raise InputError(f"{len(data.test)} held-out images are too few.", "Give at least 4.")
    random, times, seed = permuted(model, settings.seed), settings.times, settings.seed
    side = pixels_of(model)
    chosen = np.random.default_rng(seed).permutation(len(data.test))[: settings.warped]
    pictures = np.stack([picture(data.test.pictures[i], side) for i in chosen])
    counting = len(pictures) - len(pictures) // 2
    matches = tuple(evaluate_matches(model, random, pictures, times, seed, progress))
    choosing = settings.scenes // 3
    segments = tuple(
        evaluate_segments(
            model, random, times, choosing, settings.scenes - choosing, seed, progress
        )
    )
    about = ProbeSettings(times, settings.classes, settings.train, settings.test, seed)
    probes, classes, tested = evaluate_probes(model, random, data, about, mobilenet, progress)
    return FeatureEvaluation(
        matches, segments, probes, _calibration(model, pictures, times, seed),
        features(
            model, pictures, layers=(1,), times=(CONTEXT_TIME,), seed=seed,
            context_shares=CONTEXT_SHARES,
        ).context,
        counting, settings.scenes - choosing, classes, tested, times,
    )  # fmt: skip


def _calibration(
    model: LoadedModel, pictures: Bytes, times: tuple[float, ...], seed: int
) -> Calibration | None:
    found = features(model, pictures, layers=(1,), times=times, seed=seed)
    if found.difficulty is None or found.error is None:
        return None
    return calibration(found.difficulty, found.error)
