"""A training recipe: everything that decides what a model becomes, in one TOML file.

Paths of data are relative to the folder given with `--data`, so that a recipe means the same on
every machine.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pfstudio.core.documents import read_text
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.parameters import MAX_SEED
from pfstudio.core.routes import Route
from pfstudio.nn.registry import ARCHITECTURES
from pfstudio.train.arguments import PRECISIONS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MIXING = ("autoencoder", "depth", "latent-upsampler")  # kinds with several sources
PARALLEL = ("parallel", "parallel-logit-normal")  # one time per picture

# What a number may be: a field says it by its annotation.
Count: TypeAlias = int
Whole: TypeAlias = int
Positive: TypeAlias = float
Amount: TypeAlias = float
Share: TypeAlias = float
_RANGES: dict[str, tuple[Callable[[float], bool], str]] = {
    "Count": (lambda value: value > 0, "must be above 0"),
    "Whole": (lambda value: value >= 0, "must not be below 0"),
    "Positive": (lambda value: value > 0, "must be above 0"),
    "Amount": (lambda value: value >= 0, "must not be below 0"),
    "Share": (lambda value: 0 <= value <= 1, "must lie in 0..1"),
}
_MOST = 1e300  # more, infinite or no number: nothing can be computed with it
_WHOLE = ("int", "Count", "Whole")
_NUMBER = ("float", "Positive", "Amount", "Share")


@dataclass(frozen=True)
class SourceConfig:
    """A tar pack or a folder of pictures."""

    path: str
    test_path: str = ""  # a second pack: without labels, exactly what is held out
    labels: str = ""  # JSON: classes, train and test, or captions; without it several folders are
    # the classes, and every 20th picture, at least one of each class, validates
    share: Positive = 1.0  # of an autoencoder's batch, relative to the other sources
    unlisted: bool = False  # train on pictures that the labels file does not list, too


@dataclass(frozen=True)
class DataConfig:
    """Which pictures. A generator has one source, an autoencoder may mix several."""

    sources: tuple[SourceConfig, ...]
    # A generator of classes trains on these only; empty: all of the labels or folders.
    classes: tuple[str, ...] = ()
    pixels: int = 64  # side of a training picture
    flip: bool = True  # mirrored copies too
    directional: tuple[str, ...] = ()  # words in a class name that forbid mirroring it


@dataclass(frozen=True)
class OptimizationConfig:
    """How. Times are in optimiser steps; the batch is that of all processes together."""

    steps: Count
    batch: Count = 64
    learning_rate: Positive = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: Amount = 0.0
    warm_up: Whole = 1000  # linear, from 0
    decay_from: Share = 1.0  # share of the steps after which the rate falls by a cosine
    final_rate: Share = 0.02  # share of the rate that is left at the end
    clip: Positive = 1.0  # norm of the gradient
    ema: Share = 0.9999
    precision: str = "auto"  # bfloat16 where the device has units for it, else float32
    seed: int = 2025
    routes: tuple[Route, ...] = ()  # of a generator: random tokens skip these blocks at every step
    start_from: str = ""  # model (name or path) whose weights come first; empty: random ones


@dataclass(frozen=True)
class GeneratorTrainingConfig:
    """What a generator learns from, beyond its sizes."""

    autoencoder: str = "ae-f4"  # name or path
    time_sampler: str = "ltg"  # of flow/time_samplers.py; one time per picture needs a parallel one
    time_options: dict[str, float] = field(default_factory=dict)
    nll_weight: Amount = 0.01
    half_size_until: Share = 0.0  # share of the steps that look at pictures of half the side
    text_encoder: str = ""  # name or path, of a kind that learns from captions
    prompt_styles: tuple[str, ...] = ()  # for the card: what the captions end with
    prompt_examples: tuple[str, ...] = ()  # for the card: prompts to try first
    caption_dropout: Share = 0.1  # share of captions that become the empty text


@dataclass(frozen=True)
class AlignmentConfig:
    """What the tokens of a generator are drawn towards while it trains."""

    method: str = ""  # of train/alignment; empty: none
    weight: Amount = 0.5  # of its loss
    layer: int = 1  # whose tokens are projected, from 1
    projector_width: Count = 512
    options: dict[str, float] = field(default_factory=dict)  # of the method


@dataclass(frozen=True)
class AutoencoderTrainingConfig:
    """Weights of an autoencoder's loss terms, beside L1 with weight 1."""

    perceptual: Amount = 0.2
    perceptual_share: Share = 0.5  # share of the batch that the perceptual term looks at
    kl: Amount = 1e-3
    adversarial: Amount = 0.0  # 0: no discriminator
    adversarial_from: Whole = 2000  # until this step the discriminator only learns


@dataclass(frozen=True)
class DepthTrainingConfig:
    """How a depth model learns, beyond its sizes."""

    autoencoder: str = "ae-f4"  # name or path
    noising_step: int = 400  # of 1000: where the flow starts
    start_share: Share = 0.4  # share of the batch at t = 0; the rest is uniform in 0..1
    normal_weight: Amount = 0.2  # of the surface-normal loss
    half_size_until: Share = 0.6  # share of the steps that look at pictures of half the side
    pixels: Whole = 0  # longest side that the card asks for; 0: data.pixels
    regression: bool = False  # one step without noise and normals: what a flow is measured against


