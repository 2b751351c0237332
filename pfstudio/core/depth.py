"""Depth from a picture: the request, what its calls tell, and its result, as frozen plain data.

H x W pixels of the picture, E members of the ensemble, latents (E,C,h,w). Depth is relative: only
up to a scale and a shift, larger is farther.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.parameters import MAX_SEED, CheckedSettings, parameter
from pfstudio.core.request_json import read_request, write_request
from pfstudio.core.requests import MAX_SIDE, Compute

SOLVERS = ("euler", "midpoint", "heun")
ATTENTION_MODES = ("standard", "logscaled")
OWN_RESOLUTION = -1  # work at the picture's own size
MAX_ENSEMBLE_SIZE, MOST_STEPS = 100, 1000
SPREAD_LABEL = "ensemble spread, not calibrated"

Floats = npt.NDArray[np.float32]
Halfs = npt.NDArray[np.float16]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class DepthRequest(CheckedSettings):
    """One picture whose depth is wanted. Member k of the ensemble uses seed `seed + k`."""

    image_file: str = ""
    model: str = ""  # name of an installed model, or a path
    autoencoder: str = ""  # name or path; "" is the model's own
    ensemble_size: int = parameter(
        5, "Ensemble size", "Estimates that are averaged; their spread is the confidence",
        minimum=1, maximum=MAX_ENSEMBLE_SIZE,
    )  # fmt: skip
    flip_augmentation: bool = parameter(
        False, "Flip augmentation",
        "The second half of the members see the image mirrored: steadier, and the spread tells "
        "more; the image is encoded twice",
    )  # fmt: skip
    steps: int = parameter(
        2, "Steps", "Steps of the solver from the image to its depth",
        minimum=1, maximum=MOST_STEPS,
    )  # fmt: skip
    solver: str = parameter(
        SOLVERS[0], "Solver", "Midpoint and Heun call the network twice a step", choices=SOLVERS
    )
    attention: str = parameter(
        ATTENTION_MODES[0], "Attention",
        "How the published code scales attention: with xformers, or without",
        choices=ATTENTION_MODES, rare=True,
    )  # fmt: skip
    processing_resolution: int = parameter(  # -1: the picture's own
        0, "Processing resolution", "Longest side that is processed, in pixels",
        minimum=0, maximum=4096, step=64, zero="model's own", limits=(OWN_RESOLUTION, MAX_SIDE),
    )  # fmt: skip
    tile: int = parameter(
        0, "Tile", "Longest side that the network is given at once, in pixels",
        minimum=0, maximum=2048, step=64, zero="model's own", limits=(0, MAX_SIDE), rare=True,
    )  # fmt: skip
    seed: int = parameter(
        0, "Seed", "Noise of the first member; the others take the next ones",
        minimum=0, maximum=9999, limits=(0, MAX_SEED),
    )  # fmt: skip
    noise_file: str = ""  # safetensors with `noise` (E,C,h,w) instead of drawn noise
    compute: Compute = field(default_factory=Compute)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.seed > MAX_SEED - self.ensemble_size:
            raise InputError(f"Seed is {self.seed}, but must lie between 0 and {MAX_SEED}.")

    def to_json(self) -> str:
        return write_request(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> DepthRequest:
        """Read what `to_json` wrote; unknown newer fields are an error, missing ones the default.

        Raises:
            InputError: not our JSON, or a schema that is newer than this program.
        """
        return read_request(text, "depth recipe", cls.from_data)


@dataclass(frozen=True)
class DepthMap:
    """What was found.

    `processed` is kept at the processing resolution, a small part of a large picture's; the maps by
    name are made from it at the picture's own size each time they are asked for.
    """

    request: DepthRequest
    model: str
    picture: Bytes = field(repr=False)  # (H,W,3) RGB, upright
    processed: Floats = field(repr=False)  # (3,h,w): log-depth, and the two spreads below
    latents: Floats = field(repr=False)  # (E,C,h,w) of the pass over the whole picture
    tiles: int = 0  # tiles added to that pass; 0: none
    execution: Execution | None = None  # how it ran; None: not in one way from start to end

    @property
    def log_depth(self) -> Floats:
        """(H,W), nominally -1..1; the mean over the members."""
        return self._at_picture_size(0)

    @property
    def log_std(self) -> Floats:
        """(H,W) spread of the members' log-depths."""
        return self._at_picture_size(1)

    @property
    def aligned_std(self) -> Floats:
        """(H,W) spread of their relative depths, once aligned."""
        return self._at_picture_size(2)

    def summary(self) -> dict[str, Any]:
        """For a line of JSON."""
        execution = self.execution and asdict(self.execution)
        size = list(self.picture.shape[:2])
        return {"size": size, "tiles": self.tiles, "execution": execution}

    def _at_picture_size(self, index: int) -> Floats:
        values, (height, width) = self.processed[index], self.picture.shape[:2]
        if values.shape == (height, width):
            return values
        import cv2  # late: it takes a while, and the window starts without it

        return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR))


@dataclass(frozen=True)
class DepthStep:
    """One network call was made, for `count` members from member `first` on."""

    time: float  # given to the call: 0 the noised picture .. 1 depth
    first: int
    count: int
    tile: int  # 0: the whole picture, then 1..tiles
    tiles: int
    state: Halfs | None = None  # (count,C,h,w) before the call; not for tiles
    prediction: Halfs | None = None  # (count,C,h,w) the depth latents it points to; not for tiles
