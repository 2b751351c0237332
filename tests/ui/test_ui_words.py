"""The words above the stage, beside runs that were looked at in other ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from run_traces import made_up_trace
from stage_bench import StageBench, bench

from pfstudio.core.conditions import Prompt
from pfstudio.core.trace import Trace
from pfstudio.core.words import words_of
from pfstudio.ui.stage.views import View
from pfstudio.ui.stage.words import WordLine
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.ui.view_models.scan_data import ScanFigure, ScanLook

__all__ = ["bench"]
PROMPT, GRID, LAYERS = "a red fox", (8, 8), 3


def heard(prompt: str = PROMPT, grid: tuple[int, int] = GRID, layers: int = LAYERS) -> Trace:
    """A run of four calls with made-up attention to the words of a prompt."""
    trace = made_up_trace(4, 1, grid)
    shape = (4, 1, layers, *grid, len(words_of(prompt)))
    words = np.random.default_rng(1).random(shape).astype(np.float16)
    request = replace(trace.request, conditions=(Prompt(prompt),))
    return replace(trace, request=request, words=words)


def data(*args: object) -> RunData:
    return RunData.opened(heard(*args), None)


@pytest.fixture
def line(bench: StageBench) -> WordLine:
    return bench.stage.words


def press(bench: StageBench, line: WordLine, word: str) -> None:
    next(chip for chip in line.chips if chip.text() == word).click()
    bench.settle()


def show(bench: StageBench, run: RunData) -> None:
    bench.run.set_data(run)
    bench.settle()


def test_the_pointer_may_rest_on_a_patch_that_the_next_run_does_not_have(
    bench: StageBench, line: WordLine
) -> None:
    show(bench, data())
    line.point_at(7, 7)
    bench.settle()
    small = data(PROMPT, (4, 4))
    show(bench, small)
    shares = small.word_shares(bench.run.call, 0)[bench.run.patch]
    assert [chip.share for chip in line.chips] == pytest.approx(list(shares / shares.max()))


def test_a_patch_of_a_larger_pinned_run_is_pointed_at(bench: StageBench) -> None:
    show(bench, data())
    bench.run.pin()
    show(bench, data(PROMPT, (4, 4)))
    bench.stage.set_layout("compare")
    compare = bench.stage.compare
    compare.set_mode("side")
    bench.settle()
    canvas = compare.other_canvas
    assert canvas.grid == (8, 8)
    corner = canvas.placement().patch_rect(7, 7).center() / canvas.devicePixelRatioF()
    bench.qtbot.mouseMove(canvas, corner)
    bench.qtbot.mouseMove(canvas, corner + QPoint(1, 1))
    bench.settle()  # an error in a slot fails the test


def test_another_run_is_looked_at_as_the_chips_say(bench: StageBench, line: WordLine) -> None:
    first, second = data(), data()
    show(bench, first)
    press(bench, line, "a")
    show(bench, second)
    assert second.word == 0
    press(bench, line, "red")
    show(bench, first)
    assert first.word == 1
    press(bench, line, "red")
    show(bench, second)
    assert second.word is None


def test_a_word_that_was_pressed_stays_while_the_next_run_begins(
    bench: StageBench, line: WordLine
) -> None:
    show(bench, data())
    press(bench, line, "fox")
    show(bench, RunData.opened(replace(heard(), words=None), None))  # not a call yet
    assert not line.isVisibleTo(bench.stage)
    again = data()
    show(bench, again)
    assert line.isVisibleTo(bench.stage)
    assert again.word == 2
    assert [chip.isChecked() for chip in line.chips] == [False, False, True]


def test_a_pinned_run_of_fewer_layers_has_no_map_of_a_deep_one(
    bench: StageBench, line: WordLine
) -> None:
    shallow = data(PROMPT, GRID, 2)
    show(bench, shallow)
    bench.run.pin()
    show(bench, data(PROMPT, GRID, 6))
    press(bench, line, "fox")
    line.layer.set_key("5")
    line.layer.chosen.emit("5")
    bench.stage.set_layout("compare")
    bench.stage.compare.head.chosen.emit(View.WORD.value)
    bench.settle()  # an error in a slot fails the test
    assert (shallow.word, shallow.layer) == (None, None)


def test_a_layer_that_another_run_lacks_gives_way_to_all(bench: StageBench, line: WordLine) -> None:
    show(bench, data())
    line.layer.set_key("2")
    line.layer.chosen.emit("2")
    bench.settle()
    assert bench.run.data.layer == 2
    show(bench, data(PROMPT, GRID, 2))
    assert bench.run.data.layer is None
    assert line.layer.key() == "all"


def test_a_pinned_run_is_compared_by_the_same_word(bench: StageBench, line: WordLine) -> None:
    stage, pinned = bench.stage, data()
    show(bench, pinned)
    press(bench, line, "a")
    bench.run.pin()
    shown = data("a fox, blue")
    show(bench, shown)
    press(bench, line, "fox")
    stage.set_layout("compare")
    stage.compare.set_mode("difference")
    stage.compare.head.chosen.emit(View.WORD.value)
    bench.settle()
    assert pinned.word == 2
    assert stage.compare.head.accessibleDescription().endswith("fox · all layers")
    apart = np.abs(shown.word_map(3, 0) - pinned.word_map(3, 0)).mean()
    assert f"{apart:.2f}" in stage.compare.head.accessibleDescription()
    press(bench, line, "blue")
    assert pinned.word is None
    assert "no map of this word" in stage.compare.head.accessibleDescription()


def test_a_pinned_run_is_compared_by_the_same_look_at_its_scan(bench: StageBench) -> None:
    pinned = data()
    show(bench, pinned)
    bench.run.pin()
    show(bench, data())
    look = ScanLook(2, ScanFigure.REACH)
    bench.run.set_scan_look(look)
    bench.run.set_patch(3, 5)
    bench.stage.set_layout("compare")
    bench.stage.compare.reference.set_key("pinned")
    bench.stage.compare.refresh()
    assert (pinned.scan.look, pinned.scan.patch) == (look, (3, 5))