@dataclass(frozen=True)
class UpsamplerTrainingConfig:
    """What a latent upsampler learns from, beyond its sizes."""

    autoencoder: str = "ae-f4"  # name or path
    noising_step: int = 120  # of 999: how much noise the enlarged latent starts with
    draws: Count = 2  # of noise and times for each pair of pictures; they divide the batch
    zero_share: Share = 0.25  # of the batch at time 0, where sampling starts
    parallel_share: Share = 0.35  # with one uniform time for the whole picture
    time_sampler: str = "ltg"  # of flow/time_samplers.py, for the rest
    time_options: dict[str, float] = field(default_factory=dict)
    nll_weight: Amount = 0.003
    pixel: Amount = 0.2  # weight of L1 between the picture pointed to and the sharp one
    perceptual: Amount = 0.06  # weight of their perceptual distance
    looked_share: Share = 0.25  # of the pairs that these two terms look at
    decoded_share: Share = 0.25  # of the small pictures that went through the autoencoder


@dataclass(frozen=True)
class ReportConfig:
    """What is written while training; every value in steps."""

    checkpoint_every: Count = 1000
    validate_every: Count = 1000
    log_every: Count = 50
    validation_pictures: Count = 512
    grid_classes: tuple[str, ...] = ()  # or prompts; empty: the first eight classes or captions
    grid_guidance: float = 3.0
    grid_steps: Count = 25
    features: bool = False  # of a generator: k-NN probes and CKNNA of every layer


@dataclass(frozen=True)
class TrainingConfig:
    """One training run."""

    kind: str  # one of `kinds()`
    name: str  # of the model that comes out
    title: str
    data: DataConfig
    training: OptimizationConfig
    model: dict[str, Any] = field(default_factory=dict)  # keyword arguments of the network's config
    generator: GeneratorTrainingConfig = field(default_factory=GeneratorTrainingConfig)
    alignment: AlignmentConfig = field(default_factory=AlignmentConfig)
    autoencoder: AutoencoderTrainingConfig = field(default_factory=AutoencoderTrainingConfig)
    depth: DepthTrainingConfig = field(default_factory=DepthTrainingConfig)
    upsampler: UpsamplerTrainingConfig = field(default_factory=UpsamplerTrainingConfig)
    report: ReportConfig = field(default_factory=ReportConfig)
    licence: str = ""
    data_note: str = ""  # sources and licences, for the card
    limits: str = ""

    def __post_init__(self) -> None:
        _check(self.kind in kinds(), f"kind must be one of {', '.join(kinds())}, not {self.kind!r}")
        _check(bool(self.data.sources), "data.sources names no images")
        _check(
            self.kind in MIXING or len(self.data.sources) == 1,
            "a generator learns from exactly one of data.sources",
        )
        _check(
            self.kind in MIXING
            or ARCHITECTURES[self.kind].time == "per patch"
            or self.generator.time_sampler in PARALLEL,
            f"{self.kind} needs generator.time_sampler = {' or '.join(PARALLEL)}",
        )
        condition = "none" if self.kind in MIXING else ARCHITECTURES[self.kind].condition
        takes_text = condition == "text"
        _check(
            takes_text == bool(self.generator.text_encoder),
            "generator.text_encoder belongs to a kind that learns from captions",
        )
        _check(
            not self.data.classes or not (self.kind in MIXING or takes_text),
            "data.classes belongs to a generator of classes",
        )
        for name in _PARTS:
            _check_ranges(name, getattr(self, name))
        for source in self.data.sources:
            _check_ranges("data.sources", source)
            _check(
                not source.unlisted or (self.kind != "depth" and condition == "none"),
                "data.sources.unlisted belongs to a kind that learns without classes, captions "
                "and depth",
            )
            _check(
                self.kind != "depth" or (not source.test_path and source.share == 1),
                "data.sources.test_path and share do not belong to depth, which takes all pairs "
                "and holds scenes out",
            )
        classes = self.data.classes
        _check(len(set(classes)) == len(classes), "data.classes names a class twice")
        _check(
            self.data.pixels % 4 == 0 and self.data.pixels > 0,
            "data.pixels must be a multiple of 4",
        )
        for name, part in (("depth", self.depth), ("upsampler", self.upsampler)):
            _check(0 <= part.noising_step < 1000, f"{name}.noising_step must lie in 0..999")
        try:
            ClassifierFree(self.report.grid_guidance)
        except InputError as error:
            raise InputError(
                f"The recipe cannot be used: report.grid_guidance: {error}", error.advice
            ) from error
        training = self.training
        _check(
            not training.routes or self.kind not in MIXING, "training.routes belong to a generator"
        )
        _check(
            not (self.alignment.method or self.report.features) or self.kind not in MIXING,
            "alignment and report.features belong to a generator",
        )
        _check(training.ema < 1, "training.ema must be below 1")
        _check(all(0 <= b < 1 for b in training.betas), "training.betas must lie in 0..1, below 1")
        _check(0 <= training.seed <= MAX_SEED, f"training.seed must lie in 0..{MAX_SEED}")
        _check(
            self.kind != "latent-upsampler" or training.batch % self.upsampler.draws == 0,
            "training.batch must be a multiple of upsampler.draws",
        )
        _check(
            training.precision in PRECISIONS,
            f"training.precision must be one of {', '.join(PRECISIONS)}, "
            f"not {training.precision!r}",
        )


