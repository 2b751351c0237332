"""Promise: the lab compares guidance rules, and the masks of sparse guidance, with the real engine:
same noise and sampler, a column each, and what each costs against what it changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import opened
from small_models import install_small_routed_model
from tick import choose

from pfstudio.core.conditions import labels
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.perturbed_guidance import PerturbedAttention
from pfstudio.core.samplers import Euler
from pfstudio.core.sparse_guidance import Sparse
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.ui.lab.model import LabModel
from pfstudio.ui.lab.run import State
from pfstudio.ui.stage.views import View
from pfstudio.ui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_small_routed_model()
    for made in opened(qtbot, qapp):
        recipe = made.page("generate").model.recipe
        recipe.set_model("routed")
        recipe.set(conditions=labels(1), seed=7, sampler=Euler(50))
        yield made


def traces(lab: LabModel) -> list[Trace]:
    return [read_trace(next(n for n in run.files if "trace" in n)) for run in lab.runs]


def test_lab_compares_guidance_rules(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    lab, panel = page.lab_panel.model, page.lab_panel
    qtbot.mouseClick(page.lab_button, LEFT)
    qtbot.mouseClick(panel.setup.compared.segment("guidance"), LEFT)
    choose(panel.setup.variants, "none", "cfg", "sparse", "sparse:nested", "pag")
    panel.setup.nfe.setFocus()
    panel.setup.nfe.set_number(6)
    qtbot.mouseClick(panel.setup.compare, LEFT)
    qtbot.waitUntil(lambda: len(lab.runs) == 5 and not lab.busy, timeout=60_000)
    assert [run.state for run in lab.runs] == [State.DONE] * 5

    saved = traces(lab)
    assert [trace.request.guidance for trace in saved] == [
        NoGuidance(), ClassifierFree(2.0), Sparse(), Sparse(masks="nested"), PerturbedAttention()
    ]  # fmt: skip
    assert {trace.request.sampler for trace in saved} == {Euler(6)}
    for trace in saved[1:]:
        np.testing.assert_array_equal(trace.noise, saved[0].noise)

    # Each column shows how far its rule pushes each patch, at the cursor that all share.
    assert lab.view is View.DIFFERENCE
    page.model.run.set_call(2)
    for run, trace in zip(lab.runs, saved, strict=True):
        shown = lab.values(run)
        if trace.request.guidance == NoGuidance():
            assert np.isnan(shown).all()
        else:
            np.testing.assert_array_equal(shown, trace.difference[2, 0])
            assert shown.max() > 0
    strong, weak = saved[3].kept[2, 0, :, 0]
    assert (strong >= weak).all()  # nested

    # The table and the plot say what each costs, and how far it is from the run of most compute.
    assert lab.reference == 1
    qtbot.waitUntil(lambda: panel.table.item(4, 6).text() != "–")
    cells = [[panel.table.item(row, column).text() for column in range(8)] for row in range(5)]
    assert [row[1] for row in cells] == ["6"] * 5
    flops = [float(trace.flops.sum()) for trace in saved]
    assert flops[0] < flops[2] == flops[3] < flops[1]
    assert flops[0] < flops[4] < flops[1]
    qtbot.mouseClick(panel.views.parts.segment("Plot"), LEFT)
    qtbot.waitUntil(lambda: len(panel.plot.buttons) == 5)
    places = [button.geometry().center() for button in panel.plot.buttons]
    assert [p.x() for p in places] == pytest.approx(
        [places[0].x() + (f - flops[0]) / (flops[1] - flops[0]) * (places[1].x() - places[0].x())
         for f in flops], abs=1.5
    )  # fmt: skip
    assert places[1].y() > max(place.y() for i, place in enumerate(places) if i != 1)
    front = [button.best for button in panel.plot.buttons]
    assert front[0]  # nothing is cheaper
    assert front[1]  # nothing is nearer

    # A point chooses its column by mouse, and the next one by key.
    qtbot.mouseClick(panel.plot.buttons[0], LEFT)
    assert lab.selected == 0
    assert page.model.run.data.request.guidance == NoGuidance()
    panel.plot.buttons[0].clearFocus()  # a click leaves the arrow keys to the time cursor
    panel.plot.buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(panel.plot.buttons[0], Qt.Key.Key_Right)
    assert lab.selected not in (0, None)
    assert page.model.run.call == 2  # the cursor stays


def test_equal_seconds_give_the_cheaper_rule_more_calls(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    lab, panel = page.lab_panel.model, page.lab_panel
    qtbot.mouseClick(page.lab_button, LEFT)
    qtbot.mouseClick(panel.setup.compared.segment("guidance"), LEFT)
    choose(panel.setup.variants, "none", "cfg")
    qtbot.mouseClick(panel.setup.budget.segment("seconds"), LEFT)
    panel.setup.seconds.set_number(0.5)
    qtbot.mouseClick(panel.setup.compare, LEFT)
    qtbot.waitUntil(lambda: len(lab.runs) == 2, timeout=60_000)
    assert [run.request.guidance.name for run in lab.runs] == ["none", "cfg"]
    assert all(run.request.sampler.nfe > 1 for run in lab.runs)
    lab.stop()
    qtbot.waitUntil(lambda: not lab.busy, timeout=60_000)
