"""Measures long lists: thousands of files on a page, hundreds of jobs in the queue.

    python -m pfstudio.drivers.list_bench

For each thing that a person does, it tells the longest time in which the window answered nothing.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from pfstudio.core.paths import shipped
from pfstudio.core.samplers import Euler
from pfstudio.drivers.waiter import Waiter
from pfstudio.drivers.window import own_folders, scripted_window, start_with_model
from pfstudio.ui.files.list_view import FileListView
from pfstudio.ui.files.page_model import PORTION, FilesPageModel
from pfstudio.ui.window import MainWindow

FILES, JOBS = 2000, 500
LOOKS = 20  # files that are scrolled to, and files that are chosen
REST_SECONDS = 0.4  # for what follows a click


@dataclass(frozen=True)
class Gap:
    """The longest time between two turns of the event loop while something was done."""

    page: str
    what: str
    milliseconds: float
    cpu_milliseconds: float  # most processor time of the window's thread in one turn

    def __str__(self) -> str:
        return (
            f"{self.page:16} {self.what}: {self.milliseconds:.0f} ms "
            f"({self.cpu_milliseconds:.0f} ms of processor time)"
        )


class _Turns(QObject):
    """When the event loop came round."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._turn)
        self.start()

    def start(self) -> None:
        self.longest = self.longest_cpu = 0.0
        self._last = time.perf_counter(), time.thread_time()
        self._timer.start()

    @Slot()
    def _turn(self) -> None:
        now = time.perf_counter(), time.thread_time()
        self.longest = max(self.longest, now[0] - self._last[0])
        self.longest_cpu = max(self.longest_cpu, now[1] - self._last[1])
        self._last = now


class ListBench:
    """A window with an engine; `measure` adds files and jobs to it and takes them out again."""

    def __init__(self, window: MainWindow, waiter: Waiter, folder: Path) -> None:
        self._window, self._waiter, self._folder = window, waiter, folder
        self._turns = _Turns()

    def measure(self, files: int = FILES, jobs: int = JOBS) -> Iterator[Gap]:
        """All gaps, one after the other."""
        photo = shipped("resources", "samples", "room.jpg")
        first = self._folder / "photo-0000.jpg"
        first.write_bytes(photo.read_bytes())
        for number in range(1, files):
            os.link(first, self._folder / f"photo-{number:04}.jpg")
        for page in ("depth", "upscale"):
            if page in self._window.pages:
                self._window.open_page(page)
                self._waiter.rest(REST_SECONDS)
                yield from self._page(page, self._window.page(page).model, files)
        yield from self._queue(jobs)

    def _gap(
        self, page: str, what: str, act: Callable[[], object], until: Callable[[], bool] = bool
    ) -> Gap:
        """Do something, wait for it and a little longer; then stop the clock."""
        self._turns.start()
        act()
        if until is not bool:
            self._waiter.until(until, what, 120)
        self._waiter.rest(REST_SECONDS)
        return Gap(page, what, 1000 * self._turns.longest, 1000 * self._turns.longest_cpu)

    def _page(self, page: str, model: FilesPageModel, count: int) -> Iterator[Gap]:
        files = model.files
        view = self._window.page(page).findChild(FileListView)
        yield self._gap(
            page, f"adding {count} files", lambda: model.add_paths([self._folder]),
            lambda: len(files.items) == count,
        )  # fmt: skip
        if not model.at_once:
            yield self._gap(page, "starting all", model.start_all, lambda: model.busy)
        bar = view.verticalScrollBar()
        for what, act in (
            ("scrolling", lambda step: bar.setValue(bar.maximum() * step // LOOKS)),
            ("choosing", lambda step: files.choose(files.items[step * count // LOOKS])),
        ):
            gaps = [self._gap(page, what, partial(act, step)) for step in range(LOOKS)]
            yield max(gaps, key=lambda gap: gap.milliseconds)
        yield self._gap(page, "taking one out", lambda: model.remove(files.items[count // 2]))
        yield self._gap(page, "Stop all", model.stop_all, lambda: not model.busy)
        yield self._gap(page, "starting all again", model.start_all, lambda: model.busy)
        yield self._gap(page, "emptying the list", model.clear, lambda: not files.items)
        self._waiter.until(lambda: self._window.jobs.running is None, "the end of the run")

    def _queue(self, count: int) -> Iterator[Gap]:
        jobs = self._window.jobs
        self._window.open_page("generate")
        generate = self._window.page("generate").model
        request = replace(generate.recipe.request, sampler=Euler(1000))
        for done in range(0, count, PORTION):  # no click adds more than that in one turn
            for _ in range(min(PORTION, count - done)):
                jobs.submit(request)
            self._waiter.rest(0.02)
        yield self._gap("queue", "adding one more", lambda: jobs.submit(request))
        yield self._gap("queue", "opening it", self._window.open_queue)
        yield self._gap("queue", "moving the last to the top",
                        lambda: jobs.move(jobs.waiting[-1], 0))  # fmt: skip
        yield self._gap("queue", "taking one out", lambda: jobs.remove(jobs.waiting[9:10]))
        yield self._gap("queue", "stopping the run", jobs.stop)
        yield self._gap("queue", "emptying it", jobs.clear)
        jobs.stop()
        self._waiter.until(lambda: jobs.running is None, "the end of the run")


def measure_lists(files: int = FILES, jobs: int = JOBS) -> Iterator[Gap]:
    """Measure with a real window and the real engine, in folders of their own.

    Raises:
        RunError: the engine did not start, or no model is installed.
    """
    with own_folders(), scripted_window() as window, tempfile.TemporaryDirectory() as folder:
        waiter = Waiter(window.notifier)
        window.resize(1600, 1000)
        window.show()
        start_with_model(window, waiter)
        yield from ListBench(window, waiter, Path(folder)).measure(files, jobs)


if __name__ == "__main__":
    for gap in measure_lists():
        print(gap, flush=True)
