"""Promise: memory that does not suffice is an ordinary event, told in plain words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from window_bench import Bench

from pfstudio.core.events import Failed
from pfstudio.ui.jobs import Phase
from pfstudio.ui.notice_bar import DetailsDialog

STEPPED_DOWN = "The memory did not suffice for 4 images at once: they run one after the other."
FAILED = Failed(
    0, "The memory does not suffice for this run.", "Make fewer images.", "OutOfMemoryError: 9 GB"
)


def test_a_step_down_is_said_and_the_run_goes_on(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.runner.notices = (STEPPED_DOWN,)
    bench.generate(steps=3)
    bench.until(lambda: bench.page.run.done == 3 and bench.page.jobs.phase is Phase.IDLE)
    assert STEPPED_DOWN in bench.said()


def test_a_failure_names_the_cause_and_the_way_out(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.runner.failures = [FAILED]
    bench.generate(steps=3)
    bench.until(lambda: FAILED.message in bench.said())
    bench.until_phase(Phase.IDLE)
    assert bench.window.notices.shown()[-1].advice == FAILED.advice
    bench.window.notices.open_details()
    dialog = bench.window.findChild(DetailsDialog)
    dialog._copy()
    copied = QGuiApplication.clipboard().text()
    assert "OutOfMemoryError" in copied
    assert FAILED.message in copied
    dialog.close()


def test_the_queue_goes_on_after_a_failure(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.runner.failures = [FAILED]
    bench.generate(steps=3, seed=1)
    bench.page.recipe.set(seed=2)
    bench.page.enqueue()
    bench.until(lambda: [r.seed for r in bench.runner.finished] == [2])
    bench.until_phase(Phase.IDLE)
