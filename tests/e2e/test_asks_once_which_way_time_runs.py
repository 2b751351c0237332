"""Promise: a checkpoint that fits both directions of time is asked about once, and then opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sparse_vectors as sv
from depth_scene import drop
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_bench import Bench

from pfstudio.core.routes import Route
from pfstudio.ui.direction_dialog import FROM_IMAGE, FROM_NOISE, DirectionDialog
from pfstudio.weights.answers import Answers, read_answers, write_answers


def dialogs(bench: Bench) -> list[DirectionDialog]:
    return [one for one in bench.window.findChildren(DirectionDialog) if one.isVisible()]


def test_asks_once_which_way_time_runs(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    path = sv.write_training_file(tmp_path / "step_000010.pt", "single_route")
    bench = open_window()
    recipe = bench.page.recipe
    before = recipe.request.model
    drop(bench.window, path)
    bench.until(lambda: bool(dialogs(bench)))
    QTest.keyClick(dialogs(bench)[0], Qt.Key.Key_Escape)  # nothing is answered, nothing is kept
    assert recipe.request.model == before
    assert read_answers(path) is None

    drop(bench.window, path)
    bench.until(lambda: bool(dialogs(bench)))
    (dialog,) = dialogs(bench)
    assert dialog.direction.key() == FROM_IMAGE  # as the trainer that writes such files
    QTest.keyClick(dialog.direction.segment(FROM_NOISE), Qt.Key.Key_Space)
    QTest.keyClick(dialog.direction.segment(FROM_IMAGE), Qt.Key.Key_Space)
    QTest.mouseClick(dialog.routed, Qt.MouseButton.LeftButton)
    assert dialog.start.isVisible()
    QTest.keyClick(dialog.end, Qt.Key.Key_PageDown)  # the route would end before it begins
    while dialog.end.number() >= dialog.start.number():
        QTest.keyClick(dialog.end, Qt.Key.Key_Down)
    assert not dialog.accept_button.isEnabled()
    while dialog.end.number() < 5:
        QTest.keyClick(dialog.end, Qt.Key.Key_Up)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    bench.until(lambda: recipe.request.model == str(path))
    assert read_answers(path) == Answers(True, (Route(3, 5, 0.5),))
    assert recipe.model is not None
    assert recipe.model.card.routes == (Route(3, 5, 0.5),)
    assert "from the image to noise" in recipe.model.card.training

    recipe.set_model(before)
    drop(bench.window, path)
    bench.until(lambda: recipe.request.model == str(path))
    assert not dialogs(bench)


def test_answers_that_are_there_are_not_asked_for(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    path = sv.write_training_file(tmp_path / "latest.pt", "single_route")
    write_answers(path, Answers())
    bench = open_window()
    drop(bench.window, path)
    bench.until(lambda: bench.page.recipe.request.model == str(path))
    assert bench.page.recipe.model is not None
    assert not bench.page.recipe.model.card.routes
    assert not dialogs(bench)
