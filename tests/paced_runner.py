"""A runner without a network that a test paces: it makes as many calls as it is allowed to."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable
from dataclasses import replace

import depth_scene
import numpy as np
from scripted_runner import GRID, SECONDS_PER_CALL, make_images, make_trace, step_of, stopped

from pfstudio.core.depth import DepthRequest
from pfstudio.core.events import (
    Cancelled,
    Failed,
    Final,
    Finished,
    Loading,
    Preview,
    Progress,
    Started,
)
from pfstudio.core.generation import Generated
from pfstudio.core.jobs import Answer, Decoded, Estimated
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.trace import Trace
from pfstudio.engine.queue import Job, JobQueue


class PacedRunner:
    """Fits `JobRunner`; its queue is the engine's own, with its file."""

    def __init__(self, emit: Callable[[Answer], None], allowed: float = math.inf) -> None:
        self.emit = emit
        self.allowed = allowed  # calls that may still be made
        self.notices: tuple[str, ...] = ()  # of the next runs
        self.failure: Failed | None = None  # ends the next run
        self.submitted: list[GenerateRequest] = []
        self.finished: list[GenerateRequest] = []
        self.budgets: list[float] = []
        self.depth_asks: list[Hashable] = []
        self.ended_on_thread = ""
        self._queue = JobQueue()
        self._asked = threading.Condition()
        self._stopping = self._cancelled = self._paused = False
        self._running: int | None = None
        self._asks: list[Answer] = []

    def allow(self, nfe: float) -> None:
        """Let the runner make so many more calls."""
        with self._asked:
            self.allowed += nfe
            self._asked.notify_all()

    # -- JobRunner -------------------------------------------------------------------------------

    def run(self) -> None:
        while not self._stopping:
            with self._asked:
                self._asked.wait_for(lambda: self._stopping or self._asks or self._queue.waiting())
                asks, self._asks = self._asks, []
                job = None if self._stopping else self._queue.take()
                self._running = job.number if job else None
                self._cancelled = False
            for answer in asks:
                self.emit(answer)
            if job is not None:
                self.emit(self._work(job))
                if not self._stopping:  # the file keeps what a session could not finish
                    self._queue.done()
        self.ended_on_thread = threading.current_thread().name

    def stop(self) -> None:
        self._set(_stopping=True, _cancelled=True)

    def submit(self, request: GenerateRequest) -> int:
        with self._asked:
            self.submitted.append(request)
            job = self._queue.add(request)
            self._asked.notify_all()
        return job.number

    def cancel(self, *jobs: int) -> None:
        with self._asked:
            for job in jobs:
                if self._queue.remove(job):
                    self._asks.append(Cancelled(job))
                elif self._running == job:
                    self._cancelled = True
            self._asked.notify_all()

    def move(self, job: int, position: int) -> None:
        self._queue.move(job, position)

    def pause(self) -> None:
        self._set(_paused=True)

    def resume(self) -> None:
        self._set(_paused=False)

    def single_step(self) -> None:
        self._set(_paused=True)
        self.allow(1)
        self._set(_single=True)

    def set_preview_budget(self, share: float) -> None:
        self.budgets.append(share)

    def estimate(self, request: GenerateRequest) -> None:
        nfe = request.sampler.nfe
        self._answer(Estimated(request, nfe, 0.23 * nfe, 120.0, nfe * SECONDS_PER_CALL))

    def decode(self, client: Hashable, request: object, key: Hashable, latents: np.ndarray) -> None:
        values = np.full((len(latents), 32, 32, 3), 90, np.uint8)
        if isinstance(request, DepthRequest):
            self.depth_asks.append(key)
            values = depth_scene.decoded(request, latents)
        self._answer(Decoded(client, key, values))

    def left_queue(self) -> tuple[GenerateRequest, ...]:
        return self._queue.left()

    def queue_problem(self) -> str:
        return self._queue.problem

    def forget_left(self) -> None:
        self._queue.forget_left()

    def restore_queue(self) -> tuple[int, ...]:
        return tuple(self.submit(request) for request in self._queue.take_left())

    def free_memory(self) -> None:
        self._set()

    # -- the worker's own ------------------------------------------------------------------------

    _single = False

    def _set(self, **values: bool) -> None:
        with self._asked:
            for name, value in values.items():
                setattr(self, name, value)
            self._asked.notify_all()

    def _answer(self, answer: Answer) -> None:
        with self._asked:
            self._asks.append(answer)
            self._asked.notify_all()

    def _may_call(self) -> bool:
        held = self._paused and not self._single
        return self._cancelled or (not held and self.allowed > 0)

    def _work_on_depth(self, number: int, request: DepthRequest) -> Final:
        self.emit(Loading(number, "Loading the model"))
        for event in depth_scene.events(number, request):
            if isinstance(event, Progress):
                with self._asked:
                    self._asked.wait_for(self._may_call)
                    if self._cancelled:
                        return Cancelled(number)
                    self.allowed -= 1
                    self._single = False
            if isinstance(event, Final):
                self.finished.append(request)
                return event
            self.emit(event)
        raise AssertionError("a run without an end")

    def _work(self, job: Job) -> Final:
        if isinstance(job.request, DepthRequest):
            return self._work_on_depth(job.number, job.request)
        request, nfe = job.request, job.request.sampler.nfe
        self.emit(Loading(job.number, "Loading the model"))
        self.emit(Started(job.number, nfe, request.images, GRID, "cpu", "float32", 1, self.notices))
        if self.failure is not None:
            failure, self.failure = self.failure, None
            return replace(failure, job=job.number)
        trace = make_trace(request, nfe)
        for call in range(nfe):
            with self._asked:
                self._asked.wait_for(self._may_call)
                if self._cancelled:
                    return Cancelled(job.number, stopped(first_calls(trace, call)))
                self.allowed -= 1
                self._single = False
            self.emit(step_of(job.number, trace, call))
        self.emit(Preview(job.number, nfe - 1, make_images(request)))
        self.finished.append(request)
        result = Generated(make_images(request), trace)
        return Finished(job.number, result, nfe * SECONDS_PER_CALL)


def first_calls(trace: Trace, nfe: int) -> Trace | None:
    """The trace of a run that was stopped after so many calls."""
    if not nfe:
        return None
    maps = ("time", "difficulty", "role", "speed", "tokens", "seconds", "predictions")
    cut = {name: getattr(trace, name)[:nfe] for name in maps}
    return replace(trace, **cut, states=trace.states[: nfe + 1])
