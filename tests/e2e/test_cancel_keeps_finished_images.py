"""Promise: Esc stops the file that runs, Shift+Esc all; finished depth stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from depth_scene import drop, install_depth_card, write_scene
from PySide6.QtCore import Qt
from window_bench import Bench

from pfstudio.ui.files.model import FileState
from pfstudio.ui.jobs import Phase

DONE, CANCELLED = FileState.DONE, FileState.CANCELLED


def test_cancel_keeps_finished_images(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    install_depth_card()
    bench = open_window(allowed=5)  # two calls a picture: the third is stopped halfway
    bench.window.open_page("depth")
    page, model = bench.window.page("depth"), bench.window.page("depth").model
    drop(page, *(write_scene(tmp_path, seed) for seed in range(5)))
    bench.until(lambda: model.files.count(DONE) == 2)
    bench.until(lambda: model.files.items[2].words == "call 1 of 2")
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Escape, Qt.KeyboardModifier.ShiftModifier)
    bench.until(lambda: not model.busy)
    assert [item.state for item in model.files.items] == [DONE] * 2 + [CANCELLED] * 3
    assert bench.said()[-1].startswith("Stopped; 2 of 5 images have depth.")
    bench.until_phase(Phase.IDLE)
    assert not bench.page.jobs.waiting
    assert len(model.finished()) == 2
    assert page.can_save()
    bench.until(lambda: page.stage.depth_picture() is not None)

    # Estimate all runs only what has no result.
    before = len(bench.runner.submitted)
    bench.runner.allow(100)
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: len(model.finished()) == 5)
    assert len(bench.runner.submitted) == before + 3


def test_escape_stops_only_the_file_that_runs(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    install_depth_card()
    bench = open_window(allowed=3)
    bench.window.open_page("depth")
    page, model = bench.window.page("depth"), bench.window.page("depth").model
    drop(page, *(write_scene(tmp_path, seed) for seed in range(4)))
    bench.until(lambda: [item.words for item in model.files.items[1:2]] == ["call 1 of 2"])
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Escape)
    bench.until(lambda: model.files.items[1].state is CANCELLED)
    assert page.stop_all.isVisible()
    bench.runner.allow(100)
    bench.until(lambda: not model.busy)
    assert [item.state for item in model.files.items] == [DONE, CANCELLED, DONE, DONE]
    assert bench.said()[-1].startswith("Stopped; 3 of 4 images have depth.")


def test_a_stopped_picture_of_an_older_result_keeps_it(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    model = bench.window.page("depth").model
    drop(bench.window.page("depth"), write_scene(tmp_path, 1))
    bench.until(lambda: len(model.finished()) == 1)
    bench.runner.allowed = 1
    model.set(steps=4)
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: model.files.items[0].words == "call 1 of 4")
    model.stop_all()
    bench.until(lambda: not model.busy)
    assert model.files.items[0].state is CANCELLED
    assert len(model.finished()) == 1
    assert model.due() == model.files.items
