"""Measures the window on this machine: start, smoothness, cost of live views, time to stop.

    pfstudio bench ui [--json]

Everything is the real thing: the real window, the real engine, an installed model on the CPU.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from pfstudio.drivers.list_bench import measure_lists
from pfstudio.drivers.scrub_bench import measure_scrubs
from pfstudio.drivers.start_time import measure_starts
from pfstudio.drivers.window import own_folders, scripted_window
from pfstudio.drivers.window_measures import WindowMeasures, noting

LIVE_RUNS = 10  # runs that are shown and hidden in turns
LIMITS = (
    "promised: window 1.0 s, tick p99 33 ms, live view 3 %, Esc one call + 50 ms, "
    "scrub one call + 30 ms, lists 100 ms for every click"
)


@dataclass(frozen=True)
class Machine:
    """What else the machine had to do."""

    cores: int
    load: float

    def __str__(self) -> str:
        busy = " - others are at work here: expect worse figures" if self.load > 0.5 else ""
        return f"machine          {self.cores} cores, load average {self.load:.1f}{busy}"


def run(args: argparse.Namespace) -> int:
    """`pfstudio bench ui`; prints as it measures."""
    say = _say_json if args.json else _say
    say("machine", Machine(os.cpu_count() or 1, _load()))
    say("start", measure_starts(args.repeats))
    with measuring_window() as bench:
        say("ticks", bench.ticks())
        say("live_view", bench.live_view(LIVE_RUNS))
        say("stop", bench.stops())
    say("scrub", measure_scrubs())
    for gap in measure_lists():
        say("list", gap)
    if not args.json:
        print(LIMITS)
    return 0


def _load() -> float:
    """Processes that wanted to run in the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _say_json(name: str, result: object) -> None:
    print(json.dumps({"measure": name, **asdict(result)}), flush=True)  # type: ignore[call-overload]


def _say(name: str, result: object) -> None:
    print(result, flush=True)


@contextmanager
def measuring_window() -> Iterator[WindowMeasures]:
    """A window with an engine, in folders of its own."""
    call_times: list[float] = []
    with own_folders(), scripted_window(noting(call_times)) as window:
        bench = WindowMeasures(window, call_times)
        bench.start()
        yield bench
