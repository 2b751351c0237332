"""A button for many choices, used with mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from tick import tick

from pfstudio.ui.widgets.many_choice import Entry, ManyChoice

ENTRIES = (Entry("a", "First"), Entry("b", "Second"), Entry("c", "Third", "It cannot be."))


@pytest.fixture
def choice(qtbot: QtBot) -> ManyChoice:
    made = ManyChoice()
    qtbot.addWidget(made)
    made.offer("Letters", ENTRIES, ("a", "c"))
    made.resize(260, 30)
    made.show()
    return made


def test_what_cannot_be_is_not_chosen_but_stays_ticked(choice: ManyChoice) -> None:
    assert choice.keys() == ("a",)
    assert choice.text() == "First"
    assert choice.accessibleName() == "Letters: First"
    choice.offer("Letters", [Entry(one.key, one.text) for one in ENTRIES], choice.ticked())
    assert choice.keys() == ("a", "c")
    assert choice.text() == "First, Third"


def test_the_mouse_ticks_several_at_once(choice: ManyChoice, qtbot: QtBot) -> None:
    with qtbot.waitSignals([choice.chosen, choice.chosen]):
        tick(choice, "a", "b", "c")
    assert choice.keys() == ("b",)


def test_keys_tick_and_the_menu_stays(choice: ManyChoice, qtbot: QtBot) -> None:
    qtbot.mouseClick(choice, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Space)
    assert menu.isVisible()
    assert choice.keys() == ("a", "b")
    assert [action.toolTip() for action in menu.actions()][2] == "It cannot be."
    qtbot.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


def test_long_lists_are_shortened(choice: ManyChoice) -> None:
    choice.offer("Letters", [Entry(str(i), f"Letter {i}") for i in range(9)], map(str, range(9)))
    assert choice.text().endswith("…")
    assert choice.fontMetrics().horizontalAdvance(choice.text()) < choice.width() - 30
    assert choice.toolTip().endswith("Letter 8")
