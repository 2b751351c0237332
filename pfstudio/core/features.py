"""Features: what the layers of a model hold of pictures, as frozen plain data.

I pictures, T times, K noises, n x m patches; a layer has h x w places of D features each.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pfstudio.core.calibration import ContextCurve
from pfstudio.core.conditions import PictureCondition, condition_from_json, condition_json
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.parameters import MAX_SEED, CheckedSettings, field_in, parameter
from pfstudio.core.request_json import read_request, write_request
from pfstudio.core.requests import Compute, bare_name

NOISES = ("uniform", "clean", "context")
MAX_ENSEMBLE_SIZE = 64
CONTEXT_SHARES, CONTEXT_TIME = (0.0, 0.25, 0.5, 0.75, 1.0), 0.5  # of a `ContextCurve`
DEFAULT_TIME = 0.7  # where probes of flow transformers are best: between half and nearly clean

Floats = npt.NDArray[np.float32]
Halfs = npt.NDArray[np.float16]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class FeaturesRequest(CheckedSettings):
    """Pictures, or the stored run of one model, whose features are wanted.

    Noise k of picture i has the seed `seed + i * ensemble_size + k`.
    """

    files: tuple[str, ...] = ()  # pictures, or one trace
    model: str = ""  # name of an installed model of any kind, or a path; "": the first generator
    layers: tuple[int, ...] = ()  # from 1; empty: the middle one
    all_layers: bool = False  # instead of `layers`
    times: tuple[float, ...] = (DEFAULT_TIME,)  # a trace gives the calls that come nearest
    noise: str = parameter(
        NOISES[0], "Noise",
        "Uniform: every patch at the same time. Clean: no noise at all. Context: one patch of "
        "four is noisy and sees the others clean, four calls in turn",
        choices=NOISES,
    )  # fmt: skip
    ensemble_size: int = parameter(
        1, "Ensemble size", "Noises whose features are averaged",
        minimum=1, maximum=MAX_ENSEMBLE_SIZE,
    )  # fmt: skip
    context_shares: tuple[
        float, ...
    ] = ()  # for `Features.context` as well; empty: it is not wanted
    attention: bool = False  # as well, where the network has it, of at most 1,024 places
    seed: int = field_in(0, 0, MAX_SEED)
    condition: PictureCondition | None = None  # of all pictures; None: the model's null condition
    compute: Compute = field(default_factory=Compute)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.times or not all(0 <= time <= 1 for time in self.times):
            raise InputError("Times must lie between 0 and 1, and there must be at least one.")
        if not all(0 <= share <= 1 for share in self.context_shares):
            raise InputError("Shares of clean patches must lie between 0 and 1.")
        if any(layer < 1 for layer in self.layers):
            raise InputError("Layers count from 1.")
        for name in ("times", "layers"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise InputError(f"One of the {name} is given twice.")

    def to_json(self) -> str:
        condition = self.condition and condition_json(self.condition)
        return write_request(asdict(self) | {"condition": condition})

    @classmethod
    def from_json(cls, text: str) -> FeaturesRequest:
        """Read what `to_json` wrote; unknown newer fields are an error, missing ones the default.

        Raises:
            InputError: not our JSON, or a schema that is newer than this program.
        """

        def build(data: dict[str, Any]) -> FeaturesRequest:
            if data.get("condition") is not None:
                data["condition"] = condition_from_json(data["condition"])
            return cls.from_data(data)

        return read_request(text, "features recipe", build)

    def without_folders(self) -> dict[str, Any]:
        """As plain data with bare names of files: what is saved tells nothing of the machine."""
        condition = self.condition and condition_json(self.condition)
        files = [bare_name(file) for file in self.files]
        about = {"files": files, "model": bare_name(self.model), "condition": condition}
        return asdict(self) | about


@dataclass(frozen=True)
class LayerFeatures:
    """What one layer holds."""

    layer: int  # from 1
    values: Halfs = field(repr=False)  # (I,T,h,w,D)
    # (I,T,h,w,P) share of each of the P = h*w places, row by row, in what a place looks at: the
    # mean of all heads; None: not asked for, or the layer lets no places look at each other
    attention: Halfs | None = field(default=None, repr=False)

    @property
    def grid(self) -> tuple[int, int]:
        """Places (rows, columns) h x w."""
        return self.values.shape[2], self.values.shape[3]


@dataclass(frozen=True)
class Features:
    """What was found."""

    request: FeaturesRequest
    model: str
    names: tuple[str, ...]  # (I,) of the pictures
    pictures: Bytes = field(repr=False)  # (I,H,W,3) RGB as the model was given them
    times: tuple[float, ...]  # (T,); of a trace, the mean times of its calls
    layers: tuple[LayerFeatures, ...]
    # (I,T,n,m) variance of a velocity's number as the model expects it; None: no difficulty head
    difficulty: Floats | None = field(default=None, repr=False)
    # (I,T,n,m) mean squared error of the velocity; None where the true one is not known
    error: Floats | None = field(default=None, repr=False)
    execution: Execution | None = None  # how it ran; None: not in one way from start to end
    context: ContextCurve | None = None  # None: not asked for, or the model cannot tell it

    def summary(self) -> dict[str, Any]:
        """For a line of JSON."""
        return {
            "model": self.model,
            "images": len(self.names),
            "times": list(self.times),
            "layers": [{"layer": one.layer, "size": one.values.shape[2:]} for one in self.layers],
            "execution": self.execution and asdict(self.execution),
        }


@dataclass(frozen=True)
class FeaturesStep:
    """One network call was made, for some pictures at one time."""

    time: float
    first: int  # picture, from 0
    count: int
    member: int  # noise of the ensemble, from 0


def features_title(request: FeaturesRequest) -> str:
    """What a request is about, e.g. "cat.png and 3 more"."""
    names = [Path(file).name for file in request.files]
    return (names[0] if names else "no image") + (
        f" and {len(names) - 1} more" if names[1:] else ""
    )
