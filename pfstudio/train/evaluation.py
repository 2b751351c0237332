"""How good a generator is on held-out pictures: losses, distances, and whether difficulty holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfstudio.core.conditions import PictureCondition
from pfstudio.engine.model import Model
from pfstudio.flow.objective import validation_losses
from pfstudio.flow.path import interpolate, pool, target_velocity
from pfstudio.nn.condition import Condition
from pfstudio.train.data import PictureSet, fitted, to_unit
from pfstudio.train.evaluation_data import EvaluationData, ProgressCallback
from pfstudio.train.measures import Calibration, calibration, rank_correlation
from pfstudio.train.sample_quality import (
    AT_ONCE,
    Neighbours,
    SampleQuality,
    SamplingSettings,
    conditions_of,
    held_out,
    measure_samples,
    model_side,
    real_pictures,
    spread,
)


@dataclass(frozen=True)
class Difficulty:
    """Predicted difficulty against the true squared velocity error of each patch, at one time."""

    time: float
    rank_correlation: float  # over the patches of all pictures
    within_pictures: float  # mean over pictures of the correlation inside each
    calibration: Calibration


@dataclass(frozen=True)
class GeneratorEvaluation:
    """What was measured."""

    pictures: int  # held-out pictures that losses and difficulty were measured on
    validation_loss: float
    validation_segments: tuple[float, ...]  # at t = 1/16, 3/16 .. 15/16
    made: SampleQuality
    difficulty: tuple[Difficulty, ...]

    def to_dict(self) -> dict[str, Any]:
        told = asdict(self)
        return told | told.pop("made")

    def quality(self, guidance: float | str) -> dict[str, Any]:
        """The figures as a model card shows them."""
        made = self.made
        told: dict[str, Any] = {
            "held-out pictures": self.pictures,
            "validation loss": round(self.validation_loss, 4),
            "validation loss in 8 segments of time": [
                round(value, 4) for value in self.validation_segments
            ],
            "FD-MobileNetV2": round(made.fd_mobilenet, 2),
            "FD-MobileNetV2, real against real": round(made.fd_mobilenet_floor, 2),
            "KID x 1000": round(1000 * made.kid, 2),
            "KID x 1000, real against real": round(1000 * made.kid_floor, 2),
            "precision": round(made.precision, 3),
            "precision, real against real": round(made.precision_floor, 3),
            "recall": round(made.recall, 3),
            "recall, real against real": round(made.recall_floor, 3),
            "nearest training picture shows the same": round(made.concept_accuracy, 3),
            "nearest training picture shows the same, held-out pictures": round(
                made.concept_ceiling, 3
            ),
            "generated images": made.samples,
            "GFLOP of each": round(made.gflop, 2),
            "their guidance": guidance,
        }
        for d in self.difficulty:
            told[f"difficulty rank correlation at t={d.time:g}"] = round(d.rank_correlation, 3)
            told[f"predicted / true error at t={d.time:g}"] = round(d.calibration.ratio, 3)
        return told


@dataclass(frozen=True)
class EvaluationSettings(SamplingSettings):
    """How to measure."""

    pictures: int = 1000  # for losses and difficulty, at most
    times: tuple[float, ...] = (0.3, 0.5)


def evaluate(
    model: Model,
    data: EvaluationData,
    settings: EvaluationSettings,
    progress: ProgressCallback = lambda what, done, total: None,
    show: Callable[[Neighbours], None] = lambda neighbours: None,
) -> GeneratorEvaluation:
    """Measure a generator on the held-out part of a data set.

    Args:
        show: is given all generated pictures beside their nearest training pictures.

    Raises:
        InputError: no held-out images, or too few for precision and recall.
    """
    real = real_pictures(model, data, settings.samples, settings.seed, progress)
    pictures = spread(held_out(data), settings.pictures)
    latents, asked = _encode(model, pictures), conditions_of(data, pictures.labels)
    losses = _losses(model, latents, asked, settings.seed)
    difficulty = tuple(
        _difficulty(model, latents, asked, time, settings.seed)
        for time in settings.times
        if model.has_difficulty
    )
    made = measure_samples(model, data, real, settings, progress, show)
    segments = tuple(losses.tolist())
    return GeneratorEvaluation(len(pictures), float(losses.mean()), segments, made, difficulty)


@torch.inference_mode()
def _encode(model: Model, pictures: PictureSet) -> Tensor:
    """Scaled latents of pictures."""
    whole = to_unit(fitted(pictures, model_side(model))).to(model.device)
    return torch.cat([model.autoencoder.encode(part) for part in whole.split(AT_ONCE)]).cpu()


def _noise(latents: Tensor, seed: int) -> Tensor:
    return torch.randn(latents.shape, generator=torch.Generator().manual_seed(seed))


def _losses(model: Model, latents: Tensor, asked: list[PictureCondition], seed: int) -> Tensor:
    """Validation losses (8,) without guidance."""
    noise, total = _noise(latents, seed), torch.zeros(8)
    for part in torch.arange(len(latents)).split(AT_ONCE):
        condition, _ = model.encode_conditions([asked[i] for i in part.tolist()])

        def velocity(x: Tensor, t: Tensor, condition: Condition = condition) -> Tensor:
            return model.velocity(x, t, condition)[0]

        total += len(part) * validation_losses(
            velocity, latents[part], noise[part], model.patch_size
        )
    return total / len(latents)


def _difficulty(
    model: Model, latents: Tensor, asked: list[PictureCondition], time: float, seed: int
) -> Difficulty:
    """Predicted variance against squared velocity error, patch by patch, at a uniform time."""
    p, noise = model.patch_size, _noise(latents, seed)
    t = torch.full((len(latents), latents.shape[-2] // p, latents.shape[-1] // p), time)
    x, target = interpolate(latents, noise, t, p), target_velocity(latents, noise)
    said, true = [], []
    for part in torch.arange(len(latents)).split(AT_ONCE):
        velocity, log_variance = model.velocity(x[part], t[part], [asked[i] for i in part.tolist()])
        assert log_variance is not None
        error = (velocity - target[part]).square().mean(dim=1, keepdim=True)
        said.append(pool(log_variance.exp(), p).flatten(1))
        true.append(pool(error, p).flatten(1))
    predicted, actual = torch.cat(said).numpy(), torch.cat(true).numpy()
    inside = [rank_correlation(a, b) for a, b in zip(predicted, actual, strict=True)]
    return Difficulty(
        time,
        rank_correlation(predicted, actual),
        float(np.mean(inside)),
        calibration(predicted, actual),
    )
