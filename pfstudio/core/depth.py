"""Depth from a picture: the request, its events and its result, as frozen plain data.

H x W pixels of the picture, E members of the ensemble, latents (E,C,h,w). Depth is relative: only
up to a scale and a shift, larger is farther.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Failed, Loading, Started
from pfstudio.core.requests import MAX_SEED, Compute

SCHEMA_VERSION = 1
SOLVERS = ("euler", "midpoint", "heun")
ATTENTION_MODES = ("standard", "logscaled")
OWN_RESOLUTION = -1  # work at the picture's own size
MOST_MEMBERS, MOST_STEPS = 100, 1000
SPREAD_LABEL = "spread over members, not calibrated"

Floats = npt.NDArray[np.float32]
Halfs = npt.NDArray[np.float16]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class DepthRequest:
    """One picture whose depth is wanted. Member k of the ensemble uses seed `seed + k`."""

    image_file: str = ""
    model: str = ""  # name of an installed model, or a path
    autoencoder: str = ""  # name or path; "" is the model's own
    members: int = 5
    steps: int = 2
    solver: str = SOLVERS[0]
    attention: str = ATTENTION_MODES[0]
    resolution: int = 0  # longest side to work at in pixels; 0: the model's own, -1: the picture's
    tile: int = 0  # longest side the network is given at once; 0: the model's own
    seed: int = 0
    noise_file: str = ""  # safetensors with `noise` (E,C,h,w) instead of drawn noise
    compute: Compute = field(default_factory=Compute)

    def __post_init__(self) -> None:
        if not 1 <= self.members <= MOST_MEMBERS:
            raise InputError(
                f"Members is {self.members}, but must lie between 1 and {MOST_MEMBERS}."
            )
        if not 1 <= self.steps <= MOST_STEPS:
            raise InputError(f"Steps is {self.steps}, but must lie between 1 and {MOST_STEPS}.")
        if self.solver not in SOLVERS:
            raise InputError(
                f"Unknown solver {self.solver!r}.", f"Use one of: {', '.join(SOLVERS)}."
            )
        if self.attention not in ATTENTION_MODES:
            known = ", ".join(ATTENTION_MODES)
            raise InputError(f"Unknown attention {self.attention!r}.", f"Use one of: {known}.")
        if self.resolution < OWN_RESOLUTION or self.tile < 0:
            raise InputError(
                "The resolution or the tile is negative.",
                "Use 0 for the model's own, and -1 for the picture's own resolution.",
            )
        if not 0 <= self.seed <= MAX_SEED - self.members:
            raise InputError(f"Seed is {self.seed}, but must lie between 0 and {MAX_SEED}.")

    def to_json(self) -> str:
        return json.dumps({"schema": SCHEMA_VERSION, **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; unknown newer fields are an error, missing ones the default.

        Raises:
            InputError: not our JSON, or a schema that is newer than this program.
        """
        try:
            data: dict[str, Any] = json.loads(text)
            schema = data.pop("schema")
            if schema != SCHEMA_VERSION:
                raise InputError(
                    f"This depth recipe has schema {schema}, but this program reads "
                    f"{SCHEMA_VERSION}.",
                    "Use a newer version of Patch Forcing Studio.",
                )
            if "compute" in data:
                data["compute"] = Compute(**data["compute"])
            return cls(**data)
        except InputError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"This is not a depth recipe ({error}).") from error


@dataclass(frozen=True)
class DepthMap:
    """What was found. The maps have the picture's own size."""

    request: DepthRequest
    model: str
    picture: Bytes = field(repr=False)  # (H,W,3) RGB, upright
    log_depth: Floats = field(repr=False)  # (H,W), nominally -1..1; the mean over the members
    log_std: Floats = field(repr=False)  # (H,W) spread of the members' log-depths
    aligned_std: Floats = field(repr=False)  # (H,W) spread of their relative depths, once aligned
    latents: Floats = field(repr=False)  # (E,C,h,w) of the pass over the whole picture
    tiles: int = 0  # tiles added to that pass; 0: none


@dataclass(frozen=True)
class DepthStep:
    """One network call was made, for `count` members from member `first` on."""

    job: int
    call: int  # 0-based
    calls: int  # expected in all
    time: float  # given to the call: 0 the noised picture .. 1 depth
    first: int
    count: int
    tile: int  # 0: the whole picture, then 1..tiles
    tiles: int
    elapsed: float  # seconds since Started, pauses left out
    left: float  # expected seconds until the end
    state: Halfs | None = None  # (count,C,h,w) before the call; not for tiles
    prediction: Halfs | None = None  # (count,C,h,w) the depth latents it points to; not for tiles


@dataclass(frozen=True)
class DepthFinished:
    """All done."""

    job: int
    result: DepthMap
    seconds: float
    files: tuple[str, ...] = ()  # what was written
    notices: tuple[str, ...] = ()


DepthEvent = Loading | Started | DepthStep | DepthFinished | Cancelled | Failed
