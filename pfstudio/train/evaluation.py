"""How good a generator is on held-out pictures: losses, distances, and whether difficulty holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfstudio.core.conditions import labels as condition_labels
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import ClassifierFree, Guidance
from pfstudio.core.samplers import Sampler
from pfstudio.engine.model import Model
from pfstudio.flow.objective import validation_losses
from pfstudio.flow.path import interpolate, pool, target_velocity
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import InitialState, SamplerSteps
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.train.data import PictureSet, TrainingData, fit, fitted, to_unit
from pfstudio.train.measures import (
    Array,
    Calibration,
    calibration,
    frechet_distance,
    kernel_distance,
    rank_correlation,
)
from pfstudio.train.mobilenet import load_mobilenet

_AT_ONCE = 64
_FLOOR_DRAWS = 5
ProgressCallback = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Difficulty:
    """Predicted difficulty against the true squared velocity error of each patch, at one time."""

    time: float
    rank_correlation: float  # over the patches of all pictures
    within_pictures: float  # mean over pictures of the correlation inside each
    calibration: Calibration


@dataclass(frozen=True)
class GeneratorEvaluation:
    """What was measured; every distance comes with the floor of real against real at equal N."""

    pictures: int  # held-out pictures that losses and difficulty were measured on
    validation_loss: float
    validation_segments: tuple[float, ...]  # at t = 1/16, 3/16 .. 15/16
    samples: int  # N of the distances
    fd_mobilenet: float
    fd_mobilenet_floor: float
    kid: float
    kid_floor: float
    difficulty: tuple[Difficulty, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def quality(self, guidance: float) -> dict[str, Any]:
        """The figures as a model card shows them."""
        told: dict[str, Any] = {
            "held-out pictures": self.pictures,
            "validation loss": round(self.validation_loss, 4),
            "validation loss in 8 segments of time": [
                round(value, 4) for value in self.validation_segments
            ],
            "FD-MobileNetV2": round(self.fd_mobilenet, 2),
            "FD-MobileNetV2, real against real": round(self.fd_mobilenet_floor, 2),
            "KID x 1000": round(1000 * self.kid, 2),
            "KID x 1000, real against real": round(1000 * self.kid_floor, 2),
            "pictures in FD and KID": self.samples,
            "guidance in FD and KID": guidance,
        }
        for d in self.difficulty:
            told[f"difficulty rank correlation at t={d.time:g}"] = round(d.rank_correlation, 3)
            told[f"predicted / true error at t={d.time:g}"] = round(d.calibration.ratio, 3)
        return told


@dataclass(frozen=True)
class EvaluationSettings:
    """How to measure."""

    sampler: Sampler
    guidance: Guidance = ClassifierFree(3.0)
    samples: int = 2000  # at most; never more than there are held-out pictures
    pictures: int = 1000  # for losses and difficulty, at most
    seed: int = 0
    times: tuple[float, ...] = (0.3, 0.5)


def evaluate(
    model: Model,
    data: TrainingData,
    settings: EvaluationSettings,
    progress: ProgressCallback = lambda what, done, total: None,
) -> GeneratorEvaluation:
    """Measure a generator on the held-out part of a data set.

    Samples have the classes of the held-out pictures, one for one. The floor is the distance of
    as many training pictures of the same classes, mean of five draws: what a perfect generator
    that has learnt the training set would reach.

    Raises:
        InputError: no held-out pictures, or classes that the model does not have.
    """
    held = _matched(model, data)
    pictures = _first(held, settings.pictures)
    latents = _encode(model, pictures)
    losses = _losses(model, latents, pictures.labels, settings.seed)
    difficulty = tuple(
        _difficulty(model, latents, pictures.labels, time, settings.seed)
        for time in settings.times
        if model.has_difficulty
    )
    real = _first(held, settings.samples)
    made = _samples(model, real.labels, settings, progress)
    features = _features_of(load_mobilenet())
    side = made.shape[-1]
    known = features(to_unit(fitted(real, side)))
    made_features = features(made)
    fd_floor, kid_floor = _floor(data, real.labels, known, features, side, settings.seed, progress)
    return GeneratorEvaluation(
        pictures=len(pictures),
        validation_loss=float(losses.mean()),
        validation_segments=tuple(losses.tolist()),
        samples=len(made),
        fd_mobilenet=frechet_distance(made_features, known),
        fd_mobilenet_floor=fd_floor,
        kid=kernel_distance(made_features, known),
        kid_floor=kid_floor,
        difficulty=difficulty,
    )


def _matched(model: Model, data: TrainingData) -> PictureSet:
    """The held-out pictures, numbered by the model's classes.

    Raises:
        InputError: nothing is held out, or a class is unknown to the model.
    """
    if not len(data.test):
        raise InputError("The data has no held-out pictures.", "Give a labels file with test.")
    unknown = [name for name in data.classes if name not in model.card.classes]
    if model.card.classes and unknown:
        raise InputError(f"{model.name} does not know the class {unknown[0]!r} of the data.")
    return data.test


def _first(pictures: PictureSet, count: int) -> PictureSet:
    """An evenly spread part of a set."""
    chosen = torch.linspace(0, len(pictures) - 1, min(count, len(pictures))).long()
    return PictureSet(
        tuple(pictures.names[i] for i in chosen.tolist()),
        tuple(pictures.pictures[i] for i in chosen.tolist()),
        pictures.labels[chosen],
    )


def _side(model: Model) -> int:
    return model.network.config.input_size * model.factor


@torch.inference_mode()
def _encode(model: Model, pictures: PictureSet) -> Tensor:
    """Scaled latents of pictures."""
    whole = to_unit(fitted(pictures, _side(model))).to(model.device)
    return torch.cat([model.autoencoder.encode(part) for part in whole.split(_AT_ONCE)]).cpu()


def _noise(latents: Tensor, seed: int) -> Tensor:
    return torch.randn(latents.shape, generator=torch.Generator().manual_seed(seed))


def _losses(model: Model, latents: Tensor, labels: Tensor, seed: int) -> Tensor:
    """Validation losses (8,) without guidance."""
    noise, total = _noise(latents, seed), torch.zeros(8)
    for part in torch.arange(len(latents)).split(_AT_ONCE):

        def velocity(x: Tensor, t: Tensor, y: Tensor = labels[part]) -> Tensor:
            return model.velocity(x, t, y)[0]

        total += len(part) * validation_losses(
            velocity, latents[part], noise[part], model.patch_size
        )
    return total / len(latents)


def _difficulty(
    model: Model, latents: Tensor, labels: Tensor, time: float, seed: int
) -> Difficulty:
    """Predicted variance against squared velocity error, patch by patch, at a uniform time."""
    p, noise = model.patch_size, _noise(latents, seed)
    t = torch.full((len(latents), latents.shape[-2] // p, latents.shape[-1] // p), time)
    x, target = interpolate(latents, noise, t, p), target_velocity(latents, noise)
    said, true = [], []
    for part in torch.arange(len(latents)).split(_AT_ONCE):
        velocity, log_variance = model.velocity(x[part], t[part], labels[part])
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


def _end(steps: SamplerSteps) -> Tensor:
    """Run a sampler to its latents."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def make_latents(
    model: Model, labels: Tensor, sampler: Sampler, guidance: Guidance, seed: int
) -> Tensor:
    """Generated latents (B,C,H,W), one for each label."""
    side, p = model.network.config.input_size, model.patch_size
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn((len(labels), model.channels, side, side), generator=generator)
    field = model.field(condition_labels(*labels.tolist()), guidance)
    start = InitialState(x.to(model.device), torch.zeros((len(labels), side // p, side // p)))
    with torch.inference_mode():
        return _end(sample(field, start, sampler)).float().cpu()


def _samples(
    model: Model, labels: Tensor, settings: EvaluationSettings, progress: ProgressCallback
) -> Tensor:
    """Generated pictures (N,3,H,W) in -1..1."""
    made: list[Tensor] = []
    for index, part in enumerate(labels.split(_AT_ONCE)):
        latents = make_latents(
            model, part, settings.sampler, settings.guidance, settings.seed + 1 + index
        )
        with torch.inference_mode():
            pictures = model.autoencoder.decode(latents.to(model.device)).cpu().clamp(-1, 1)
        made.append(to_unit(((pictures + 1) * 127.5).round().to(torch.uint8)))
        progress("samples", sum(map(len, made)), len(labels))
    return torch.cat(made)


def _features_of(network: MobileNetV2) -> Callable[[Tensor], Array]:
    def features(pictures: Tensor) -> Array:
        with torch.inference_mode():
            parts = [network.pooled(part) for part in pictures.split(_AT_ONCE)]
        return torch.cat(parts).double().numpy()

    return features


def _floor(
    data: TrainingData,
    labels: Tensor,
    known: Array,
    features: Callable[[Tensor], Array],
    side: int,
    seed: int,
    progress: ProgressCallback,
) -> tuple[float, float]:
    """Mean distances (Frechet, kernel) of training pictures with these labels to `known`."""
    generator = torch.Generator().manual_seed(seed)
    distances = []
    for draw in range(_FLOOR_DRAWS):
        chosen = []
        for label in labels.tolist():
            same = (data.train.labels == label).nonzero().ravel()
            if not len(same):
                raise InputError(f"The class {data.classes[label]!r} has no training picture.")
            chosen.append(int(same[torch.randint(len(same), (), generator=generator)]))
        pictures = torch.stack([fit(data.train.pictures[i], side) for i in chosen])
        drawn = features(to_unit(pictures))
        distances.append((frechet_distance(drawn, known), kernel_distance(drawn, known)))
        progress("floor", draw + 1, _FLOOR_DRAWS)
    fd, kid = np.mean(distances, axis=0)
    return float(fd), float(kid)
