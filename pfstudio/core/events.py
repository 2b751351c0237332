"""The one typed stream of a job, the same for every kind of task.

The window, the CLI's --json, the Python interface and tests read it. What a kind tells beyond it is
a frozen record of its own: `Progress.detail`, `Finished.result`, `Cancelled.result`. Arrays are
numpy and are never written to again by whoever emits them. Exactly one of Finished, Cancelled and
Failed ends every job.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pfstudio.core.request_json import Request

Floats = npt.NDArray[np.float32]
Halfs = npt.NDArray[np.float16]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Queued:
    """The job was put into the queue; `position` 0 was next then."""

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
    """Computing begins, or begins anew with less memory.

    `nfe` is the number of network evaluations: exact for fixed solvers, else a bound or a guess.
    """

    job: int
    nfe: int
    images: int
    grid: tuple[int, int]  # patches or latents (rows, columns)
    device: str  # e.g. "cpu"
    precision: str  # e.g. "bfloat16"
    threads: int
    notices: tuple[str, ...] = ()  # sentences to show: licence, step-down, resampled positions


@dataclass(frozen=True)
class Progress:
    """One network evaluation was made."""

    job: int
    call: int  # 0-based, within this part of the job
    nfe: int  # expected in all
    elapsed: float  # seconds of computing since Started: without pauses and other asks
    eta: float  # expected seconds until the end
    detail: Any = None  # the kind's own record, e.g. GenerateStep, DepthStep, UpscaleStep


@dataclass(frozen=True)
class Preview:
    """Decoded prediction of the finished picture at this call."""

    job: int
    call: int  # of these images, as in GenerateStep
    images: Bytes  # (B,H,W,3) RGB
    first: int = 0  # number of the first image here, as in GenerateStep


@dataclass(frozen=True)
class Finished:
    """All done."""

    job: int
    result: Any  # of the kind's result class
    seconds: float  # of computing, without pauses
    files: tuple[str, ...] = ()  # what was written
    notices: tuple[str, ...] = ()  # sentences to show, e.g. that saving failed


@dataclass(frozen=True)
class Cancelled:
    """Stopped by the user; `result` is what is worth keeping, None where nothing is."""

    job: int
    result: Any = None
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


Final = Finished | Cancelled | Failed
Event = Queued | Loading | Started | Progress | Preview | Final
