"""Promise: the Tab key goes through every page as the eye does, and never out of sight."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from page_scenes import SCENES, install_every_model
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget
from window_bench import Bench

from pfstudio.ui.settings_dialog import SettingsDialog

KEY, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier


def place_of(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def walked(bench: Bench, window: QWidget, key: Qt.Key = KEY.Key_Tab) -> list[QWidget]:
    """What the key reaches, from where the focus is until it is there again."""
    start = QApplication.focusWidget()
    reached = [start]
    for _ in range(200):
        bench.qtbot.keyClick(QApplication.focusWidget(), key)
        if QApplication.focusWidget() is start:
            return reached
        reached.append(QApplication.focusWidget())
        assert not reached[-1].visibleRegion().isEmpty(), reached[-1].accessibleName()
    raise AssertionError(f"Tab does not come back to {start.accessibleName()}")


def backwards(order: list[QWidget]) -> list[str]:
    """The steps that go up in a column or to the left in a row."""
    wrong = []
    for before, after in pairwise(order):
        one, two = place_of(before), place_of(after)
        same_row = one.top() < two.bottom() and two.top() < one.bottom()
        same_column = one.left() < two.right() and two.left() < one.right()
        if (same_row and two.left() < one.left()) or (same_column and two.bottom() <= one.top()):
            wrong.append(f"{before.accessibleName()} -> {after.accessibleName()}")
    return wrong


@pytest.mark.parametrize("key", SCENES)
def test_every_page(open_window: Callable[..., Bench], tmp_path: Path, key: str) -> None:
    install_every_model()
    bench = open_window()
    window = bench.window
    window.open_page(key)
    window.resize(1600, 1400)  # nothing has to be scrolled
    SCENES[key](bench, tmp_path)
    bench.qtbot.wait(50)
    window.activateWindow()
    window.status.queue.setFocus()  # the last one
    order = walked(bench, window)
    assert len(order) >= 5
    assert backwards([*order[1:], order[0]]) == []
    can = [
        widget for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
        if widget.isVisible() and widget.isEnabled() and not isinstance(widget, QScrollBar)
    ]  # fmt: skip
    assert set(can) == set(order)
    window.resize(1000, 600)
    bench.qtbot.wait(50)
    walked(bench, window, KEY.Key_Backtab)


def test_settings(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.window.commands.action("edit.settings").trigger()
    (dialog,) = bench.window.findChildren(SettingsDialog)
    dialog.activateWindow()
    bench.until(lambda: QApplication.focusWidget() is not None)
    order = walked(bench, dialog)
    first = min(range(len(order)), key=lambda place: place_of(order[place]).y())
    assert len(order) > 5
    assert backwards(order[first:] + order[:first]) == []
    dialog.close()
