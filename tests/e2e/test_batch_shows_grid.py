"""Promise: the images of a batch and of earlier runs lie in a strip, to show and to go on from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import generate, opened, real_window

from pfstudio.core.conditions import labels
from pfstudio.core.samplers import DualLoop
from pfstudio.ui.results_strip import ResultsStrip
from pfstudio.ui.stage.stage_view import StageLayout
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]


def place(strip: ResultsStrip, row: int) -> QPoint:
    return strip.visualItemRect(strip.item(row)).center()


def make_two_runs(window: MainWindow, qtbot: QtBot) -> Path:
    page = window.page("generate").model
    page.recipe.set(model="small", conditions=labels(1), sampler=DualLoop(2, 2), count=3, seed=5)
    first = generate(page, qtbot)
    page.recipe.set(conditions=labels(2), count=1, seed=9)
    generate(page, qtbot)
    strip = window.page("generate").results
    qtbot.waitUntil(lambda: strip.count() == 4, timeout=10_000)
    return first


def test_batch_shows_grid(real_window: MainWindow, qtbot: QtBot, qapp: QApplication) -> None:
    first = make_two_runs(real_window, qtbot)
    page = real_window.page("generate")
    strip, run = page.results, page.model.run
    assert strip.isVisible()
    assert [strip.item(row).toolTip().split(", ")[-1] for row in range(4)] == [
        "seed 9", "seed 5", "seed 6", "seed 7"
    ]  # fmt: skip

    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place(strip, 3))
    qtbot.waitUntil(lambda: run.data is not None and run.data.images == 3)
    assert (run.image, run.data.request.seed) == (2, 5)

    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place(strip, 0))
    qtbot.mouseDClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place(strip, 0))
    qtbot.waitUntil(lambda: page.stage.layout_name is StageLayout.SINGLE)
    assert run.data.request.seed == 9
    assert run.call == run.done - 1

    menu = {action.text(): action for action in strip.menu(strip.item(1)).actions()}
    menu["Use this recipe"].trigger()
    assert page.model.recipe.request.seed == 5
    menu["Copy image"].trigger()
    assert QGuiApplication.clipboard().image().size() == QImage(str(first)).size()
    dragged = strip.mimeData([strip.item(1)]).urls()
    assert [Path(url.toLocalFile()) for url in dragged] == [first]

    real_window.close()
    for again in opened(qtbot, qapp):  # after a restart
        other = again.page("generate").results
        qtbot.waitUntil(lambda other=other: other.count() == 4, timeout=10_000)
        shown = again.page("generate").model.run.data
        assert (shown.request.seed, shown.ended) == (9, True)  # the last run
