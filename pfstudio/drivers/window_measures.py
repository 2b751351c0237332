"""The measures of `pfstudio bench ui` that need a window with a running engine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot

from pfstudio.core.errors import RunError
from pfstudio.core.events import Cancelled, Failed, Finished, Progress
from pfstudio.core.jobs import Answer, JobRunner
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.drivers.waiter import Waiter
from pfstudio.drivers.window import start_with_model
from pfstudio.ui.bridge import EngineBridge
from pfstudio.ui.jobs import DRAWING, Phase
from pfstudio.ui.window import MainWindow
from pfstudio.ui.worker import MakeRunner, make_engine_runner

STOPS = 20
THREADS = 2
TICK_MS = 16
PART_SECONDS, CHANGE_SECONDS = 1.2, 0.4  # of a run shown or hidden, and for the change before it
RUN_SECONDS = 12.0  # about what a hundred calls of a published model take


@dataclass(frozen=True)
class Ticks:
    """Milliseconds between ticks of a 16 ms timer of the window while the engine samples."""

    count: int
    p50: float
    p99: float
    maximum: float

    def __str__(self) -> str:
        return (
            f"window tick      p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms, "
            f"max {self.maximum:.1f} ms over {self.count} ticks, {THREADS} sampling threads"
        )


@dataclass(frozen=True)
class LiveView:
    """What live views cost a run: drawing (neighbouring parts shown and hidden) and decoding."""

    shares: tuple[float, ...]  # one per pair of parts: time of a call, (shown - hidden) / hidden
    call_ms: float  # a call while hidden
    drawing: float  # share of one processor that the window's thread took while shown
    decoding: float  # share of the run that decoding previews took
    looks: float  # times a second that the window was brought up to date
    look_ms: float  # processor time of the window's thread for one of them
    threads: int  # of sampling

    @property
    def kept(self) -> list[float]:
        """The pairs without the outermost tenths, which something else disturbed."""
        cut = len(self.shares) // 10
        return sorted(self.shares)[cut : len(self.shares) - cut]

    @property
    def slowdown(self) -> float:
        """Mean share by which drawing makes a call longer."""
        return statistics.fmean(self.kept)

    @property
    def uncertainty(self) -> float:
        """Standard error of that mean."""
        return statistics.stdev(self.kept) / len(self.kept) ** 0.5 if len(self.kept) > 1 else 0.0

    @property
    def cost(self) -> float:
        return self.slowdown + self.decoding

    def __str__(self) -> str:
        return (
            f"live view cost   {100 * self.cost:+.1f} %: drawing {100 * self.slowdown:+.1f} % "
            f"(+- {100 * self.uncertainty:.1f}, {len(self.shares)} pairs), "
            f"decoding {100 * self.decoding:.1f} %; "
            f"a call takes {self.call_ms:.1f} ms without on {self.threads} threads; "
            f"the window's thread takes {100 * self.drawing:.1f} % of a processor "
            f"({self.looks:.1f} looks a second, {self.look_ms:.1f} ms each)"
        )


@dataclass(frozen=True)
class Stops:
    """From the press of Esc until the page says that the run has ended, and until it is drawn."""

    milliseconds: tuple[float, ...]
    drawn: tuple[float, ...]  # milliseconds
    calls: tuple[int, ...]  # that ended after the press
    call_ms: float

    def __str__(self) -> str:
        return (
            f"Esc to stopped   median {statistics.median(self.milliseconds):.0f} ms, "
            f"max {max(self.milliseconds):.0f} ms; drawn after "
            f"{statistics.median(self.drawn):.0f} ms; calls that ended after Esc: "
            f"median {statistics.median(self.calls):.0f}, max {max(self.calls)} "
            f"(a call takes {self.call_ms:.1f} ms)"
        )


def noting(call_times: list[float]) -> MakeRunner:
    """Makes the real runner; when each call reaches the window is noted in `call_times`."""

    def make(emit: Callable[[Answer], None]) -> JobRunner:
        def noted(answer: Answer) -> None:
            if isinstance(answer, Progress):
                call_times.append(time.perf_counter())
            emit(answer)

        return make_engine_runner(noted)

    return make


class _Ticker(QObject):
    """A precise timer in the window's thread that notes when it fires."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    @Slot()
    def _tick(self) -> None:
        self.times.append(time.perf_counter())

    def start(self) -> None:
        self.times.clear()
        self._timer.start()

    def stop(self) -> np.ndarray:
        """Milliseconds between the ticks."""
        self._timer.stop()
        return np.diff(self.times) * 1000


