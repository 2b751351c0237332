"""The queue as the window shows it. The worker's queue is the real one, and the one on disk."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.events import Failed, Final, Loading, Started
from pfstudio.core.request_json import Request
from pfstudio.ui.bridge import EngineBridge
from pfstudio.ui.worker import Engine


@dataclass
class Entry:
    """One request in the queue."""

    number: int  # the window's own
    request: Request
    job: int | None = None  # the worker's; None: not handed over yet
    held: bool = False  # from an earlier session, runs only when asked to


class QueueModel(QObject):
    """Waiting entries and the running one, in the worker's order."""

    changed = Signal()
    begun = Signal(object)  # Entry: its turn has come
    ended = Signal(object, object)  # Entry, Final
    held_found = Signal(int)  # so many runs were left by an earlier session
    trouble = Signal(str)  # why not all of them could be read

    def __init__(self, engine: Engine, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._numbers = 0
        self.waiting: list[Entry] = []
        self.running: Entry | None = None
        for signal in (bridge.loading, bridge.started):
            signal.connect(self._on_begun)
        for signal in (bridge.finished, bridge.cancelled, bridge.failed):
            signal.connect(self._on_ended)
        bridge.ready.connect(self._on_ready)
        bridge.broken.connect(self._on_broken)

    @property
    def job(self) -> int | None:
        """The worker's number of the running entry."""
        return self.running.job if self.running else None

    @property
    def held(self) -> list[Entry]:
        """Entries of an earlier session that wait for a word."""
        return [entry for entry in self.waiting if entry.held]

    # -- filling and ordering --------------------------------------------------------------------

    def add(self, request: Request, *, first: bool = False) -> Entry:
        """Put a request at the end, or before all others that wait."""
        entry = self._entry(request)
        if self._engine.ready:
            entry.job = self._engine.submit(request)
            if first:
                self._engine.move(entry.job, 0)
        self.waiting.insert(0 if first else len(self.waiting), entry)
        self._promote()
        return entry

    def _entry(self, request: Request, *, held: bool = False) -> Entry:
        self._numbers += 1
        return Entry(self._numbers, request, held=held)

    def move(self, number: int, by: int) -> None:
        """Move a waiting entry up (negative) or down."""
        place = next(i for i, entry in enumerate(self.waiting) if entry.number == number)
        entry = self.waiting.pop(place)
        self.waiting.insert(min(max(place + by, 0), len(self.waiting)), entry)
        if entry.job is not None:
            submitted = [other for other in self.waiting if other.job is not None]
            self._engine.move(entry.job, submitted.index(entry))
        self.changed.emit()

    def remove(self, number: int) -> None:
        """Take a waiting entry out."""
        for entry in [entry for entry in self.waiting if entry.number == number]:
            self.waiting.remove(entry)
            if entry.job is not None:
                self._engine.cancel(entry.job)
        self.changed.emit()

    def cancel_others(self) -> None:
        """Take out everything that waits; what runs goes on."""
        if self.held:
            self._engine.forget_left()
        waiting, self.waiting = self.waiting, []
        for entry in waiting:
            if entry.job is not None:
                self._engine.cancel(entry.job)
        self.changed.emit()

    def cancel_current(self) -> None:
        """Stop what runs; the rest goes on."""
        if self.job is not None:
            self._engine.cancel(self.job)

    def release_held(self) -> None:
        """Run what an earlier session left, after everything else that waits."""
        held = self.held
        for entry, job in zip(held, self._engine.restore_queue(), strict=True):
            entry.job, entry.held = job, False
        self.waiting = [entry for entry in self.waiting if entry not in held] + held
        self._promote()

    def discard_held(self) -> None:
        """Forget what an earlier session left."""
        self._engine.forget_left()
        self.waiting = [entry for entry in self.waiting if not entry.held]
        self.changed.emit()

    # -- in step with the worker -----------------------------------------------------------------

    def _promote(self) -> None:
        """While nothing runs, the first submitted entry is the one that the worker takes."""
        if self.running is None:
            first = next((entry for entry in self.waiting if entry.job is not None), None)
            if first is not None:
                self.waiting.remove(first)
                self.running = first
                self.begun.emit(first)
        self.changed.emit()

    @Slot(object)
    def _on_ready(self, _: object) -> None:
        for entry in self.waiting:
            if entry.job is None and not entry.held:
                entry.job = self._engine.submit(entry.request)
        left = [self._entry(request, held=True) for request in self._engine.left_queue()]
        self.waiting += left
        self._promote()
        if problem := self._engine.queue_problem():
            self.trouble.emit(problem)
        if left:
            self.held_found.emit(len(left))

    @Slot(object)
    def _on_begun(self, event: Loading | Started) -> None:
        """The worker may have taken a job before it heard of a new order: its word counts."""
        taken = next((entry for entry in self.waiting if entry.job == event.job), None)
        if taken is None:
            return
        self.waiting.remove(taken)
        if self.running is not None:
            self.waiting.insert(0, self.running)
        self.running = taken
        self.begun.emit(taken)
        self.changed.emit()

    @Slot(object)
    def _on_ended(self, event: Final) -> None:
        entry = self.running
        if entry is not None and event.job == entry.job:
            self.running = None
            self.ended.emit(entry, event)
            self._promote()

    @Slot(str)
    def _on_broken(self, details: str) -> None:
        """A new worker finds the submitted entries on disk and offers them as held."""
        entry, self.running = self.running, None
        self.waiting = [other for other in self.waiting if other.job is None and not other.held]
        if entry is not None:
            self.ended.emit(entry, Failed(entry.job or 0, "The engine stopped.", "", details))
        self.changed.emit()
