"""Generation straight to high resolution: what was sampled is upscaled before it is shown.

FM boosting (ECCV 2024, arXiv 2312.07360), section 3: the upsampler's context is the picture that
the sampled latents show, enlarged and encoded; the large latents are decoded once, at the end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pfstudio.core.requests import GenerateRequest
from pfstudio.engine.model import Model
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.tiled_upscaler import TiledUpscaler, to_bytes, to_unit
from pfstudio.engine.upscale_model import UpscaleModel

Bytes = npt.NDArray[np.uint8]


class UpscaleGenerated:
    """The last part of a recipe that upscales."""

    def __init__(
        self,
        model: Model,
        upsampler: UpscaleModel,
        request: GenerateRequest,
        shape: tuple[int, int, int],
        report: Reporter,
    ) -> None:
        """Plan; `shape` (C,h,w) is of one sampled latent.

        Raises:
            InputError: the settings do not fit the upsampler.
        """
        assert request.upscale is not None
        self.upscale, self.report = request.upscale, report
        size = (shape[1] * model.factor, shape[2] * model.factor)
        self.upscaler = TiledUpscaler(
            upsampler, self.upscale, size, report, pictures=request.images
        )
        self.notices = upsampler.notices
        own, other = model.card.autoencoder, upsampler.card.autoencoder
        if own != other:
            self.notices += (
                f"{model.name} makes latents of {own or 'another autoencoder'}, but "
                f"{upsampler.name} needs those of {other or 'its own'}: its images are "
                "decoded and encoded again in between.",
            )

    def run(self, images: Bytes) -> Bytes:
        """Upscale pictures (B,H,W,3) to (B,FH,FW,3).

        Raises:
            Stopped: the job was cancelled.
        """
        self.upscaler.begin()
        large = [
            to_bytes(self.upscaler.run(to_unit(image), self.upscale.seed + index).image)
            for index, image in enumerate(images)
        ]
        self.report.notices += self.upscaler.memory.notices
        return np.stack(large)
