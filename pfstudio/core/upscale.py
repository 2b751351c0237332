"""Upscaling by latent flow matching: settings, request, events and result, as frozen plain data.

FM boosting (ECCV 2024, arXiv 2312.07360): a small flow takes the latents of an enlarged picture to
those of a sharp one. H x W pixels of the picture, F the factor, n x m patches of the result.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pfstudio.core.events import Cancelled, Failed, Loading, Started
from pfstudio.core.events import UpscaleStep as UpscaleStep
from pfstudio.core.request_json import read_request, write_request
from pfstudio.core.requests import Compute
from pfstudio.core.upscale_settings import CLOCKS as CLOCKS
from pfstudio.core.upscale_settings import FACTORS as FACTORS
from pfstudio.core.upscale_settings import LATENTS as LATENTS
from pfstudio.core.upscale_settings import MOST_STEPS as MOST_STEPS
from pfstudio.core.upscale_settings import SOLVERS as SOLVERS
from pfstudio.core.upscale_settings import Upscale as Upscale

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class UpscaleRequest:
    """One picture to upscale."""

    image_file: str = ""
    upscale: Upscale = Upscale()
    noise_file: str = ""  # safetensors with `noise` (1,C,h,w) of the only pass, instead of drawn
    compute: Compute = field(default_factory=Compute)

    def to_json(self) -> str:
        return write_request(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> UpscaleRequest:
        """Read what `to_json` wrote; unknown newer fields are an error, missing ones the default.

        Raises:
            InputError: not our JSON, or a schema that is newer than this program.
        """

        def build(data: dict[str, Any]) -> UpscaleRequest:
            if "upscale" in data:
                data["upscale"] = Upscale(**data["upscale"])
            if "compute" in data:
                data["compute"] = Compute(**data["compute"])
            return cls(**data)

        return read_request(text, "upscaling recipe", build)


@dataclass(frozen=True)
class Upscaled:
    """What came out."""

    upscale: Upscale
    model: str
    picture: Bytes = field(repr=False)  # (H,W,3) RGB, upright, before
    image: Bytes = field(repr=False)  # (FH,FW,3) RGB, after
    nfe: npt.NDArray[np.int32] = field(repr=False)  # (n,m) evaluations of each patch, last pass
    difficulty: Floats | None = field(repr=False)  # (n,m) of the first call of the last pass
    computed: int = 0  # patch evaluations that were really computed, all passes
    uniform: int = 0  # those that the same steps would take with a uniform clock
    alpha: Bytes | None = field(default=None, repr=False)  # (FH,FW), where the picture has one


@dataclass(frozen=True)
class UpscaleFinished:
    """All done."""

    job: int
    result: Upscaled
    seconds: float
    files: tuple[str, ...] = ()  # what was written
    notices: tuple[str, ...] = ()


UpscaleEvent = Loading | Started | UpscaleStep | UpscaleFinished | Cancelled | Failed
