"""One picture in, a larger and sharper one out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.image_io import animation_notice, read_colour_and_alpha
from pfstudio.core.upscale import Upscaled, UpscaleRequest
from pfstudio.core.upscale_files import save_upscaled
from pfstudio.engine.initial_state import read_noise
from pfstudio.engine.model_cache import ModelCache, upsampler
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.saving import Saving
from pfstudio.engine.tiled_upscaler import TiledUpscaler, to_bytes, to_unit
from pfstudio.engine.upscale_model import UpscaleModel

Bytes = npt.NDArray[np.uint8]
Models = tuple[UpscaleModel]


def load(request: UpscaleRequest, cache: ModelCache) -> Models:
    """The upsampler of a request."""
    return (cache.get(upsampler(request.upscale.model, request.compute)),)


def run(
    models: Models, request: UpscaleRequest, report: Reporter, *, picture: Bytes | None = None
) -> Upscaled:
    """Upscale.

    Args:
        picture: (H,W,3) RGB or (H,W,4) RGBA instead of the request's file.

    Raises:
        Stopped: the job was cancelled.
        InputError: the picture cannot be read, or the settings do not fit.
    """
    (model,) = models
    pixels, alpha = _layers(request, picture)
    upscale = replace(request.upscale, model=request.upscale.model or model.name)
    size = (pixels.shape[0], pixels.shape[1])

    frames = animation_notice(request.image_file) if picture is None else ()

    def started() -> None:
        notices = frames + model.notices + upscaler.memory.notices
        report.start(upscaler.model, upscaler.grid, notices=notices)

    pictures = 1 if alpha is None else 2
    upscaler = TiledUpscaler(model, upscale, size, report, pictures=pictures, stepped=started)
    noise = _given_noise(request, upscaler)
    upscaler.begin()
    started()
    found = upscaler.run(to_unit(pixels), upscale.seed, noise)
    return Upscaled(
        upscale,
        model.name,
        pixels,
        to_bytes(found.image),
        found.nfe,
        found.difficulty,
        found.computed,
        found.uniform,
        None if alpha is None else _enlarged_alpha(alpha, upscaler),
        upscaler.memory.execution,
    )


def save(
    result: Upscaled, request: UpscaleRequest, models: Models, saving: Saving
) -> tuple[str, ...]:
    """Write the picture into the folder of the day."""
    path = save_upscaled(
        result,
        request.image_file,
        root=saving.folder,
        suffix=saving.suffix,
        metadata=saving.metadata,
    )
    return (str(path),)


def _layers(request: UpscaleRequest, picture: Bytes | None) -> tuple[Bytes, Bytes | None]:
    """Colours (H,W,3) and, where there is one, the alpha channel (H,W)."""
    if picture is None:
        layers = read_colour_and_alpha(request.image_file)
        return layers.colours, layers.alpha
    if picture.shape[2] == 4:
        return picture[:, :, :3], picture[:, :, 3]
    return picture, None


def _enlarged_alpha(alpha: Bytes, upscaler: TiledUpscaler) -> Bytes:
    """Enlarged as a grey picture, so that its edges get as sharp as the colours (FH,FW).

    What is all clear or all opaque stays so exactly, but for a pixel beside an edge.
    """
    grey = np.repeat(alpha[:, :, None], 3, axis=2)
    found = upscaler.run(to_unit(grey), upscaler.upscale.seed)
    sharp = to_bytes(found.image.mean(axis=2))
    near = Image.fromarray(alpha)
    least, most = near.filter(ImageFilter.MinFilter(3)), near.filter(ImageFilter.MaxFilter(3))
    size = (sharp.shape[1], sharp.shape[0])
    low, high = (np.asarray(end.resize(size, Image.Resampling.NEAREST)) for end in (least, most))
    return np.where((low == 255) | (high == 0), low, sharp)


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
