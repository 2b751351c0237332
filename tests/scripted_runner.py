"""A runner without a network: it follows a request's calls with made-up maps, at once."""

from __future__ import annotations

import queue
from collections.abc import Callable, Hashable
from functools import partial

import numpy as np

from pfstudio.core.conditions import ClassLabel, PictureCondition, condition_name
from pfstudio.core.events import Cancelled, Failed, Finished, Preview, Progress, Started
from pfstudio.core.generation import Generated, GenerateStep
from pfstudio.core.jobs import Answer, Decoded, Estimated
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace import Role, Trace

GRID = (4, 4)
SIDE = 32  # pixels
SECONDS_PER_CALL = 0.01


class ScriptedRunner:
    """Fits `JobRunner`. Of the prompts, "fail" fails, and "hold" makes two calls, then waits."""

    def __init__(self, emit: Callable[[Answer], None]) -> None:
        self.emit = emit
        self.inbox: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self.submitted: list[GenerateRequest] = []
        self.decoded: list[tuple[int, int]] = []
        self._waiting: dict[int, GenerateRequest] = {}
        self._held: int | None = None

    def run(self) -> None:
        while (task := self.inbox.get()) is not None:
            task()
            while self._held is None and self._waiting:
                job = next(iter(self._waiting))
                self._generate(job, self._waiting.pop(job))

    def stop(self) -> None:
        self.inbox.put(None)

    def submit(self, request: GenerateRequest) -> int:
        self.submitted.append(request)
        job = len(self.submitted)
        self.inbox.put(partial(self._waiting.__setitem__, job, request))
        return job

    def cancel(self, *jobs: int) -> None:
        for job in jobs:
            self.inbox.put(partial(self._cancel, job))

    def estimate(self, request: GenerateRequest) -> None:
        self.inbox.put(partial(self._estimate, request))

    def decode(
        self, client: Hashable, request: GenerateRequest, key: tuple[int, int], latents: np.ndarray
    ) -> None:
        self.inbox.put(partial(self._decode, client, key, latents))

    def left_queue(self) -> tuple[GenerateRequest, ...]:
        return ()

    def restore_queue(self) -> tuple[int, ...]:
        return ()

    def queue_problem(self) -> str:
        return ""

    def forget_left(self) -> None: ...
    def free_memory(self) -> None: ...
    def move(self, job: int, position: int) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def single_step(self) -> None: ...
    def set_preview_budget(self, share: float) -> None: ...

    def _cancel(self, job: int) -> None:
        if job == self._held:
            self._held = None
            self.emit(Cancelled(job, stopped(make_trace(self.submitted[job - 1], 2))))
        elif self._waiting.pop(job, None) is not None:
            self.emit(Cancelled(job))

    def _estimate(self, request: GenerateRequest) -> None:
        nfe = request.sampler.nfe
        cheap = 0.5 if isinstance(request.sampler, DualLoop) else 1.0
        self.emit(Estimated(request, nfe, 1.0, 1.0, nfe * SECONDS_PER_CALL * cheap))

    def _decode(self, client: Hashable, key: tuple[int, int], latents: np.ndarray) -> None:
        self.decoded.append(key)
        number = key[1] if isinstance(key, tuple) else key
        shade = np.full((len(latents), SIDE, SIDE, 3), 10 + number, np.uint8)
        self.emit(Decoded(client, key, shade))

    def _generate(self, job: int, request: GenerateRequest) -> None:
        nfe = request.sampler.nfe
        self.emit(Started(job, nfe, request.images, GRID, "cpu", "float32", 1))
        prompt = condition_name(request.conditions[0])
        if prompt == "fail":
            self.emit(Failed(job, "It went wrong.", "Try again."))
            return
        trace = make_trace(request, nfe)
        for call in range(2 if prompt == "hold" else nfe):
            self.emit(step_of(job, trace, call))
        if prompt == "hold":
            self._held = job
            return
        self.emit(Preview(job, nfe - 1, make_images(request)))
        result = Generated(make_images(request), trace)
        self.emit(Finished(job, result, nfe * SECONDS_PER_CALL))


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


def stopped(trace: Trace | None) -> Generated | None:
    """What a stopped run keeps."""
    return None if trace is None else Generated(None, trace, whole=False)


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
    )
    return Progress(job, call, trace.nfe, float(trace.seconds[call]), 0.0, detail)
