"""Promise: a picture dropped on the Depth page shows its depth beside it, and values at a point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from depth_scene import drop, write_scene
from pytestqt.qtbot import QtBot
from real_window import real_depth_window

from pfstudio.core.depth_measures import relative_depth
from pfstudio.ui.files.model import FileState
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.layers import map_image
from pfstudio.ui.window import MainWindow

__all__ = ["real_depth_window"]


def test_drop_image_shows_depth(
    real_depth_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = real_depth_window
    page, model = window.page("depth"), window.page("depth").model
    assert page.stage.empty.isVisible()
    path = write_scene(tmp_path, 3, (24, 40))
    drop(page, path)
    qtbot.waitUntil(lambda: model.files.count(FileState.DONE) == 1, timeout=120_000)
    qtbot.waitUntil(lambda: model.detail.values is not None, timeout=10_000)
    assert not page.stage.empty.isVisible()
    assert page.stage.pair.left.isVisible()
    assert page.stage.pair.right.isVisible()

    # What is drawn at the right is the result, in the colours of the look.
    depth = model.detail.depth
    assert depth is not None
    expected = map_image(relative_depth(depth.log_depth), ColourScale("Spectral"))
    assert page.stage.pair.right._layers.picture == expected
    shown = page.stage.pair.right.grab().toImage()
    colours = {shown.pixel(x, y) for x in range(0, shown.width(), 3)
               for y in range(0, shown.height(), 3)}  # fmt: skip
    assert len(colours) > 20

    # The value at the pointer is the map's, with the spread of the members.
    page.stage.pair.right.hovered.emit(10, 30)
    assert page.confidence.pointer.text("Pixel") == "30, 10"
    value = float(relative_depth(depth.log_depth)[10, 30])
    assert page.confidence.pointer.text("Depth") == f"{value:.3f}"
    assert page.confidence.pointer.text("± ensemble std") == f"{depth.aligned_std[10, 30]:.3f}"
    assert np.isclose(float(page.confidence.figures.text("Spread, median")),
                      np.median(depth.aligned_std), atol=6e-4)  # fmt: skip

    # The way there can be scrubbed: every call's prediction is decoded by the worker.
    assert model.flow.done == 1 + 2 + 1
    qtbot.waitUntil(lambda: model.flow.missing() is None, timeout=30_000)
    page.stage.player.previous()
    assert model.flow.sentence() == "call 2 of 2, first member"
    frame = model.flow.frame(model.flow.call)
    assert frame is not None
    assert page.stage.depth_picture() == map_image(relative_depth(frame), ColourScale("Spectral"))
