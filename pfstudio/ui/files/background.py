"""Small jobs beside the window: thumbnails, folders, files. Nothing here touches widgets."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from pfstudio.core.errors import PfstudioError, RunError
from pfstudio.ui.language import tr

STOP_SECONDS = 5
Failed = Callable[[PfstudioError], None]
_Job = tuple[Callable[[], Any], Callable[[Any], None], Failed]


class Background(QObject):
    """Runs functions one after another on a thread of its own; answers come in this thread.

    Every job is answered in the thread that made this object, unless it is dropped by `stop` or
    for a later one. What was not foreseen goes to the exception hook, and is answered too.
    """

    _answered = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._asked = threading.Condition()
        self._jobs: dict[Hashable, _Job] = {}
        self._working = False
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)

    @property
    def stopping(self) -> bool:
        """Whether long jobs should end now."""
        return self._stopping.is_set()

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        with self._asked:
            return self._working or bool(self._jobs)

    def ask(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Failed,
        instead_of: Hashable = None,
    ) -> None:
        """Run `work`, then give what it returned to `done`, or its error to `failed`.

        Of the jobs that wait with the same `instead_of`, only the latest is run.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        with self._asked:
            self._jobs.pop(instead_of, None)
            self._jobs[object() if instead_of is None else instead_of] = (work, done, failed)
            self._asked.notify_all()

    def finish(self) -> None:
        """Wait until what was asked for is done, but not for ever; the answers come later."""
        with self._asked:
            self._asked.wait_for(
                lambda: self.stopping or not (self._working or self._jobs), STOP_SECONDS
            )

    def stop(self) -> None:
        """Drop what waits, and end the thread; for closing the window."""
        with self._asked:
            self._stopping.set()
            self._asked.notify_all()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _next(self) -> _Job | None:
        with self._asked:
            self._working = False
            self._asked.notify_all()  # `finish` may wait
            self._asked.wait_for(lambda: self._jobs or self.stopping)
            self._working = not self.stopping
            return self._jobs.pop(next(iter(self._jobs))) if self._working else None

    def _run(self) -> None:
        while (job := self._next()) is not None:
            work, done, failed = job
            answer: Callable[[], None]
            try:
                answer = partial(done, work())
            except PfstudioError as error:
                answer = partial(failed, error)
            except Exception as error:
                answer = partial(_unforeseen, failed, error)
            if not self.stopping:
                self._answered.emit(answer)

    @Slot(object)
    def _on_answered(self, answer: Callable[[], None]) -> None:
        answer()


def _unforeseen(failed: Failed, error: Exception) -> None:
    sys.excepthook(type(error), error, error.__traceback__)
    failed(
        RunError(tr("Something went wrong inside the program."), tr("Please send us the report."))
    )
