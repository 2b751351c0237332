"""Promise: a finished run can be taken up again from any of its calls, with other settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from real_window import real_window

from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.samplers import Euler
from pfstudio.core.trace_file import read_trace
from pfstudio.ui.jobs import Phase
from pfstudio.ui.stage.toolbar import StageLayout
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]

CALLS = 8


def generate(page: GeneratePageModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.ended, timeout=60_000):
        page.generate()
    assert page.jobs.phase is Phase.IDLE


def test_branch_from_call(real_window: MainWindow, qtbot: QtBot) -> None:
    page = real_window.page("generate").model
    assert real_window.page("generate").parent_button.isHidden()
    page.recipe.set_model("small")
    page.recipe.set(sampler=Euler(CALLS), guidance=NoGuidance(), seed=3)
    generate(page, qtbot)
    whole = page.run.data
    file = next(name for name in page.files if name.endswith(".pftrace"))

    page.run.set_call(5)
    button = real_window.page("generate").inspector.branch
    qtbot.waitUntil(button.isEnabled)
    button.click()
    branch = page.recipe.request.branch
    assert branch is not None
    assert (branch.trace, branch.call) == (file, 5)

    generate(page, qtbot)  # the same settings come to the same end
    rest = read_trace(next(name for name in page.files if name.endswith(".pftrace")))
    first = read_trace(file)
    assert rest.nfe == CALLS - 5
    np.testing.assert_allclose(rest.time, first.time[5:], atol=1e-6)
    np.testing.assert_allclose(rest.latents, first.latents, atol=5e-3)  # states are float16
    assert rest.request.branch == replace(branch, trace=Path(file).name)  # without its folder

    assert "branched from call 6" in real_window.title.text()

    page.recipe.set(guidance=ClassifierFree(3.0))  # other settings come to another
    generate(page, qtbot)
    other = read_trace(next(name for name in page.files if name.endswith(".pftrace")))
    assert np.abs(other.latents - first.latents).max() > 0.01

    view = real_window.page("generate")  # lay it against the run that it came from
    qtbot.waitUntil(view.parent_button.isEnabled)
    QTest.mouseClick(view.parent_button, Qt.MouseButton.LeftButton)
    assert view.stage.layout_name is StageLayout.COMPARE
    against = view.stage.compare.other()
    assert (against.data.done, against.data.request.branch) == (CALLS, None)
    assert against.call == CALLS - 1
    page.run.set_call(0)
    assert view.stage.compare.other().call == 5  # where the branch began
    view.stage.set_layout("four")

    real_window.page("generate").recipe.start_from.parent_run.click()  # back to where it came from
    assert page.run.data.done == CALLS
    assert page.files[-1] == file
    assert whole is not page.run.data
    assert view.parent_button.isHidden()


def test_a_paused_run_can_be_branched(real_window: MainWindow, qtbot: QtBot) -> None:
    view, page = real_window.page("generate"), real_window.page("generate").model
    page.recipe.set_model("small")
    page.recipe.set(sampler=Euler(1000), guidance=NoGuidance())
    QTest.mouseClick(view.generate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.run.done > 3)
    QTest.keyClick(real_window, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: page.jobs.phase is Phase.PAUSED)
    page.run.set_call(2)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(real_window, Qt.Key.Key_B, keys)
    qtbot.waitUntil(lambda: page.recipe.request.branch is not None)
    branch = page.recipe.request.branch
    assert branch.call == 2
    assert read_trace(Path(branch.trace)).nfe == page.run.done < 1000
    page.recipe.set(sampler=Euler(4))
    generate(page, qtbot)
    assert page.run.data.request.branch == branch
