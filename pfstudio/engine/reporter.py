"""What a running task tells: its calls, its seconds and how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from pfstudio.core import events
from pfstudio.core.errors import RunError
from pfstudio.core.events import Event
from pfstudio.engine.control import Control
from pfstudio.engine.loaded_model import LoadedModel

Emit = Callable[[Event], None]
Clock = Callable[[], float]  # seconds


class Reporter:
    """The way from a task to whoever follows it; the task calls `checkpoint` before each call.

    Seconds are those of computing: what the consumer of the events takes, pauses and other asks of
    the worker do not count.

    Attributes:
        nfe: network evaluations expected in this part of the job.
        done: those that were made.
        free: gives back what other models take; whether that was anything.
        notices: sentences to show at the end.
        at_end: called once the result is saved and told, with whether the job ended well.
    """

    def __init__(
        self,
        emit: Emit,
        control: Control | None = None,
        job: int = 0,
        clock: Clock = time.monotonic,
    ) -> None:
        self.control, self.job = control or Control(), job
        self.free: Callable[[], bool] = lambda: False
        self._emit, self._clock = emit, clock
        self._begun: float | None = None
        self._away = 0.0
        self.notices: tuple[str, ...] = ()
        self.at_end: list[Callable[[bool], None]] = []
        self.part(0)

    def part(self, nfe: int, work: float = 0.0) -> None:
        """Another part of the job begins: its calls are counted from 0."""
        self.nfe, self.done = nfe, 0
        self._work, self._processed = work or float(nfe), 0.0
        self._part_begun = self.elapsed()

    def plan(self, nfe: int, work: float = 0.0) -> None:
        """Expect other numbers of calls and of work for this part."""
        self.nfe, self._work = nfe, work or float(nfe)

    def start(
        self,
        model: LoadedModel,
        grid: tuple[int, int],
        images: int = 1,
        notices: tuple[str, ...] = (),
    ) -> None:
        """Tell that computing begins, or begins anew, on this thread."""
        model.prepare_thread()
        if self._begun is None:
            self._begun, self._away = self._clock(), 0.0
        about = (str(model.device), model.precision, model.threads)
        self.emit(events.Started(self.job, self.nfe, images, grid, *about, notices))

    def emit(self, event: Event) -> None:
        """Tell an event; the time that this takes does not count."""
        with self._uncounted(), torch.inference_mode(False):
            self._emit(event)

    def checkpoint(self) -> None:
        """Wait while the worker is held; the time that this takes does not count.

        Raises:
            Stopped: the job was cancelled.
        """
        with self._uncounted():
            self.control.checkpoint()

    def progress(self, detail: Any = None, work: float = 1.0) -> None:
        """Tell that a network evaluation was made, which was so much of the planned work."""
        self.done += 1
        self._processed += work
        call, eta = self.done - 1, self._eta()
        self.emit(events.Progress(self.job, call, self.nfe, self.elapsed(), eta, detail))

    def take_back(self, nfe: int) -> None:
        """The last calls are made once more."""
        self.done -= nfe
        self._processed -= nfe

    def elapsed(self) -> float:
        """Seconds of computing since the start."""
        return 0.0 if self._begun is None else self._clock() - self._begun - self._away

    def seconds(self) -> float:
        """What the clock says."""
        return self._clock()

    def check_finite(self, values: torch.Tensor) -> None:
        """See that a network returned numbers.

        Raises:
            RunError: it did not.
        """
        if not bool(values.isfinite().all()):
            raise RunError(
                f"The model returned numbers that are not finite at call {self.done + 1}.",
                "The weights may be damaged; with low precision, try float32.",
            )

    def _eta(self) -> float:
        to_go = max(0.0, self._work - self._processed)
        return (self.elapsed() - self._part_begun) / max(self._processed, 1e-9) * to_go

    @contextmanager
    def _uncounted(self) -> Iterator[None]:
        before = self._clock()
        try:
            yield
        finally:
            self._away += self._clock() - before
