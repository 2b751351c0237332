"""Promise: closing while a run goes on asks nothing, loses nothing, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QDialog
from window_bench import Bench


def test_close_ends_the_worker_cleanly(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=2)
    bench.generate(steps=50)
    bench.until_calls(2)
    runner = bench.runner
    assert bench.window.close()
    assert not bench.window.jobs.engine.running
    assert not bench.window.jobs.engine.abandoned
    assert runner.ended_on_thread
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]


def test_the_run_is_in_the_queue_of_the_next_session(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=2)
    bench.generate(steps=50, seed=9)
    bench.until_calls(2)
    bench.window.close()
    assert [entry.request.seed for entry in open_window().page.jobs.restored] == [9]


def test_close_while_the_engine_still_starts(open_window: Callable[..., Bench]) -> None:
    bench = open_window(start=False)
    bench.window.start()
    assert bench.window.close()
    assert not bench.window.jobs.engine.running
