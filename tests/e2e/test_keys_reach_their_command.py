"""Promise: shortcuts work wherever the focus is, except those that edit text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from window_bench import Bench

from pfstudio.ui.jobs import Phase

CTRL = Qt.KeyboardModifier.ControlModifier


def test_ctrl_k_locks_the_seed_from_its_field(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    field = bench.window.page("generate").recipe.seed
    bench.page.recipe.set(seed=1234)
    field.setFocus()
    field.setCursorPosition(0)
    bench.qtbot.keyClick(field, Qt.Key.Key_K, CTRL)  # to a field: delete to the end
    assert field.text() == "1234"
    assert bench.page.recipe.recipe.keep_seed


def test_ctrl_e_opens_the_export_from_a_field(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate()
    bench.until_phase(Phase.IDLE)
    field = bench.window.page("generate").recipe.seed
    field.setFocus()
    bench.qtbot.keyClick(field, Qt.Key.Key_E, CTRL)
    bench.until(lambda: QApplication.activeModalWidget() is not None)
    QApplication.activeModalWidget().reject()


def test_space_plays_after_a_click_on_the_transport(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=20)
    bench.until_phase(Phase.IDLE)
    page = bench.window.page("generate")
    page.recipe.seed.setFocus()
    bench.qtbot.mouseClick(page.timeline.transport.buttons["first"], Qt.MouseButton.LeftButton)
    bench.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert page.player.playing
    page.player.stop()
