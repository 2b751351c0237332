"""How good a generator is on held-out pictures: losses, distances, and whether difficulty holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from pfstudio.core.conditions import PictureCondition, Prompt
from pfstudio.core.conditions import labels as class_labels
from pfstudio.core.errors import InputError
from pfstudio.core.files import replacing
from pfstudio.core.guidance import ClassifierFree, Guidance
from pfstudio.core.paths import cache_folder
from pfstudio.core.samplers import Sampler
from pfstudio.engine.model import Model
from pfstudio.flow.objective import validation_losses
from pfstudio.flow.path import interpolate, pool, target_velocity
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import InitialState, SamplerSteps
from pfstudio.nn.condition import Condition
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.train.captions import CaptionedPictures
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
class EvaluationData:
    """Pictures, and what is known of each by its label."""

    pictures: TrainingData
    conditions: tuple[PictureCondition, ...]  # what a generator is asked for
    groups: tuple[str, ...]  # pictures of a group may stand for each other in the floor
    concepts: tuple[str, ...]  # what is shown


def classified(data: TrainingData, model: Model) -> EvaluationData:
    """Pictures with classes, which also are their groups and concepts.

    Raises:
        InputError: a class that the model does not have.
    """
    unknown = [name for name in data.classes if name not in model.card.classes]
    if model.card.classes and unknown:
        raise InputError(f"{model.name} does not know the class {unknown[0]!r} of the data.")
    count = len(data.classes)
    return EvaluationData(data, class_labels(*range(count)), data.classes, data.classes)


def captioned(data: TrainingData, captions: CaptionedPictures) -> EvaluationData:
    """Pictures asked for by their plainest captions; their groups are styles."""
    prompts = tuple(Prompt(own[0]) for own in captions.captions)
    return EvaluationData(data, prompts, captions.styles, captions.concepts)


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
    gflop: float  # that the networks computed for each of them, 10^9 operations
    fd_mobilenet: float
    fd_mobilenet_floor: float
    kid: float
    kid_floor: float
    concept_accuracy: float  # share whose nearest training picture shows the same
    concept_ceiling: float  # the same of the held-out pictures themselves
    difficulty: tuple[Difficulty, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def quality(self, guidance: float | str) -> dict[str, Any]:
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
            "nearest training picture shows the same": round(self.concept_accuracy, 3),
            "nearest training picture shows the same, held-out pictures": round(
                self.concept_ceiling, 3
            ),
            "images in FD, KID and nearest": self.samples,
            "GFLOP of each": round(self.gflop, 2),
            "guidance in FD, KID and nearest": guidance,
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
    weak: Model | None = None  # of guidance that leads away from another model


@dataclass(frozen=True)
class Neighbours:
    """Generated pictures beside real ones; each (N,3,S,S) in -1..1."""

    labels: Tensor  # (N,) of the held-out pictures
    made: Tensor
    nearest: Tensor  # of all training pictures, by the cosine of MobileNetV2's features
    held_out: Tensor  # drawn by people, never seen in training


def evaluate(
    model: Model,
    data: EvaluationData,
    settings: EvaluationSettings,
    progress: ProgressCallback = lambda what, done, total: None,
    show: Callable[[Neighbours], None] = lambda neighbours: None,
) -> GeneratorEvaluation:
    """Measure a generator on the held-out part of a data set.

    Samples are asked for what the held-out pictures show, one for one. The floor is the distance
    of as many training pictures of the same groups, mean of five draws: what a perfect generator
    that has learnt the training set would reach.

    Args:
        show: is given all generated pictures beside their nearest training pictures.

    Raises:
        InputError: no held-out images.
    """
    held = data.pictures.test
    if not len(held):
        raise InputError("The data has no held-out images.", "Give a labels file with test.")
    pictures = _first(held, settings.pictures)
    latents, asked = _encode(model, pictures), _conditions(data, pictures.labels)
    losses = _losses(model, latents, asked, settings.seed)
    difficulty = tuple(
        _difficulty(model, latents, asked, time, settings.seed)
        for time in settings.times
        if model.has_difficulty
    )
    real = _first(held, settings.samples)
    before = _flops(model, settings)
    made = _samples(model, _conditions(data, real.labels), settings, progress)
    flops = _flops(model, settings) - before
    features, side = _features_of(load_mobilenet()), made.shape[-1]
    real_pictures = to_unit(fitted(real, side))
    known, made_features = features(real_pictures), features(made)
    train = data.pictures.train
    train_features = _kept_features(train, side, features, progress)
    fd_floor, kid_floor = _floor(data, real.labels, known, train_features, settings.seed)
    nearest, own = _nearest(made_features, train_features), _nearest(known, train_features)
    shown = torch.stack([fit(train.pictures[i], side) for i in nearest])
    show(Neighbours(real.labels, made, to_unit(shown), real_pictures))
    return GeneratorEvaluation(
        pictures=len(pictures),
        validation_loss=float(losses.mean()),
        validation_segments=tuple(losses.tolist()),
        samples=len(made),
        gflop=flops / len(made) / 1e9,
        fd_mobilenet=frechet_distance(made_features, known),
        fd_mobilenet_floor=fd_floor,
        kid=kernel_distance(made_features, known),
        kid_floor=kid_floor,
        concept_accuracy=_same_concept(data, real.labels, nearest),
        concept_ceiling=_same_concept(data, real.labels, own),
        difficulty=difficulty,
    )


def _flops(model: Model, settings: EvaluationSettings) -> float:
    """Operations that the networks of guided samples have made so far."""
    return model.flops_done + (settings.weak.flops_done if settings.weak else 0.0)


def _conditions(data: EvaluationData, labels: Tensor) -> list[PictureCondition]:
    return [data.conditions[label] for label in labels.tolist()]


def _nearest(features: Array, others: Array) -> list[int]:
    """For each of N features the most alike of the others, by the cosine."""
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (features, others))
    return (a @ b.T).argmax(axis=1).tolist()


def _same_concept(data: EvaluationData, labels: Tensor, nearest: list[int]) -> float:
    found = data.pictures.train.labels[nearest]
    pairs = zip(labels.tolist(), found.tolist(), strict=True)
    return float(np.mean([data.concepts[one] == data.concepts[other] for one, other in pairs]))


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


def _losses(model: Model, latents: Tensor, asked: list[PictureCondition], seed: int) -> Tensor:
    """Validation losses (8,) without guidance."""
    noise, total = _noise(latents, seed), torch.zeros(8)
    for part in torch.arange(len(latents)).split(_AT_ONCE):
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
    for part in torch.arange(len(latents)).split(_AT_ONCE):
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


def _end(steps: SamplerSteps) -> Tensor:
    """Run a sampler to its latents."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def make_latents(
    model: Model,
    asked: Sequence[PictureCondition],
    sampler: Sampler,
    guidance: Guidance,
    seed: int,
    weak: Model | None = None,
) -> Tensor:
    """Generated latents (B,C,H,W), one for each of what is asked."""
    side, p = model.network.config.input_size, model.patch_size
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn((len(asked), model.channels, side, side), generator=generator)
    field = model.field(asked, guidance, range(seed, seed + len(asked)), weak=weak)
    start = InitialState(x.to(model.device), torch.zeros((len(asked), side // p, side // p)))
    with torch.inference_mode():
        return _end(sample(field, start, sampler)).float().cpu()


def _samples(
    model: Model,
    asked: list[PictureCondition],
    settings: EvaluationSettings,
    progress: ProgressCallback,
) -> Tensor:
    """Generated pictures (N,3,H,W) in -1..1."""
    made: list[Tensor] = []
    for index, part in enumerate(torch.arange(len(asked)).split(_AT_ONCE)):
        latents = make_latents(
            model,
            [asked[i] for i in part.tolist()],
            settings.sampler,
            settings.guidance,
            settings.seed + 1 + index,
            settings.weak,
        )
        with torch.inference_mode():
            pictures = model.autoencoder.decode(latents.to(model.device)).cpu().clamp(-1, 1)
        made.append(to_unit(((pictures + 1) * 127.5).round().to(torch.uint8)))
        progress("samples", sum(map(len, made)), len(asked))
    return torch.cat(made)


def _kept_features(
    pictures: PictureSet, side: int, features: Callable[[Tensor], Array], progress: ProgressCallback
) -> Array:
    """Features of training pictures, which the next evaluation finds in the cache folder."""
    digest = hashlib.sha256(str(side).encode())
    for picture in pictures.pictures:
        digest.update(str(tuple(picture.shape)).encode())
        digest.update(picture.numpy().tobytes())
    path = cache_folder() / "evaluation" / f"mobilenet-{digest.hexdigest()[:16]}.safetensors"
    try:
        return load_file(path)["features"].double().numpy()
    except (OSError, SafetensorError, KeyError):  # missing or damaged: made again
        pass
    parts = []
    for part in torch.arange(len(pictures)).split(_AT_ONCE):
        progress("training pictures", int(part[0]), len(pictures))
        chosen = torch.stack([fit(pictures.pictures[i], side) for i in part.tolist()])
        parts.append(features(to_unit(chosen)))
    found = np.concatenate(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        save_file({"features": torch.from_numpy(found).float()}, temporary)
    return found


def _features_of(network: MobileNetV2) -> Callable[[Tensor], Array]:
    def features(pictures: Tensor) -> Array:
        with torch.inference_mode():
            parts = [network.pooled(part) for part in pictures.split(_AT_ONCE)]
        return torch.cat(parts).double().numpy()

    return features


def _floor(
    data: EvaluationData, labels: Tensor, known: Array, train_features: Array, seed: int
) -> tuple[float, float]:
    """Mean distances (Frechet, kernel) of training pictures of the same groups to `known`."""
    generator = torch.Generator().manual_seed(seed)
    members: dict[str, list[int]] = {}
    for place, label in enumerate(data.pictures.train.labels.tolist()):
        members.setdefault(data.groups[label], []).append(place)
    groups = [data.groups[label] for label in labels.tolist()]
    for group in groups:
        if group not in members:
            raise InputError(f"There is no training picture of {group!r}.")
    distances = []
    for _ in range(_FLOOR_DRAWS):
        chosen = [
            members[group][int(torch.randint(len(members[group]), (), generator=generator))]
            for group in groups
        ]
        drawn = train_features[chosen]
        distances.append((frechet_distance(drawn, known), kernel_distance(drawn, known)))
    fd, kid = np.mean(distances, axis=0)
    return float(fd), float(kid)
