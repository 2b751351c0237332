"""One picture in, a larger and sharper one out, as a stream of events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Started
from pfstudio.core.image_io import read_colour_and_alpha
from pfstudio.core.upscale import (
    Upscaled,
    UpscaleEvent,
    UpscaleFinished,
    UpscaleRequest,
)
from pfstudio.engine.control import Control
from pfstudio.engine.generate import failure
from pfstudio.engine.initial_state import read_noise
from pfstudio.engine.interrupt import Stopped, stoppable
from pfstudio.engine.tiled_upscaler import TiledUpscaler, to_bytes, to_unit
from pfstudio.engine.upscale_model import UpscaleModel

Clock = Callable[[], float]
Bytes = npt.NDArray[np.uint8]


def run_upscale(
    model: UpscaleModel,
    request: UpscaleRequest,
    control: Control | None = None,
    job: int = 0,
    *,
    picture: Bytes | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[UpscaleEvent]:
    """Run a request; the last event is UpscaleFinished, Cancelled or Failed, exactly once.

    Args:
        control: cancel, pause and single step; a cancel also ends a network call in its middle.
        picture: (H,W,3) RGB or (H,W,4) RGBA instead of the request's file.
        clock: seconds; tests give their own.
    """
    control = control or Control()
    try:
        with stoppable(control, model.network, model.autoencoder):
            yield from _stream(model, request, control, job, picture, clock)
    except Stopped:
        yield Cancelled(job, None)
    except Exception as error:
        yield failure(job, error)


def _stream(
    model: UpscaleModel,
    request: UpscaleRequest,
    control: Control,
    job: int,
    picture: Bytes | None,
    clock: Clock,
) -> Iterator[UpscaleEvent]:
    pixels, alpha = _layers(request, picture)
    size = (pixels.shape[0], pixels.shape[1])
    upscale = request.upscale
    upscaler = TiledUpscaler(model, upscale, size, control, job, clock=clock)
    noise = _given_noise(request, upscaler)
    upscaler.start()
    about = (str(model.device), model.precision, model.threads, model.notices)
    yield Started(job, upscaler.nfe, 1, upscaler.grid, *about)
    upscaled = yield from upscaler.upscale_image(to_unit(pixels), upscale.seed, noise)
    result = Upscaled(
        upscale,
        model.name,
        pixels,
        to_bytes(upscaled.image),
        upscaled.nfe,
        upscaled.difficulty,
        upscaled.computed,
        upscaled.uniform,
        None if alpha is None else _enlarged_alpha(alpha, upscale.factor),
    )
    yield UpscaleFinished(job, result, upscaler.progress.elapsed())


def _layers(request: UpscaleRequest, picture: Bytes | None) -> tuple[Bytes, Bytes | None]:
    """Colours (H,W,3) and, where there is one, the alpha channel (H,W)."""
    if picture is None:
        layers = read_colour_and_alpha(request.image_file)
        return layers.colours, layers.alpha
    if picture.shape[2] == 4:
        return picture[:, :, :3], picture[:, :, 3]
    return picture, None


def _enlarged_alpha(alpha: Bytes, factor: int) -> Bytes:
    size = (alpha.shape[1] * factor, alpha.shape[0] * factor)
    return np.asarray(Image.fromarray(alpha).resize(size, Image.Resampling.LANCZOS))


def _given_noise(request: UpscaleRequest, upscaler: TiledUpscaler) -> Tensor | None:
    if not request.noise_file:
        return None
    noise = read_noise(Path(request.noise_file))
    if tuple(noise.shape) != upscaler.noise_shape or upscaler.levels > 1:
        raise InputError(
            f"The noise has the shape {tuple(noise.shape)}, but this request needs "
            f"{upscaler.noise_shape} and a single pass.",
            "Use the factor 2, and the size of the latents of the result.",
        )
    return noise
