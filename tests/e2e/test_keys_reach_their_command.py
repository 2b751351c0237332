"""Promise: shortcuts work wherever the focus is, except those that edit text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from scripted_runner import make_images, make_trace
from window_bench import Bench

from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.ui.jobs import Jobs, Phase
from pfstudio.ui.pages.registry import PAGES
from pfstudio.ui.stage.toolbar import StageLayout
from pfstudio.ui.widgets.slider import SlimSlider

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Greedy(QLineEdit):
    """Takes every key, as fields on X11 take Ctrl+E and Ctrl+K for the end of the line."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


def field_in(bench: Bench) -> Greedy:
    field = Greedy(bench.window)
    field.show()
    field.setFocus()
    assert QApplication.focusWidget() is field
    return field


def test_ctrl_k_locks_the_seed_from_a_field(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.qtbot.keyClick(field_in(bench), Qt.Key.Key_K, CTRL)
    assert bench.page.recipe.recipe.keep_seed


def test_ctrl_e_opens_the_export_from_a_field(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate()
    bench.until_phase(Phase.IDLE)
    bench.qtbot.keyClick(field_in(bench), Qt.Key.Key_E, CTRL)
    bench.until(lambda: QApplication.activeModalWidget() is not None)
    QApplication.activeModalWidget().reject()


def one_runs_and_one_waits(bench: Bench) -> Jobs:
    bench.runner.allowed = 1
    bench.generate(steps=20)
    bench.until_phase(Phase.RUNNING)
    bench.page.enqueue()
    jobs = bench.page.jobs
    bench.until(lambda: len(jobs.waiting) == 1)
    return jobs


def test_all_can_be_stopped_while_one_stops(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    jobs = one_runs_and_one_waits(bench)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Escape)
    assert jobs.phase is Phase.STOPPING
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Escape, Qt.KeyboardModifier.ShiftModifier)
    assert not jobs.waiting
    bench.runner.allow(99)
    bench.until_phase(Phase.IDLE)


@pytest.mark.parametrize("page", [page.key for page in PAGES])
@pytest.mark.parametrize("held", [Qt.KeyboardModifier.NoModifier, SHIFT], ids=["esc", "shift"])
def test_escape_stops_what_runs_from_every_page(
    open_window: Callable[..., Bench], page: str, held: Qt.KeyboardModifier
) -> None:
    bench = open_window()
    jobs = one_runs_and_one_waits(bench)
    bench.window.open_page(page)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Escape, held)
    assert jobs.phase is Phase.STOPPING
    assert len(jobs.waiting) == (held is not SHIFT)
    jobs.clear()


def test_full_screen_goes_back_to_what_it_was(open_window: Callable[..., Bench]) -> None:
    window = open_window().window
    window.showMaximized()
    for _ in range(2):
        window.commands.action("view.full_screen").trigger()
    assert window.isMaximized()


def test_keys_that_edit_stay_with_the_field(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.page.recipe.set(seed=77)
    bench.qtbot.keyClick(field_in(bench), Qt.Key.Key_Z, CTRL)
    assert bench.page.recipe.request.seed == 77


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


def test_arrow_keys_move_the_slider_that_has_the_focus(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=20)
    bench.until_phase(Phase.IDLE)
    run = bench.page.run
    run.set_call(4)
    sliders = bench.window.page("generate").recipe.findChildren(SlimSlider)
    slider = next(one for one in sliders if one.isVisible())
    slider.setFocus()
    value = slider.value()
    bench.qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert (slider.value(), run.call) == (value + 1, 4)
    slider.clearFocus()
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Right)
    assert run.call == 5


def test_arrow_keys_walk_through_the_results(open_window: Callable[..., Bench]) -> None:
    request = GenerateRequest(model="little-pft", count=3)
    save_result(make_images(request), make_trace(request, 4))
    bench = open_window()
    run, strip = bench.page.run, bench.window.page("generate").results
    bench.until(lambda: strip.count() == 3 and run.data is not None)
    run.set_call(1)
    strip.setFocus(Qt.FocusReason.TabFocusReason)
    keys, rows = Qt.Key, []
    for key in (keys.Key_Home, keys.Key_Right, keys.Key_End, keys.Key_Left):
        bench.qtbot.keyClick(strip, key)
        rows.append(strip.currentRow())
    assert (rows, run.call) == ([0, 1, 2, 1], 1)
    bench.qtbot.keyClick(strip, keys.Key_Right, SHIFT)
    assert (strip.currentRow(), run.call) == (1, 2)
    bench.qtbot.keyClick(strip, keys.Key_Space)
    assert bench.window.page("generate").player.playing
    bench.window.page("generate").player.stop()


def test_a_layout_of_the_stage_leaves_the_lab(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    page = bench.window.page("generate")
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert page.lab_is_shown()
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert not page.lab_is_shown()
    assert page.stage.layout_name is StageLayout.SINGLE
