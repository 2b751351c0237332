"""A runner without a network: scripts say what the engine would say, and a test sets the pace."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import depth_scene
import features_scene
import numpy as np
import upscale_scene

from pfstudio.core.conditions import ClassLabel, PictureCondition
from pfstudio.core.depth import DepthRequest
from pfstudio.core.events import (
    Cancelled,
    Event,
    Failed,
    Final,
    Finished,
    Loading,
    Preview,
    Progress,
    Started,
)
from pfstudio.core.features import FeaturesRequest
from pfstudio.core.generation import Generated, GenerateStep
from pfstudio.core.jobs import Answer, Decoded, Estimated, LoadedModel
from pfstudio.core.request_json import Request
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace import Role, Trace
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.engine.queue import Job, JobQueue

GRID = (4, 4)
SIDE = 32  # pixels
SECONDS_PER_CALL = 0.01


@dataclass(frozen=True)
class Script:
    """A kind of task as the engine would do it."""

    events: Callable[[int, Any], Iterator[Event]]  # of a job's number and request; ends with Final
    decode: Callable[[Any, np.ndarray], np.ndarray] | None = None  # what latents show
    kept: Callable[[Any, int], Any] = lambda request, calls: None  # result of a stopped run


class ScriptedRunner:
    """Fits `JobRunner`; its queue is the engine's own, with its file."""

    def __init__(self, emit: Callable[[Answer], None], allowed: float = math.inf) -> None:
        self.emit = emit
        self.allowed = allowed  # calls that may still be made
        self.scripts = dict(SCRIPTS)  # by class of request
        self.device_kinds: tuple[str, ...] = ("cpu",)
        self.notices: tuple[str, ...] = ()  # of the next runs
        self.loaded: tuple[LoadedModel, ...] = ()  # models in memory
        self.failures: list[Failed] = []  # end the next runs, one each
        self.submitted: list[Request] = []
        self.finished: list[Request] = []
        self.budgets: list[float] = []
        self.decode_problem = ""  # why nothing can be decoded
        self.decoded: list[Hashable] = []  # keys that were asked for
        self.ended_on_thread = ""
        self._queue = JobQueue()
        self._asked = threading.Condition()
        self._stopping = self._cancelled = self._paused = self._single = False
        self._running: int | None = None
        self._asks: list[Answer] = []

    def allow(self, nfe: float) -> None:
        """Let the runner make so many more calls."""
        with self._asked:
            self.allowed += nfe
            self._asked.notify_all()

    # -- JobRunner -------------------------------------------------------------------------------

    def run(self) -> None:
        try:
            self._loop()
        finally:
            self._queue.close()
        self.ended_on_thread = threading.current_thread().name

    def _loop(self) -> None:
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

    def stop(self) -> None:
        self._set(_stopping=True, _cancelled=True)

    def number_after(self, job: int) -> None:
        self._queue.number_after(job)

    def submit(self, request: Request) -> int:
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

    def move_first(self, *jobs: int) -> None:
        self._queue.move_first(*jobs)

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

    def estimate(self, request: GenerateRequest, *, timed: bool = False) -> None:
        nfe = request.sampler.nfe
        cheap = 0.5 if timed and isinstance(request.sampler, DualLoop) else 1.0
        seconds = nfe * SECONDS_PER_CALL * cheap
        calls = nfe - request.branch.call if request.branch else nfe
        about = Estimated(request, nfe, 0.23 * nfe, 120.0, seconds, timed=timed, calls=calls)
        self._answer(about)

    def decode(
        self, client: Hashable, request: Request, key: Hashable, latents: np.ndarray
    ) -> None:
        self.decoded.append(key)
        if self.decode_problem:
            self._answer(Decoded(client, key, None, self.decode_problem))
        else:
            values = self.scripts[type(request)].decode(request, latents)
            self._answer(Decoded(client, key, values))

    def left_queue(self) -> tuple[Request, ...]:
        return self._queue.left()

    def queue_problem(self) -> str:
        return self._queue.problem

    def forget_left(self) -> None:
        self._queue.forget_left()

    def free_memory(self) -> None:
        self.loaded = ()
        self._set()

    def loaded_models(self) -> tuple[LoadedModel, ...]:
        return self.loaded

    # -- the worker's own ------------------------------------------------------------------------

    def _set(self, **values: bool) -> None:
        with self._asked:
            for name, value in values.items():
                setattr(self, name, value)
            self._asked.notify_all()

    def _answer(self, answer: Answer) -> None:
        with self._asked:
            self._asks.append(answer)
            self._asked.notify_all()

    def _call(self) -> bool:
        """Wait until a call may be made; False if the job was cancelled instead."""
        with self._asked:
            self._asked.wait_for(
                lambda: self._cancelled or (self.allowed > 0 and (self._single or not self._paused))
            )
            if self._cancelled:
                return False
            self.allowed -= 1
            self._single = False
            return True

    def _work(self, job: Job) -> Final:
        script, calls = self.scripts[type(job.request)], 0
        self.emit(Loading(job.number, "Loading the model"))
        for event in script.events(job.number, job.request):
            if isinstance(event, Started):
                self.emit(replace(event, notices=self.notices))
                if self.failures:
                    return replace(self.failures.pop(0), job=job.number)
                continue
            if isinstance(event, Progress):
                if not self._call():
                    return Cancelled(job.number, script.kept(job.request, calls))
                calls += 1
            if isinstance(event, Finished):
                self.finished.append(job.request)
            if isinstance(event, Final):
                return event
            self.emit(event)
        raise AssertionError("a script without an end")


