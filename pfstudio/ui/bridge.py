"""Where the worker's answers reach the window: a mailbox that the GUI thread empties at 30 Hz.

Worker code never owns a signal. Progress is delivered without loss, one batch per tick; previews
and estimates are latest-wins; the end of a job always arrives.

What the window does with progress holds up the worker (both are Python, and only one runs at a
time), so it comes as seldom as needed for the window to stay within its share of the time.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from time import monotonic, thread_time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from pfstudio.core.events import Cancelled, Failed, Finished, Preview, Progress
from pfstudio.core.jobs import Answer, Decoded, Estimated, JobRunner
from pfstudio.ui.frame_budget import TICK_MS, FrameBudget


@dataclass(frozen=True)
class Ready:
    """The worker's thread made its runner."""

    runner: JobRunner


@dataclass(frozen=True)
class Broken:
    """The worker's thread ended by an error."""

    details: str


PAINTED_MS = 12  # Qt paints 5 ms after the first update
Mail = Answer | Ready | Broken
_PATIENT = (Progress, Preview)  # may wait for the next slow tick; everything else does not


class EngineBridge(QObject):
    """Lives in the GUI thread and owns every signal; `post` may be called from any thread.

    Connect only bound methods of QObjects: anything else would run in the worker's thread.
    """

    ready = Signal(object)  # JobRunner
    broken = Signal(str)
    job_event = Signal(object)  # Queued | Loading | Started | Final
    progress = Signal(list)  # list[Progress], all of one job and of one kind of detail
    preview = Signal(object)
    time_to_read = Signal()  # after some of it: show also what costs more and is read slowly
    estimated = Signal(object)
    decoded = Signal(object)

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._mail: list[Mail] = []
        self._drained = 0.0
        self.look_seconds = 0.0  # processor seconds that all looks at running jobs have taken
        self._budget = FrameBudget(0.015)
        self._begun = 0.0  # processor seconds of this thread when the last tick began
        self._full: bool | None = None  # kind of look that the last tick was; None: something else
        self._painted = QTimer(self)  # fires once what a tick changed has been painted
        self._painted.setSingleShot(True)
        self._painted.setInterval(PAINTED_MS)
        self._painted.timeout.connect(self._count_cost)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.drain)
        self._woken.connect(self._schedule, Qt.ConnectionType.QueuedConnection)

    def set_drawing_budget(self, share: float) -> None:
        """Share of the time that the window may spend on showing progress."""
        self._budget.share = share

    def post(self, mail: Mail) -> None:
        """Put something into the mailbox; the only method for other threads."""
        with self._lock:
            first = not self._mail
            if isinstance(mail, Preview):  # the latest wins
                self._mail = [other for other in self._mail if not isinstance(other, Preview)]
            self._mail.append(mail)
        if first or not isinstance(mail, _PATIENT):
            self._woken.emit()

    def _schedule(self) -> None:
        with self._lock:
            patient = all(isinstance(mail, _PATIENT) for mail in self._mail)
            ended = any(map(_ends_run, self._mail))
        interval = self._budget.wait if patient else 0 if ended else TICK_MS
        wait = interval - (monotonic() - self._drained) * 1000
        self._timer.start(max(0, round(wait)))

    def _count_cost(self) -> None:
        """What the last look, with its paints, has cost this thread."""
        if self._full is not None:
            seconds = thread_time() - self._begun
            self.look_seconds += seconds
            self._budget.took(seconds * 1000, full=self._full)

    def drain(self) -> None:
        """Deliver the mail, in order; progress in one batch, the preview after what it shows.

        What follows the end of a job comes in a turn of its own: to show both takes too long.
        """
        with self._lock:
            ends = (n for n, item in enumerate(self._mail, 1) if _ends_run(item))
            end = next(ends, len(self._mail))
            mail, self._mail = self._mail[:end], self._mail[end:]
            if self._mail:
                self._woken.emit()
        self._drained = monotonic()
        self._begun = thread_time()
        look = bool(mail) and all(isinstance(item, _PATIENT) for item in mail)
        self._full = self._budget.can_be_full(self._drained) if look else None
        self._painted.start()
        batch: list[Progress] = []
        preview: Preview | None = None
        for item in mail:
            if isinstance(item, Progress):
                if batch and _place(batch[0]) != _place(item):
                    batch, preview = self._flush(batch, preview)
                batch.append(item)
                continue
            if isinstance(item, Preview):
                preview = item
                continue
            batch, preview = self._flush(batch, preview)
            if isinstance(item, Ready):
                self.ready.emit(item.runner)
            elif isinstance(item, Broken):
                self.broken.emit(item.details)
            elif isinstance(item, Estimated):
                self.estimated.emit(item)
            elif isinstance(item, Decoded):
                self.decoded.emit(item)
            else:
                self.job_event.emit(item)
        self._flush(batch, preview)

    def _flush(self, batch: list[Progress], preview: Preview | None) -> tuple[list[Progress], None]:
        if batch:
            self.progress.emit(batch)
        if preview is not None:
            self.preview.emit(preview)
        if batch and self._full is not False:
            self.time_to_read.emit()
        return [], None


def _ends_run(mail: Mail) -> bool:
    """Whether it is the end of a job that ran; of those taken out there may come hundreds."""
    if isinstance(mail, Cancelled):
        return mail.result is not None
    return isinstance(mail, Finished | Failed)


def _place(progress: Progress) -> tuple[int, type]:
    """What one batch has in common."""
    return progress.job, type(progress.detail)
