"""The queue: requests that wait, and the one that runs. It is on disk at every moment.

The order lives here, in one place; the worker is given one request at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Cancelled, Failed, Finished
from pfstudio.core.paths import state_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.settings import read_document, write_document
from pfstudio.ui.bridge import EngineBridge
from pfstudio.ui.notify import WARNING, Notifier
from pfstudio.ui.worker import Engine

VERSION = 1


def queue_path() -> Path:
    """Where the queue survives."""
    return state_folder() / "queue.json"


@dataclass(frozen=True)
class Entry:
    """One request in the queue. `held`: from an earlier session, runs only when asked to."""

    number: int
    request: GenerateRequest
    held: bool = False


class QueueModel(QObject):
    """Waiting entries and the running one; gives the worker the next whenever it is free."""

    changed = Signal()
    begun = Signal(object)  # Entry: handed to the worker
    ended = Signal(object, object)  # Entry, Finished | Cancelled | Failed

    def __init__(
        self, engine: Engine, bridge: EngineBridge, notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._engine = engine
        self._notifier = notifier
        self._numbers = 0
        self.waiting: list[Entry] = []
        self.running: Entry | None = None
        self.job: int | None = None  # the worker's number of the running entry
        self._stored: dict[str, object] = {}
        for signal in (bridge.finished, bridge.cancelled, bridge.failed):
            signal.connect(self._on_ended)
        bridge.ready.connect(self._on_ready)
        bridge.broken.connect(self._on_broken)

    # -- filling and ordering --------------------------------------------------------------------

    def add(self, request: GenerateRequest, *, first: bool = False) -> Entry:
        """Put a request at the end, or before all others that wait."""
        entry = self._entry(request)
        self.waiting.insert(0 if first else len(self.waiting), entry)
        self._go_on()
        return entry

    def _entry(self, request: GenerateRequest, held: bool = False) -> Entry:
        self._numbers += 1
        return Entry(self._numbers, request, held)

    def move(self, number: int, by: int) -> None:
        """Move a waiting entry up (negative) or down."""
        place = next(i for i, entry in enumerate(self.waiting) if entry.number == number)
        entry = self.waiting.pop(place)
        self.waiting.insert(min(max(place + by, 0), len(self.waiting)), entry)
        self._tell()

    def remove(self, number: int) -> None:
        """Take a waiting entry out."""
        self.waiting = [entry for entry in self.waiting if entry.number != number]
        self._tell()

    def cancel_others(self) -> None:
        """Take out everything that waits; what runs goes on."""
        self.waiting = []
        self._tell()

    def cancel_current(self) -> None:
        """Stop what runs after its current call; the rest goes on."""
        if self.job is not None:
            self._engine.cancel(self.job)

    @property
    def held(self) -> list[Entry]:
        """Entries of an earlier session that wait for a word."""
        return [entry for entry in self.waiting if entry.held]

    def release_held(self) -> None:
        """Run what an earlier session left."""
        self.waiting = [Entry(e.number, e.request) for e in self.waiting]
        self._go_on()

    def discard_held(self) -> None:
        """Forget what an earlier session left."""
        self.waiting = [entry for entry in self.waiting if not entry.held]
        self._tell()

    # -- running ---------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Hand the next entry to the worker if it is free."""
        if self.running is None and self._engine.ready:
            entry = next((entry for entry in self.waiting if not entry.held), None)
            if entry is not None:
                self.waiting.remove(entry)
                self.running = entry
                self.job = self._engine.submit(entry.request)
                self.begun.emit(entry)
        self._tell()

    @Slot(object)
    def _on_ready(self, _: object) -> None:
        self._go_on()

    @Slot(object)
    def _on_ended(self, event: Finished | Cancelled | Failed) -> None:
        entry = self.running
        if entry is None or event.job != self.job:
            return
        self.running = self.job = None
        self.ended.emit(entry, event)
        self._go_on()

    @Slot(str)
    def _on_broken(self, details: str) -> None:
        entry, self.running, self.job = self.running, None, None
        if entry is not None:
            self.ended.emit(entry, Failed(-1, "The worker stopped unexpectedly.", "", details))
        self._tell()

    # -- on disk ---------------------------------------------------------------------------------

    def _tell(self) -> None:
        self._store()
        self.changed.emit()

    def _store(self) -> None:
        entries = [*([self.running] if self.running else []), *self.waiting]
        data: dict[str, object] = {"requests": [entry.request.to_json() for entry in entries]}
        if data == self._stored:
            return
        self._stored = data
        try:
            write_document(queue_path(), VERSION, data)
        except PfstudioError as error:
            self._notifier.error(error)

    def load(self) -> None:
        """Bring back what the last session left, held until the user decides."""
        data, notice = read_document(queue_path(), VERSION)
        lost = 0
        for text in data.get("requests", []):
            try:
                self.waiting.append(self._entry(GenerateRequest.from_json(text), held=True))
            except InputError:
                lost += 1
        if lost:
            notice = f"{lost} waiting runs of the last session could not be read."
        if notice:
            self._notifier.say(notice, level=WARNING)
        self._tell()
