"""Promise: patches that are frozen keep the dropped picture, the others are made anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot
from real_window import real_window, wait_for_run
from window_bench import Bench

from pfstudio.core.paint import Paint
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace import Role
from pfstudio.core.trace_file import read_trace
from pfstudio.ui.jobs import Phase
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]


def picture(folder: Path) -> str:
    """A picture of two halves, 64 px."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :32] = (200, 60, 20)
    pixels[:, 32:] = (20, 90, 210)
    path = folder / "start.png"
    Image.fromarray(pixels).save(path)
    return str(path)


def middle_of(canvas: ImageCanvas, row: int, column: int) -> QPoint:
    return QPointF(canvas.placement().patch_rect(row, column).center()).toPoint()


def freeze_left_half(window: MainWindow, qtbot: QtBot) -> None:
    """Choose the tool, wait for the patches to be seen, draw down the two left columns."""
    window.commands.action("tool.freeze").trigger()
    canvas = window.page("generate").stage.four[0].canvas
    qtbot.waitUntil(lambda: canvas.grid == (4, 4), timeout=20_000)
    left = Qt.MouseButton.LeftButton
    for column in (0, 1):
        qtbot.mousePress(canvas, left, pos=middle_of(canvas, 0, column))
        qtbot.mouseMove(canvas, middle_of(canvas, 3, column))
        qtbot.mouseRelease(canvas, left, pos=middle_of(canvas, 3, column))


def test_frozen_patches_go_into_the_request(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = open_window()
    page = bench.window.page("generate")
    bench.page.recipe.set(image_file=picture(tmp_path))
    assert bench.page.paint.codes.shape == (4, 4)
    bench.until(lambda: page.stage.four[0].canvas.picture_width() == 64)
    freeze_left_half(bench.window, bench.qtbot)
    bench.generate(steps=4)
    bench.until_phase(Phase.IDLE)
    request = bench.runner.submitted[0]
    assert request.paint == (Paint.FIXED, Paint.FIXED, 0, 0) * 4
    assert request.image_file.endswith("start.png")


def test_freezing_without_a_picture_is_explained(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    freeze_left_half(bench.window, bench.qtbot)
    assert "Frozen patches need an image to keep." in bench.said()
    assert bench.page.recipe.request.paint == ()


def test_a_real_run_keeps_what_was_frozen(
    real_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    """Two seeds agree on the frozen half to the last bit, and nowhere else."""
    page = real_window.page("generate").model
    page.recipe.set(model="small", image_file=picture(tmp_path), sampler=DualLoop(2, 2))
    freeze_left_half(real_window, qtbot)
    ends = []
    for seed in (1, 2):
        page.recipe.set(seed=seed)
        page.generate()
        qtbot.waitUntil(lambda: page.jobs.phase is not Phase.IDLE, timeout=120_000)
        wait_for_run(real_window, qtbot)
        qtbot.waitUntil(lambda: page.jobs.phase is Phase.IDLE, timeout=120_000)
        data = page.run.data
        assert (data.role[:, 0, :, :2] == Role.FIXED).all()
        assert (data.time[:, 0, :, :2] == 1).all()
        assert not (data.role[:, 0, :, 2:] == Role.FIXED).any()
        ends.append(read_trace(page.files[-1]).latents)
    same = ends[0] == ends[1]
    assert same[..., :4].all()
    assert not same[..., 4:].any()
