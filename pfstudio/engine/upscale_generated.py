"""Generation straight to high resolution: what was sampled is upscaled before it is shown.

FM boosting (ECCV 2024, arXiv 2312.07360), section 3: the upsampler's context is the picture that
the sampled latents show, enlarged and encoded; the large latents are decoded once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np
import numpy.typing as npt

from pfstudio.core.events import UpscaleStep
from pfstudio.core.requests import GenerateRequest
from pfstudio.engine.control import Control
from pfstudio.engine.interrupt import stoppable
from pfstudio.engine.model import Model
from pfstudio.engine.tiled_upscaler import TiledUpscaler, to_bytes, to_unit
from pfstudio.engine.upscale_model import UpscaleModel, load_upsampler

Bytes = npt.NDArray[np.uint8]


class UpscaleGenerated:
    """The last part of a recipe that upscales."""

    def __init__(
        self,
        model: Model,
        request: GenerateRequest,
        shape: tuple[int, int, int],
        control: Control,
        job: int,
        clock: Callable[[], float],
        upscaler: UpscaleModel | None,
    ) -> None:
        """Load the upsampler and plan; `shape` (C,h,w) is of one sampled latent.

        Raises:
            InputError: there is no such upsampler, or the settings do not fit it.
        """
        assert request.upscale is not None
        self.upscale, self.control = request.upscale, control
        self.upsampler = upscaler or load_upsampler(
            self.upscale.model,
            device=request.compute.device,
            precision=request.compute.precision,
            threads=request.compute.threads,
        )
        size = (shape[1] * model.factor, shape[2] * model.factor)
        self.upscaler = TiledUpscaler(
            self.upsampler, self.upscale, size, control, job, pictures=request.images, clock=clock
        )
        self.notices = self.upsampler.notices
        own, other = model.card.autoencoder, self.upsampler.card.autoencoder
        if own != other:
            self.notices += (
                f"{model.name} makes latents of {own or 'another autoencoder'}, but "
                f"{self.upsampler.name} needs those of {other or 'its own'}: its pictures are "
                "decoded and encoded again in between.",
            )

    @property
    def paused(self) -> float:
        """Seconds that the job was held while upscaling."""
        return self.upscaler.progress.paused

    def run(self, images: Bytes) -> Generator[UpscaleStep, None, Bytes]:
        """Upscale pictures (B,H,W,3) to (B,FH,FW,3).

        Raises:
            Stopped: the job was cancelled.
        """
        large = []
        with stoppable(self.control, self.upsampler.network, self.upsampler.autoencoder):
            self.upscaler.start()
            for index, image in enumerate(images):
                upscaled = yield from self.upscaler.upscale_image(
                    to_unit(image), self.upscale.seed + index
                )
                large.append(to_bytes(upscaled.image))
        return np.stack(large)
