"""The one worker: it owns the queue and the models, and answers every ask with events.

It knows nothing of Qt. A front makes it, calls `run` on a thread of its own, and calls the other
methods from wherever it likes; see `pfstudio.core.jobs.JobRunner` for what each promises.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Cancelled, Event, Queued
from pfstudio.core.jobs import Answer, Decoded, Estimated, LoadedModel
from pfstudio.core.request_json import Request
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.tasks import kind_of
from pfstudio.engine.control import Control, Gate, Stopped
from pfstudio.engine.estimate import estimate
from pfstudio.engine.execution import device_kinds
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache, ModelKey, generator
from pfstudio.engine.queue import Job, JobQueue
from pfstudio.engine.session import Save, SaveByItself, Session, failure
from pfstudio.engine.trial import seconds_per_call

PREVIEW_SHARE = 0.03
_SAVE = SaveByItself()
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _DecodeAsk:
    client: Hashable
    request: Request
    key: Hashable
    latents: npt.NDArray[np.float16]


class Runner:
    """The real `JobRunner`."""

    def __init__(
        self,
        emit: Callable[[Answer], None],
        *,
        save: Save = _SAVE,
        cache: ModelCache | None = None,
        queue_file: Path | None = None,
    ) -> None:
        """Make a runner; `save` is asked for every result."""
        self.device_kinds = device_kinds()
        self._emit = emit
        self._cache = cache or ModelCache()
        self._session = Session(self._cache, save)
        self._queue = JobQueue(queue_file)
        self._gate = Gate(self._serve)
        self._control = Control(gate=self._gate)
        self._running: int | None = None
        self._preview_share = PREVIEW_SHARE
        self._asked = threading.Condition()
        self._stopping = False
        self._announcements: list[Event] = []
        self._estimates: list[tuple[GenerateRequest, bool]] = []  # and whether to time it
        self._decodes: dict[Hashable, _DecodeAsk] = {}  # the latest of each client
        self._free = False

    # What fronts call, from any thread.

    def run(self) -> None:
        """Work until `stop`."""
        try:
            self._work()
        finally:
            self._queue.close()

    def stop(self) -> None:
        """End `run` before the next layer. The stored queue stays for the next session."""
        with self._asked:
            self._stopping = True
            self._control.cancel()
            self._asked.notify_all()

    def number_after(self, job: int) -> None:
        self._queue.number_after(job)

    def submit(self, request: Request) -> int:
        with self._asked:
            job = self._queue.add(request)
            self._announcements.append(Queued(job.number, request, len(self._queue) - 1))
        self._wake()
        return job.number

    def cancel(self, *jobs: int) -> None:
        with self._asked:
            self._announcements += [Cancelled(job, None) for job in self._queue.remove(*jobs)]
            if self._running in jobs:
                self._control.cancel()
        self._wake()

    def move_first(self, *jobs: int) -> None:
        with self._asked:
            self._queue.move_first(*jobs)

    def pause(self) -> None:
        self._gate.pause()

    def resume(self) -> None:
        self._gate.resume()

    def single_step(self) -> None:
        self._gate.single_step()

    def set_preview_budget(self, share: float) -> None:
        self._preview_share = self._control.preview_share = share

    def estimate(self, request: GenerateRequest, *, timed: bool = False) -> None:
        with self._asked:
            if (request, timed) not in self._estimates:
                self._estimates.append((request, timed))
        self._wake()

    def decode(
        self, client: Hashable, request: Request, key: Hashable, latents: npt.NDArray[np.float16]
    ) -> None:
        with self._asked:
            self._decodes[client] = _DecodeAsk(client, request, key, latents)
        self._wake()

    def left_queue(self) -> tuple[Request, ...]:
        return self._queue.left()

    def queue_problem(self) -> str:
        return self._queue.problem

    def forget_left(self) -> None:
        self._queue.forget_left()

    def free_memory(self) -> None:
        self._free = True
        self._wake()

    def loaded_models(self) -> tuple[LoadedModel, ...]:
        return self._cache.loaded

    # The worker's own.

    def _work(self) -> None:
        while not self._stopping:
            self._serve()
            if self._free:
                self._free = False
                self._cache.clear()
            job = self._take()
            if job is None:
                with self._asked:
                    self._asked.wait_for(self._something_to_do)
                continue
            last = self._session.run(job.request, self._emit, self._control, job.number)
            self._running = None
            if not (self._stopping and isinstance(last, Cancelled)):
                self._queue.done()
        for job in self._queue.waiting():
            self._emit(Cancelled(job.number, None))

    def _wake(self) -> None:
        with self._asked:
            self._asked.notify_all()
            self._gate.wake()

    def _something_to_do(self) -> bool:
        asks = self._announcements or self._estimates or self._decodes or self._free
        return bool(self._stopping or asks or len(self._queue))

    def _take(self) -> Job | None:
        """The next job, with a fresh control that `cancel` acts on from now on."""
        with self._asked:
            job = self._queue.take()
            if job is not None:
                self._running = job.number
                self._control = Control(self._preview_share, self._gate)
            if self._stopping:
                self._control.cancel()
            return job

    def _serve(self) -> None:
        """Answer the small asks: between jobs, between calls, and during a pause.

        Estimates that are timed, or for a model that is not loaded, wait until nothing runs.
        """
        with self._asked:
            announcements, self._announcements = self._announcements, []
            estimates = [ask for ask in self._estimates if self._can_estimate(*ask)]
            self._estimates = [ask for ask in self._estimates if ask not in estimates]
            decodes, self._decodes = self._decodes, {}
        for event in announcements:
            self._emit(event)
        for estimate_ask in estimates:
            self._emit(self._estimated(*estimate_ask))
        for ask in decodes.values():
            self._answer_decode(ask)

    def _can_estimate(self, request: GenerateRequest, timed: bool) -> bool:
        try:
            return self._running is None or (not timed and self._cache.holds(_model_of(request)))
        except InputError:  # the answer says why
            return True

    def _estimated(self, request: GenerateRequest, timed: bool) -> Estimated:
        try:
            model = self._cache.get(_model_of(request))
            about = estimate(model, request)
            if timed:
                seconds = about.nfe * seconds_per_call(model, request, self._cache)
                about = replace(about, seconds=seconds, timed=True)
            return about
        except InputError as error:
            return Estimated(request, 0, 0.0, 0.0, None, str(error), timed=timed)
        except Exception as error:
            _log.exception("no estimate")
            return Estimated(request, 0, 0.0, 0.0, None, failure(0, error).message, timed=timed)

    def _answer_decode(self, ask: _DecodeAsk) -> None:
        try:
            task = importlib.import_module(kind_of(ask.request).module)
            values = task.decode(ask.request, self._cache, ask.latents)
        except Stopped:  # by the cancel of the run between whose calls this was: once more after it
            with self._asked:
                self._decodes.setdefault(ask.client, ask)
        except Exception as error:
            if not isinstance(error, PfstudioError):
                _log.exception("latents cannot be decoded (%s)", ask.key)
            self._emit(Decoded(ask.client, ask.key, None, failure(0, error).message))
        else:
            self._emit(Decoded(ask.client, ask.key, values))


def _model_of(request: GenerateRequest) -> ModelKey[Model]:
    return generator(request.model, request.compute)
