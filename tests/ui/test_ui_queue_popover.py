"""The queue over the status bar: order, removing, keys, and five hundred jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from window_bench import Bench

from pfstudio.core.requests import GenerateRequest
from pfstudio.core.tasks import TaskKind, kind_of
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.queue.popover import MOST_ROWS, ROW, SETTINGS, QueuePopover

NOWHERE = QModelIndex()


@pytest.fixture
def bench(open_window: Callable[..., Bench]) -> Bench:
    """One job runs and three wait, with the seeds 1, 2 and 3."""
    made = open_window(allowed=1)
    made.generate(steps=4)
    made.until_calls(1)
    model = made.window.page("generate").model.recipe.request.model
    for seed in (1, 2, 3):
        made.window.jobs.submit(GenerateRequest(model=model, seed=seed))
    made.window.open_queue()
    made.until(lambda: made.window.queue_popover.model.rowCount() == 4)
    return made


def seeds(bench: Bench) -> list[int]:
    return [handle.request.seed for handle in bench.window.jobs.waiting]


def popover(bench: Bench) -> QueuePopover:
    return bench.window.queue_popover


def test_jobs_that_wait_change_places_and_what_runs_stays(bench: Bench) -> None:
    model = popover(bench).model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    assert model.index(0).data().endswith("running")
    assert model.index(1).data().endswith("next")
    assert "seed 1" in model.index(1).data(SETTINGS)
    assert model.moveRow(NOWHERE, 3, NOWHERE, 1)
    assert seeds(bench) == [3, 1, 2]
    assert "seed 3" in model.index(1).data(SETTINGS)
    assert model.moveRow(NOWHERE, 2, NOWHERE, 0)  # over what runs: behind it
    assert seeds(bench) == [1, 3, 2]
    assert not model.moveRow(NOWHERE, 0, NOWHERE, 4)
    assert not model.moveRow(NOWHERE, 1, NOWHERE, 5)
    dragged = [bool(model.flags(model.index(i)) & Qt.ItemFlag.ItemIsDragEnabled) for i in range(4)]
    assert dragged == [False, True, True, True]


def test_keys_and_the_cross(bench: Bench) -> None:
    shown = popover(bench)
    view, qtbot = shown.view, bench.qtbot
    view.setFocus()
    view.setCurrentIndex(shown.model.index(1))
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert seeds(bench) == [2, 1, 3]
    qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert seeds(bench) == [1, 2, 3]
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert seeds(bench) == [2, 3]
    bench.until(lambda: shown.model.rowCount() == 3)
    last = view.visualRect(shown.model.index(2))
    where = QPoint(last.right() - 20, last.center().y())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.MiddleButton, pos=where)
    assert seeds(bench) == [2, 3]
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert seeds(bench) == [2]
    view.setCurrentIndex(shown.model.index(0))
    qtbot.keyClick(view, Qt.Key.Key_Delete)  # the button below stops what runs
    assert bench.window.jobs.running is not None
    assert view.height() == 3 * ROW + 4


def test_of_five_hundred_jobs_only_those_in_view_cost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, jobs = popover(bench), bench.window.jobs
    asked: set[int] = set()  # seeds of the jobs whose words were asked for

    def asking(request: GenerateRequest) -> TaskKind:
        asked.add(request.seed)
        return kind_of(request)

    monkeypatch.setattr("pfstudio.ui.queue.popover.kind_of", asking)
    request = jobs.waiting[0].request
    jobs.waiting += [JobHandle(replace(request, seed=seed), print) for seed in range(500)]
    shown.refresh()
    shown.grab()
    assert shown.model.rowCount() == 504
    assert 0 < len(asked) <= 2 * MOST_ROWS
    del jobs.waiting[3:]  # the worker knows nothing of them
