"""What a window (or any other front) may ask of the engine's one worker, as an interface.

`pfstudio.engine.runner.Runner` is the real one; tests of the window script a fake. Every method may
be called from any thread and returns at once; answers arrive as events through the `emit` callable
that the runner was made with, called on the worker's thread.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pfstudio.core.depth import DepthEvent, DepthFinished, DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Event, Failed, Finished
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.upscale import UpscaleEvent, UpscaleFinished, UpscaleRequest

Request = GenerateRequest | DepthRequest | UpscaleRequest
JobEvent = Event | DepthEvent | UpscaleEvent
FINAL_EVENTS = (Finished, DepthFinished, UpscaleFinished, Cancelled, Failed)

_KINDS: dict[str, type[Request]] = {
    "generate": GenerateRequest,
    "depth": DepthRequest,
    "upscale": UpscaleRequest,
}


def request_to_json(request: Request) -> str:
    """A request of any kind, with its kind."""
    kind = next(name for name, known in _KINDS.items() if isinstance(request, known))
    return json.dumps({"kind": kind, "request": request.to_json()})


def request_from_json(text: str) -> Request:
    """Read what `request_to_json` wrote, or a bare GenerateRequest as earlier versions did.

    Raises:
        InputError: not our JSON, or of a newer program.
    """
    try:
        data = json.loads(text)
        if "kind" not in data:
            return GenerateRequest.from_json(text)
        return _KINDS[data["kind"]].from_json(data["request"])
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"This is no request that this program knows ({error}).") from error


@dataclass(frozen=True)
class Estimated:
    """Answer to `estimate`: what a request would cost on this machine."""

    request: GenerateRequest
    nfe: int
    tflop: float
    memory_mb: float
    seconds: float | None  # None until this model was timed once on this machine
    problem: str = ""  # why this request cannot run; the figures are then 0


@dataclass(frozen=True)
class Decoded:
    """Answer to `decode`: pictures of latents, for scrubbing."""

    key: tuple[int, int]  # (job, call) as given
    images: npt.NDArray[np.uint8]  # (B,H,W,3)


@dataclass(frozen=True)
class DepthDecoded:
    """Answer to `decode_depth`: what latents on the way from a picture to its depth show."""

    key: Hashable  # as given
    log_depth: npt.NDArray[np.float32] = field(repr=False)  # (E,h,w)


Answer = JobEvent | Estimated | Decoded | DepthDecoded


class JobRunner(Protocol):
    """The queue and the worker behind it."""

    def run(self) -> None:
        """Work until `stop`; blocks. Call it on the worker's thread."""

    def stop(self) -> None:
        """Cancel what runs, forget what waits, make `run` return soon."""

    def submit(self, request: Request) -> int:
        """Put a request at the end of the queue; returns the job's number."""

    def cancel(self, job: int) -> None:
        """Stop this job after its current call, or take it out of the queue."""

    def move(self, job: int, position: int) -> None:
        """Move a waiting job; position 0 is next."""

    def pause(self) -> None:
        """Hold before the next call."""

    def resume(self) -> None:
        """Go on."""

    def single_step(self) -> None:
        """Make exactly one call, then hold again."""

    def set_preview_budget(self, share: float) -> None:
        """Share of a run that decoding live previews may take (0: none; default 0.03)."""

    def estimate(self, request: GenerateRequest) -> None:
        """Ask what a request would cost; answered by Estimated when the worker is free."""

    def left_queue(self) -> tuple[Request, ...]:
        """What an earlier session left unfinished; it waits for `restore_queue`."""

    def queue_problem(self) -> str:
        """A sentence if what an earlier session left could not be read, or not all of it."""

    def forget_left(self) -> None:
        """Drop what an earlier session left."""

    def restore_queue(self) -> tuple[int, ...]:
        """Submit again what an earlier session left unfinished; the jobs' numbers."""

    def free_memory(self) -> None:
        """Forget the loaded models once the worker is free."""

    def decode(self, model: str, key: tuple[int, int], latents: npt.NDArray[np.float16]) -> None:
        """Ask for pictures of latents (B,C,H,W); the latest ask wins; answered by Decoded."""

    def decode_depth(
        self, request: DepthRequest, key: Hashable, latents: npt.NDArray[np.float16]
    ) -> None:
        """Ask for the log-depth that latents (E,C,h,w) show; as `decode`, answered by
        DepthDecoded. The request says which model."""
