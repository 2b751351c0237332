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

from pfstudio.core.errors import RunError

STARTS = 5
PAIRS = 5
STOPS = 20
THREADS = 2
TICK_MS = 16
RUN_SECONDS = 6.0  # a run that is long enough to measure
LIMITS = (
    "limits: window 1.0 s, tick p99 33 ms, live view 3 %, Esc one call + 50 ms",
)  # what the project promises, printed beside the figures


@dataclass(frozen=True)
class Starts:
    """From the start of the process to the first painted window."""

    seconds: tuple[float, ...]
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
    """Cost of live views: paired runs of equal length with views on and off."""

    shares: tuple[float, ...]  # one per pair: (on - off) / off
    call_ms: float  # a call with views off

    @property
    def median(self) -> float:
        return statistics.median(self.shares)


@dataclass(frozen=True)
class Stops:
    """From the press of Esc until the page says that the run has ended."""

    milliseconds: tuple[float, ...]
    calls: tuple[int, ...]  # that ended after the press
    call_ms: float


def run(args: argparse.Namespace) -> int:
    """`pfstudio bench ui`; prints as it measures."""
    as_json = bool(getattr(args, "json", False))
    say = _say_json if as_json else _say
    say("start", measure_starts())
    with measuring_window() as bench:
        say("ticks", bench.ticks())
        say("live_view", bench.live_view())
        say("stop", bench.stops())
    if not as_json:
        print(*LIMITS, sep="\n")
    return 0


def _say_json(name: str, result: object) -> None:
    print(json.dumps({"measure": name, **asdict(result)}), flush=True)  # type: ignore[call-overload]


def _say(name: str, result: object) -> None:
    print(_words(result), flush=True)


def _words(result: object) -> str:
    if isinstance(result, Starts):
        torch = "imported before it" if result.torch_imported else "not imported before it"
        runs = ", ".join(f"{value:.2f}" for value in result.seconds)
        return f"window visible   {result.median:.2f} s (median of {runs}); torch {torch}"
    if isinstance(result, Ticks):
        return (
            f"window tick      p50 {result.p50:.1f} ms, p99 {result.p99:.1f} ms, "
            f"max {result.maximum:.1f} ms over {result.count} ticks, {THREADS} sampling threads"
        )
    if isinstance(result, LiveView):
        pairs = ", ".join(f"{100 * share:+.1f}" for share in result.shares)
        return (
            f"live view cost   {100 * result.median:+.1f} % (median of {pairs}); "
            f"a call takes {result.call_ms:.1f} ms without"
        )
    assert isinstance(result, Stops)
    return (
        f"Esc to stopped   median {statistics.median(result.milliseconds):.0f} ms, "
        f"max {max(result.milliseconds):.0f} ms; calls that ended after Esc: "
        f"median {statistics.median(result.calls):.0f}, max {max(result.calls)} "
        f"(a call takes {result.call_ms:.1f} ms)"
    )


# -- start ----------------------------------------------------------------------------------------


def measure_starts(count: int = STARTS) -> Starts:
    """Start the program `count` times in processes of their own, after one that warms the disk.

    Raises:
        RunError: the window did not come up.
    """
    seconds, torch = [], False
    with tempfile.TemporaryDirectory(prefix="pfstudio-bench-") as folder:
        for number in range(count + 1):
            answer = _start_once(Path(folder))
            if number:
                seconds.append(float(answer["seconds"]))
                torch = torch or bool(answer["torch"])
    return Starts(tuple(seconds), torch)


def _start_once(folder: Path) -> dict[str, object]:
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
    answer: dict[str, object] = json.loads(lines[0])
    return answer


def _start(begin: float) -> int:
    """In the started process: open the program, report at the first painted window, close it."""
    from pfstudio.ui.app import environment, main

    environment()
    from PySide6.QtWidgets import QApplication

    from pfstudio.ui.first_paint import FirstPaint

    app = QApplication(sys.argv[:1])
    watch = FirstPaint(begin, app)
    app.installEventFilter(watch)
    return main([])


# -- with a window --------------------------------------------------------------------------------


@contextmanager
def measuring_window() -> Iterator[object]:
    """A real window with a real engine, in folders of its own."""
    with tempfile.TemporaryDirectory(prefix="pfstudio-bench-") as folder:
        for name in ("CONFIG", "STATE", "PICTURES"):
            os.environ[f"PFSTUDIO_{name}"] = str(Path(folder) / name.lower())
        from pfstudio.ui.app import environment

        environment()
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
    return run(argparse.Namespace(json="--json" in sys.argv))


if __name__ == "__main__":
    from pfstudio.ui import bench  # by its own name, as the measures import it

    sys.exit(bench.main())
