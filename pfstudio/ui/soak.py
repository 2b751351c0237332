"""Runs the window for a long time and counts what it leaves behind.

    pfstudio bench soak [--json]

Generate and cancel, again and again, then change models and pages: threads, timers and widgets must
not become more, and memory must not grow.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pfstudio.core.heap import give_back

CYCLES, SWITCHES = 1000, 200
WARM_UP = 50  # cycles before the first count: caches fill, models load
MAX_GROWTH_MB = 50.0
COMPARED = (
    "both counts: after a warm-up or the wear, all models dropped, the first loaded again for one "
    "short run, garbage collected, and freed memory given back to the system"
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
    with tempfile.TemporaryDirectory(prefix="pfstudio-soak-") as folder:
        for name in ("CONFIG", "STATE", "PICTURES"):
            os.environ[f"PFSTUDIO_{name}"] = str(Path(folder) / name.lower())
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
    """Open a window on the real engine and wear it.

    Raises:
        RunError: no model is installed, or something went wrong on the way.
    """
    from pfstudio.ui.app import scripted_environment

    scripted_environment()
    from pfstudio.ui.wear import Wear

    wear = Wear(random.Random(0))
    try:
        wear.start()
        wear.cycle(warm_up)
        wear.switch(min(warm_up, switches) // 5)
        wear.rest()
        before = count()
        wear.cycle(cycles)
        wear.switch(switches)
        wear.rest()
        return Soak(cycles, switches, before, count())
    finally:
        wear.close()


def count() -> Count:
    """What the process holds now, with everything collected that can be."""
    import psutil
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
    gc.collect()
    give_back()
    tops: Sequence[QObject] = QApplication.topLevelWidgets()
    timers = sum(len(top.findChildren(QTimer)) for top in tops)
    memory = psutil.Process().memory_info().rss / 2**20
    return Count(threading.active_count(), timers, len(QApplication.allWidgets()), memory)
