"""The one queue of a window, and what the worker does now.

The worker's queue is the real one, and the one on disk; this one follows it. Pages submit requests
and listen to the handles that they get; what the whole window shows is told by `Jobs`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from pfstudio.core.events import Failed, Final, Loading, Preview, Progress, Queued, Started
from pfstudio.core.jobs import JobRunner
from pfstudio.core.request_json import Request
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.tasks import kind_of
from pfstudio.core.upscale import UpscaleStep
from pfstudio.ui.bridge import EngineBridge
from pfstudio.ui.debounce import Debouncer
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_sentence
from pfstudio.ui.notify import ERROR, INFO, WARNING, Notice, Notifier
from pfstudio.ui.worker import Engine, MakeRunner, make_engine_runner

log = logging.getLogger(__name__)

SLOW_REFRESH_MS = 1600  # without a call; longer than the slowest interval of looks
DECODING, DRAWING = 0.3, 0.5  # of the budget of live views; the rest is for what nobody can time


class Phase(Enum):
    """What the worker does; the value is the word shown."""

    STARTING = QT_TR_NOOP("Starting the engine")
    IDLE = QT_TR_NOOP("Ready")
    LOADING = QT_TR_NOOP("Loading")
    RUNNING = QT_TR_NOOP("Generating")
    PAUSED = QT_TR_NOOP("Paused")
    STOPPING = QT_TR_NOOP("Stopping")


BUSY = (Phase.LOADING, Phase.RUNNING, Phase.PAUSED, Phase.STOPPING)


@dataclass(frozen=True)
class JobProgress:
    """How far the running job is."""

    done: int
    nfe: int
    eta: float  # seconds


class Jobs(QObject):
    """Waiting jobs and the running one, in the worker's order. Jobs of every kind.

    `changed` comes once for any number of changes, and after the method that made them has
    returned; so does `began` of a job that was just submitted.
    """

    changed = Signal()  # what waits or runs is different
    adopted = Signal(object)  # JobHandle of an earlier session whose turn comes: nobody listens yet
    began = Signal(object)  # JobHandle, before its own signal
    ended = Signal(object, object)  # JobHandle, Final; after its own signal
    phase_changed = Signal(object)  # Phase
    progressed = Signal(object)  # JobProgress; seldom enough to read it
    loading = Signal(str)  # what is being done before the first call
    machine_changed = Signal(object)  # Started: device, precision, threads
    estimated = Signal(object)  # Estimated

    def __init__(
        self, notifier: Notifier, make_runner: MakeRunner = make_engine_runner,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._notifier = notifier
        self.bridge = EngineBridge(self)
        self.engine = Engine(self.bridge, make_runner, self)
        self.waiting: list[JobHandle] = []
        self.running: JobHandle | None = None
        self.phase = Phase.STARTING
        self.progress = JobProgress(0, 0, 0.0)
        self._handles: dict[int, JobHandle] = {}  # handed over, not ended; by job
        self._last_job = 0  # of all workers: what they made is told apart by number
        self._begun: JobHandle | None = None  # began, and nobody was told yet
        self._paused = False  # whether the worker waits before its next call
        self._detail: object = None  # of the last call
        self._debouncer = Debouncer(self)
        self._debouncer.due.connect(self._on_changed)
        self._slow_refresh = QTimer(self, singleShot=True, interval=SLOW_REFRESH_MS)
        self._slow_refresh.timeout.connect(self._tell_progress)
        bridge = self.bridge
        bridge.ready.connect(self._on_ready)
        bridge.broken.connect(self._on_broken)
        bridge.job_event.connect(self._on_event)
        bridge.progress.connect(self._on_progress)
        bridge.preview.connect(self._on_preview)
        bridge.time_to_read.connect(self._tell_progress)
        bridge.estimated.connect(self.estimated)

    @property
    def runner(self) -> JobRunner | None:
        """The worker, while there is one."""
        return self.engine.runner

    @property
    def busy(self) -> bool:
        """Whether the worker has something to do."""
        return self.running is not None or self._next() is not None

    @property
    def restored(self) -> list[JobHandle]:
        """Jobs of an earlier session that wait for a word."""
        return [handle for handle in self.waiting if handle.restored and handle.job is None]

    # -- filling and ordering --------------------------------------------------------------------

    def submit(self, request: Request, *, first: bool = False) -> JobHandle:
        """Put a request at the end, or before all others that wait."""
        handle = JobHandle(request, self._cancel)
        self.waiting.insert(0 if first else len(self.waiting), handle)
        self._hand_over(handle)
        if first:
            self._reorder()
        self._promote()
        self._debouncer.ask()
        return handle

    def _hand_over(self, handle: JobHandle) -> None:
        if self.runner is not None:
            handle.job = self._last_job = self.runner.submit(handle.request)
            self._handles[handle.job] = handle

    def move(self, handle: JobHandle, place: int) -> None:
        """Put a waiting job at a place among those that wait; 0 is next."""
        self.waiting.remove(handle)
        self.waiting.insert(max(place, 0), handle)
        self._reorder()
        self._debouncer.ask()

    def _reorder(self) -> None:
        """Tell the worker the order, at once: it may come to take a job at any moment."""
        ahead = [] if self.running is None else [self.running]  # perhaps not taken yet
        jobs = [handle.job for handle in ahead + self.waiting if handle.job is not None]
        if self.runner is not None:
            self.runner.move_first(*jobs)

    def remove(self, handles: Iterable[JobHandle]) -> None:
        """Take waiting jobs out; others are passed over."""
        wanted, had_restored = set(handles), bool(self.restored)
        gone = [handle for handle in self.waiting if handle in wanted]
        self.waiting = [handle for handle in self.waiting if handle not in wanted]
        numbers = [handle.job for handle in gone if handle.job is not None]
        for number in numbers:
            del self._handles[number]
        if self.runner is not None:
            self.runner.cancel(*numbers)
            if had_restored and not self.restored:
                self.runner.forget_left()
        for handle in gone:
            handle.removed.emit()
        self._debouncer.ask()

    def _cancel(self, handle: JobHandle) -> None:
        self.stop() if handle.running else self.remove([handle])

    def clear(self) -> None:
        """Take out everything that waits; what runs goes on."""
        self.remove(self.waiting)

    def run_restored(self) -> None:
        """Run what an earlier session left, after everything else that waits."""
        if self.runner is None:
            return
        restored = self.restored
        for handle in restored:
            self._hand_over(handle)
        self.runner.forget_left()
        last = set(restored)
        self.waiting = [handle for handle in self.waiting if handle not in last] + restored
        self._promote()
        self._debouncer.ask()

    def discard_restored(self) -> None:
        """Forget what an earlier session left."""
        self.remove(self.restored)

    # -- the running job -------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop the running job at once; its calls so far are kept. The next one begins."""
        job = self.running.job if self.running else None
        if self.can_stop and job is not None:
            self._set_phase(Phase.STOPPING)
            if self.runner is not None:
                self.runner.cancel(job)

    def stop_all(self) -> None:
        """Take out everything that waits, and stop the running job."""
        self.clear()  # before the running one ends: the next would begin
        self.stop()

    @property
    def can_stop(self) -> bool:
        """Whether a job runs that was not told to stop."""
        return self.phase in (Phase.LOADING, Phase.RUNNING, Phase.PAUSED)

    @property
    def can_stop_all(self) -> bool:
        """Also while one stops: the next would begin."""
        return self.can_stop or self.phase is Phase.STOPPING

    def pause(self) -> None:
        """Hold before the next call."""
        if self.phase is Phase.RUNNING:
            self._hold(True)
            self._set_phase(Phase.PAUSED)

    def resume(self) -> None:
        """Go on."""
        if self.phase is Phase.PAUSED:
            self._hold(False)
            self._set_phase(Phase.RUNNING)

    def toggle_pause(self) -> None:
        """Pause or resume."""
        (self.resume if self.phase is Phase.PAUSED else self.pause)()

    def single_step(self) -> None:
        """Make exactly one call, then hold."""
        if self.runner is not None and self.phase in (Phase.RUNNING, Phase.PAUSED):
            self._paused = True
            self.runner.single_step()
            self._set_phase(Phase.PAUSED)

    def _hold(self, paused: bool) -> None:
        """Hold the worker, which is the next job's too, or let it go on."""
        if self.runner is not None and paused != self._paused:
            self._paused = paused
            (self.runner.pause if paused else self.runner.resume)()

    @property
    def activity(self) -> str:
        """What the worker does, in a few words."""
        request = self.running.request if self.running else None
        if self.phase is not Phase.RUNNING or request is None:
            return tr(self.phase.value)
        if isinstance(self._detail, UpscaleStep) and isinstance(request, GenerateRequest):
            return tr("Upscaling")  # the last part of generating straight to a high resolution
        return tr_sentence(kind_of(request).activity(request))

    # -- other asks ------------------------------------------------------------------------------

    def estimate(self, request: GenerateRequest, *, timed: bool = False) -> None:
        """Ask what a request would cost; `estimated` answers."""
        self.engine.estimate(request, timed)

    def set_live_budget(self, share: float) -> None:
        """Share of a run that live views may take."""
        self.engine.set_preview_budget(DECODING * share)
        self.bridge.set_drawing_budget(DRAWING * share)

    def free_memory(self) -> None:
        """Forget the loaded models once the worker is free."""
        if self.runner is not None:
            self.runner.free_memory()

    # -- in step with the worker -----------------------------------------------------------------

    def _next(self) -> JobHandle | None:
        """The first waiting job that the worker has."""
        return next((handle for handle in self.waiting if handle.job is not None), None)

    @Slot()
    def _on_changed(self) -> None:
        self._tell_begun()
        self.changed.emit()

    def _promote(self) -> None:
        """While nothing runs, the first submitted job is the one that the worker takes."""
        if self.running is None and (handle := self._next()) is not None:
            self._begin(handle)

    def _begin(self, handle: JobHandle) -> None:
        self.waiting.remove(handle)
        before, self.running = self.running, handle
        handle.running = True
        if before is not None:  # the worker took another one than was thought: its word counts
            before.running = False
            self.waiting.insert(0, before)
            before.returned.emit()
        self._detail = None
        self._begun = handle
        self._set_phase(Phase.LOADING)
        self.loading.emit("")
        self._debouncer.ask()

    def _tell_begun(self) -> None:
        handle, self._begun = self._begun, None
        if handle is None:
            return
        if handle.restored:
            self.adopted.emit(handle)
        self.began.emit(handle)
        handle.began.emit()

    def _set_phase(self, phase: Phase) -> None:
        if phase is not self.phase:
            self.phase = phase
            self.phase_changed.emit(phase)

    @Slot(object)
    def _on_ready(self, _: object) -> None:
        runner = self.runner
        if runner is None:  # stopped since
            return
        runner.number_after(self._last_job)
        for handle in self.waiting:
            self._hand_over(handle)
        left = [JobHandle(request, self._cancel, restored=True) for request in runner.left_queue()]
        self.waiting += left
        self._set_phase(Phase.IDLE)
        self._promote()
        self._debouncer.ask()
        if problem := runner.queue_problem():
            self._notifier.say(problem, level=WARNING)
        if left:
            words = tr("%n runs are waiting from the last session.", "", len(left))
            actions = (tr("Run", "verb"), self.run_restored), (tr("Discard"), self.discard_restored)
            self._notifier.post(Notice(INFO, words, actions=actions))

    @Slot(object)
    def _on_event(self, event: Queued | Loading | Started | Final) -> None:
        handle = self._handles.get(event.job)
        if handle is None or isinstance(event, Queued):
            return
        if handle is not self.running:
            self._begin(handle)
        self._tell_begun()
        if isinstance(event, Loading):
            self.loading.emit(event.what)
        elif isinstance(event, Started):
            self._on_started(handle, event)
        else:
            self._on_ended(handle, event)

    def _on_started(self, handle: JobHandle, event: Started) -> None:
        self.progress = JobProgress(0, event.nfe, 0.0)
        if self.phase is Phase.LOADING:
            self._set_phase(Phase.PAUSED if self._paused else Phase.RUNNING)
        handle.started.emit(event)
        self._tell_progress()
        self.machine_changed.emit(event)
        for notice in event.notices:
            self._notifier.say(notice)

    @Slot(list)
    def _on_progress(self, steps: list[Progress]) -> None:
        last = steps[-1]
        handle = self._handles.get(last.job)
        if handle is None or handle is not self.running:
            return
        self._detail = last.detail
        self.progress = JobProgress(last.call + 1, last.nfe, last.eta)
        self._slow_refresh.start()
        handle.progress.emit(steps)
        if self.phase is Phase.PAUSED:
            self._tell_progress()

    @Slot()
    def _tell_progress(self) -> None:
        self._slow_refresh.stop()
        self.progressed.emit(self.progress)

    @Slot(object)
    def _on_preview(self, event: Preview) -> None:
        handle = self._handles.get(event.job)
        if handle is not None and handle is self.running:
            handle.preview.emit(event)

    def _on_ended(self, handle: JobHandle, event: Final) -> None:
        del self._handles[event.job]
        self.running, handle.running = None, False
        self._slow_refresh.stop()
        if self._next() is None:
            self._hold(False)  # nothing is left that could be held
            self._set_phase(Phase.IDLE)
        handle.ended.emit(event)
        self.ended.emit(handle, event)
        self._promote()
        self._debouncer.ask()

    @Slot(str)
    def _on_broken(self, details: str) -> None:
        """A new worker finds what was handed over on disk, and offers it as restored."""
        log.error("the worker stopped\n%s", details)
        self._tell_begun()
        self._paused = False
        running, self.running = self.running, None
        lost = [handle for handle in self.waiting if handle.job is not None or handle.restored]
        self.waiting = [h for h in self.waiting if h.job is None and not h.restored]
        self._handles.clear()
        self._set_phase(Phase.STARTING)
        words = tr("The engine stopped unexpectedly.")
        advice = tr("Start it again; the queue is kept.")
        again = ((tr("Start again"), self.engine.start),)
        self._notifier.post(Notice(ERROR, words, advice, details, again))
        if running is not None:
            running.running = False
            event = Failed(running.job or 0, tr("The engine stopped."), "", details)
            running.ended.emit(event)
            self.ended.emit(running, event)
        for handle in lost:
            handle.removed.emit()
        self._debouncer.ask()
