"""The inspector: what it says about the patch, all patches and the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from scripted_runner import GRID, step_of
from stage_bench import CALLS, REQUEST, StageBench, bench, colour_at, seen

from pfstudio.core.events import Started
from pfstudio.core.samplers import Euler
from pfstudio.core.trace import Role
from pfstudio.ui import theme
from pfstudio.ui.inspector.inspector_view import overhead, run_texts, seconds
from pfstudio.ui.stage.views import number

__all__ = ["bench", "seen"]


def test_the_patch_under_the_cursor(seen: StageBench) -> None:
    seen.run.set_call(6)
    seen.run.set_patch(3, 1)
    seen.settle()
    at = (6, 0, 3, 1)
    difficulty = np.log(seen.trace.difficulty[6, 0])
    rank = 1 + int((difficulty < difficulty[3, 1]).sum())
    text = seen.inspector.patch_table.text
    assert seen.inspector.title.text() == "PATCH  R 4 · C 2"
    assert text("Timestep t") == f"{seen.trace.time[at]:.3f}"
    assert text("Difficulty log σ²") == number(float(difficulty[3, 1]))
    assert text("Difficulty rank") == f"{rank} of 16"
    assert text("Velocity |v|") == f"{seen.trace.speed[at]:.2f}"
    assert text("Role") == Role(int(seen.trace.role[at])).name.lower()
    moved = np.isin(seen.trace.role[:7, 0, 3, 1], (Role.TOGETHER, Role.FAST, Role.SLOW)).sum()
    assert text("NFE spent") == f"{moved} of 7"
    assert f"Timestep t {seen.trace.time[at]:.3f}" in (
        seen.inspector.patch_table.accessibleDescription()
    )


def test_nothing_is_claimed_before_a_run(bench: StageBench) -> None:
    assert bench.inspector.patch_table.text("Timestep t") == "–"
    assert bench.inspector.run_table.text("NFE") == "–"
    assert not bench.inspector.branch.isEnabled()
    assert not bench.inspector.export.isEnabled()


def test_figures_of_a_live_run(bench: StageBench) -> None:
    run = bench.run
    run.begin(Started(1, CALLS, 1, GRID, "cpu", "float32", 1), REQUEST)
    steps = []
    for call in range(4):
        step = step_of(1, bench.trace, call)
        detail = replace(step.detail, tokens=24, view_seconds=0.01 * (call + 1))
        steps.append(replace(step, elapsed=0.5 * (call + 1), eta=3.0, detail=detail))
    run.append(steps)
    texts = run_texts(run.data)
    assert texts == {
        "NFE": "4 / 12",
        "Elapsed · left": "2.00 s · 3.00 s",
        "Per call": "500.0 ms",
        "Tokens computed": "75 %",
        "Compute": "–",
        "Preview overhead": "2.0 %",
    }
    bench.settle()
    assert bench.inspector.run_table.text("NFE") == "4 / 12"


def test_an_expensive_live_view_is_marked(seen: StageBench) -> None:
    table = seen.inspector.run_table
    seen.run.data.elapsed, seen.run.data.view_seconds = 10.0, 0.1
    seen.inspector.refresh()
    assert table._colours == {"Preview overhead": "good"}
    seen.run.data.look_seconds = 0.9
    seen.inspector.refresh()
    assert table._colours == {"Preview overhead": "warn"}
    seen.run.data.view_seconds = None
    seen.inspector.refresh()
    assert overhead(seen.run.data) is None
    assert table.text("Preview overhead") == "–"


@pytest.mark.parametrize(
    ("value", "text"), [(0.614, "0.61 s"), (61.25, "61.2 s"), (125.0, "2 min 05 s")]
)
def test_durations(value: float, text: str) -> None:
    assert seconds(value) == text


def test_branch_and_export_are_asked_of_the_page(seen: StageBench) -> None:
    seen.run.set_call(5)
    with seen.qtbot.waitSignal(seen.inspector.branch_requested) as heard:
        seen.qtbot.mouseClick(seen.inspector.branch, Qt.MouseButton.LeftButton)
    assert heard.args == [5]
    with seen.qtbot.waitSignal(seen.inspector.export_requested):
        seen.qtbot.mouseClick(seen.inspector.export, Qt.MouseButton.LeftButton)


def test_a_click_on_the_curves_goes_to_the_call(seen: StageBench) -> None:
    curves = seen.inspector.curves
    x = round(curves._x(4))
    seen.qtbot.mouseClick(curves, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
    assert seen.run.call == 4
    assert curves.accessibleDescription() == seen.run.sentence()


def test_both_curves_are_drawn_in_their_colours(seen: StageBench) -> None:
    seen.run.set_call(5)
    seen.settle()
    shown = seen.inspector.curves.grab().toImage()
    names = {
        shown.pixelColor(x, y).name() for x in range(shown.width()) for y in range(shown.height())
    }
    assert theme.tokens().curve_time in names
    assert theme.tokens().curve_difficulty in names


def test_the_histogram_marks_the_threshold(seen: StageBench) -> None:
    histogram = seen.inspector.histogram
    seen.run.set_call(4)
    seen.settle()
    values = np.log(seen.trace.difficulty[4, 0])
    share = (np.quantile(values, 0.4) - values.min()) / (values.max() - values.min())
    area = histogram._area()
    x = round(area.x() + share * area.width())
    ink = QColor(theme.tokens().text)
    column = [colour_at(histogram, QPoint(x + d, 6)) for d in (-1, 0, 1)]
    assert any(abs(colour.red() - ink.red()) < 90 for colour in column)
    seen.run.set_trace(replace(seen.trace, request=replace(REQUEST, sampler=Euler(12))), None)
    seen.run.set_call(4)
    seen.settle()
    assert seen.run.data.threshold(4, 0) is None
    column = [colour_at(histogram, QPoint(x + d, 6)) for d in (-1, 0, 1)]
    assert all(abs(colour.red() - ink.red()) > 90 for colour in column)


def test_a_call_that_was_never_made_has_no_difficulty(seen: StageBench) -> None:
    difficulty = seen.trace.difficulty.copy()
    difficulty[-1] = np.nan  # as where a batch was stopped before the others
    seen.run.set_trace(replace(seen.trace, difficulty=difficulty), seen.images)
    seen.run.set_call(CALLS - 1)
    histogram = seen.inspector.histogram
    assert histogram.words() == "The difficulty in this call is not known."
    seen.run.set_call(0)
    assert histogram.words() == ""


def test_a_model_without_difficulty(seen: StageBench) -> None:
    unknown = np.full_like(seen.trace.difficulty, np.nan)
    seen.run.set_trace(replace(seen.trace, difficulty=unknown), seen.images)
    seen.settle()
    assert seen.inspector.patch_table.text("Difficulty log σ²") == "–"
    assert seen.inspector.histogram.words() == "This model predicts no difficulty."
    assert seen.stage.four[1].head.accessibleDescription() == "not predicted by this model"
