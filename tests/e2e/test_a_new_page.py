"""A page and its kind of task are registered as data: the window shows them and knows neither."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout
from scripted_runner import SCRIPTS, Script
from toy_task import SUMS, SumRequest, Sums, SumStep
from upscale_bench import drop
from window_bench import Bench

from pfstudio.core.events import Event, Final, Finished, Progress, Started
from pfstudio.core.models import installed_models
from pfstudio.core.tasks import TASKS
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Phase
from pfstudio.ui.pages.page import Page, PageSpec
from pfstudio.ui.pages.registry import PAGES
from pfstudio.ui.window import layout_path


class SumPage(Page):
    """Sums as many rows as a file that it is given has lines."""

    ended = Signal(object)  # Final

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.words = QLabel("Nothing summed yet")
        QVBoxLayout(self).addWidget(self.words)
        self.given: list[Path] = []
        self.adopted: list[JobHandle] = []
        self.folded = False
        self.busy = ""
        self.was_shut_down = False

    def commands(self) -> Iterable[Command]:
        return (
            Command("run.generate", "Sum again", lambda: self.sum(2)),
            Command("sums.fold", "", self.fold, checked=lambda: self.folded),
        )

    def accept(self, paths: Sequence[Path]) -> None:
        self.given += paths
        for path in paths:
            self.sum(len(path.read_text().splitlines()))

    def sum(self, rows: int) -> None:
        self.follow(self.context.jobs.submit(SumRequest(rows)))

    def adopt(self, handle: JobHandle) -> None:
        self.adopted.append(handle)
        self.follow(handle)

    def follow(self, handle: JobHandle) -> None:
        handle.progress.connect(lambda steps: self.words.setText(f"row {steps[-1].detail.row}"))
        handle.ended.connect(self.ended)
        handle.ended.connect(self.changed)

    def fold(self) -> None:
        self.folded = not self.folded
        self.changed.emit()

    def title(self) -> str:
        return f"sums · {self.words.text()}"

    def state(self) -> dict[str, object]:
        return {"folded": self.folded}

    def restore_state(self, state: dict[str, object]) -> None:
        self.folded = state.get("folded") is True

    def busy_reason(self) -> str:
        return self.busy

    def shut_down(self) -> None:
        self.was_shut_down = True


SUM_PAGE = PageSpec(
    "sums", "Sums", "list", SumPage, "Ctrl+9", tasks=("sums",),
    commands=(Command.declared("sums.fold", "Fold the sums", "View", checkable=True),),
)  # fmt: skip


def sum_events(job: int, request: SumRequest) -> Iterator[Event]:
    yield Started(job, request.rows, 1, (1, 1), "cpu", "float32", 1)
    for row in range(request.rows):
        yield Progress(job, row, request.rows, 0.1, 0.0, SumStep(row, 1.0))
    yield Finished(job, Sums([1.0] * request.rows), 0.1)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS, SUMS.name, SUMS)
    monkeypatch.setitem(SCRIPTS, SumRequest, Script(sum_events))
    monkeypatch.setattr("pfstudio.ui.window.PAGES", [*PAGES, SUM_PAGE])


def sums_of(bench: Bench) -> SumPage:
    page = bench.window.page("sums")
    assert isinstance(page, SumPage)
    return page


def test_it_is_in_rail_and_menus(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    window, commands = bench.window, bench.window.commands
    assert [spec.text for spec in window.pages.values()][-1] == "Sums"
    assert window.stack.count() == 1  # it is made when it is first opened
    fold = commands.action("sums.fold")
    assert (fold.text(), fold.isEnabled()) == ("Fold the sums", False)
    commands.action("page.sums").trigger()
    assert window.stack.currentWidget() is sums_of(bench)
    assert window.rail.findChildren(type(window.rail.settings))[-1].isEnabled()
    assert window.title.text() == "sums · Nothing summed yet"
    assert commands.action("run.generate").text() == "Sum again"
    assert not commands.action("edit.dice").isEnabled()  # that is Generate's
    fold.trigger()
    assert fold.isChecked()
    window.open_page("generate")
    assert commands.action("run.generate").text() == "Generate"
    assert not fold.isEnabled()


def test_files_dropped_on_it_become_jobs(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    bench = open_window(allowed=1)
    rows = tmp_path / "rows.txt"
    rows.write_text("1\n2\n3\n")
    bench.window.open_page("sums")
    page, ended = sums_of(bench), list[Final]()
    page.ended.connect(ended.append)
    drop(bench.window, rows)
    assert page.given == [rows]
    bench.window.commands.action("run.generate").trigger()
    jobs = bench.window.jobs
    bench.until(lambda: jobs.phase is Phase.RUNNING and jobs.progress.done == 1)
    assert jobs.activity == "Summing 3 rows"
    assert [handle.request.rows for handle in jobs.waiting] == [2]
    bench.runner.allow(100)
    bench.until(lambda: len(ended) == 2)
    assert bench.window.title.text() == "sums · row 1"


def test_its_state_and_its_jobs_come_back(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    before = open_window(allowed=0)
    before.window.open_page("sums")
    sums_of(before).sum(4)
    sums_of(before).fold()
    before.until(lambda: before.window.jobs.phase is Phase.RUNNING)
    before.window.close()
    assert json.loads(layout_path().read_text())["sums"] == {"folded": True}
    bench = open_window()
    assert bench.window.stack.count() == 1
    bench.window.jobs.run_restored()
    bench.until(lambda: bool(bench.runner.finished))
    bench.until(lambda: bench.window.jobs.phase is Phase.IDLE)
    page = sums_of(bench)
    assert [handle.request.rows for handle in page.adopted] == [4]
    assert page.words.text() == "row 3"
    assert page.folded
    bench.window.close()
    assert open_window().window.close()  # a session in which it is not opened keeps its state
    assert json.loads(layout_path().read_text())["sums"] == {"folded": True}


def test_closing_waits_for_what_would_be_lost(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    page = sums_of(bench)
    page.busy = "The sums are being written."
    assert not bench.window.close()
    assert bench.window.isVisible()
    assert bench.said()[-1] == "The sums are being written."
    assert not page.was_shut_down
    dict(bench.notices[-1].actions)["Close anyway"]()
    assert not bench.window.isVisible()
    assert page.was_shut_down


def test_a_page_that_needs_a_model_appears_with_it(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfstudio.ui.window.PAGES", [*PAGES, replace(SUM_PAGE, needs="generate")])
    monkeypatch.setattr("pfstudio.ui.window.installed_models", lambda: ())
    window = open_window().window
    assert list(window.pages) == ["generate", "library", "features", "models"]
    window.set_models(installed_models("generate"))
    assert list(window.pages) == ["generate", "library", "features", "models", "sums"]
    assert "page.sums" in window.commands.all


def test_two_windows_do_not_mix_their_jobs(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    first, second = open_window(allowed=0), open_window(allowed=0)
    for bench in (first, second):
        bench.window.open_page("sums")
    sums_of(first).sum(3)
    sums_of(first).sum(5)
    sums_of(second).sum(2)
    first.until(lambda: first.window.jobs.phase is Phase.RUNNING)
    second.until(lambda: second.window.jobs.phase is Phase.RUNNING)
    assert [handle.request.rows for handle in first.window.jobs.waiting] == [5]
    assert second.window.jobs.waiting == []
    second.runner.allow(10)
    second.until(lambda: second.window.jobs.phase is Phase.IDLE)
    assert (sums_of(second).words.text(), sums_of(first).words.text()) == (
        "row 1", "Nothing summed yet",
    )  # fmt: skip
    second.window.close()
    assert first.window.jobs.phase is Phase.RUNNING
    first.window.close()
    third = open_window()
    assert [handle.request.rows for handle in third.window.jobs.restored] == [3, 5]
