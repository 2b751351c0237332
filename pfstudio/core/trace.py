"""The trace of a run: every call's maps (and states), in memory and as a public file format.

File, version 1: one safetensors file whose metadata key `pfstudio` holds JSON with `format`,
`version`, `request`, `execution`, `model`, `app` and `timings`. T calls, B images, n x m patches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from pfstudio.core.execution import Execution
from pfstudio.core.requests import GenerateRequest


class Role(IntEnum):
    """What a patch did in a call."""

    TOGETHER = 0
    FAST = 1
    SLOW = 2
    CONTEXT = 3
    FIXED = 4
    FINISHED = 5


@dataclass(frozen=True)
class Trace:
    """A run as arrays; see the house plan's table for the meaning of each."""

    request: GenerateRequest
    model: str
    noise: npt.NDArray[np.float32]  # (B,C,H,W) start
    latents: npt.NDArray[np.float32]  # (B,C,H,W) end (or where the run stopped)
    time: npt.NDArray[np.float32]  # (T,B,n,m)
    difficulty: npt.NDArray[np.float32]  # (T,B,n,m); NaN where the model has no difficulty head
    role: npt.NDArray[np.uint8]  # (T,B,n,m)
    speed: npt.NDArray[np.float32]  # (T,B,n,m)
    tokens: npt.NDArray[np.int32]  # (T,)
    seconds: npt.NDArray[np.float32]  # (T,) elapsed at the end of each call
    states: npt.NDArray[np.float16] | None = None  # (T+1,B,C,H,W) before each call, and the end
    predictions: npt.NDArray[np.float16] | None = None  # (T,B,C,H,W) predicted clean latents
    words: npt.NDArray[np.float16] | None = None  # (T,B,layers,n,m,W) attention to each word
    kept: npt.NDArray[np.uint8] | None = None  # (T,B,2,R,n,m) stayed in routes, strong and weak
    difference: npt.NDArray[np.float32] | None = None  # (T,B,n,m) rms of strong minus weak velocity
    flops: npt.NDArray[np.float64] | None = None  # (T,) operations of each call; None: not counted
    scans: npt.NDArray[np.float16] | None = None  # (T,B,layers,G+2,n,m) see core.scan_maps
    execution: Execution | None = None  # how it ran; None: not in one way from start to end

    @property
    def nfe(self) -> int:
        """Number of network calls T."""
        return len(self.tokens)
