"""The lab in the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_bench import Bench

LEFT = Qt.MouseButton.LeftButton


def test_the_table_shows_every_sampler(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    page = bench.window.page("generate")
    QTest.mouseClick(page.lab_button, LEFT)
    panel = page.lab_panel
    for button in panel.setup.samplers.values():
        if not button.isChecked():
            QTest.mouseClick(button, LEFT)
    QTest.mouseClick(panel.setup.compare, LEFT)
    bench.until(lambda: bool(page.lab.runs) and not page.lab.busy)
    table = panel.table
    assert table.rowCount() == len(panel.setup.samplers) >= 5
    QTest.qWait(50)
    seen = table.viewport().rect()
    last = table.visualItemRect(table.item(table.rowCount() - 1, 0))
    assert seen.contains(last)
    assert not table.verticalScrollBar().isVisible()
    assert panel.columns[0].picture.height() > 70
