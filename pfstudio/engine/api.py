"""The Python interface: `pfstudio.generate(model, ...)`, `depth` and `upscale` likewise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from pfstudio.core.class_names import conditions_from_words
from pfstudio.core.conditions import PictureCondition
from pfstudio.core.depth import DepthMap, DepthRequest
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.events import Event, Failed, Finished
from pfstudio.core.features import Features, FeaturesRequest
from pfstudio.core.guidance import GUIDANCES, Guidance
from pfstudio.core.parameters import parameters_of
from pfstudio.core.request_json import Request
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import SAMPLERS, Sampler
from pfstudio.core.trace import Trace
from pfstudio.core.upscale import Upscale, Upscaled, UpscaleRequest
from pfstudio.engine.control import Control
from pfstudio.engine.defaults import best_guidance, best_sampler, own_settings
from pfstudio.engine.depth_model import DepthModel
from pfstudio.engine.generate import load_others
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache
from pfstudio.engine.session import Session
from pfstudio.engine.upscale_model import UpscaleModel

Listener = Callable[[Event], None]


class _Others(threading.local):
    """Models that requests name beside the given one, kept for the next call."""

    def __init__(self) -> None:
        self.cache = ModelCache()


_others = _Others()


@dataclass(frozen=True)
class Run:
    """A finished run."""

    images: npt.NDArray[np.uint8]  # (B,H,W,3)
    latents: npt.NDArray[np.float32]  # (B,C,h,w)
    trace: Trace
    seconds: float


def generate(
    model: Model,
    classes: Sequence[int | str] | int | str = (),
    *,
    prompts: Sequence[str] | str = (),
    negative: str = "",
    seed: int = 0,
    count: int = 1,
    sampler: Sampler | str = "",
    guidance: Guidance | str = "",
    nfe: int | None = None,
    on_event: Listener = lambda event: None,
    control: Control | None = None,
    **settings: Any,
) -> Run:
    """Make pictures: `count` of each class or prompt, picture i with seed `seed + i`.

    Args:
        classes: number or name of a class, or several; none is class 0 of a model
            of classes.
        prompts: a text, or several, for models that take text.
        negative: what guidance leads away from, instead of from no text.
        sampler: settings, or a name: "euler", "dual-loop", "look-ahead", ...; "" is dual-loop, or
            euler for a model without difficulty head.
        guidance: settings, or a name: "none", "cfg", "interval"; "" is the model's own best.
        nfe: spend about this many network evaluations.
        on_event: told every event as it happens; see `pfstudio.core.events`.
        control: cancel or pause from another thread.
        settings: parameters of the sampler and the guidance, e.g. steps=12, easy_share=0.4,
            scale=3.0, and further fields of `GenerateRequest`, e.g. noise_file="noise.safetensors".

    Raises:
        InputError: something given cannot be used.
        RunError: the run failed, or was cancelled.
    """
    settings = _plain(settings)
    if isinstance(sampler, str):
        kind = _kind(SAMPLERS, sampler) if sampler else best_sampler(model)
        sampler = cast(Sampler, _chosen(kind, settings, {}))
    if isinstance(guidance, str):
        rule = _kind(GUIDANCES, guidance) if guidance else best_guidance(model)
        guidance = cast(Guidance, _chosen(rule, settings, own_settings(model, rule)))
    request = _request(
        settings,
        model=model.name,
        conditions=_conditions(model, classes, prompts, negative),
        sampler=sampler if nfe is None else sampler.for_nfe(_python(nfe)),
        guidance=guidance,
        compute=model.execution.compute,
        seed=_python(seed),
        count=_python(count),
    )
    done = run(
        request, model, *load_others(request, _others.cache), on_event=on_event, control=control
    )
    images, trace = done.result.images, done.result.trace
    return Run(images, trace.latents, trace, done.seconds)


def _conditions(
    model: Model,
    classes: Sequence[int | str] | int | str,
    prompts: Sequence[str] | str,
    negative: str,
) -> tuple[PictureCondition, ...]:
    several = (classes,) if isinstance(classes, int | str | np.integer) else classes
    texts = (prompts,) if isinstance(prompts, str) else prompts
    return conditions_from_words(
        tuple(map(str, several)), tuple(texts), negative, model.card, model.classes
    )


def depth(
    model: DepthModel,
    image: str | Path | npt.NDArray[np.uint8],
    *,
    on_event: Listener = lambda event: None,
    control: Control | None = None,
    **settings: Any,
) -> DepthMap:
    """Find the depth of a picture.

    Args:
        image: a file, or pixels (H,W,3) RGB.
        on_event: told every event as it happens; see `pfstudio.core.events`.
        control: cancel or pause from another thread.
        settings: fields of `DepthRequest`, e.g. ensemble_size=5, steps=2, solver="heun",
            processing_resolution=768.

    Raises:
        InputError: something given cannot be used.
        RunError: the run failed, or was cancelled.
    """
    pixels, file = _picture(image, (3,))
    try:
        compute = model.execution.compute
        request = DepthRequest(
            image_file=file, model=model.name, compute=compute, **_plain(settings)
        )
    except TypeError as error:
        raise InputError(f"These settings do not fit together ({error}).") from error
    done = run(request, model, on_event=on_event, control=control, picture=pixels)
    found: DepthMap = done.result
    return found


def upscale(
    model: UpscaleModel,
    image: str | Path | npt.NDArray[np.uint8],
    *,
    on_event: Listener = lambda event: None,
    control: Control | None = None,
    **settings: Any,
) -> Upscaled:
    """Make a picture larger.

    Args:
        image: a file, or pixels (H,W,3) RGB or (H,W,4) RGBA.
        on_event: told every event as it happens; see `pfstudio.core.events`.
        control: cancel or pause from another thread.
        settings: fields of `Upscale`, e.g. factor=4, steps=2, clock="patch-wise".

    Raises:
        InputError: something given cannot be used.
        RunError: the run failed, or was cancelled.
    """
    pixels, file = _picture(image, (3, 4))
    try:
        how = Upscale(model.name, **_plain(settings))
        request = UpscaleRequest(file, how, compute=model.execution.compute)
    except TypeError as error:
        raise InputError(f"These settings do not fit together ({error}).") from error
    done = run(request, model, on_event=on_event, control=control, picture=pixels)
    upscaled: Upscaled = done.result
    return upscaled


def features(
    model: LoadedModel,
    images: str | Path | Sequence[str | Path] | npt.NDArray[np.uint8],
    *,
    on_event: Listener = lambda event: None,
    control: Control | None = None,
    **settings: Any,
) -> Features:
    """Find what the layers of a model hold of pictures.

    Args:
        model: of any kind.
        images: files, one trace, or pixels (I,H,W,3) RGB at the model's own size.
        on_event: told every event as it happens; see `pfstudio.core.events`.
        control: cancel or pause from another thread.
        settings: fields of `FeaturesRequest`, e.g. layers=(4, 8), times=(0.5, 0.7),
            noise="context", ensemble_size=4.

    Raises:
        InputError: something given cannot be used.
        RunError: the run failed, or was cancelled.
    """
    pixels = images if isinstance(images, np.ndarray) else None
    if pixels is not None and (
        pixels.ndim != 4 or pixels.shape[3] != 3 or not len(pixels) or pixels.dtype != np.uint8
    ):
        raise InputError(
            f"The images have the shape {pixels.shape} and the type {pixels.dtype}.",
            "Give (I, H, W, 3) of uint8.",
        )
    files = () if pixels is not None else (images,) if isinstance(images, str | Path) else images
    try:
        request = FeaturesRequest(
            tuple(map(str, files)), model.name, compute=model.execution.compute, **_plain(settings)
        )
    except TypeError as error:
        raise InputError(f"These settings do not fit together ({error}).") from error
    done = run(request, model, on_event=on_event, control=control, pictures=pixels)
    found: Features = done.result
    return found


def run(
    request: Request,
    *models: Any,
    on_event: Listener = lambda event: None,
    control: Control | None = None,
    **options: Any,
) -> Finished:
    """Run a request of any kind; nothing is saved.

    Args:
        models: loaded ones; none: those that the request names are loaded.
        options: what the kind of task takes beside its request.

    Raises:
        InputError: something given cannot be used.
        RunError: the run failed, or was cancelled.
    """
    last = Session().run(request, on_event, control, models=models, **options)
    if isinstance(last, Failed):
        raise (InputError if last.exit_code == 2 else RunError)(last.message, last.advice)
    if not isinstance(last, Finished):
        raise RunError("The run was cancelled.")
    return last


def _picture(
    image: str | Path | npt.NDArray[np.uint8], channels: tuple[int, ...]
) -> tuple[npt.NDArray[np.uint8] | None, str]:
    """Pixels, or the name of a file."""
    if not isinstance(image, np.ndarray):
        return None, str(image)
    if image.ndim != 3 or image.shape[2] not in channels or image.dtype != np.uint8:
        raise InputError(
            f"The image has the shape {image.shape} and the type {image.dtype}.",
            f"Give (H, W, {' or '.join(map(str, channels))}) of uint8.",
        )
    return image, ""


def _python(value: Any) -> Any:
    """A scalar of NumPy as Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: _python(value) for name, value in settings.items()}


def _chosen(kind: type[Any], settings: dict[str, Any], own: dict[str, Any]) -> Any:
    """Settings of a kind, with their parameters taken out of `settings`."""
    names = [about.name for about in parameters_of(kind)]
    return kind(**own | {name: settings.pop(name) for name in names if name in settings})


def _kind(registry: dict[str, Any], name: str) -> type[Any]:
    if name not in registry:
        raise InputError(f"Unknown name {name!r}.", f"Known are: {', '.join(registry)}.")
    kind: type[Any] = registry[name]
    return kind


def _request(settings: dict[str, Any], **fields: Any) -> GenerateRequest:
    try:
        return GenerateRequest(**fields, **settings)
    except TypeError as error:
        raise InputError(f"These settings do not fit together ({error}).") from error