# -- generating ----------------------------------------------------------------------------------


def events(job: int, request: GenerateRequest) -> Iterator[Event]:
    """Made-up maps and a picture at the end."""
    nfe = request.sampler.nfe
    yield Started(job, nfe, request.images, GRID, "cpu", "float32", 1)
    trace = make_trace(request, nfe)
    for call in range(nfe):
        yield step_of(job, trace, call)
    yield Preview(job, nfe - 1, make_images(request))
    yield Finished(job, Generated(make_images(request), trace), nfe * SECONDS_PER_CALL)


def decoded(request: GenerateRequest, latents: np.ndarray) -> np.ndarray:
    """(B,H,W,3) grey pictures."""
    return np.full((len(latents), SIDE, SIDE, 3), 90, np.uint8)


def kept(request: GenerateRequest, calls: int) -> Generated | None:
    """What a run keeps that was stopped after so many calls."""
    if not calls:
        return None
    trace = make_trace(request, request.sampler.nfe)
    maps = ("time", "difficulty", "role", "speed", "tokens", "seconds", "predictions")
    cut = {name: getattr(trace, name)[:calls] for name in maps}
    assert trace.states is not None
    return Generated(None, replace(trace, **cut, states=trace.states[: calls + 1]), whole=False)


def _label(condition: PictureCondition) -> int:
    return condition.index if isinstance(condition, ClassLabel) else 0


def make_images(request: GenerateRequest) -> np.ndarray:
    """Pictures (B,H,W,3) that differ by seed, class and sampler."""
    tint = sum(request.sampler.name.encode()) % 40
    rows = [
        np.full((SIDE, SIDE, 3), (60 + 7 * seed % 90, 80 + 5 * label % 90, 90 + tint), np.uint8)
        for seed, label in zip(request.seeds, map(_label, request.per_image), strict=True)
    ]
    return np.stack(rows)


def make_trace(request: GenerateRequest, nfe: int) -> Trace:
    """A trace of `nfe` calls: the left half hurries, the right half takes its time."""
    rng = np.random.default_rng(0)
    maps = (nfe, request.images, *GRID)
    latents = rng.normal(size=(request.images, 4, 8, 8)).astype(np.float32)
    share = (np.arange(nfe, dtype=np.float32) / max(nfe, 1)).reshape(-1, 1, 1, 1)
    role = np.full(maps, Role.SLOW, np.uint8)
    role[..., :2] = Role.FAST
    if nfe > 2:
        role[1::2, ..., :2] = Role.FIXED
    scale = rng.normal(size=(nfe + 1, 1, 1, 1, 1))
    states = np.broadcast_to(latents * scale, (nfe + 1, *latents.shape)).astype(np.float16)
    return Trace(
        request=request,
        model=request.model,
        noise=latents,
        latents=latents,
        time=np.broadcast_to(share, maps).astype(np.float32),
        difficulty=rng.uniform(0.1, 1.0, maps).astype(np.float32),
        role=role,
        speed=rng.uniform(0.5, 1.5, maps).astype(np.float32),
        tokens=np.full(nfe, 2 * request.images * GRID[0] * GRID[1], np.int32),
        seconds=(np.arange(1, nfe + 1) * SECONDS_PER_CALL).astype(np.float32),
        states=states,
        predictions=states[:-1],
    )


def step_of(job: int, trace: Trace, call: int) -> Progress:
    """One call of a trace as an event."""
    assert trace.states is not None
    assert trace.predictions is not None
    detail = GenerateStep(
        time=trace.time[call],
        difficulty=trace.difficulty[call],
        role=trace.role[call],
        speed=trace.speed[call],
        tokens=int(trace.tokens[call]),
        state=trace.states[call],
        prediction=trace.predictions[call],
        call=call,
        nfe=trace.nfe,
    )
    return Progress(job, call, trace.nfe, float(trace.seconds[call]), 0.0, detail)


SCRIPTS: dict[type, Script] = {
    GenerateRequest: Script(events, decoded, kept),
    DepthRequest: Script(depth_scene.events, depth_scene.decoded),
    UpscaleRequest: Script(upscale_scene.events),
    FeaturesRequest: Script(features_scene.events),
}
