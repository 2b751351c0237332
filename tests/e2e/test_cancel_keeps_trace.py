"""Promise: Esc stops, and every call that was made is kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from window_bench import Bench

from pfstudio.core.requests import GenerateRequest
from pfstudio.ui.jobs import Phase


def test_escape_keeps_the_calls_so_far(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=3)
    bench.generate(steps=10)
    bench.until_calls(3)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Escape)
    assert bench.page.jobs.phase is Phase.STOPPING
    bench.until_phase(Phase.IDLE)
    run = bench.page.run
    assert not run.is_live
    assert run.done == 3
    assert run.data.time.shape[0] == 3
    assert "Stopped after 3 calls; they are kept." in bench.said()


def test_the_next_run_goes_on_after_a_stop(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=2)
    bench.generate(steps=5, seed=1)
    bench.until_calls(2)
    bench.window.commands.action("run.enqueue").trigger()
    bench.window.commands.action("run.stop").trigger()
    bench.runner.allow(100)
    bench.until(lambda: bench.page.jobs.phase is Phase.IDLE and bench.page.run.done == 5)
    assert [request.seed for request in bench.runner.submitted] == [1, 2]


def test_a_waiting_run_is_removed_without_touching_the_running_one(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window(allowed=2)
    bench.generate(steps=4)
    bench.until_calls(2)
    for seed in (11, 12, 13):
        bench.page.recipe.set(seed=seed)
        bench.page.enqueue()
    jobs = bench.page.jobs
    assert [handle.request.seed for handle in jobs.waiting] == [11, 12, 13]
    jobs.move(jobs.waiting[2], 0)
    jobs.waiting[1].cancel()
    assert [handle.request.seed for handle in jobs.waiting] == [13, 12]
    bench.runner.allow(100)
    bench.until(lambda: bench.page.jobs.phase is Phase.IDLE and not jobs.waiting)
    assert done_seeds(bench) == [0, 13, 12]


def test_all_others_can_be_cancelled(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=1)
    bench.generate(steps=3)
    bench.until_calls(1)
    bench.page.enqueue()
    bench.page.enqueue()
    bench.window.commands.action("run.cancel_others").trigger()
    assert not bench.page.jobs.waiting
    bench.runner.allow(100)
    bench.until_phase(Phase.IDLE)
    assert done_seeds(bench) == [0]


def done_seeds(bench: Bench) -> list[int]:
    done: list[GenerateRequest] = bench.runner.finished
    return [request.seed for request in done]
