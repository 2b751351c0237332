"""Measures the window on this machine: start, smoothness, cost of live views, time to stop.

    pfstudio bench ui [--json]

Everything is the real thing: the real window, the real engine, an installed model on the CPU.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.core.errors import RunError

if TYPE_CHECKING:
    from pfstudio.ui.window_measures import WindowMeasures

REPEATS = 5  # starts
VIEWED_RUNS = 10  # runs that are shown and hidden in turns
STOPS = 20
THREADS = 2
TICK_MS = 16
PART_SECONDS, CHANGE_SECONDS = 1.2, 0.4  # of a run shown or hidden, and for the change before it
RUN_SECONDS = 12.0  # about what a hundred calls of a published model take
LIMITS = "promised: window 1.0 s, tick p99 33 ms, live view 3 %, Esc one call + 50 ms"


@dataclass(frozen=True)
class Machine:
    """What else the machine had to do."""

    cores: int
    load: float


@dataclass(frozen=True)
class Starts:
    """From the start of the process to the first painted window."""

    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]  # of the process until then: what a busy machine does not change
    torch_imported: bool  # before the window was painted

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Ticks:
    """Milliseconds between ticks of a 16 ms timer of the window while the engine samples."""

    count: int
    p50: float
    p99: float
    maximum: float


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


@dataclass(frozen=True)
class Stops:
    """From the press of Esc until the page says that the run has ended."""

    milliseconds: tuple[float, ...]
    calls: tuple[int, ...]  # that ended after the press
    call_ms: float


def run(args: argparse.Namespace) -> int:
    """`pfstudio bench ui`; prints as it measures."""
    say = _say_json if args.json else _say
    say("machine", Machine(os.cpu_count() or 1, _load()))
    say("start", measure_starts(args.repeats))
    with measuring_window() as bench:
        say("ticks", bench.ticks())
        say("live_view", bench.live_view(VIEWED_RUNS))
        say("stop", bench.stops())
    if not args.json:
        print(LIMITS)
    return 0


def _load() -> float:
    """Processes that wanted to run in the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _say_json(name: str, result: object) -> None:
    print(json.dumps({"measure": name, **asdict(result)}), flush=True)  # type: ignore[call-overload]


def _say(name: str, result: object) -> None:
    print(_words(result), flush=True)


def _words(result: object) -> str:
    if isinstance(result, Machine):
        busy = " - others are at work here: expect worse figures" if result.load > 0.5 else ""
        return f"machine          {result.cores} cores, load average {result.load:.1f}{busy}"
    if isinstance(result, Starts):
        torch = "imported before it" if result.torch_imported else "not imported before it"
        runs = ", ".join(f"{value:.2f}" for value in result.seconds)
        cpu = statistics.median(result.cpu_seconds)
        return (
            f"window visible   {result.median:.2f} s (median of {runs}), "
            f"{cpu:.2f} s of processor time; torch {torch}"
        )
    if isinstance(result, Ticks):
        return (
            f"window tick      p50 {result.p50:.1f} ms, p99 {result.p99:.1f} ms, "
            f"max {result.maximum:.1f} ms over {result.count} ticks, {THREADS} sampling threads"
        )
    if isinstance(result, LiveView):
        return (
            f"live view cost   {100 * result.cost:+.1f} %: drawing {100 * result.slowdown:+.1f} % "
            f"(+- {100 * result.uncertainty:.1f}, {len(result.shares)} pairs), "
            f"decoding {100 * result.decoding:.1f} %; "
            f"a call takes {result.call_ms:.1f} ms without on {result.threads} threads; "
            f"the window's thread takes {100 * result.drawing:.1f} % of a processor "
            f"({result.looks:.1f} looks a second, {result.look_ms:.1f} ms each)"
        )
    assert isinstance(result, Stops)
    return (
        f"Esc to stopped   median {statistics.median(result.milliseconds):.0f} ms, "
        f"max {max(result.milliseconds):.0f} ms; calls that ended after Esc: "
        f"median {statistics.median(result.calls):.0f}, max {max(result.calls)} "
        f"(a call takes {result.call_ms:.1f} ms)"
    )


# -- start ----------------------------------------------------------------------------------------


def measure_starts(count: int) -> Starts:
    """Start the program `count` times in processes of their own, after one that warms the disk.

    Raises:
        RunError: the window did not come up.
    """
    seconds, cpu, torch = [], [], False
    with tempfile.TemporaryDirectory(prefix="pfstudio-bench-") as folder:
        for number in range(count + 1):
            answer = _start_once(Path(folder))
            if number:
                seconds.append(answer["seconds"])
                cpu.append(answer["cpu"])
                torch = torch or bool(answer["torch"])
    return Starts(tuple(seconds), tuple(cpu), torch)


def _start_once(folder: Path) -> dict[str, float]:
    environment = {**os.environ, "PFSTUDIO_CONFIG": str(folder), "PFSTUDIO_STATE": str(folder)}
    begin = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "pfstudio.ui.bench", "--start", repr(begin)],
        env=environment,
        capture_output=True,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RunError(f"The window did not open: {reason}")
    answer: dict[str, float] = json.loads(lines[0])
    return answer


def _start(begin: float) -> int:
    """In the started process: open the program, report at the first painted window, close it."""
    from pfstudio.ui.app import main, scripted_environment

    scripted_environment()
    from PySide6.QtWidgets import QApplication

    from pfstudio.ui.first_paint import FirstPaint

    app = QApplication(sys.argv[:1])
    watch = FirstPaint(begin, app)
    app.installEventFilter(watch)
    return main([])


# -- with a window --------------------------------------------------------------------------------


@contextmanager
def measuring_window() -> Iterator[WindowMeasures]:
    """A real window with a real engine, in folders of its own."""
    with tempfile.TemporaryDirectory(prefix="pfstudio-bench-") as folder:
        for name in ("CONFIG", "STATE", "PICTURES"):
            os.environ[f"PFSTUDIO_{name}"] = str(Path(folder) / name.lower())
        from pfstudio.ui.app import scripted_environment

        scripted_environment()
        from pfstudio.ui.window_measures import WindowMeasures

        bench = WindowMeasures()
        try:
            bench.start()
            yield bench
        finally:
            bench.close()


def main() -> int:
    """`python -m pfstudio.ui.bench`, also with `--start`, as the started processes are called."""
    if sys.argv[1:2] == ["--start"]:
        return _start(float(sys.argv[2]))
    return run(argparse.Namespace(json="--json" in sys.argv, repeats=REPEATS))


if __name__ == "__main__":
    from pfstudio.ui import bench  # by its own name, as the measures import it

    sys.exit(bench.main())
