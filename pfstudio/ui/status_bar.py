"""The foot of the window: the machine, the running job, the queue, and what was saved."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pfstudio.core.events import Started
from pfstudio.ui.jobs import BUSY, JobProgress, Jobs, Phase
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_sentence
from pfstudio.ui.memory import memory_in_use
from pfstudio.ui.notify import Notice
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import GHOST, Button
from pfstudio.ui.widgets.labels import Elided, Surface, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import box, painter_of
from pfstudio.ui.widgets.progress import ThinBar

MEMORY_MS = 2000
COUNT_MS = 250
SAID_MS = 8000
_DEVICES = {"cpu": "CPU", "cuda": "CUDA", "mps": QT_TR_NOOP("Apple GPU")}


class _Dot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(9, 9)
        self.phase = Phase.STARTING

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        fills = {Phase.STARTING: t.faint, Phase.IDLE: t.good, Phase.PAUSED: t.warn}
        box(painter_of(self), QRectF(self.rect()), fills.get(self.phase, t.accent), "", 4.5)


class StatusBar(Surface):
    """Shows what `Jobs` tells."""

    HEIGHT = 29

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__("base", parent=parent)
        self.setFixedHeight(self.HEIGHT)
        self._jobs = jobs
        self._machine: Started | None = None
        self._dot = _Dot()
        self.device = label("", "small-strong")
        self.detail = label("", "small", "muted")
        self.memory = label("", "small", "muted")
        self.bar = ThinBar(tr("Progress of the run"))
        self.job = label("", "small", "muted")
        self.said = Elided()
        self.said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.show_said = Button("", kind=GHOST, height=24)
        self.show_said.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_said.clicked.connect(self._act)
        self.show_said.hide()
        self.saved = label("", "small", "muted")
        self.queue = Button(tr("Queue"), "list", kind=GHOST, height=24)
        machine = fill(QHBoxLayout(), self._dot, self.device, self.detail, spacing=7)
        fill(
            QHBoxLayout(self), machine, self.memory, self.bar, self.job, (self.said, 1),
            self.show_said, self.saved, self.queue, margins=(14, 0, 8, 0), spacing=18,
        )  # fmt: skip
        self._timer = QTimer(self)
        self._timer.setInterval(MEMORY_MS)
        self._timer.timeout.connect(self.refresh_memory)
        self._count = QTimer(self, interval=COUNT_MS)  # `progressed` is rare on a busy machine
        self._count.timeout.connect(self._show_count)
        self._said: Notice | None = None
        self._silence = QTimer(self, singleShot=True, interval=SAID_MS)
        self._silence.timeout.connect(self.clear_said)
        jobs.phase_changed.connect(self._on_phase)
        jobs.progressed.connect(self._on_progress)
        jobs.loading.connect(self._on_loading)
        jobs.machine_changed.connect(self._on_machine)
        jobs.changed.connect(self._on_queue)
        self._on_phase(jobs.phase)
        self._on_queue()

    def start(self) -> None:
        """Begin to watch the memory."""
        self.refresh_memory()
        self._timer.start()

    def stop(self) -> None:
        """End the timers."""
        self._timer.stop()
        self._count.stop()
        self._silence.stop()

    def say(self, notice: Notice) -> None:
        """Say something in passing; it goes by itself."""
        self._said = notice
        self.said.say(f"{notice.text} {notice.advice}".strip())
        offer = next(iter(notice.actions), None)
        self.show_said.setText(offer[0] if offer else "")
        self.show_said.setVisible(offer is not None)
        self._silence.start()

    @Slot()
    def clear_said(self) -> None:
        """Take away what was said in passing."""
        self._said = None
        self.said.say("")
        self.show_said.hide()

    @Slot()
    def _act(self) -> None:
        if self._said is not None:
            self._said.actions[0][1]()

    @Slot()
    def refresh_memory(self) -> None:
        """Memory of this process and of the machine."""
        use = memory_in_use()
        self.memory.setText(tr("Memory {own:.1f} / {total:.0f} GB", own=use.own, total=use.total))

    @Slot(object)
    def _on_phase(self, phase: Phase) -> None:
        self._dot.phase = phase
        self._dot.update()
        (self._count.start if phase is Phase.RUNNING else self._count.stop)()
        self.bar.setVisible(phase in BUSY)
        self.job.setVisible(phase in BUSY)
        if phase is Phase.STARTING:
            self.device.setText(tr("Starting the engine…"))
        elif phase is Phase.IDLE:
            if self._machine is None:
                self.device.setText(tr("Ready"))
            else:
                self._show_machine(self._machine)
        elif phase is Phase.LOADING:
            self.bar.show_progress(0, 1)
            self._say_job(tr("Loading…"))
        else:
            self._on_progress(self._jobs.progress)

    @Slot(str)
    def _on_loading(self, what: str) -> None:
        self._say_job(f"{tr_sentence(what)}…" if what else tr("Loading…"))

    @Slot()
    def _show_count(self) -> None:
        self._on_progress(self._jobs.progress)

    @Slot(object)
    def _on_progress(self, progress: JobProgress) -> None:
        self.bar.show_progress(progress.done, progress.nfe)
        words = f"{self._jobs.activity} {progress.done} / {progress.nfe}"
        if progress.eta > 0 and self._jobs.phase is Phase.RUNNING:
            words = tr("{progress} · {time} left", progress=words, time=seconds_text(progress.eta))
        self._say_job(words)

    def _say_job(self, words: str) -> None:
        """In a room that only grows: other words do not lay the whole window out again."""
        if words != self.job.text():
            wanted = self.job.fontMetrics().horizontalAdvance(words) + 2
            if wanted > self.job.width() or self.job.minimumWidth() != self.job.maximumWidth():
                self.job.setFixedSize(wanted + 12, self.HEIGHT)
            self.job.setText(words)

    @Slot(object)
    def _on_machine(self, started: Started) -> None:
        self._machine = started
        self._show_machine(started)

    def _show_machine(self, started: Started) -> None:
        kind = started.device.partition(":")[0]
        self.device.setText(tr(_DEVICES.get(kind, started.device)))
        words = [started.precision]
        if kind == "cpu":
            words.append(tr("%n threads", "", started.threads))
        self.detail.setText(" · ".join(words))

    def show_files(self, files: tuple[str, ...]) -> None:
        """What is looked at is saved in these files."""
        self.saved.setText(tr("saved") if files else "")
        self.saved.setToolTip("\n".join(files))

    @Slot()
    def _on_queue(self) -> None:
        count = len(self._jobs.waiting)
        self.queue.setText(tr("Queue {count}", count=count))
        self.queue.setAccessibleName(self.queue.text())
        self.queue.updateGeometry()
        self.queue.update()
