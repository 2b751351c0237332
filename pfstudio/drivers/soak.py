"""Runs the window for a long time and counts what it leaves behind.

    pfstudio bench soak [--json]

Generate and cancel, again and again, then change models and pages: threads, timers and widgets must
not become more, and memory must not grow.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import threading
from dataclasses import asdict, dataclass

import psutil
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication

from pfstudio.core.heap import give_back
from pfstudio.drivers.stress import StressDriver
from pfstudio.drivers.window import own_folders, scripted_window

CYCLES, SWITCHES = 1000, 200
WARM_UP = 50  # cycles before the first count: caches fill, models load
MAX_GROWTH_MB = 50.0
COMPARED = (
    "both counts: after a warm-up or the stress, all models dropped, the first loaded again for "
    "one short run, garbage collected, and freed memory given back to the system"
)


@dataclass(frozen=True)
class Count:
    """What the process holds."""

    threads: int
    timers: int
    widgets: int
    memory_mb: float


@dataclass(frozen=True)
class Soak:
    """Counts before and after."""

    cycles: int
    switches: int
    before: Count
    after: Count

    @property
    def growth_mb(self) -> float:
        return self.after.memory_mb - self.before.memory_mb

    @property
    def leaks(self) -> tuple[str, ...]:
        """What became more than it may."""
        found = [
            f"{after - before} {name} more"
            for name, before, after in (
                ("threads", self.before.threads, self.after.threads),
                ("timers", self.before.timers, self.after.timers),
                ("widgets", self.before.widgets, self.after.widgets),
            )
            if after > before
        ]
        if self.growth_mb > MAX_GROWTH_MB:
            found.append(f"{self.growth_mb:.0f} MB more")
        return tuple(found)


def run(args: argparse.Namespace) -> int:
    """`pfstudio bench soak`: exit code 1 if something leaks."""
    with own_folders():
        result = soak(CYCLES, SWITCHES)
    if args.json:
        print(json.dumps({**asdict(result), "leaks": result.leaks}))
    else:
        print(_words(result))
    return 1 if result.leaks else 0


def _words(result: Soak) -> str:
    before, after = result.before, result.after
    lines = [f"{result.cycles} generate/cancel cycles, {result.switches} model and page switches"]
    for name in ("threads", "timers", "widgets"):
        lines.append(f"{name:8} {getattr(before, name):6d} -> {getattr(after, name):6d}")
    lines.append(f"memory   {before.memory_mb:6.0f} -> {after.memory_mb:6.0f} MB")
    lines.append(COMPARED)
    lines.append("leaks: " + (", ".join(result.leaks) or "none"))
    return "\n".join(lines)


def soak(cycles: int, switches: int, *, warm_up: int = WARM_UP) -> Soak:
    """Open a window on the real engine and stress it.

    Raises:
        RunError: no model is installed, or something went wrong on the way.
    """
    with scripted_window() as window:
        driver = StressDriver(window, random.Random(0))
        driver.start()
        driver.cycle(warm_up)
        driver.switch(min(warm_up // 5, switches))
        driver.rest()
        before = count()
        driver.cycle(cycles)
        driver.switch(switches)
        driver.rest()
        return Soak(cycles, switches, before, count())


def count() -> Count:
    """What the process holds now, with everything collected that can be."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
    gc.collect()
    give_back()
    timers = sum(len(top.findChildren(QTimer)) for top in QApplication.topLevelWidgets())
    memory = psutil.Process().memory_info().rss / 2**20
    return Count(threading.active_count(), timers, len(QApplication.allWidgets()), memory)
