"""The one worker: it owns the queue and the models, and answers every ask with events.

It knows nothing of Qt. A front makes it, calls `run` on a thread of its own, and calls the other
methods from wherever it likes; see `pfstudio.core.jobs.JobRunner` for what each promises.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Event, Queued
from pfstudio.core.jobs import (
    FINAL_EVENTS,
    Answer,
    Decoded,
    DepthDecoded,
    Estimated,
    JobEvent,
    Request,
)
from pfstudio.core.requests import GenerateRequest
from pfstudio.engine.control import Control
from pfstudio.engine.estimate import estimate
from pfstudio.engine.generate import failure
from pfstudio.engine.model_cache import ModelCache, depth_model, generator
from pfstudio.engine.queue import Job, JobQueue
from pfstudio.engine.tasks import Saving, Task, run_task

PREVIEW_SHARE = 0.03
_SAVING = Saving()
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _DecodeAsk:
    model: str
    key: tuple[int, int]
    latents: npt.NDArray[np.float16]


@dataclass(frozen=True)
class _DepthAsk:
    request: DepthRequest
    key: Hashable
    latents: npt.NDArray[np.float16]


class Runner:
    """The real `JobRunner`."""

    def __init__(
        self,
        emit: Callable[[Answer], None],
        *,
        saving: Saving | None = _SAVING,
        model_cache: ModelCache | None = None,
        queue_file: Path | None = None,
    ) -> None:
        """Make a runner; `saving=None` saves nothing by itself."""
        self.saving = saving
        self._emit = emit
        self._model_cache = model_cache or ModelCache()
        self._queue = JobQueue(queue_file)
        self._control = Control()
        self._running: int | None = None
        self._preview_share = PREVIEW_SHARE
        self._asked = threading.Condition()
        self._stopping = False
        self._announcements: list[Event] = []
        self._estimates: list[GenerateRequest] = []
        self._decode: _DecodeAsk | None = None
        self._depth: _DepthAsk | None = None
        self._free = False

    # What fronts call, from any thread.

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping:
            self._serve()
            if self._free:
                self._free = False
                self._model_cache.clear()
            job = self._take()
            if job is None:
                with self._asked:
                    self._asked.wait_for(self._something_to_do)
                continue
            last = self._work(job)
            self._running = None
            if not (self._stopping and isinstance(last, Cancelled)):
                self._queue.done()
        for job in self._queue.waiting():
            self._emit(Cancelled(job.number, None))

    def stop(self) -> None:
        """End `run` after the current call. The stored queue stays for `restore_queue`."""
        with self._asked:
            self._stopping = True
            self._control.cancel()
            self._asked.notify_all()

    def submit(self, request: Request) -> int:
        with self._asked:
            job = self._queue.add(request)
            position = len(self._queue.waiting()) - 1
            self._announcements.append(Queued(job.number, request, position))
        self._wake()
        return job.number

    def cancel(self, job: int) -> None:
        with self._asked:
            if self._queue.remove(job):
                self._announcements.append(Cancelled(job, None))
                self._announce_positions()
            elif self._running == job:
                self._control.cancel()
        self._wake()

    def move(self, job: int, position: int) -> None:
        with self._asked:
            self._queue.move(job, position)
            self._announce_positions()
        self._wake()

    def pause(self) -> None:
        self._control.pause()

    def resume(self) -> None:
        self._control.resume()

    def single_step(self) -> None:
        self._control.single_step()

    def set_preview_budget(self, share: float) -> None:
        self._preview_share = self._control.preview_share = share

    def estimate(self, request: GenerateRequest) -> None:
        with self._asked:
            if request not in self._estimates:
                self._estimates.append(request)
        self._wake()

    def decode(self, model: str, key: tuple[int, int], latents: npt.NDArray[np.float16]) -> None:
        with self._asked:
            self._decode = _DecodeAsk(model, key, latents)
        self._wake()

    def decode_depth(
        self, request: DepthRequest, key: Hashable, latents: npt.NDArray[np.float16]
    ) -> None:
        with self._asked:
            self._depth = _DepthAsk(request, key, latents)
        self._wake()

    def restore_queue(self) -> tuple[int, ...]:
        return tuple(self.submit(request) for request in self._queue.take_left())

    def left_queue(self) -> tuple[Request, ...]:
        return self._queue.left()

    def queue_problem(self) -> str:
        return self._queue.problem

    def forget_left(self) -> None:
        self._queue.forget_left()

    def free_memory(self) -> None:
        self._free = True
        self._wake()

    # The worker's own.

    def _wake(self) -> None:
        with self._asked:
            self._asked.notify_all()
            self._control.wake()

    def _something_to_do(self) -> bool:
        asks = self._announcements or self._estimates or self._decode or self._depth or self._free
        return bool(self._stopping or asks or self._queue.waiting())

    def _announce_positions(self) -> None:
        waiting = enumerate(self._queue.waiting())
        self._announcements += [Queued(job.number, job.request, i) for i, job in waiting]

    def _take(self) -> Job | None:
        """The next job, with a fresh control that `cancel` and `pause` act on from now on."""
        with self._asked:
            job = self._queue.take()
            if job is not None:
                self._running = job.number
                self._control = Control(self._preview_share, while_held=self._serve)
            if self._stopping:
                self._control.cancel()
            return job

    def _work(self, job: Job) -> JobEvent:
        """Run one job to its one final event."""
        event: JobEvent
        for event in run_task(Task(job, self._model_cache, self._control, self.saving)):
            self._emit(event)
            if not isinstance(event, FINAL_EVENTS):
                self._serve()
        return event

    def _serve(self) -> None:
        """Answer the small asks: between jobs, between calls, and during a pause."""
        with self._asked:
            announcements, self._announcements = self._announcements, []
            estimates, self._estimates = self._estimates, []
            decode, self._decode = self._decode, None
            depth, self._depth = self._depth, None
        for event in announcements:
            self._emit(event)
        for request in estimates:
            self._emit(self._estimated(request))
        if decode is not None:
            self._answer_decode(decode)
        if depth is not None:
            self._answer_depth(depth)

    def _estimated(self, request: GenerateRequest) -> Estimated:
        try:
            return estimate(
                self._model_cache.get(generator(request.model, request.compute)), request
            )
        except InputError as error:
            return Estimated(request, 0, 0.0, 0.0, None, str(error))
        except Exception as error:
            _log.exception("no estimate")
            return Estimated(request, 0, 0.0, 0.0, None, failure(0, error).message)

    def _answer_decode(self, ask: _DecodeAsk) -> None:
        try:
            images = self._model_cache.any_generator(ask.model).decode(
                ask.latents.astype(np.float32)
            )
        except Exception:
            _log.exception("latents of call %s of job %s cannot be decoded", *reversed(ask.key))
            return
        self._emit(Decoded(ask.key, images))

    def _answer_depth(self, ask: _DepthAsk) -> None:
        try:
            model = self._model_cache.get(depth_model(ask.request))
            log_depth = model.decode(torch.from_numpy(ask.latents).float())
        except Exception:
            _log.exception("depth latents cannot be decoded")
            return
        self._emit(DepthDecoded(ask.key, log_depth))
