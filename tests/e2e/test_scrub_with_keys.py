"""Promise: the keyboard walks through every call, and every view follows one time cursor."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from window_bench import Bench

from pfstudio.ui.jobs import Phase


def test_keys_walk_through_the_run(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=20)
    bench.until_phase(Phase.IDLE)
    run, page = bench.page.run, bench.window.page("generate")
    page.stage.setFocus()
    shift, none = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
    moves = (
        (Qt.Key.Key_Home, none, 0), (Qt.Key.Key_Right, none, 1), (Qt.Key.Key_Right, shift, 3),
        (Qt.Key.Key_Left, none, 2), (Qt.Key.Key_Left, shift, 0), (Qt.Key.Key_End, none, 19),
    )  # fmt: skip
    for key, held, expected in moves:
        bench.qtbot.keyClick(bench.window, key, held)
        assert run.call == expected
    assert "call 20 of 20" in page.timeline.transport.words.text()


def test_all_views_show_the_call_under_the_cursor(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=8)
    bench.until_phase(Phase.IDLE)
    page = bench.window.page("generate")
    views = [*(panel.canvas for panel in page.stage.four[1:3]), page.timeline.raster,
             page.inspector.patch_table, page.inspector.histogram]  # fmt: skip

    def shown(key: Qt.Key) -> list[object]:
        bench.qtbot.keyClick(bench.window, key)
        for _ in range(4):
            bench.qtbot.wait(5)
        return [view.grab().toImage() for view in views]

    assert all(a != b for a, b in zip(shown(Qt.Key.Key_Home), shown(Qt.Key.Key_End), strict=True))


def test_space_plays_and_holds(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=5)
    bench.until_phase(Phase.IDLE)
    player = bench.window.page("generate").player
    player.set_speed(4.0)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Space)
    assert player.playing
    assert bench.page.run.call == 0
    bench.until(lambda: not player.playing)
    assert bench.page.run.call == 4
