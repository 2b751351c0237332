"""Promises: zigma_generates_with_live_maps, scan_path_is_drawn, edited_path_changes_result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import opened
from small_models import install_small_zigma_model

from pfstudio.core.metadata import read_recipe
from pfstudio.core.samplers import Euler
from pfstudio.core.scan_maps import reach
from pfstudio.core.scan_paths import layer_path, path_word, zigzag
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.ui.pages.generate_page import GeneratePage
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.views import View, map_values
from pfstudio.ui.view_models.scan_data import ScanFigure
from pfstudio.ui.widgets.choice import ChoiceButton

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[GeneratePage]:
    install_small_zigma_model()
    for window in opened(qtbot, qapp):
        page = window.page("generate")
        page.model.recipe.set(sampler=Euler(4))
        page.stage.set_layout("single")
        yield page


def generate(page: GeneratePage, qtbot: QtBot) -> Trace:
    with qtbot.waitSignal(page.model.ended, timeout=60_000):
        qtbot.mouseClick(page.generate, LEFT)
    return read_trace(next(name for name in page.model.files if "trace" in name))


def choose(choice: ChoiceButton, key: str) -> None:
    """Pick an entry of its menu, which cannot pop up without a screen."""
    menu = choice.menu()
    next(action for action in menu.actions() if action.data() == key).trigger()
    menu.deleteLater()


def picture(canvas: ImageCanvas, qtbot: QtBot) -> QImage:
    for _ in range(4):
        qtbot.wait(5)
    return canvas.grab().toImage()


def middle(canvas: ImageCanvas, patch: int) -> QPoint:
    centre = canvas.placement().patch_rect(*divmod(patch, 4)).center()
    return centre / canvas.devicePixelRatioF()


def test_zigma_generates_with_live_maps(page: GeneratePage, qtbot: QtBot) -> None:
    run, line = page.model.run, page.stage.scan
    assert not line.isVisible()
    live: list[np.ndarray] = []
    page.stage.single.set_view(View.DECAY)
    run.calls_changed.connect(
        lambda: live.append(map_values(run.shown, View.DECAY, run.done - 1, 0))
    )
    trace = generate(page, qtbot)
    assert live
    assert all(np.isfinite(one).all() for one in live)
    qtbot.waitUntil(line.isVisible)
    assert line.layer.accessibleName() == "Layer of the scan: layer 1"
    page.stage.single.set_view(View.PREDICTION)
    canvas = page.stage.single.canvas
    plain = picture(canvas, qtbot)
    seen = [plain]
    for figure in ScanFigure:
        choose(line.figure, figure.value)
        shown = picture(canvas, qtbot)
        assert all(shown != other for other in seen), figure
        seen.append(shown)
    # The reach of a patch that is clicked, in the layer that is chosen, at the call of the cursor.
    choose(line.layer, "2")
    qtbot.mouseClick(canvas, LEFT, pos=middle(canvas, 6))
    page.stage.setFocus()
    qtbot.keyClick(page.window(), Qt.Key.Key_Home)
    assert run.call == 0
    path = layer_path("zigzagN8", 2, 4, 4)
    expected = reach(trace.scans[0, 0, 2], path, (1, 2))
    np.testing.assert_array_equal(map_values(run.shown, View.REACH, 0, 0), expected)
    assert expected[1, 2] == 1
    assert 0 < (expected > 0).sum() < 16


def test_scan_path_is_drawn(page: GeneratePage, qtbot: QtBot) -> None:
    run, line, canvas = page.model.run, page.stage.scan, page.stage.single.canvas
    generate(page, qtbot)
    qtbot.waitUntil(line.isVisible)
    drawn = picture(canvas, qtbot)
    qtbot.mouseClick(line.path, LEFT)
    bare = picture(canvas, qtbot)
    assert bare != drawn
    qtbot.mouseClick(line.path, LEFT)
    assert picture(canvas, qtbot) == drawn
    # Clicking a patch says which step of the scan comes to it; the slider and the walk move on.
    path = zigzag(4, 4)
    qtbot.mouseClick(canvas, LEFT, pos=middle(canvas, int(path[5])))
    qtbot.waitUntil(lambda: line.words.text() == "step 6 of 16")
    line.step.setFocus()
    qtbot.keyClick(line.step, Qt.Key.Key_Up)
    assert run.patch == divmod(int(path[6]), 4)
    walked: list[tuple[int, int]] = []
    run.patch_changed.connect(lambda *patch: walked.append(patch))
    qtbot.mouseClick(line.play, LEFT)
    qtbot.waitUntil(lambda: len(walked) >= 3)
    qtbot.mouseClick(line.play, LEFT)
    assert not line.player.playing
    assert walked == [divmod(int(patch), 4) for patch in path[7 : 7 + len(walked)]]
    second = picture(canvas, qtbot)
    choose(line.layer, "1")
    assert picture(canvas, qtbot) != second


def test_edited_path_changes_result(page: GeneratePage, qtbot: QtBot) -> None:
    recipe, canvas = page.model.recipe, page.stage.single.canvas
    recipe.set_keep_seed(True)
    own = generate(page, qtbot)
    stroke = (5, 6, 10, 9, 8)
    qtbot.keyClick(page.window(), Qt.Key.Key_P)
    assert page.stage.tool.value == "path"
    qtbot.mousePress(canvas, LEFT, pos=middle(canvas, stroke[0]))
    for patch in stroke[1:]:
        qtbot.mouseMove(canvas, middle(canvas, patch))
    qtbot.mouseRelease(canvas, LEFT, pos=middle(canvas, stroke[-1]))
    rest = [patch for patch in zigzag(4, 4) if patch not in stroke]
    word = path_word(np.array([*stroke, *rest]))
    assert recipe.request.scan == word
    assert page.recipe.scan.path.currentText() == "Drawn by hand"
    drawn = generate(page, qtbot)
    assert drawn.request.scan == word
    assert not np.allclose(drawn.latents, own.latents, atol=1e-3)
    png = Path(next(name for name in page.model.files if name.endswith(".png")))
    assert read_recipe(png).request.scan == word
    # A second stroke goes on; undo takes it back, and then the first.
    qtbot.mouseClick(canvas, LEFT, pos=middle(canvas, 15))
    assert recipe.request.scan.startswith("6-7,11-9,16")
    recipe.undo()
    assert recipe.request.scan == word
    recipe.undo()
    assert recipe.request.scan == ""
    page.recipe.scan.path.setFocus()
    for _ in range(2):
        qtbot.keyClick(page.recipe.scan.path, Qt.Key.Key_Down)
    assert recipe.request.scan == "spiralN8"
    spiral = generate(page, qtbot)
    assert not np.allclose(spiral.latents, drawn.latents, atol=1e-3)
    assert not np.allclose(spiral.latents, own.latents, atol=1e-3)
    # A model that scans nothing takes all of it away.
    other = next(one.name for one in recipe.models if "pft" in one.name)
    recipe.set_model(other)
    assert recipe.request.scan == ""
    assert page.stage.tool.value == "inspect"
    assert not page.recipe.scan.isVisible()
    assert not page.stage.bar.tools["path"].isVisible()
