"""Ticks entries of a `ManyChoice` as a person does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from pfstudio.ui.widgets.many_choice import ManyChoice

LEFT = Qt.MouseButton.LeftButton


def tick(choice: ManyChoice, *keys: str) -> None:
    """Open the menu, click entries, and close it."""
    QTest.mouseClick(choice, LEFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for action in menu.actions():
        if action.data() in keys:
            QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
            assert menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()
    choice.window().activateWindow()  # as a window manager does; the offscreen screen has none


def choose(choice: ManyChoice, *keys: str) -> None:
    """Tick these, and take the ticks of all others away."""
    tick(choice, *set(choice.keys()) ^ set(keys))
    assert set(choice.keys()) == set(keys)
