"""Small jobs beside the window: thumbnails, folders, files. Nothing here touches widgets."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

log = logging.getLogger(__name__)

STOP_SECONDS = 5
_Job = tuple[Callable[[], Any], Callable[[Any], None]]


class Background(QObject):
    """Runs functions one after another on a thread of its own; answers come in this thread.

    An answer is given to a bound method in the thread that made this object. What a function
    raises is logged, and then there is no answer: expected errors belong into the answer.
    """

    _answered = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)

    @property
    def stopping(self) -> bool:
        """Whether long jobs should end now."""
        return self._stopping.is_set()

    def ask(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Run `work`, then give what it returned to `done`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put((work, done))

    def stop(self) -> None:
        """Drop what waits, and end the thread; for closing the window."""
        self._stopping.set()
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None and not self.stopping:
            work, done = job
            try:
                answer = work()
            except Exception:
                log.exception("a job beside the window failed")
                continue
            if not self.stopping:
                self._answered.emit((done, answer))

    @Slot(object)
    def _on_answered(self, pair: tuple[Callable[[Any], None], Any]) -> None:
        done, answer = pair
        done(answer)
