"""How good a generator's pictures are: distances of their features to those of real ones."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from pfstudio.core.conditions import PictureCondition
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.files import replacing
from pfstudio.core.guidance import ClassifierFree, Guidance
from pfstudio.core.paths import cache_folder
from pfstudio.core.samplers import Sampler
from pfstudio.engine.model import Model
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import InitialState, SamplerSteps
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.train.data import PictureSet, fit, fitted, to_unit
from pfstudio.train.evaluation_data import EvaluationData, ProgressCallback
from pfstudio.train.measures import (
    NEIGHBOURS,
    Array,
    frechet_distance,
    kernel_distance,
    precision_recall,
)
from pfstudio.train.mobilenet import load_mobilenet

AT_ONCE = 64
MOST_SAMPLES = 2000  # unless more are asked for
_FLOOR_DRAWS = 5
Features = Callable[[Tensor], Array]  # of pictures (N,3,H,W) in -1..1: (N,D)


@dataclass(frozen=True)
class SamplingSettings:
    """What is generated."""

    sampler: Sampler
    guidance: Guidance = ClassifierFree(3.0)
    # 0: one for each held-out picture, up to `MOST_SAMPLES`; more ask for the same ones again
    samples: int = 0
    seed: int = 0
    weak: Model | None = None  # of guidance that leads away from another model


@dataclass(frozen=True)
class Distances:
    """Of one set of pictures to the held-out ones, by the features of MobileNetV2."""

    fd: float
    kid: float
    precision: float
    recall: float


@dataclass(frozen=True)
class RealPictures:
    """What every set of samples is compared with, computed once."""

    features: Array  # (M,D) of the held-out ones
    train_features: Array  # of all training pictures
    labels: Tensor  # (N,) that samples are asked for
    floor: Distances  # of as many training pictures of the same groups
    concept_ceiling: float
    features_of: Features = field(repr=False)


@dataclass(frozen=True)
class SampleQuality:
    """What was measured; a floor is that of as many training pictures of the same groups."""

    samples: int  # N
    gflop: float  # that the networks computed for each of them, 10^9 operations
    # that sampling took for each of them, on this machine
    seconds: float = field(compare=False)
    fd_mobilenet: float
    fd_mobilenet_floor: float
    kid: float
    kid_floor: float
    precision: float  # share of the samples among the held-out pictures
    precision_floor: float
    recall: float  # share of the held-out pictures among the samples
    recall_floor: float
    concept_accuracy: float  # share whose nearest training picture shows the same
    concept_ceiling: float  # the same of the held-out pictures themselves


@dataclass(frozen=True)
class Neighbours:
    """Generated pictures beside real ones; pictures are (N,3,S,S) in -1..1."""

    labels: Tensor  # (N,) that were asked for
    made: Tensor
    nearest: Tensor  # of all training pictures, by the cosine of MobileNetV2's features


def real_pictures(
    model: Model,
    data: EvaluationData,
    samples: int = 0,
    seed: int = 0,
    progress: ProgressCallback = lambda what, done, total: None,
) -> RealPictures:
    """Features of the real pictures at the model's size, and the floor.

    The floor is the distance of as many training pictures of the same groups as samples are asked
    for, mean of five draws: what a perfect generator that has learnt the training set would reach.

    Raises:
        InputError: no held-out pictures, or too few pictures for precision and recall.
    """
    real = spread(held_out(data), samples or MOST_SAMPLES)
    labels = real.labels[torch.arange(samples or len(real)) % len(real)]
    if min(len(real), len(labels)) <= NEIGHBOURS:
        raise InputError(
            f"{min(len(real), len(labels))} images are too few for precision and recall.",
            f"Use at least {NEIGHBOURS + 1} held-out images, and as many samples.",
        )
    features, side = _features_of(load_mobilenet()), model_side(model)
    known = features(to_unit(fitted(real, side)))
    train = _kept_features(data.pictures.train, side, features, progress)
    floor = _floor(data, labels, known, train, seed)
    own = _same_concept(data, real.labels, _nearest(known, train))
    return RealPictures(known, train, labels, floor, own, features)


def measure_samples(
    model: Model,
    data: EvaluationData,
    real: RealPictures,
    settings: SamplingSettings,
    progress: ProgressCallback = lambda what, done, total: None,
    show: Callable[[Neighbours], None] = lambda neighbours: None,
) -> SampleQuality:
    """Generate, and compare with real pictures.

    Args:
        show: is given all generated pictures beside their nearest training pictures.
    """
    before, begun = _flops(model, settings), time.perf_counter()
    made = _samples(model, conditions_of(data, real.labels), settings, progress)
    seconds, flops = time.perf_counter() - begun, _flops(model, settings) - before
    features = real.features_of(made)
    nearest, train = _nearest(features, real.train_features), data.pictures.train
    shown = torch.stack([fit(train.pictures[i], made.shape[-1]) for i in nearest])
    show(Neighbours(real.labels, made, to_unit(shown)))
    found, floor = _distances(features, real.features), real.floor
    return SampleQuality(
        samples=len(made),
        gflop=flops / len(made) / 1e9,
        seconds=seconds / len(made),
        fd_mobilenet=found.fd,
        fd_mobilenet_floor=floor.fd,
        kid=found.kid,
        kid_floor=floor.kid,
        precision=found.precision,
        precision_floor=floor.precision,
        recall=found.recall,
        recall_floor=floor.recall,
        concept_accuracy=_same_concept(data, real.labels, nearest),
        concept_ceiling=real.concept_ceiling,
    )


def held_out(data: EvaluationData) -> PictureSet:
    """The pictures that were kept from training.

    Raises:
        InputError: there are none.
    """
    if not len(data.pictures.test):
        raise InputError("The data has no held-out images.", "Give a labels file with test.")
    return data.pictures.test


def spread(pictures: PictureSet, count: int) -> PictureSet:
    """So many of them at most, evenly spread."""
    chosen = torch.linspace(0, len(pictures) - 1, min(count, len(pictures))).long()
    return PictureSet(
        tuple(pictures.names[i] for i in chosen.tolist()),
        tuple(pictures.pictures[i] for i in chosen.tolist()),
        pictures.labels[chosen],
    )


def conditions_of(data: EvaluationData, labels: Tensor) -> list[PictureCondition]:
    """What a generator is asked for, of each label."""
    return [data.conditions[label] for label in labels.tolist()]


def model_side(model: Model) -> int:
    """Pixels of the model's own size."""
    return model.network.config.input_size * model.factor


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


