"""What a sampling run tells of every call, and what comes out. B images, n x m patches."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pfstudio.core.trace import Trace

Floats = npt.NDArray[np.float32]
Halfs = npt.NDArray[np.float16]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class GenerateStep:
    """One network call of a sampler."""

    time: Floats  # (B,n,m) map the call was given, 0 noise .. 1 clean
    difficulty: Floats | None  # (B,n,m) expected squared velocity error, after guidance
    role: Bytes  # (B,n,m) Role codes of pfstudio.core.trace
    speed: Floats  # (B,n,m) root mean square of the velocity in the patch
    tokens: int  # tokens really computed in this call
    state: Halfs | None = None  # (B,C,H,W) latents before the call, for the live views
    prediction: Halfs | None = None  # (B,C,H,W) predicted clean latents, for the live views
    view_seconds: float = 0.0  # part of the time spent on previews and on copies for the views
    words: Halfs | None = None  # (B,layers,n,m,W) share of the attention that each word has
    kept: Bytes | None = None  # (B,2,R,n,m) patches that stayed in routes, strong and weak pass
    difference: Floats | None = None  # (B,n,m) root mean square of strong minus weak velocity
    flops: float = 0.0  # operations of this call
    first: int = 0  # number of the first image here: large runs are sampled in several batches
    call: int = 0  # 0-based, of these images; `Progress.call` goes on over the batches
    nfe: int = 1  # expected for these images
    scans: Halfs | None = None  # (B,layers,G+2,n,m) records of pfstudio.core.scan_maps
    scan: str = ""  # the paths of those layers (pfstudio.core.scan_paths)


@dataclass(frozen=True)
class Generated:
    """A run, `whole` or stopped: its pictures (None where only latents were asked for, or it was
    stopped) and every call that was made."""

    images: Bytes | None = field(repr=False)  # (B,H,W,3) RGB
    trace: Trace = field(repr=False)
    whole: bool = True

    def summary(self) -> dict[str, Any]:
        """For a line of JSON."""
        execution = self.trace.execution
        return {"nfe": self.trace.nfe, "execution": execution and asdict(execution)}
