"""The lab in the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from priced_runs import PRICED
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from shown_texts import cut, painted
from stage_bench import middle_of
from tick import choose, tick
from window_bench import Bench

from pfstudio.core.events import Failed
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import SAMPLERS, Euler
from pfstudio.ui.lab.column import SIDE
from pfstudio.ui.lab.panel import LabPanel
from pfstudio.ui.lab.pareto import ticks
from pfstudio.ui.lab.view_bar import Part
from pfstudio.ui.stage.views import View

LEFT = Qt.MouseButton.LeftButton
RULES = ("none", "cfg", "interval", "cfg-zero")


def opened(bench: Bench) -> LabPanel:
    page = bench.window.page("generate")
    QTest.mouseClick(page.lab_button, LEFT)
    return page.lab_panel


def compared(bench: Bench, *rules: str) -> LabPanel:
    """The lab with these guidance rules compared, by mouse."""
    bench.runner.scripts[GenerateRequest] = PRICED
    bench.page.recipe.set(sampler=Euler(6))
    panel = opened(bench)
    QTest.mouseClick(panel.setup.compared.segment("guidance"), LEFT)
    choose(panel.setup.variants, *rules)
    panel.setup.nfe.set_number(6)
    QTest.mouseClick(panel.setup.compare, LEFT)
    bench.until(lambda: len(panel.model.runs) == len(rules) and not panel.model.busy)
    bench.qtbot.wait(50)
    return panel


def show(panel: LabPanel, part: Part) -> None:
    QTest.mouseClick(panel.views.parts.segment(part.value), LEFT)
    QTest.qWait(50)


def click(button: QWidget) -> None:
    QTest.mouseClick(button, LEFT)
    QTest.qWait(50)


def test_the_table_shows_every_sampler(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel = opened(bench)
    choose(panel.setup.variants, *SAMPLERS)
    QTest.mouseClick(panel.setup.compare, LEFT)
    bench.until(lambda: bool(panel.model.runs) and not panel.model.busy)
    table = panel.table
    assert table.rowCount() == len(SAMPLERS) >= 5
    QTest.qWait(50)
    seen = table.viewport().rect()
    last = table.visualItemRect(table.item(table.rowCount() - 1, 0))
    assert seen.contains(last)
    assert not table.verticalScrollBar().isVisible()
    assert panel.columns[0].picture.height() > 70


def test_only_what_the_model_can_do_is_offered(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel = opened(bench)
    QTest.mouseClick(panel.setup.compared.segment("guidance"), LEFT)
    assert panel.setup.variants.keys() == ("none", "cfg")
    bench.page.recipe.set_model("plain-dit")
    tick(panel.setup.variants, "none", "difficulty", "sparse")
    assert panel.setup.variants.keys() == ("cfg",)
    assert not panel.setup.compare.isEnabled()
    assert panel.setup.compare.toolTip() == "Choose at least two"


def test_rules_have_a_column_and_a_row_each(open_window: Callable[..., Bench]) -> None:
    panel = compared(open_window(), *RULES)
    assert [one.head.text() for one in panel.columns] == ["None", "CFG", "Interval", "CFG-Zero*"]
    rows = [[panel.table.item(row, c).text() for c in range(8)] for row in range(3)]
    assert rows[0][:5] == ["None", "6", "1", "192", "6.0 GFLOP"]
    assert rows[1][0] == "CFG (reference)"
    assert rows[1][6:] == ["–", "–"]
    assert rows[2][2:5:2] == ["1.7", "10 GFLOP"]
    assert panel.table.horizontalHeaderItem(0).text() == "Guidance"
    assert panel.model.view is View.DIFFERENCE
    assert panel.columns[1].head.accessibleDescription() == "mean 2.00"
    canvas = panel.columns[1].map
    QTest.mouseMove(canvas, middle_of(canvas, 1, 2))
    assert "R 2 · C 3   |Δv| 2.00" in "".join(painted(canvas))
    panel.model.set_view(View.TIME)  # under the pointer, which rests
    QTest.qWait(50)
    assert "R 2 · C 3   t " in "".join(painted(canvas))


def test_arrow_keys_choose_a_row(open_window: Callable[..., Bench]) -> None:
    panel = compared(open_window(), *RULES)
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=QPoint(20, 8))
    assert panel.model.selected == 0
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.model.selected == 1


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_is_cut_where_there_is_little_room(
    open_window: Callable[..., Bench], theme: str
) -> None:
    bench = open_window()
    bench.window.settings.set(theme=theme)
    panel = compared(bench, *RULES)
    bench.window.resize(1000, 600)
    bench.qtbot.wait(100)
    inside = QRect(QPoint(0, 0), panel.size())

    def whole(part: QWidget, least: int) -> bool:
        place = QRect(part.mapTo(panel, QPoint(0, 0)), part.size())
        return part.isVisible() and inside.contains(place) and part.height() >= least

    for part, widget, least in (
        (Part.IMAGES, panel.columns[-1], 100),
        (Part.TABLE, panel.table, 110),
        (Part.PLOT, panel.plot, 110),
    ):
        show(panel, part)
        assert whole(widget, least), part
        assert cut(panel) == []
    assert not panel.table.isVisible()


def test_at_every_height_columns_are_whole(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel = compared(bench, *RULES, "icg", "apg")  # too many for the width: they scroll
    both = 0
    for height in (600, 960, 680, 800):
        bench.window.resize(1400, height)
        bench.qtbot.wait(20)
        for part in Part:
            if panel.views.parts.segment(part.value).isVisible():
                show(panel, part)
            if not panel.columns[0].isVisible():
                continue
            column = panel.columns[0]
            assert column.picture.height() >= SIDE
            assert column.map.height() >= SIDE
            bottom = column.mapTo(panel, QPoint(0, column.height())).y()
            beside = [one for one in (panel.table, panel.plot) if one.isVisible()]
            assert all(bottom <= one.y() for one in beside)
            both += bool(beside)
    assert both >= 6


# -- the plot ------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1e-9, 0.02, 0.3, 1.0, 7.0, 40.0, 41.0, 99.9, 1e13])
def test_ticks_are_few_and_round(most: float) -> None:
    found = ticks(most)
    assert found[0] == 0
    assert found[-2] < most <= found[-1] * (1 + 1e-9)
    assert 3 <= len(found) <= 6
    assert f"{found[1]:.0e}"[0] in "125"


def test_nothing_known_has_a_plot_without_numbers() -> None:
    assert ticks(0.0) == [0.0, 1.0]


def test_a_click_on_a_point_chooses_its_column(open_window: Callable[..., Bench]) -> None:
    panel = compared(open_window(), *RULES)
    show(panel, Part.PLOT)
    none, cfg, interval, last = panel.plot.buttons
    assert (none.x(), none.y()) < (interval.x(), interval.y()) < (cfg.x(), 1e9)
    assert none.y() < interval.y() < cfg.y()  # the further from the reference, the higher
    click(interval)
    assert panel.model.selected == 2
    assert panel.columns[2].head.isChecked()
    assert [one.isChecked() for one in panel.plot.buttons] == [False, False, True, False]
    assert interval.accessibleName() == "Interval: 10 GFLOP per image, RMSE 2.00"
    assert cfg.accessibleName() == "CFG: 12 GFLOP per image, the reference"
    click(last)  # it lies on CFG and is drawn above
    assert panel.model.selected == 3


def test_arrow_keys_go_from_point_to_point(open_window: Callable[..., Bench]) -> None:
    panel = compared(open_window(), "none", "cfg", "interval")
    show(panel, Part.PLOT)
    none, cfg, interval = panel.plot.buttons
    none.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(none, Qt.Key.Key_Space)
    assert panel.model.selected == 0
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert QApplication.focusWidget() is interval
    assert panel.model.selected == 2
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert panel.model.selected == 1
    assert cfg.isChecked()


def test_the_front_and_the_axes_are_named(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel = compared(bench, "none", "cfg", "interval")
    show(panel, Part.PLOT)
    assert [one.best for one in panel.plot.buttons] == [True, True, True]
    assert [one.hollow for one in panel.plot.buttons] == [False, True, False]
    texts = painted(panel.plot)
    assert "RMSE to CFG, in grey levels ↑" in texts
    assert "Compute per image (GFLOP) →" in texts
    assert {"None", "CFG", "Interval"} <= set(texts)
    panel.views.costs._pick(panel.views.costs.menu().actions()[1])
    bench.qtbot.wait(50)
    assert "Seconds per image (s) →" in painted(panel.plot)
    panel.model.set_reference(0)
    bench.qtbot.wait(50)
    assert [one.best for one in panel.plot.buttons] == [True, False, False]
    assert "different, not worse" in panel.plot.toolTip()


def test_one_finished_run_makes_no_plot(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.runner.failures = [Failed(0, "It went wrong.")]
    panel = compared(bench, "none", "cfg")
    show(panel, Part.PLOT)
    assert "Two finished columns make a plot." in painted(panel.plot)
    assert not any(one.isVisible() for one in panel.plot.buttons)
