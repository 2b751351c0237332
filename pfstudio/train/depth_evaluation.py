"""How good a depth model is on pictures with measured depth, beside priors and a regression.

Protocol: prediction and truth are compared as inverse depth, after the least-squares scale and
shift on the valid pixels of each picture; AbsRel and delta1 (`core/depth_measures.py`) are averaged
over the pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from pfstudio.core.arrays import read_npz
from pfstudio.core.depth import DepthRequest
from pfstudio.core.depth_measures import Accuracy, accuracy, reliability
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.events import Finished
from pfstudio.core.image_io import read_picture
from pfstudio.engine.api import run
from pfstudio.engine.depth import processing_size, resized
from pfstudio.engine.depth_model import DepthModel
from pfstudio.train.config import SourceConfig
from pfstudio.train.depth_data import check_held_out_scenes, load_depth_source

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
ProgressCallback = Callable[[str, int, int], None]
FLOW, CONSTANT, GRADIENT = "flow", "constant", "vertical gradient"
_TRUTH, _PICTURE = "_gt.npz", "_rgb.png"


@dataclass(frozen=True)
class DepthScene:
    """A picture with measured inverse depth or disparity."""

    name: str
    picture: Bytes  # (H,W,3) RGB
    disparity: Floats  # (H,W); 0: not measured


@dataclass(frozen=True)
class Score:
    """Of one method on one picture, or the mean of several."""

    abs_rel: float
    delta1: float


@dataclass(frozen=True)
class SceneResult:
    """Everything measured on one picture."""

    name: str
    scores: dict[str, Score]  # by method: flow, priors, regressions by their names
    seconds: float  # that the flow took
    ause: float  # of the spread of log-depth
    ause_aligned: float  # of the spread of aligned relative depth
    ause_random: float  # of a spread that knows nothing
    rank_correlation: float  # of the spread of log-depth and the error
    risk: tuple[float, ...]  # mean error of the surest 1/20, 2/20 .. 20/20 of the pixels


@dataclass(frozen=True)
class DepthEvaluation:
    """All pictures, in order."""

    ensemble_size: int
    flip_augmentation: bool
    steps: int
    solver: str
    processing_resolution: int
    scenes: tuple[SceneResult, ...]

    def mean(self, method: str) -> Score:
        """Mean score over the pictures."""
        scores = [scene.scores[method] for scene in self.scenes]
        return Score(_mean([s.abs_rel for s in scores]), _mean([s.delta1 for s in scores]))

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(self.scenes[0].scores)

    @property
    def ause(self) -> tuple[float, float, float]:
        """Mean AUSE of the spread of log-depth, of the aligned spread, and of a random one."""
        both = [(s.ause, s.ause_aligned, s.ause_random) for s in self.scenes]
        log, aligned, random = np.mean(both, axis=0)
        return float(log), float(aligned), float(random)

    @property
    def risk(self) -> tuple[float, ...]:
        """Mean risk-coverage curve."""
        return tuple(np.mean([scene.risk for scene in self.scenes], axis=0).tolist())

    def to_dict(self) -> dict[str, Any]:
        means = {method: asdict(self.mean(method)) for method in self.methods}
        log, aligned, random = self.ause
        ause = {"log_std": log, "aligned_std": aligned, "random": random}
        return {**asdict(self), "means": means, "ause": ause, "risk": self.risk}

    def quality(self, data: str) -> dict[str, Any]:
        """The figures as a model card shows them; `data` names the pictures."""
        told: dict[str, Any] = {}
        how = ", flip augmentation" if self.flip_augmentation else ""
        data += how
        for method in self.methods:
            mean = self.mean(method)
            told[f"AbsRel / delta1, {data}, {method}"] = _pair(mean)
        if len(self.scenes) <= 10:
            for scene in self.scenes:
                told[f"AbsRel / delta1, {scene.name}{how}"] = _pair(scene.scores[FLOW])
        log, aligned, random = self.ause
        told[f"AUSE, {data} (random {random:.4f})"] = round(log, 4)
        told[f"AUSE of the aligned spread, {data}"] = round(aligned, 4)
        told[f"error of the surest 25 / 50 / 75 / 100 %, {data}"] = " / ".join(
            f"{self.risk[i]:.3f}" for i in (4, 9, 14, 19)
        )
        told[f"pictures, {data}"] = len(self.scenes)
        return told


def _pair(score: Score) -> str:
    return f"{score.abs_rel:.4f} / {score.delta1:.4f}"


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def read_depth_scenes(path: Path, labels: Path | None = None) -> tuple[DepthScene, ...]:
    """Scenes of a folder (NAME_rgb.png, NAME_gt.npz with `disp`), or the held-out pairs of a pack.

    Raises:
        InputError: nothing there, or files that are damaged or do not belong together.
    """
    if labels is not None:
        held = load_depth_source(SourceConfig(str(path), labels=str(labels)), Path()).test
        check_held_out_scenes(held)
        return tuple(DepthScene(pair.name, *pair.both()) for pair in held)
    found = sorted(path.glob(f"*{_TRUTH}"))
    if not found:
        raise InputError(
            f"There are no images with depth in {path}.",
            f"Give a folder with NAME{_PICTURE} and NAME{_TRUTH}, or a pack with its labels.",
        )
    return tuple(_scene(truth) for truth in found)


def _scene(truth: Path) -> DepthScene:
    name = truth.name.removesuffix(_TRUTH)
    picture = read_picture(truth.with_name(name + _PICTURE))
    try:
        disparity = np.asarray(read_npz(truth)["disp"], np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"The depth {truth} cannot be read ({error}).") from error
    if disparity.shape != picture.shape[:2]:
        raise InputError(f"{truth} has another size than its picture.")
    return DepthScene(name, picture, disparity)


def evaluate_depth(
    model: DepthModel,
    scenes: Sequence[DepthScene],
    request: DepthRequest,
    regressions: Sequence[DepthModel] = (),
    progress: ProgressCallback = lambda what, done, total: None,
) -> DepthEvaluation:
    """Measure a depth model, two priors and networks trained as plain regression.

    Args:
        request: members, steps, solver and resolution.
        regressions: networks that give depth latents for a state of zeros at time 0.

    Raises:
        InputError: methods of the same name.
        RunError: a run failed.
    """
    names = [FLOW, CONSTANT, GRADIENT, *(one.card.name for one in regressions)]
    if len(set(names)) < len(names):
        raise InputError(
            f"Two methods have one name: {', '.join(names)}.", "Rename a model in its card.json."
        )
    results = []
    for number, scene in enumerate(scenes, 1):
        results.append(_measure(model, scene, request, regressions))
        progress("pictures", number, len(scenes))
    resolution = request.processing_resolution or model.pixels
    return DepthEvaluation(
        request.ensemble_size,
        request.flip_augmentation,
        request.steps,
        request.solver,
        resolution,
        tuple(results),
    )


def _measure(
    model: DepthModel,
    scene: DepthScene,
    request: DepthRequest,
    regressions: Sequence[DepthModel],
) -> SceneResult:
    done = _run(model, scene, request)
    found, truth = done.result, scene.disparity
    disparity = np.exp(-found.log_depth)
    height, width = truth.shape
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    scores = {
        FLOW: _score(accuracy(disparity, truth)),
        CONSTANT: _score(accuracy(np.zeros_like(truth), truth)),
        GRADIENT: _score(accuracy(np.repeat(ramp, width, axis=1), truth)),
    }
    for regression in regressions:
        plain = regression_log_depth(regression, scene.picture, request.processing_resolution)
        if request.flip_augmentation:  # the same help for both
            turned = np.ascontiguousarray(scene.picture[:, ::-1])
            other = regression_log_depth(regression, turned, request.processing_resolution)
            plain = (plain + other[:, ::-1]) / np.float32(2)
        scores[regression.card.name] = _score(accuracy(np.exp(-plain), truth))
    spread = reliability(found.log_std, disparity, truth)
    return SceneResult(
        name=scene.name,
        scores=scores,
        seconds=done.seconds,
        ause=spread.ause,
        ause_aligned=reliability(found.aligned_std, disparity, truth).ause,
        ause_random=spread.random_ause,
        rank_correlation=spread.rank_correlation,
        risk=tuple(spread.risk.tolist()),
    )


def _run(model: DepthModel, scene: DepthScene, request: DepthRequest) -> Finished:
    wish = replace(request, image_file=scene.name)
    try:
        return run(wish, model, picture=scene.picture)
    except (InputError, RunError) as error:
        raise RunError(f"{scene.name}: {error}", error.advice) from error


def _score(fit: Accuracy) -> Score:
    return Score(fit.abs_rel, fit.delta1)


@torch.inference_mode()
def regression_log_depth(model: DepthModel, picture: Bytes, resolution: int = 0) -> Floats:
    """Log-depth (H,W) by a network of the recipe's `regression`: one call, no noise."""
    height, width = picture.shape[:2]
    size = processing_size(height, width, resolution or model.pixels, model.unit)
    model.prepare_thread()
    image = model.encode(resized(picture, size))
    log_depth = model.decode(model.velocity(torch.zeros_like(image.latent), 0.0, image))[0]
    return np.asarray(cv2.resize(log_depth, (width, height), interpolation=cv2.INTER_LINEAR))
