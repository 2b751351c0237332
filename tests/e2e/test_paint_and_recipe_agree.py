"""Promise: the marks on the stage are the recipe's, and lie only where they mean something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from window_bench import Bench

from pfstudio.core.paint import Paint
from pfstudio.core.result_files import TRACE_NAME
from pfstudio.ui.jobs import Phase
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.views import View

LEFT = Qt.MouseButton.LeftButton


def canvas_of(bench: Bench) -> ImageCanvas:
    return bench.window.page("generate").stage.four[0].canvas


def place(canvas: ImageCanvas, row: int, column: int) -> QPoint:
    return QPointF(canvas.placement().patch_rect(row, column).center()).toPoint()


def stroke(bench: Bench, tool: str, rows: tuple[int, int] = (0, 3)) -> None:
    bench.window.commands.action(f"tool.{tool}").trigger()
    canvas = canvas_of(bench)
    bench.until(lambda: canvas.grid == (4, 4))
    bench.qtbot.mousePress(canvas, LEFT, pos=place(canvas, rows[0], 1))
    bench.qtbot.mouseMove(canvas, place(canvas, rows[1], 1))
    bench.qtbot.mouseRelease(canvas, LEFT, pos=place(canvas, rows[1], 1))


def marks(bench: Bench) -> int:
    """How many patches the stage shows as painted."""
    bench.qtbot.wait(20)
    codes = canvas_of(bench)._paint
    return 0 if codes is None else int((codes > 0).sum())


def picture(folder: Path) -> Path:
    path = folder / "start.png"
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(path)
    return path


def test_paint_and_recipe_agree(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    recipe = bench.page.recipe
    plain = recipe.request
    stroke(bench, "fast")
    assert marks(bench) == 4
    assert recipe.request.paint == (0, Paint.FAST, 0, 0) * 4
    recipe.set_request(replace(plain, seed=7))  # as if a file was dropped
    assert marks(bench) == 0
    recipe.undo()
    assert marks(bench) == 4


def test_a_stroke_is_one_undo_step(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    stroke(bench, "slow")
    stroke(bench, "fast", (0, 1))
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert bench.page.recipe.request.paint == (0, Paint.SLOW, 0, 0) * 4
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert marks(bench) == 0
    assert not bench.page.recipe.can_undo


def test_frozen_patches_do_not_run_without_an_image(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = open_window()
    stroke(bench, "freeze")
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert bench.said() == ["Frozen patches need an image to keep."] * 2
    assert bench.page.jobs.phase is Phase.IDLE
    bench.page.recipe.set_picture(picture(tmp_path))
    bench.generate(steps=2)
    bench.until_phase(Phase.IDLE)
    bench.until(lambda: bool(bench.runner.finished))
    assert bench.runner.finished[0].paint == (0, Paint.FIXED, 0, 0) * 4


def test_marks_do_not_cover_a_result(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    stroke(bench, "fast")
    bench.generate(steps=2)
    bench.until(lambda: bench.page.run.done > 0 and not bench.page.run.is_live)
    assert marks(bench) == 4  # the brush is in hand
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_H)
    assert marks(bench) == 0
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_H)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_I)
    assert marks(bench) == 0
    bench.window.page("generate").stage.four[0].set_view(View.START)
    assert marks(bench) == 4


def test_a_branch_takes_no_start_time(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    bench = open_window()
    bench.page.recipe.set_picture(picture(tmp_path))
    bench.generate(steps=3, start_time=0.5)
    bench.until_phase(Phase.IDLE)
    bench.page.show_files((str(tmp_path / TRACE_NAME),))  # the scripted engine saves nothing
    bench.window.commands.refresh()
    bench.qtbot.keyClick(
        bench.window, Qt.Key.Key_B,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )  # fmt: skip
    assert bench.page.recipe.request.branch is not None
    assert bench.page.recipe.request.start_time == 0
