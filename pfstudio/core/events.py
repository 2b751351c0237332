"""The one typed stream of a job: the window, the CLI's --json, the trace writer and tests read it.

Arrays are numpy and are never written to again by whoever emits them. B images, n x m patches.
Exactly one of Finished, Cancelled and Failed ends every job.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pfstudio.core.trace import Trace

if TYPE_CHECKING:
    from pfstudio.core.jobs import Request

Floats = npt.NDArray[np.float32]
Halfs = npt.NDArray[np.float16]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Queued:
    """The job waits; `position` 0 is next."""

    job: int
    request: Request
    position: int


@dataclass(frozen=True)
class Loading:
    """The job works, but no network call was made yet (reading weights, probing the machine)."""

    job: int
    what: str


@dataclass(frozen=True)
class Started:
    """Sampling begins. `nfe` is exact for fixed samplers, an upper bound for adaptive ones."""

    job: int
    nfe: int
    images: int
    grid: tuple[int, int]  # patches (rows, columns)
    device: str  # e.g. "cpu"
    precision: str  # e.g. "bfloat16"
    threads: int
    notices: tuple[str, ...] = ()  # sentences to show: licence, step-down, resampled positions


@dataclass(frozen=True)
class Step:
    """One network call was made."""

    job: int
    call: int  # 0-based
    nfe: int  # expected in all
    time: Floats  # (B,n,m) map the call was given, 0 noise .. 1 clean
    difficulty: Floats | None  # (B,n,m) expected squared velocity error, after guidance
    role: Bytes  # (B,n,m) Role codes of pfstudio.core.trace
    speed: Floats  # (B,n,m) root mean square of the velocity in the patch
    tokens: int  # tokens really computed in this call
    elapsed: float  # seconds since Started, pauses left out
    eta: float  # expected seconds until the end
    state: Halfs | None = None  # (B,C,H,W) latents before the call, for the live views
    prediction: Halfs | None = None  # (B,C,H,W) predicted clean latents, for the live views
    view_seconds: float = 0.0  # part of `elapsed` spent on previews and on copies for the views
    first: int = 0  # number of the first image here: large runs are sampled in several batches


@dataclass(frozen=True)
class Preview:
    """Decoded prediction of the finished picture at this call."""

    job: int
    call: int
    images: Bytes  # (B,H,W,3) RGB
    first: int = 0  # number of the first image here, as in Step


@dataclass(frozen=True)
class UpscaleStep:
    """One network call of an upsampler was made."""

    job: int
    call: int  # 0-based, over all passes and tiles
    nfe: int  # expected in all
    level: int  # pass, from 0
    levels: int
    tile: int  # 1..tiles
    tiles: int  # in this pass
    time: Floats  # (n,m) map of the whole canvas of this pass after the call: 1 is finished
    elapsed: float  # seconds since upscaling began, pauses left out
    eta: float  # expected seconds until the end


@dataclass(frozen=True)
class Finished:
    """All done. `images` is None where only latents were asked for."""

    job: int
    images: Bytes | None  # (B,H,W,3) RGB
    trace: Trace
    seconds: float
    files: tuple[str, ...] = ()  # what was written
    notices: tuple[str, ...] = ()  # sentences to show, e.g. that saving failed


@dataclass(frozen=True)
class Cancelled:
    """Stopped by the user; the trace holds every call that was made (None: none was)."""

    job: int
    trace: Trace | None
    files: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """Went wrong: one plain sentence, what to do, and the details for a report."""

    job: int
    message: str
    advice: str = ""
    details: str = field(default="", repr=False)
    exit_code: int = 1


Event = Queued | Loading | Started | Step | Preview | UpscaleStep | Finished | Cancelled | Failed
