"""What a window (or any other front) may ask of the engine's one worker, as an interface.

`pfstudio.engine.runner.Runner` is the real one; tests of the window script a fake. Every method may
be called from any thread and returns at once; answers arrive as events through the `emit` callable
that the runner was made with, called on the worker's thread.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from pfstudio.core.events import Event
from pfstudio.core.execution import Execution
from pfstudio.core.request_json import Request
from pfstudio.core.requests import GenerateRequest


@dataclass(frozen=True)
class Estimated:
    """Answer to `estimate`: what a request would cost on this machine."""

    request: GenerateRequest
    nfe: int  # calls of all its batches
    tflop: float
    memory_mb: float
    seconds: float | None  # None until this model was timed once on this machine
    problem: str = ""  # why this request cannot run; the figures are then 0
    execution: Execution | None = None  # how its model runs on this machine; None: not known
    prompt_tokens: int = 0  # of the longest prompt
    max_prompt_tokens: int = 0  # what the text encoder reads; 0: there is none
    calls: int = 0  # of one batch: what a branch has left of its run
    timed: bool = False  # whether `seconds` are those of this very sampler, timed just now


@dataclass(frozen=True)
class Decoded:
    """Answer to `decode`: what latents on the way to a result show."""

    client: Hashable  # as given, like the key
    key: Any
    values: npt.NDArray[Any] | None = field(repr=False)  # as the kind's engine module says
    problem: str = ""  # why there are none


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory."""

    name: str
    bytes: int


Answer = Event | Estimated | Decoded


class JobRunner(Protocol):
    """The queue and the worker behind it."""

    @property
    def device_kinds(self) -> tuple[str, ...]:
        """What this machine has of "cuda", "mps" and "cpu"."""

    def run(self) -> None:
        """Work until `stop`; blocks. Call it on the worker's thread."""

    def stop(self) -> None:
        """Cancel what runs, forget what waits, make `run` return soon."""

    def number_after(self, job: int) -> None:
        """Give the next jobs numbers above this one: a runner before this one gave it."""

    def submit(self, request: Request) -> int:
        """Put a request at the end of the queue; returns the job's number."""

    def cancel(self, *jobs: int) -> None:
        """Stop a job before the next layer of a network; take those that wait out of the queue."""

    def move_first(self, *jobs: int) -> None:
        """Put those of some jobs that still wait before all others, in the order given."""

    def pause(self) -> None:
        """Hold before the next call, whichever job makes it, until `resume`."""

    def resume(self) -> None:
        """Go on."""

    def single_step(self) -> None:
        """Make exactly one call, then hold again."""

    def set_preview_budget(self, share: float) -> None:
        """Share of a run that decoding live previews may take (0: none; default 0.03)."""

    def estimate(self, request: GenerateRequest, *, timed: bool = False) -> None:
        """Ask what a request would cost; answered by Estimated when the worker is free.

        `timed`: make a few of its calls to know.
        """

    def left_queue(self) -> tuple[Request, ...]:
        """What an earlier session left unfinished, as long as nobody dropped it."""

    def queue_problem(self) -> str:
        """A sentence if what an earlier session left could not be read, or not all of it."""

    def forget_left(self) -> None:
        """Drop what an earlier session left."""

    def free_memory(self) -> None:
        """Forget the loaded models once the worker is free."""

    def loaded_models(self) -> tuple[LoadedModel, ...]:
        """The models in memory, the latest last."""

    def decode(
        self, client: Hashable, request: Request, key: Hashable, latents: npt.NDArray[np.float16]
    ) -> None:
        """Ask what latents of a run of this request show; answered by Decoded.

        Of each client the latest ask wins.
        """