class _Looks(QObject):
    """When the window was brought up to date during a run, and what its thread did for it."""

    def __init__(self, bridge: EngineBridge) -> None:
        super().__init__()
        self.times: list[tuple[float, float]] = []
        self.spans: list[tuple[float, float, float]] = []
        bridge.progress.connect(self._look)

    @Slot(list)
    def _look(self, _: list) -> None:
        self.times.append((time.perf_counter(), time.thread_time()))

    def close_span(self) -> None:
        """Note of the looks since `times` was cleared: share of a processor, looks a second,
        milliseconds of processor time a look."""
        if len(self.times) < 2:
            return
        (first, begun), (last, done) = self.times[0], self.times[-1]
        looks, span = len(self.times) - 1, last - first
        self.spans.append(((done - begun) / span, looks / span, 1000 * (done - begun) / looks))


class WindowMeasures:
    """The measures, in a window of `scripted_window` over a runner of `noting`."""

    def __init__(self, window: MainWindow, call_times: list[float]) -> None:
        self._window = window
        self._call_times = call_times
        self._page = window.page("generate").model
        self._ends: list[Finished | Cancelled | Failed] = []
        self._ended_at = 0.0
        self._page.ended.connect(self._on_ended)
        self._waiter = Waiter(window.notifier)
        self._looks = _Looks(window.jobs.bridge)
        self._call_seconds = 0.01

    def start(self) -> None:
        """Show the window and run once, so that the model is loaded and timed.

        Raises:
            RunError: there is no model, or the engine did not start.
        """
        self._window.resize(1600, 1000)
        self._window.show()
        start_with_model(self._window, self._waiter)
        for _ in range(2):  # the first run also loads, probes and warms up
            end = self._run(self._request(20))
            self._call_seconds = float(end.result.trace.seconds[-1]) / end.result.trace.nfe

    def _request(self, calls: int, threads: int = 0) -> GenerateRequest:
        """A run on the CPU; 0 threads: as many as this machine was measured to be fastest with."""
        compute = Compute(device="cpu", threads=threads)
        return replace(self._page.recipe.request, sampler=Euler(min(calls, 1000)), compute=compute)

    def _long_request(self, threads: int = 0) -> GenerateRequest:
        return self._request(round(RUN_SECONDS / self._call_seconds), threads)

    def _on_ended(self, event: Finished | Cancelled | Failed) -> None:
        self._ended_at = time.perf_counter()
        self._ends.append(event)

    def _begin(self, request: GenerateRequest) -> None:
        self._call_times.clear()
        self._looks.times.clear()
        self._ends.clear()
        self._page.jobs.submit(request)

    def _run(self, request: GenerateRequest) -> Finished:
        self._begin(request)
        self._waiter.until(lambda: bool(self._ends), "the end of a run", 300)
        end = self._ends[0]
        if not isinstance(end, Finished):
            raise RunError("A run did not finish.")
        return end

    def _wait_for_calls(self, count: int) -> None:
        self._waiter.until(lambda: len(self._call_times) >= count, "calls", 60)

    # -- the measures -------------------------------------------------------------------------

    def ticks(self) -> Ticks:
        """How regularly the window's thread comes to its timer while the engine samples."""
        ticker = _Ticker()
        self._run(self._request(20, THREADS))  # loads and probes
        self._begin(self._long_request(THREADS))
        self._wait_for_calls(2)
        ticker.start()
        self._waiter.until(lambda: bool(self._ends), "the end of a run", 300)
        gaps = ticker.stop()
        p50, p99 = np.percentile(gaps, (50, 99))
        return Ticks(len(gaps), float(p50), float(p99), float(gaps.max()))

    def live_view(self, runs: int) -> LiveView:
        """What showing a run costs it: the time of a call with the window on and off.

        Within each run the window is shown and hidden in turns, so that what else the machine does
        hits both alike. Previews are decoded all the time; the engine's clock tells their share.

        Raises:
            RunError: a call takes about as long as a turn.
        """
        self._run(self._request(20))
        request = self._long_request()
        shares, without, looks, decoding = [], [], [], []
        for _ in range(runs):
            turns = self._turns(request)
            shares += [shown / hidden - 1 for hidden, shown in turns]
            without += [1000 * hidden for hidden, _ in turns]
            looks += self._looks.spans
            data = self._page.run.data
            decoding.append((data.view_seconds or 0.0) / data.elapsed)
        if not looks:
            raise RunError("The model is so slow here that no part of a run shows the difference.")
        drawing, rate, milliseconds = np.median(looks, axis=0)
        started = self._page.run.data.started
        return LiveView(
            tuple(shares),
            float(np.median(without)),
            float(drawing),
            float(np.median(decoding)),
            float(rate),
            float(milliseconds),
            started.threads if started else 0,
        )

    def _turns(self, request: GenerateRequest) -> list[tuple[float, float]]:
        """Seconds a call takes (hidden, shown) in neighbouring parts of one run."""
        self._begin(request)
        self._looks.spans.clear()
        self._wait_for_calls(2)
        turns: list[tuple[float, float]] = []
        hidden_first = True
        while (pair := self._pair(hidden_first)) is not None:
            turns.append(pair)
            hidden_first = not hidden_first
        self._waiter.until(lambda: bool(self._ends), "the end of a run", 300)
        self._show(True)
        return turns

    def _pair(self, hidden_first: bool) -> tuple[float, float] | None:
        """One part hidden and one shown; None where the run ends before."""
        seconds = {}
        for shown in (False, True) if hidden_first else (True, False):
            self._show(shown)
            self._waiter.rest(CHANGE_SECONDS)
            begun = time.perf_counter()
            self._looks.times.clear()
            self._waiter.rest(PART_SECONDS)
            calls = [when for when in self._call_times if when > begun]
            if self._ends or len(calls) < 2:
                return None
            if shown:
                self._looks.close_span()
            seconds[shown] = (calls[-1] - calls[0]) / (len(calls) - 1)
        return seconds[False], seconds[True]

    def _show(self, shown: bool) -> None:
        self._window.setVisible(shown)
        share = self._window.settings.settings.preview_share if shown else 0.0
        self._window.jobs.bridge.set_drawing_budget(DRAWING * share)
        self._waiter.settle()

    def stops(self) -> Stops:
        """Press Esc at different moments of a run and wait for its end."""
        request = self._long_request()
        moments = np.random.default_rng(0).uniform(2, 30, STOPS)
        ended, drawn, calls = [], [], []
        for moment in moments:
            self._begin(request)
            self._wait_for_calls(int(moment))
            pressed = time.perf_counter()
            self._window.commands.action("run.stop").trigger()
            self._waiter.until(lambda: bool(self._ends), "the run to stop", 60)
            ended.append(1000 * (self._ended_at - pressed))
            drawn.append(1000 * (time.perf_counter() - pressed))
            calls.append(sum(when > pressed for when in self._call_times))
            self._waiter.until(lambda: self._page.jobs.phase is Phase.IDLE, "the worker", 60)
        return Stops(tuple(ended), tuple(drawn), tuple(calls), 1000 * self._call_seconds)
