"""Promise: a run can be held, made call by call, and let go again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from window_bench import Bench

from pfstudio.ui.jobs import Phase


def test_hold_step_and_go_on(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=2)
    bench.generate(steps=8)
    bench.until_calls(2)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_F8)
    assert bench.page.jobs.phase is Phase.PAUSED
    assert bench.window.page("generate").pause.accessibleName() == "Resume"
    bench.runner.allow(100)
    for calls in (3, 4):
        bench.qtbot.keyClick(bench.window, Qt.Key.Key_F10)
        bench.until_calls(calls)
    bench.qtbot.wait(100)
    assert bench.page.run.done == 4
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_F8)
    bench.until_phase(Phase.IDLE)
    assert bench.page.run.done == 8


def test_single_step_holds_a_running_job(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=1)
    bench.generate(steps=8)
    bench.until_calls(1)
    bench.window.commands.action("run.single_step").trigger()
    assert bench.page.jobs.phase is Phase.PAUSED
    bench.until_calls(2)


def test_a_held_run_can_be_stopped(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=2)
    bench.generate(steps=8)
    bench.until_calls(2)
    bench.page.jobs.pause()
    bench.page.jobs.stop()
    bench.until_phase(Phase.IDLE)
    assert bench.page.run.done == 2


def test_the_controls_follow_the_run(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=1)
    view, actions = bench.window.page("generate"), bench.window.commands
    assert view.stop.isHidden()
    assert not actions.action("run.pause").isEnabled()
    bench.generate(steps=4)
    bench.until_calls(1)
    assert not view.stop.isHidden()
    assert actions.action("run.pause").isEnabled()
    assert bench.window.status.job.text() == "Generating 1 / 4"
    assert bench.window.status.bar.value() == 1
    assert bench.window.status.device.text() == "CPU"


def test_the_counter_keeps_up_with_the_maps(open_window: Callable[..., Bench]) -> None:
    """Also where the machine is too busy for all that is refreshed seldom."""
    bench = open_window(allowed=1)
    jobs = bench.window.jobs
    jobs.bridge.time_to_read.disconnect(jobs._tell_progress)
    jobs._slow_refresh.setInterval(10**6)
    bench.generate(steps=8)
    bench.until_calls(1)
    bench.runner.allow(4)
    bench.until_calls(5)
    bench.until(lambda: bench.window.status.job.text().startswith("Generating 5 / 8"))
    assert bench.window.status.bar.value() == 5
