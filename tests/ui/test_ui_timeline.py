"""The timeline: keys, playing, film strip and schedule raster."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from scripted_runner import GRID, make_images, make_trace, step_of
from stage_bench import CALLS, REQUEST, StageBench, bench, colour_at, seen

from pfstudio.core.colour import ROLE_COLOURS, lookup
from pfstudio.core.events import Started
from pfstudio.core.generation import Generated
from pfstudio.ui import theme
from pfstudio.ui.player.film_strip import SIDE
from pfstudio.ui.player.player import Player
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.views import View
from pfstudio.ui.timeline.raster import PatchOrder, Raster, patch_order
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.view_models.run_data import RunData

__all__ = ["bench", "seen"]

COLORMAPS = {View.TIME: "Blues", View.DIFFICULTY: "magma", View.ROLE: ""}
PATCHES = GRID[0] * GRID[1]


@pytest.fixture
def player(qapp: object) -> Player:
    run = RunModel()
    run.set_trace(make_trace(REQUEST, 40), None)
    return Player(run)


# -- player -------------------------------------------------------------------------------------


def test_verbs_move_the_cursor(player: Player) -> None:
    run = player.run
    assert run.call == 39
    moves = (
        (player.first, 0), (player.next, 1), (player.jump_on, 5), (player.jump_back, 1),
        (player.previous, 0), (player.previous, 0), (player.last, 39), (player.next, 39),
    )  # fmt: skip
    for verb, expected in moves:
        verb()
        assert run.call == expected, verb


def test_playing_goes_to_the_end_and_holds(player: Player, qtbot: QtBot) -> None:
    player.set_speed(50.0)
    player.toggle()
    assert (player.playing, player.run.call) == (True, 0)  # at the end it starts over
    qtbot.waitUntil(lambda: not player.playing, timeout=20_000)
    assert player.run.call == 39


def test_a_loop_starts_over(player: Player, qtbot: QtBot) -> None:
    calls: list[int] = []
    player.run.call_changed.connect(calls.append)
    player.set_loop(True)
    player.set_speed(50.0)
    player.toggle()
    qtbot.waitUntil(lambda: calls.count(0) >= 2, timeout=20_000)
    player.toggle()
    assert not player.playing
    assert 39 in calls


def test_a_new_run_stops_playing(player: Player) -> None:
    player.toggle()
    player.run.set_trace(make_trace(REQUEST, 5), None)
    assert not player.playing


# -- the view -----------------------------------------------------------------------------------


def test_keys_scrub(seen: StageBench) -> None:
    raster = seen.timeline.raster
    shift = Qt.KeyboardModifier.ShiftModifier
    none = Qt.KeyboardModifier.NoModifier
    moves = ((Qt.Key.Key_Home, none, 0), (Qt.Key.Key_Right, none, 1), (Qt.Key.Key_Right, shift, 2),
             (Qt.Key.Key_End, none, 11), (Qt.Key.Key_Left, none, 10))  # fmt: skip
    for key, held, expected in moves:
        seen.qtbot.keyClick(raster, key, held)
        assert seen.run.call == expected
    assert "call 11 of 12" in seen.timeline.transport.words.text()
    seen.qtbot.keyClick(raster, Qt.Key.Key_Space)
    assert seen.player.playing
    play = seen.timeline.transport.buttons["play"]
    assert play.accessibleName() == "Pause (Space)"
    seen.qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
    assert not seen.player.playing


def test_the_words_say_live_while_following(bench: StageBench) -> None:
    run, words = bench.run, bench.timeline.transport.words
    assert words.text() == "no calls yet"
    run.begin(Started(1, CALLS, 1, GRID, "cpu", "float32", 1), REQUEST)
    run.append([step_of(1, bench.trace, call) for call in range(5)])
    assert words.text() == "call 5 of 12 · live"
    run.set_call(1)
    assert words.text() == "call 2 of 12 · running"
    run.finish(Generated(bench.images, bench.trace))
    assert words.text() == "call 2 of 12"


def test_loop_and_speed_buttons(seen: StageBench) -> None:
    seen.qtbot.mouseClick(seen.timeline.transport.loop, Qt.MouseButton.LeftButton)
    seen.timeline.transport.speed.chosen.emit("2")
    assert (seen.player.loop, seen.player.speed) == (True, 2.0)


# -- film strip ---------------------------------------------------------------------------------


def test_thumbnails_are_chosen_evenly_from_the_first_call_to_the_last(seen: StageBench) -> None:
    strip = seen.timeline.strip
    seen.run.set_trace(make_trace(REQUEST, 200), None)
    strip.resize(10 * (SIDE + 4), strip.height())
    assert strip.slots() == 10
    calls = strip.calls()
    assert calls == [0, 22, 44, 66, 88, 111, 133, 155, 177, 199]
    assert [strip.slot_of(call) for call in calls] == list(range(10))


def test_a_click_on_the_strip_goes_to_the_call(seen: StageBench) -> None:
    strip = seen.timeline.strip
    assert strip.slots() == CALLS
    x = int((3 + 0.5) * strip.width() / CALLS)
    seen.qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(x, SIDE // 2))
    assert seen.run.call == 3


def test_thumbnails_are_of_one_kind(seen: StageBench) -> None:
    strip = seen.timeline.strip
    seen.run.set_call(0)
    place = QPoint(int(4.5 * strip.width() / CALLS), SIDE // 2)
    before = colour_at(strip, place)
    decoded = np.full((1, 32, 32, 3), 250, np.uint8)
    for call in range(1, CALLS - 1):
        seen.run.set_decoded((seen.run.data.job, call), decoded)
    seen.settle()
    assert colour_at(strip, place) == before != QColor(250, 250, 250)
    seen.run.set_decoded((seen.run.data.job, 0), decoded)  # the last one
    seen.settle()
    assert colour_at(strip, place) == QColor(250, 250, 250)


def test_the_strip_asks_for_its_pictures(bench: StageBench) -> None:
    asks: list = []
    bench.run.decode_wanted.connect(asks.append)
    bench.show_run()
    for _ in range(CALLS):
        bench.run.set_decoded(asks[-1].key, bench.images)
    assert sorted(ask.key[1] for ask in asks) == list(range(CALLS - 1))


# -- raster -------------------------------------------------------------------------------------


def data_of(calls: int = CALLS) -> RunData:
    return RunData.opened(make_trace(REQUEST, calls), None)


def column(raster: Raster, call: int) -> list[tuple[int, int, int]]:
    return [(int(v) >> 16 & 255, int(v) >> 8 & 255, int(v) & 255) for v in raster.pixels[:, call]]


def test_columns_are_the_times_of_the_patches() -> None:
    data, raster = data_of(), Raster(COLORMAPS)
    raster.order = PatchOrder.PLACE
    raster.update(data, 0, height=400)
    assert raster.pixels.shape == (PATCHES, CALLS)
    for call in (0, 5, 11):
        expected = ColourScale("Blues").colours(data.time[call, 0]).reshape(-1, 3)
        assert column(raster, call) == [tuple(int(v) for v in row) for row in expected]


def test_too_many_patches_are_averaged_not_dropped() -> None:
    trace = make_trace(REQUEST, CALLS)
    time = np.zeros_like(trace.time)
    time[2, 0, 0, 0] = 1.0
    data = RunData.opened(replace(trace, time=time), None)
    raster = Raster(COLORMAPS)
    raster.order = PatchOrder.PLACE
    raster.update(data, 0, height=4)  # four patches a row
    assert raster.pixels.shape[0] == 4
    expected = lookup("Blues")[64]  # a quarter
    assert column(raster, 2)[0] == tuple(int(v) for v in expected)
    assert column(raster, 2)[1] == tuple(int(v) for v in lookup("Blues")[0])


def test_only_new_columns_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = make_trace(REQUEST, CALLS)
    data = RunData.live(Started(1, CALLS, 1, GRID, "cpu", "float32", 1), REQUEST)
    raster = Raster(COLORMAPS)
    raster.order = PatchOrder.PLACE
    computed: list[int] = []
    real = Raster._colours

    def counting(self: Raster, data: RunData, calls: slice, image: int) -> np.ndarray:
        computed.extend(range(calls.start, calls.stop))
        return real(self, data, calls, image)

    monkeypatch.setattr(Raster, "_colours", counting)
    for call in range(6):
        data.append(step_of(1, trace, call))
        raster.update(data, 0, height=100)
        raster.update(data, 0, height=100)
    assert computed == [0, 1, 2, 3, 4, 5]


def test_orders_of_patches() -> None:
    data = data_of()
    flat_difficulty = np.log(data.difficulty[:, 0]).mean(axis=0).ravel()
    order = patch_order(data, 0, PatchOrder.DIFFICULTY)
    assert (np.diff(flat_difficulty[order]) <= 0).all()
    assert patch_order(data, 0, PatchOrder.PLACE).tolist() == list(range(PATCHES))
    time = data.time.copy()
    time[:, 0, 2, 1] += 0.1
    data.time = time
    assert patch_order(data, 0, PatchOrder.FINISHING)[0] == 2 * GRID[1] + 1


def test_an_image_that_ended_early_is_sorted_by_its_own_calls() -> None:
    trace = make_trace(REQUEST, CALLS)
    difficulty = trace.difficulty.copy()
    difficulty[6:] = np.nan  # calls of another batch
    data = RunData.opened(replace(trace, difficulty=difficulty), None)
    wanted = np.argsort(-np.log(difficulty[:6, 0]).mean(axis=0).ravel(), kind="stable")
    assert patch_order(data, 0, PatchOrder.DIFFICULTY).tolist() == wanted.tolist()
    data.difficulty = np.full_like(difficulty, np.nan)  # the model has none
    assert patch_order(data, 0, PatchOrder.DIFFICULTY).tolist() == list(range(PATCHES))


def test_a_place_in_the_raster_is_a_patch_and_back() -> None:
    data, raster = data_of(), Raster(COLORMAPS)
    raster.order = PatchOrder.DIFFICULTY
    raster.update(data, 0, height=100)
    for patch in range(PATCHES):
        assert raster.patch_at(raster.share_of(patch)) == patch


def test_roles_keep_their_colours() -> None:
    data, raster = data_of(), Raster(COLORMAPS)
    raster.order, raster.shown = PatchOrder.PLACE, View.ROLE
    raster.update(data, 0, height=100)
    expected = [ROLE_COLOURS[int(code)] for code in data.role[3, 0].ravel()]
    assert column(raster, 3) == expected


def test_difficulty_columns_share_one_range() -> None:
    data, raster = data_of(), Raster(COLORMAPS)
    raster.shown = View.DIFFICULTY
    raster.update(data, 0, height=100)
    mean = np.log(data.difficulty[:, 0]).reshape(CALLS, -1)
    lightness = np.array([[sum(rgb) for rgb in column(raster, call)] for call in range(CALLS)])
    flat = mean[:, raster._patches].ravel()
    assert np.corrcoef(flat, lightness.ravel())[0, 1] > 0.95


def test_a_click_goes_to_call_and_patch(seen: StageBench) -> None:
    view = seen.timeline.raster
    view.set_order("place")
    seen.settle()
    inner = (view.width() - 2, view.height() - 2)
    x = 1 + int((7 + 0.5) * inner[0] / CALLS)
    y = 1 + int((9 + 0.5) * inner[1] / PATCHES)
    seen.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
    assert seen.run.call == 7
    assert seen.run.patch == divmod(9, GRID[1])
    assert "call 8 of 12" in view.accessibleDescription()


@pytest.mark.parametrize("press", [True, False], ids=["press", "drag"])
@pytest.mark.parametrize("which", ["raster", "curves"])
def test_going_to_a_call_pauses(seen: StageBench, which: str, press: bool) -> None:
    view = {"raster": seen.timeline.raster, "curves": seen.inspector.curves}[which]
    left, place = Qt.MouseButton.LeftButton, QPoint(view.width() // 3, view.height() // 2)
    if press:
        seen.player.toggle()
        seen.qtbot.mousePress(view, left, pos=place)
    else:
        seen.qtbot.mousePress(view, left, pos=place)
        seen.player.toggle()
        QTest.mouseMove(view, place + QPoint(40, 0))
    assert not seen.player.playing


def test_the_play_head_stands_at_the_call(seen: StageBench) -> None:
    view = seen.timeline.raster
    seen.run.set_call(5)
    seen.run.set_patch(0, 0)
    seen.settle()
    x = 1 + round((view.width() - 2) * 6 / CALLS) - 1
    colours = {colour_at(view, QPoint(x + d, 20)).name() for d in (-2, -1, 0)}
    assert theme.tokens().play_head in colours


def test_sorting_and_colouring_are_chosen_by_name(seen: StageBench) -> None:
    seen.timeline.order.chosen.emit("finishing")
    seen.timeline.shown.chosen.emit("role")
    assert (seen.timeline.raster.raster.order, seen.timeline.raster.raster.shown) == (
        PatchOrder.FINISHING, View.ROLE,
    )  # fmt: skip


def test_two_images_have_their_own_rasters(bench: StageBench) -> None:
    request = replace(REQUEST, count=2)
    trace = make_trace(request, CALLS)
    bench.run.set_trace(trace, make_images(request))
    bench.timeline.raster.set_shown("difficulty")
    bench.settle()
    first = bench.timeline.raster.raster.pixels.copy()
    bench.run.set_image(1)
    bench.settle()
    assert not np.array_equal(first, bench.timeline.raster.raster.pixels)
