"""What an upsampler would say and make, made up, for tests of the window."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pfstudio.core.errors import InputError
from pfstudio.core.events import Event, Failed, Finished, Progress, Started
from pfstudio.core.image_io import read_colour_and_alpha
from pfstudio.core.upscale import Upscaled, UpscaleRequest, UpscaleStep
from pfstudio.core.upscale_files import save_upscaled

PATCH = 8  # pixels of the result
SECONDS = 2.5


def make_result(request: UpscaleRequest) -> Upscaled:
    """The negative of the picture, enlarged; the left half took one call, the right half all."""
    layers = read_colour_and_alpha(request.image_file)
    picture, upscale = layers.colours, request.upscale

    def enlarged(pixels: np.ndarray) -> np.ndarray:
        return pixels.repeat(upscale.factor, axis=0).repeat(upscale.factor, axis=1)

    image = 255 - enlarged(picture)
    alpha = None if layers.alpha is None else enlarged(layers.alpha)
    grid = (-(-image.shape[0] // PATCH), -(-image.shape[1] // PATCH))
    nfe = np.full(grid, upscale.steps, np.int32)
    nfe[:, : grid[1] // 2] = 1
    difficulty = np.linspace(0.1, 0.9, nfe.size, dtype=np.float32).reshape(grid)
    uniform = nfe.size * upscale.steps
    return Upscaled(
        upscale, upscale.model, picture, image, nfe, difficulty, int(nfe.sum()), uniform, alpha
    )


def events(job: int, request: UpscaleRequest, *, saves: bool = True) -> Iterator[Event]:
    """What the engine would say; without `saves` the result stays in memory only."""
    try:
        result = make_result(request)
    except InputError as error:
        yield Failed(job, str(error), error.advice)
        return
    steps = request.upscale.steps
    yield Started(job, steps, 1, result.nfe.shape, "cpu", "float32", 1)
    for call in range(steps):
        time = np.where(result.nfe <= call + 1, 1.0, (call + 1) / steps).astype(np.float32)
        yield Progress(job, call, steps, call + 1.0, 0.5, UpscaleStep(0, 1, 1, 1, time))
    files = (str(save_upscaled(result, request.image_file)),) if saves else ()
    yield Finished(job, result, SECONDS, files)
