"""The one worker thread, and the collector that keeps cyclic garbage away from it."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, QTimer, Slot

from pfstudio.core.jobs import Answer, Estimated, JobRunner
from pfstudio.core.requests import GenerateRequest
from pfstudio.ui.bridge import Broken, EngineBridge, Ready

log = logging.getLogger(__name__)

STOP_SECONDS = 5
MakeRunner = Callable[[Callable[[Answer], None]], JobRunner]


def make_engine_runner(emit: Callable[[Answer], None]) -> JobRunner:
    """The real runner. Imports torch, so it is called inside the worker's thread."""
    from pfstudio.engine.runner import Runner

    return Runner(emit)


class _Thread(QThread):
    """Runs one JobRunner from start to end."""

    def __init__(self, make: MakeRunner, bridge: EngineBridge) -> None:
        super().__init__()
        self.setObjectName("worker")
        self.setStackSize(16 << 20)  # macOS gives other threads 512 KB
        self._make = make
        self._bridge = bridge
        self._leave = False
        self._runner: JobRunner | None = None

    def leave(self) -> None:
        """Ask the thread to end; from the GUI thread."""
        self._leave = True
        if self._runner is not None:
            self._runner.stop()

    def run(self) -> None:
        try:
            self._runner = runner = self._make(self._bridge.post)
            if self._leave:
                return
            self._bridge.post(Ready(runner))
            runner.run()
        except Exception:
            self._bridge.post(Broken(traceback.format_exc()))
        finally:
            self._runner = None


class Engine(QObject):
    """The worker's life. Budget and estimates asked for before a runner exists are kept for it."""

    def __init__(
        self, bridge: EngineBridge, make: MakeRunner = make_engine_runner,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._bridge = bridge
        self._make = make
        self._thread: _Thread | None = None
        self.runner: JobRunner | None = None  # while jobs can be submitted
        self._preview_share = 0.03
        self._estimates: list[tuple[GenerateRequest, bool]] = []  # asked for, not answered
        bridge.ready.connect(self._on_ready)
        bridge.broken.connect(self._on_broken)
        bridge.estimated.connect(self._on_estimated)

    @property
    def ready(self) -> bool:
        """Whether jobs can be submitted."""
        return self.runner is not None

    @property
    def running(self) -> bool:
        """Whether the worker's thread is alive."""
        return self._thread is not None and self._thread.isRunning()

    def start(self) -> None:
        """Start the thread, if it does not run."""
        if not self.running:
            self._thread = _Thread(self._make, self._bridge)
            self._thread.start()

    def stop(self) -> bool:
        """Cancel and end the thread; False if it did not end in time and had to be left alone."""
        self.runner = None
        if self._thread is None:
            return True
        thread, self._thread = self._thread, None
        thread.leave()
        if thread.wait(STOP_SECONDS * 1000):
            return True
        log.warning("the worker did not stop within %d s", STOP_SECONDS)
        _LEFT_ALONE.append(thread)  # destroying a running QThread would abort the process
        return False

    @property
    def abandoned(self) -> bool:
        """Whether some worker would not stop."""
        return any(thread.isRunning() for thread in _LEFT_ALONE)

    @Slot(object)
    def _on_ready(self, runner: JobRunner) -> None:
        if not self.running:  # a late word of a worker that was stopped since
            return
        self.runner = runner
        runner.set_preview_budget(self._preview_share)
        for request, timed in self._estimates:
            runner.estimate(request, timed=timed)

    @Slot(str)
    def _on_broken(self, details: str) -> None:
        self.runner = None

    def set_preview_budget(self, share: float) -> None:
        """Share of a run that live previews may take."""
        self._preview_share = share
        if self.runner is not None:
            self.runner.set_preview_budget(share)

    def estimate(self, request: GenerateRequest, timed: bool = False) -> None:
        """Ask what a request would cost; every ask is answered, by the next worker if need be."""
        ask = request, timed
        if ask in self._estimates:
            return
        self._estimates.append(ask)
        if self.runner is not None:
            self.runner.estimate(request, timed=timed)

    @Slot(object)
    def _on_estimated(self, answer: Estimated) -> None:
        ask = answer.request, answer.timed
        if ask in self._estimates:
            self._estimates.remove(ask)


_LEFT_ALONE: list[QThread] = []


class GuiCollector(QObject):
    """Cyclic garbage is collected by this timer in the GUI thread, and nowhere else.

    A collection on the worker's thread could destroy widgets there, which crashes at random.
    Tensors are freed by reference counting and do not wait for this.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """Switch Python's own collector off and the timer on."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Give collecting back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def collect(self) -> None:
        """Collect the oldest generation that is due by Python's own thresholds, if any."""
        counts = zip(gc.get_count(), self._thresholds, strict=True)
        due = [n for n, (count, limit) in enumerate(counts) if limit and count > limit]
        if due:
            gc.collect(due[-1])

    @Slot(object)
    def settle(self, _: object = None) -> None:
        """What exists now (torch's many modules) stays: later collections need not look at it."""
        gc.freeze()
