"""Upscaling by latent flow matching, as frozen plain data: request, what calls tell, result.

FM boosting (ECCV 2024, arXiv 2312.07360): a small flow takes the latents of an enlarged picture to
those of a sharp one. H x W pixels of the picture, F the factor, n x m patches of the result.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pfstudio.core.execution import Execution
from pfstudio.core.parameters import CheckedSettings
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
class UpscaleRequest(CheckedSettings):
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
        return read_request(text, "upscaling recipe", cls.from_data)


@dataclass(frozen=True)
class Upscaled:
    """What came out."""

    upscale: Upscale
    model: str
    picture: Bytes = field(repr=False)  # (H,W,3) RGB, upright, before
    image: Bytes = field(repr=False)  # (FH,FW,3) RGB, after
    nfe: npt.NDArray[np.int32] = field(repr=False)  # (n,m) calls spent per patch, last pass
    difficulty: Floats | None = field(repr=False)  # (n,m) of the first call of the last pass
    computed: int = 0  # patch evaluations that were really computed, all passes
    uniform: int = 0  # those that the same steps would take with a uniform clock
    alpha: Bytes | None = field(default=None, repr=False)  # (FH,FW), where the picture has one
    execution: Execution | None = None  # how it ran; None: not in one way from start to end

    def summary(self) -> dict[str, Any]:
        """For a line of JSON."""
        size, execution = list(self.image.shape[:2]), self.execution and asdict(self.execution)
        computed = {"computed": self.computed, "uniform": self.uniform}
        return {"size": size, **computed, "execution": execution}


@dataclass(frozen=True)
class UpscaleStep:
    """One network call was made, for some tiles of the canvas."""

    level: int  # pass, from 0
    levels: int
    tile: int  # 1..tiles
    tiles: int  # in this pass
    time: Floats  # (n,m) map of the whole canvas of this pass after the call: 1 is finished