def _end(steps: SamplerSteps) -> Tensor:
    """Run a sampler to its latents."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def _samples(
    model: Model,
    asked: list[PictureCondition],
    settings: SamplingSettings,
    progress: ProgressCallback,
) -> Tensor:
    """Generated pictures (N,3,H,W) in -1..1."""
    made: list[Tensor] = []
    for index, part in enumerate(torch.arange(len(asked)).split(AT_ONCE)):
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


def _flops(model: Model, settings: SamplingSettings) -> float:
    """Operations that the networks of guided samples have made so far."""
    return model.flops_done + (settings.weak.flops_done if settings.weak else 0.0)


def _distances(features: Array, real: Array) -> Distances:
    fd, kid = frechet_distance(features, real), kernel_distance(features, real)
    return Distances(fd, kid, *precision_recall(features, real))


def _nearest(features: Array, others: Array) -> list[int]:
    """For each of N features the most alike of the others, by the cosine."""
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (features, others))
    return (a @ b.T).argmax(axis=1).tolist()


def _same_concept(data: EvaluationData, labels: Tensor, nearest: list[int]) -> float:
    found = data.pictures.train.labels[nearest]
    pairs = zip(labels.tolist(), found.tolist(), strict=True)
    return float(np.mean([data.concepts[one] == data.concepts[other] for one, other in pairs]))


def _kept_features(
    pictures: PictureSet, side: int, features: Features, progress: ProgressCallback
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
    for part in torch.arange(len(pictures)).split(AT_ONCE):
        progress("training pictures", int(part[0]), len(pictures))
        chosen = torch.stack([fit(pictures.pictures[i], side) for i in part.tolist()])
        parts.append(features(to_unit(chosen)))
    found = np.concatenate(parts)
    try:
        with replacing(path) as temporary:
            save_file({"features": torch.from_numpy(found).float()}, temporary)
    except PfstudioError as error:  # the next evaluation computes them again
        logging.getLogger(__name__).warning("features of training images are not kept: %s", error)
    return found


def _features_of(network: MobileNetV2) -> Features:
    def features(pictures: Tensor) -> Array:
        with torch.inference_mode():
            parts = [network.pooled(part) for part in pictures.split(AT_ONCE)]
        return torch.cat(parts).double().numpy()

    return features


def _floor(
    data: EvaluationData, labels: Tensor, known: Array, train_features: Array, seed: int
) -> Distances:
    """Mean distances of training pictures of the same groups to `known`.

    A picture is drawn again only when all of its group were.
    """
    generator = torch.Generator().manual_seed(seed)
    members: dict[str, list[int]] = {}
    for place, label in enumerate(data.pictures.train.labels.tolist()):
        members.setdefault(data.groups[label], []).append(place)
    groups = [data.groups[label] for label in labels.tolist()]
    for group in groups:
        if group not in members:
            raise InputError(f"There is no training picture of {group!r}.")
    found = []
    for _ in range(_FLOOR_DRAWS):
        left: dict[str, list[int]] = {}
        chosen = []
        for group in groups:
            if not left.get(group):
                order = torch.randperm(len(members[group]), generator=generator)
                left[group] = [members[group][place] for place in order.tolist()]
            chosen.append(left[group].pop())
        found.append(_distances(train_features[chosen], known))
    return Distances(*(float(np.mean(each)) for each in zip(*map(astuple, found), strict=True)))
