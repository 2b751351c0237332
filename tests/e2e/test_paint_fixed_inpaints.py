"""Promise: patches painted fixed keep a dropped picture, and the others are made around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from small_models import install_small_model

from pfstudio.core.requests import PAINT_FIXED
from pfstudio.core.samplers import Euler
from pfstudio.core.trace import Role
from pfstudio.core.trace_file import read_trace
from pfstudio.ui import theme
from pfstudio.ui.stage.toolbar import Tool
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_small_model()
    theme.apply(qapp, "dark")
    made = MainWindow()
    made.settings.set(device="cpu", precision="float32", threads=1)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.engine.ready, timeout=60_000)
    yield made
    made.close()
    made.deleteLater()


def latents(page: GeneratePageModel, qtbot: QtBot) -> np.ndarray:
    with qtbot.waitSignal(page.ended, timeout=60_000):
        page.generate()
    trace = read_trace(Path(next(name for name in page.files if name.endswith(".safetensors"))))
    assert (trace.role[:, 0, :2] == Role.FIXED).all()
    assert not (trace.role[:, 0, 2:] == Role.FIXED).any()
    return trace.latents[0]


def test_paint_fixed_inpaints(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page, stage = window.generate, window.generate_page.stage
    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    page.recipe.set(sampler=Euler(4), seed=3)
    window.tools.start_from(tmp_path / "photo.png")

    stage.set_tool(Tool.FREEZE.value)
    assert page.paint.codes.shape == (4, 4)
    canvas = stage.four[0].canvas
    for row in range(2):  # the upper half, by strokes of the mouse
        canvas.stroke_begun.emit(row, 0)
        canvas.stroke_moved.emit(row, 3)
        canvas.stroke_ended.emit()
    assert page.recipe.request.paint == (PAINT_FIXED,) * 8 + (0,) * 8
    assert page.recipe.request.image_file == str(tmp_path / "photo.png")

    first = latents(page, qtbot)
    page.recipe.set(seed=11)
    second = latents(page, qtbot)
    np.testing.assert_allclose(first[:, :4], second[:, :4], atol=1e-6)
    assert np.abs(first[:, 4:] - second[:, 4:]).max() > 0.1
