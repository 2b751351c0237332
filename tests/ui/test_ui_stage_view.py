"""The stage: views, layouts, colours, comparing and painting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtWidgets import QApplication, QWidget
from scripted_runner import make_images, make_trace, step_of
from stage_bench import CALLS, REQUEST, StageBench, bench, colour_at, drag, middle_of, seen

from pfstudio.core.colour import lookup
from pfstudio.core.events import Started
from pfstudio.core.paint import Paint
from pfstudio.core.trace import Role
from pfstudio.ui import theme
from pfstudio.ui.stage.colour_bar import colour_menu
from pfstudio.ui.stage.colours import ColourScale, RangeMode, limits_of
from pfstudio.ui.stage.compare import Moment, difference_of
from pfstudio.ui.stage.compare_panel import ComparePanel
from pfstudio.ui.stage.head import ViewHead
from pfstudio.ui.stage.toolbar import StageLayout
from pfstudio.ui.stage.views import SCAN_VIEWS, View, map_values, number, subtitle, value_text
from pfstudio.ui.view_models.run_data import RunData

__all__ = ["bench", "seen"]


def accessible(widget: QWidget, what: QAccessible.Text = QAccessible.Text.Name) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(what)


ABSENT = {View.WORD, View.MASKS, View.DIFFERENCE, *SCAN_VIEWS}  # in a plain run by class


def on_half_the_columns(seen: StageBench) -> RunData:
    """The run on its left patches only."""
    names = ("time", "difficulty", "role", "speed")
    cut = {name: getattr(seen.trace, name)[..., :2] for name in names}
    return RunData.opened(replace(seen.trace, **cut), None)


# -- views --------------------------------------------------------------------------------------


def test_every_view_shows_the_call_under_the_cursor(seen: StageBench) -> None:
    seen.stage.set_layout("single")
    panel = seen.stage.single
    seen.run.set_patch(0, 0)
    still = set()
    for view in View:
        panel.set_view(view)
        shown = []
        for call in (2, 9):
            seen.run.set_call(call)
            seen.settle()
            shown.append(panel.canvas.grab().toImage())
        if shown[0] == shown[1]:
            still.add(view)
    # the same strength everywhere; no words, no masks; and no call changes the start
    assert still == {View.GUIDANCE, *ABSENT, View.START}


def test_maps_have_their_values_colours(seen: StageBench) -> None:
    seen.run.set_call(5)
    seen.run.set_patch(0, 0)
    views = (View.DIFFICULTY, View.TIME, View.SPEED, View.SPENT)
    for panel, view in zip(seen.stage.four, views, strict=True):
        panel.set_view(view)
    seen.settle()
    for panel, view in zip(seen.stage.four, views, strict=True):
        values = map_values(seen.run.data, view, 5, 0)
        scale = seen.stage.colours.scale(view, seen.run.data, 5, 0)
        share = (values[2, 3] - scale.limits[0]) / (scale.limits[1] - scale.limits[0])
        expected = tuple(int(v) for v in lookup(scale.colormap)[round(255 * share)])
        shown = colour_at(panel.canvas, middle_of(panel.canvas, 2, 3))
        assert shown.getRgb()[:3] == expected, view


def test_the_value_under_the_pointer_is_told(seen: StageBench) -> None:
    seen.run.set_call(4)
    value = np.log(seen.trace.difficulty[4, 0, 1, 2])
    text = value_text(seen.run.data, View.DIFFICULTY, 4, 0, (1, 2))
    assert text == f"R 2 · C 3   log σ² {number(float(value))}"
    canvas = seen.stage.four[1].canvas
    before = canvas.grab().toImage()
    seen.qtbot.mouseMove(canvas, middle_of(canvas, 1, 2))
    seen.settle()
    corner = QPoint(30, canvas.height() - 16)
    assert before.pixelColor(corner) != colour_at(canvas, corner)


def test_what_is_told_under_a_still_pointer_follows_call_view_and_run(seen: StageBench) -> None:
    panel = seen.stage.four[1]
    seen.run.set_call(4)
    seen.qtbot.mouseMove(panel.canvas, middle_of(panel.canvas, 1, 2))
    seen.qtbot.keyClick(panel.canvas, Qt.Key.Key_Right)
    seen.settle()
    told = value_text(seen.run.data, View.DIFFICULTY, 5, 0, (1, 2))
    assert panel.canvas._read_out == told
    panel.set_view(View.TIME)
    seen.settle()
    assert panel.canvas._read_out == value_text(seen.run.data, View.TIME, 5, 0, (1, 2))
    seen.run.clear()
    seen.settle()
    assert panel.canvas._read_out == ""


def test_what_is_told_under_a_still_pointer_follows_a_running_job(bench: StageBench) -> None:
    canvas = bench.stage.four[1].canvas
    bench.run.begin(Started(1, CALLS, 1, (4, 4), "cpu", "float32", 1), REQUEST)
    bench.run.append([step_of(1, bench.trace, 0)])
    bench.settle()
    bench.qtbot.mouseMove(canvas, middle_of(canvas, 1, 2))
    bench.run.append([step_of(1, bench.trace, 1)])
    bench.settle()
    assert canvas._read_out == value_text(bench.run.data, View.DIFFICULTY, 1, 0, (1, 2))


def test_nothing_is_told_of_a_patch_that_a_smaller_run_does_not_have(seen: StageBench) -> None:
    canvas = seen.stage.four[1].canvas
    seen.qtbot.mouseMove(canvas, middle_of(canvas, 1, 3))
    seen.run.set_data(on_half_the_columns(seen))
    seen.settle()
    assert canvas._read_out == ""
    seen.qtbot.mouseMove(canvas, middle_of(canvas, 1, 1))
    assert canvas._read_out == value_text(seen.run.data, View.DIFFICULTY, CALLS - 1, 0, (1, 1))


def test_role_shares_are_in_the_head(seen: StageBench) -> None:
    assert subtitle(seen.run.data, View.ROLE, 4, 0) == "fast 50 % · slow 50 %"


def test_noisy_state_is_one_key_away(seen: StageBench) -> None:
    seen.stage.toggle_noisy()
    assert seen.stage.four[0].view is View.NOISY
    seen.stage.toggle_noisy()
    assert seen.stage.four[0].view is View.PREDICTION


def test_another_view_is_chosen_from_the_head(seen: StageBench) -> None:
    head: ViewHead = seen.stage.four[2].head
    menu = head.menu()
    action = next(a for a in menu.actions() if a.text() == "NFE spent")
    menu.triggered.emit(action)
    assert seen.stage.four[2].view is View.SPENT
    menu.deleteLater()


def test_an_empty_stage_says_what_to_do(bench: StageBench) -> None:
    dark = bench.stage.four[0].canvas.grab().toImage()
    bench.stage.set_message("Choose a model first.")
    bench.settle()
    assert bench.stage.four[0].canvas.grab().toImage() != dark


def test_a_dropped_picture_shows_before_the_first_run(bench: StageBench) -> None:
    bench.stage.set_start_picture(np.full((32, 32, 3), (10, 200, 30), np.uint8))
    bench.settle()
    canvas = bench.stage.four[0].canvas
    assert colour_at(canvas, middle_of(canvas, 5, 5)).green() == pytest.approx(200, abs=2)


def test_zoom_is_told_in_pixels_of_the_picture(seen: StageBench) -> None:
    scale = seen.stage.four[0].canvas.placement().width / seen.images.shape[2]
    assert seen.stage.bar.zoom.text() == f"{100 * scale:.0f} %"


# -- cursors ------------------------------------------------------------------------------------


def test_one_patch_cursor_for_all_views(seen: StageBench) -> None:
    canvas = seen.stage.four[2].canvas
    seen.qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=middle_of(canvas, 3, 0))
    assert seen.run.patch == (3, 0)
    seen.settle()
    for panel in seen.stage.four:
        frame = panel.canvas.placement().patch_rect(3, 0).topLeft()
        assert colour_at(panel.canvas, frame) == QColor(theme.tokens().cursor)


def test_keys_walk_through_patches_and_time(seen: StageBench) -> None:
    canvas = seen.stage.four[0].canvas
    seen.run.set_patch(1, 1)
    seen.run.set_call(5)
    control = Qt.KeyboardModifier.ControlModifier
    seen.qtbot.keyClick(canvas, Qt.Key.Key_Right, control)
    seen.qtbot.keyClick(canvas, Qt.Key.Key_Down, control)
    assert (seen.run.patch, seen.run.call) == ((2, 2), 5)
    seen.qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert (seen.run.patch, seen.run.call) == ((2, 2), 6)


def test_screen_readers_hear_the_cursors(seen: StageBench) -> None:
    canvas = seen.stage.four[1].canvas
    seen.run.set_call(3)
    seen.run.set_patch(2, 1)
    seen.settle()
    assert accessible(canvas) == "Canvas: Difficulty"
    description = accessible(canvas, QAccessible.Text.Description)
    assert description == seen.run.sentence()
    assert description.startswith("call 4 of 12, patch 3,2: t ")


def test_every_focusable_widget_has_a_name(seen: StageBench) -> None:
    nameless = [
        type(widget).__name__
        for widget in seen.whole.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not accessible(widget)
    ]
    assert nameless == []


# -- layouts ------------------------------------------------------------------------------------


def test_layouts_show_their_canvases(seen: StageBench) -> None:
    for layout in StageLayout:
        button = seen.stage.bar.layouts[layout]
        seen.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert seen.stage.layout_name is layout
        shown = sum(canvas.isVisible() for canvas in seen.stage.canvases())
        assert shown == (4 if layout is StageLayout.FOUR else 1)
        assert button.isChecked()


def test_overlay_opacity(seen: StageBench) -> None:
    seen.stage.set_layout("overlay")
    seen.run.set_patch(0, 0)
    canvas = seen.stage.overlay.canvas
    shown = {}
    for opacity in (0, 100):
        seen.stage.bar.opacity.setValue(opacity)
        seen.settle()
        shown[opacity] = colour_at(canvas, middle_of(canvas, 2, 2)).getRgb()[:3]
    picture = seen.images[0][0, 0]
    assert shown[0] == pytest.approx(tuple(int(v) for v in picture), abs=2)
    values = map_values(seen.run.data, View.DIFFICULTY, CALLS - 1, 0)
    expected = ColourScale("magma", limits_of(values)).colours(values)[2, 2]
    assert shown[100] == tuple(int(v) for v in expected)


def test_buttons_lose_their_words_before_their_place(seen: StageBench) -> None:
    bar = seen.stage.bar
    bar.setFixedWidth(1000)
    bar.make_fit()
    assert all(button.text() for button in bar.layouts.values())
    bar.setFixedWidth(400)
    bar.make_fit()
    assert not any(button.text() for button in (*bar.layouts.values(), *bar.tools.values()))
    assert all(accessible(button) for button in bar.tools.values())


def test_pictures_of_a_batch_can_be_chosen(bench: StageBench) -> None:
    request = replace(REQUEST, count=3)
    bench.run.set_trace(make_trace(request, 4), make_images(request))
    bench.settle()
    assert bench.stage.bar.image.isVisible()
    bench.stage.bar.image.chosen.emit("2")
    assert bench.run.image == 2


def test_everything_paints_in_every_theme(seen: StageBench, qapp: QApplication) -> None:
    for name in theme.THEMES:
        theme.apply(qapp, name)
        for layout in StageLayout:
            seen.stage.set_layout(layout.value)
            seen.settle()
            shown = seen.whole.grab().toImage()
            panel = seen.stage.bar.mapTo(seen.whole, QPoint(3, 3))
            assert shown.pixelColor(panel) == QColor(theme.THEMES[name].panel)


# -- colours ------------------------------------------------------------------------------------


def test_a_locked_range_stays_while_the_call_changes(seen: StageBench) -> None:
    colours, data = seen.stage.colours, seen.run.data
    free = colours.scale(View.DIFFICULTY, data, 2, 0)
    assert free != colours.scale(View.DIFFICULTY, data, 7, 0)
    colours.set(View.DIFFICULTY, mode=RangeMode.LOCKED, locked=free.limits)
    assert colours.scale(View.DIFFICULTY, data, 7, 0) == free


def test_the_whole_run_can_set_the_range(seen: StageBench) -> None:
    seen.stage.colours.set(View.SPEED, mode=RangeMode.RUN)
    limits = seen.stage.colours.scale(View.SPEED, seen.run.data, 3, 0).limits
    assert limits == (seen.trace.speed.min(), seen.trace.speed.max())


def test_clipping_leaves_out_outliers() -> None:
    values = np.arange(101, dtype=np.float32)
    values[-1] = 1e6
    assert limits_of(values)[1] == 1e6
    assert limits_of(values, clip=2.0) == pytest.approx((2.0, 98.0))


def test_no_values_and_equal_values_still_make_a_range() -> None:
    assert limits_of(np.full(4, np.nan, np.float32)) == (0.0, 1.0)
    low, high = limits_of(np.full(4, 3.0, np.float32))
    assert low < 3.0 < high


def test_the_colour_bars_menu_changes_the_view(seen: StageBench) -> None:
    panel, colours = seen.stage.four[1], seen.stage.colours
    menu = panel.make_menu()
    for text in ("cividis", "The whole run", "2 % of the patches"):
        menu.triggered.emit(next(a for a in menu.actions() if a.text() == text))
    now = colours.of(View.DIFFICULTY)
    assert (now.colormap, now.mode, now.clip) == ("cividis", RangeMode.RUN, 2.0)
    menu.deleteLater()
    seen.settle()
    menu = panel.make_menu()
    lock = next(a for a in menu.actions() if a.text().startswith("Lock at"))
    menu.triggered.emit(lock)
    assert colours.of(View.DIFFICULTY).mode is RangeMode.LOCKED
    menu.deleteLater()


def test_small_limits_are_locked_at_what_they_are(seen: StageBench) -> None:
    scale = ColourScale("magma", (0.0, 0.004))
    menu = colour_menu(seen.whole, seen.stage.colours, View.WORD, scale)
    assert "Lock at 0.00 to 0.004" in [action.text() for action in menu.actions()]
    menu.deleteLater()


# -- comparing ----------------------------------------------------------------------------------


def test_the_wipe_shows_both_calls(seen: StageBench) -> None:
    seen.stage.set_layout("compare")
    compare = seen.stage.compare
    compare.head.chosen.emit(View.TIME.value)
    compare.other_call.setValue(0)
    seen.run.set_call(CALLS - 1)
    seen.run.set_patch(0, 0)
    seen.settle()
    canvas = compare.canvas
    left, right = middle_of(canvas, 2, 0), middle_of(canvas, 2, 3)
    table = lookup("Blues")
    late = table[round(255 * float(seen.trace.time[-1, 0, 0, 0]))]
    assert colour_at(canvas, left).getRgb()[:3] == tuple(int(v) for v in late)
    assert colour_at(canvas, right).getRgb()[:3] == tuple(int(v) for v in table[0])


def test_the_wipe_line_can_be_dragged(seen: StageBench) -> None:
    seen.stage.set_layout("compare")
    seen.settle()
    canvas = seen.stage.compare.canvas
    start, end = QPoint(canvas.width() // 2, 90), middle_of(canvas, 1, 3)
    patch = seen.run.patch
    seen.qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    seen.qtbot.mouseMove(canvas, end)
    seen.qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    assert canvas.share == pytest.approx(0.875, abs=0.02)
    assert seen.run.patch == patch


def test_difference_of_a_moment_with_itself_is_nothing(seen: StageBench) -> None:
    data = seen.run.data
    here = Moment(data, 4, 0)
    for view in set(View) - ABSENT:
        apart = difference_of(view, here, here)
        assert apart is not None
        assert apart.mean == 0.0
    apart = difference_of(View.SPEED, here, Moment(data, 5, 0))
    expected = np.abs(seen.trace.speed[4, 0] - seen.trace.speed[5, 0])
    assert apart.mean == pytest.approx(expected.mean())
    assert apart.scale.limits[1] == pytest.approx(expected.max())


def test_runs_on_different_patches_are_not_subtracted(seen: StageBench) -> None:
    narrow = on_half_the_columns(seen)
    assert difference_of(View.TIME, Moment(seen.run.data, 1, 0), Moment(narrow, 1, 0)) is None


def test_side_by_side_with_a_pinned_run(seen: StageBench) -> None:
    seen.run.pin()
    seen.run.set_trace(make_trace(REQUEST, 6), seen.images, "second")
    seen.stage.set_layout("compare")
    compare = seen.stage.compare
    compare.set_mode("side")
    seen.settle()
    assert compare.reference.key() == "pinned"
    assert compare.other_canvas.isVisible()
    other = compare.other()
    assert (other.data, other.call) == (seen.run.pinned, CALLS - 1)


def compared(seen: StageBench, mode: str, view: View = View.DIFFICULTY) -> ComparePanel:
    """The last call against the third."""
    seen.stage.set_layout("compare")
    compare = seen.stage.compare
    compare.set_mode(mode)
    compare.head.chosen.emit(view.value)
    seen.settle()
    compare.other_call.setValue(3)
    seen.settle()
    return compare


def test_each_side_of_the_wipe_tells_its_own_values(seen: StageBench) -> None:
    canvas = compared(seen, "wipe").canvas
    data, last = seen.run.data, CALLS - 1
    for column, call in ((0, last), (3, 2)):
        seen.qtbot.mouseMove(canvas, middle_of(canvas, 1, column))
        assert canvas._read_out == value_text(data, View.DIFFICULTY, call, 0, (1, column))
    canvas.set_share(0.625)  # through the middle of a column
    place = middle_of(canvas, 1, 2)
    for aside, call in ((-9, last), (9, 2)):
        seen.qtbot.mouseMove(canvas, place + QPoint(aside, 0))
        assert canvas._read_out == value_text(data, View.DIFFICULTY, call, 0, (1, 2))
    seen.qtbot.keyClick(canvas, Qt.Key.Key_Home)
    compare = seen.stage.compare
    compare.other_call.setValue(5)
    seen.settle()
    assert canvas._read_out == value_text(data, View.DIFFICULTY, 4, 0, (1, 2))
    assert seen.run.call == 0


def test_the_difference_tells_the_difference(seen: StageBench) -> None:
    compare = compared(seen, "difference")
    canvas, data = compare.canvas, seen.run.data
    seen.qtbot.mouseMove(canvas, middle_of(canvas, 1, 2))
    apart = abs(data.log_difficulty(CALLS - 1, 0) - data.log_difficulty(2, 0))[1, 2]
    assert canvas._read_out == f"R 2 · C 3   difference {number(float(apart), '.2f')}"
    seen.qtbot.keyClick(canvas, Qt.Key.Key_Left)
    seen.settle()
    apart = abs(data.log_difficulty(CALLS - 2, 0) - data.log_difficulty(2, 0))[1, 2]
    assert canvas._read_out == f"R 2 · C 3   difference {number(float(apart), '.2f')}"
    compare.head.chosen.emit(View.ROLE.value)
    seen.settle()
    roles = data.role[[CALLS - 2, 2], 0, 1, 2]
    word = "equal" if roles[0] == roles[1] else "different"
    assert canvas._read_out == f"R 2 · C 3   {word}"


def test_a_pinned_run_on_other_patches_shows_the_same_place(seen: StageBench) -> None:
    whole = seen.run.data
    seen.run.set_data(on_half_the_columns(seen))
    seen.run.set_pinned(whole, "whole")
    compare = compared(seen, "side")
    assert (compare.canvas.grid, compare.other_canvas.grid) == ((4, 2), (4, 4))
    left = Qt.MouseButton.LeftButton
    seen.qtbot.mouseClick(compare.other_canvas, left, pos=middle_of(compare.other_canvas, 1, 3))
    assert seen.run.patch == (1, 1)
    seen.settle()
    seen.qtbot.mouseMove(compare.other_canvas, middle_of(compare.other_canvas, 2, 0))
    words = value_text(whole, View.DIFFICULTY, CALLS - 1, 0, (2, 0))
    assert compare.other_canvas._read_out == words
    seen.qtbot.mouseClick(compare.canvas, left, pos=middle_of(compare.canvas, 3, 0))
    for _ in range(2):  # also when all is shown anew
        assert (compare.canvas._cursor, compare.other_canvas._cursor) == ((3, 0), (3, 1))
        seen.settle()
    compare.set_mode("wipe")
    seen.settle()
    seen.qtbot.mouseMove(compare.canvas, middle_of(compare.canvas, 2, 1))
    words = value_text(whole, View.DIFFICULTY, CALLS - 1, 0, (2, 3))
    assert compare.canvas._read_out == words


def test_the_reach_in_a_compared_run_is_that_of_the_same_place(seen: StageBench) -> None:
    whole = seen.run.data
    seen.run.set_data(on_half_the_columns(seen))
    seen.run.set_pinned(whole, "whole")
    compare = compared(seen, "side", View.REACH)
    left = Qt.MouseButton.LeftButton
    seen.qtbot.mouseClick(compare.canvas, left, pos=middle_of(compare.canvas, 3, 0))
    seen.settle()
    assert (seen.run.data.scan.patch, whole.scan.patch) == ((3, 0), (3, 1))


# -- painting -----------------------------------------------------------------------------------


def test_a_stroke_paints_and_can_be_undone(seen: StageBench) -> None:
    seen.stage.set_tool("freeze")
    canvas = seen.stage.four[0].canvas
    patch = seen.run.patch
    drag(seen, canvas, [(1, 0), (1, 3)])  # a fast pointer leaves no gaps
    assert (seen.paint.codes[1] == Paint.FIXED).all()
    assert seen.paint.codes.sum() == 4 * Paint.FIXED
    assert seen.run.patch == patch
    seen.settle()
    assert seen.stage.bar.undo.isVisible()
    seen.qtbot.mouseClick(seen.stage.bar.undo, Qt.MouseButton.LeftButton)
    assert seen.paint.is_empty


def test_erase_takes_paint_away(seen: StageBench) -> None:
    seen.stage.set_tool("fast")
    canvas = seen.stage.four[3].canvas
    drag(seen, canvas, [(0, 0), (3, 0)])
    seen.stage.set_tool("erase")
    drag(seen, canvas, [(2, 0)])
    assert seen.paint.codes[:, 0].tolist() == [Paint.FAST, Paint.FAST, Paint.FREE, Paint.FAST]


def test_the_brush_size_counts(seen: StageBench) -> None:
    seen.stage.set_tool("slow")
    seen.stage.bar.brush.set_key("3")
    drag(seen, seen.stage.four[0].canvas, [(1, 1)])
    assert np.count_nonzero(seen.paint.codes) == 9


def test_return_paints_the_patch_under_the_cursor(seen: StageBench) -> None:
    seen.run.set_patch(2, 3)
    canvas = seen.stage.four[0].canvas
    seen.qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert seen.paint.is_empty  # the inspecting tool paints nothing
    seen.stage.set_tool("fast")
    seen.qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert np.argwhere(seen.paint.codes).tolist() == [[2, 3]]


def test_a_stroke_is_of_the_next_run_where_that_has_other_patches(seen: StageBench) -> None:
    picture, difficulty = (seen.stage.four[place].canvas for place in (0, 1))
    seen.paint.set_grid(4, 8)  # the recipe asks for another size
    seen.stage.set_tool("fast")
    seen.settle()
    assert (picture.grid, difficulty.grid) == ((4, 8), (4, 4))
    drag(seen, difficulty, [(1, 3)])  # patches that the next run does not have
    seen.qtbot.keyClick(difficulty, Qt.Key.Key_Return)
    assert seen.paint.is_empty
    drag(seen, picture, [(1, 7)])
    assert np.argwhere(seen.paint.codes).tolist() == [[1, 7]]
    seen.stage.set_tool("inspect")
    seen.settle()
    assert picture.grid == (4, 4)


def test_painting_works_before_the_first_run(bench: StageBench) -> None:
    bench.paint.set_grid(6, 8)
    bench.stage.set_tool("fast")
    bench.settle()
    drag(bench, bench.stage.four[0].canvas, [(5, 7)])
    assert bench.paint.codes[5, 7] == Paint.FAST


def test_a_role_that_does_not_occur_is_not_in_the_words(seen: StageBench) -> None:
    roles = {Role(int(code)) for code in np.unique(seen.trace.role[3, 0])}
    words = subtitle(seen.run.data, View.ROLE, 3, 0)
    assert ("context" in words) == (Role.CONTEXT in roles)
