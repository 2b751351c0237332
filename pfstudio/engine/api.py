"""The Python interface: `pfstudio.generate(model, ...)`, `depth` and `upscale` likewise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from pfstudio.core.class_names import find_class
from pfstudio.core.depth import DepthEvent, DepthFinished, DepthMap, DepthRequest
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.events import Cancelled, Event, Failed, Finished
from pfstudio.core.guidance import GUIDANCES, ClassifierFree, Guidance, NoGuidance
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import SAMPLERS, DualLoop, Euler, Sampler
from pfstudio.core.trace import Trace
from pfstudio.core.upscale import Upscale, Upscaled, UpscaleEvent, UpscaleFinished, UpscaleRequest
from pfstudio.engine.control import Control
from pfstudio.engine.depth import run_depth
from pfstudio.engine.depth_model import DepthModel
from pfstudio.engine.generate import generate as run_request
from pfstudio.engine.model import Model
from pfstudio.engine.upscale import run_upscale
from pfstudio.engine.upscale_model import UpscaleModel

_Event = TypeVar("_Event", bound=Event | DepthEvent | UpscaleEvent)


@dataclass(frozen=True)
class Run:
    """A finished run."""

    images: npt.NDArray[np.uint8]  # (B,H,W,3)
    latents: npt.NDArray[np.float32]  # (B,C,h,w)
    trace: Trace
    seconds: float


def generate(
    model: Model,
    classes: Sequence[int | str] | int | str = 0,
    *,
    seed: int = 0,
    count: int = 1,
    sampler: Sampler | str = "",
    guidance: Guidance | str = "",
    nfe: int | None = None,
    on_event: Callable[[Event], None] | None = None,
    control: Control | None = None,
    **settings: Any,
) -> Run:
    """Make pictures: `count` of each class, picture i with seed `seed + i`.

    Args:
        classes: number or name of a class, or several.
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
    chosen_sampler = _choose(SAMPLERS, sampler or _best_sampler(model), settings)
    chosen_guidance = _choose(GUIDANCES, guidance or _best_guidance(model, settings), settings)
    several = [classes] if isinstance(classes, (int, str)) else classes
    names, total = model.card.classes, model.network.config.num_classes
    request = _request(
        settings,
        model=model.name,
        classes=tuple(find_class(str(label), names, total) for label in several),
        seed=seed,
        count=count,
        sampler=chosen_sampler if nfe is None else chosen_sampler.for_nfe(nfe),
        guidance=chosen_guidance,
    )
    event = _last(run_request(model, request, control), on_event)
    assert isinstance(event, Finished)
    assert event.images is not None
    return Run(event.images, event.trace.latents, event.trace, event.seconds)


def depth(
    model: DepthModel,
    image: str | Path | npt.NDArray[np.uint8],
    *,
    on_event: Callable[[DepthEvent], None] | None = None,
    control: Control | None = None,
    **settings: Any,
) -> DepthMap:
    """Find the depth of a picture.

    Args:
        image: a file, or pixels (H,W,3) RGB.
        on_event: told every event as it happens; see `pfstudio.core.depth`.
        control: cancel or pause from another thread.
        settings: fields of `DepthRequest`, e.g. ensemble_size=5, solver="heun",
            processing_resolution=768.

    Raises:
        InputError: something given cannot be used.
        RunError: the run failed, or was cancelled.
    """
    pixels, file = _picture(image, (3,))
    try:
        request = DepthRequest(image_file=file, model=model.name, **settings)
    except TypeError as error:
        raise InputError(f"These settings do not fit together ({error}).") from error
    event = _last(run_depth(model, request, control, picture=pixels), on_event)
    assert isinstance(event, DepthFinished)
    return event.result


def upscale(
    model: UpscaleModel,
    image: str | Path | npt.NDArray[np.uint8],
    *,
    on_event: Callable[[UpscaleEvent], None] | None = None,
    control: Control | None = None,
    **settings: Any,
) -> Upscaled:
    """Make a picture larger.

    Args:
        image: a file, or pixels (H,W,3) RGB or (H,W,4) RGBA.
        on_event: told every event as it happens; see `pfstudio.core.upscale`.
        control: cancel or pause from another thread.
        settings: fields of `Upscale`, e.g. factor=4, steps=2, clock="patch-wise".

    Raises:
        InputError: something given cannot be used.
        RunError: the run failed, or was cancelled.
    """
    pixels, file = _picture(image, (3, 4))
    try:
        request = UpscaleRequest(file, Upscale(model.name, **settings))
    except TypeError as error:
        raise InputError(f"These settings do not fit together ({error}).") from error
    event = _last(run_upscale(model, request, control, picture=pixels), on_event)
    assert isinstance(event, UpscaleFinished)
    return event.result


def _last(events: Iterable[_Event], tell: Callable[[_Event], None] | None) -> _Event:
    """Tell every event; the last one, unless it says that the job did not end well."""
    for event in events:
        if tell is not None:
            tell(event)
    _raise_if_bad(event)
    return event


def _picture(
    image: str | Path | npt.NDArray[np.uint8], channels: tuple[int, ...]
) -> tuple[npt.NDArray[np.uint8] | None, str]:
    """Pixels, or the name of a file."""
    if not isinstance(image, np.ndarray):
        return None, str(image)
    if image.ndim != 3 or image.shape[2] not in channels or image.dtype != np.uint8:
        raise InputError(
            f"The picture has the shape {image.shape} and the type {image.dtype}.",
            f"Give (H, W, {' or '.join(map(str, channels))}) of uint8.",
        )
    return image, ""


def _raise_if_bad(event: Event | DepthEvent | UpscaleEvent) -> None:
    if isinstance(event, Failed):
        raise (InputError if event.exit_code == 2 else RunError)(event.message, event.advice)
    if isinstance(event, Cancelled):
        raise RunError("The run was cancelled.")


def _best_sampler(model: Model) -> Sampler | str:
    return DualLoop.name if model.has_difficulty else Euler.name


def _best_guidance(model: Model, settings: dict[str, Any]) -> Guidance | str:
    if model.network.null_label is None:
        return NoGuidance.name
    settings.setdefault("scale", model.card.default_guidance)
    return ClassifierFree.name


def _choose(registry: dict[str, Any], wanted: Any, settings: dict[str, Any]) -> Any:
    """Settings by name, with their parameters taken out of `settings`."""
    if not isinstance(wanted, str):
        return wanted
    if wanted not in registry:
        raise InputError(f"Unknown name {wanted!r}.", f"Known are: {', '.join(registry)}.")
    own = [about.name for about in parameters_of(registry[wanted])]
    return registry[wanted](**{name: settings.pop(name) for name in own if name in settings})


def _request(settings: dict[str, Any], **fields: Any) -> GenerateRequest:
    try:
        return GenerateRequest(**fields, **settings)
    except TypeError as error:
        raise InputError(f"These settings do not fit together ({error}).") from error