def kinds() -> tuple[str, ...]:
    """What can be trained: the generators of the registry, by their names, and three others."""
    return (*(a.name for a in ARCHITECTURES.values() if a.task == "generate"), *MIXING)


def _check(holds: bool, sentence: str) -> None:
    if not holds:
        raise InputError(f"The recipe cannot be used: {sentence}.")


def _check_ranges(where: str, part: DataclassInstance) -> None:
    """See that the numbers of a part lie where their annotations say."""
    for f in fields(part):
        if f.type in _RANGES:
            lies, sentence = _RANGES[str(f.type)]
            _check(lies(getattr(part, f.name)), f"{where}.{f.name} {sentence}")


Part = TypeVar("Part", bound="DataclassInstance")


def _data(table: Any) -> DataConfig:
    """The data part, whose sources are tables of their own."""
    _check(isinstance(table, dict), "[data] must be a table")
    sources = table.get("sources", [])
    _check(isinstance(sources, list), "data.sources must be a list of tables")
    parts = tuple(_part(SourceConfig, source, "data.sources") for source in sources)
    rest = {name: value for name, value in table.items() if name != "sources"}
    return replace(_part(DataConfig, {**rest, "sources": []}, "data"), sources=parts)


def _part(kind: type[Part], table: Any, where: str) -> Part:
    """A dataclass from a TOML table; lists become tuples."""
    _check(isinstance(table, dict), f"[{where}] must be a table")
    known = {f.name: f for f in fields(kind)}
    for name in table:
        _check(name in known, f"{where}.{name} is unknown (known: {', '.join(known)})")
    for name, f in known.items():
        required = f.default is MISSING and f.default_factory is MISSING
        _check(name in table or not required, f"{where}.{name} is missing")
    values = {}
    for name, value in table.items():
        wanted = str(known[name].type)
        _check(_fits(value, wanted), f"{where}.{name} cannot be {value!r}")
        values[name] = tuple(value) if isinstance(value, list) else value
        if wanted.startswith("tuple[Route"):
            values[name] = tuple(_part(Route, one, f"{where}.{name}") for one in value)
    return kind(**values)


def _fits(value: Any, wanted: str) -> bool:
    """Whether a TOML value has the type that the annotation names."""
    if wanted == "bool" or isinstance(value, bool):
        return wanted == "bool" and isinstance(value, bool)
    if wanted in _NUMBER:
        return isinstance(value, int | float) and abs(value) < _MOST
    if wanted in _WHOLE:
        return isinstance(value, int)
    if wanted.startswith("tuple[Route"):
        return isinstance(value, list)
    if wanted.startswith(("tuple[str", "tuple[Source")):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if wanted.startswith("tuple[float"):
        return isinstance(value, list) and len(value) == 2 and all(_fits(v, "float") for v in value)
    if wanted.startswith("dict"):
        return isinstance(value, dict) and all(_fits(v, "float") for v in value.values())
    return isinstance(value, str)


_PARTS = {
    "training": OptimizationConfig,
    "generator": GeneratorTrainingConfig,
    "alignment": AlignmentConfig,
    "autoencoder": AutoencoderTrainingConfig,
    "depth": DepthTrainingConfig,
    "upsampler": UpsamplerTrainingConfig,
    "report": ReportConfig,
}


def read_recipe(path: Path) -> TrainingConfig:
    """The recipe in a TOML file.

    Raises:
        InputError: unreadable, not TOML, or a value that is missing, unknown or impossible.
    """
    try:
        table = tomllib.loads(read_text(path))
    except RecursionError as error:
        raise InputError(f"The recipe {path} is nested too deeply.") from error
    except OSError as error:
        raise InputError(f"The recipe {path} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise InputError(f"The recipe {path} is not TOML ({error}).") from error
    names = {f.name for f in fields(TrainingConfig)}
    for name in table:
        _check(name in names, f"{name} is unknown (known: {', '.join(sorted(names))})")
    for name in ("kind", "name", "title", "data", "training"):
        _check(name in table, f"{name} is missing")
    for name in ("kind", "name", "title", "licence", "data_note", "limits"):
        _check(isinstance(table.get(name, ""), str), f"{name} must be text")
    _check(isinstance(table.get("model", {}), dict), "[model] must be a table")
    parts: dict[str, Any] = {
        name: _part(kind, table[name], name) for name, kind in _PARTS.items() if name in table
    }
    return TrainingConfig(**{**table, **parts, "data": _data(table["data"])})
