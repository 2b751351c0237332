"""Picks from a drop-down list as a person does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from pfstudio.ui.widgets.fields import DropDown


def pick(choices: DropDown, key: str) -> None:
    """Open the list and click a row."""
    choices.showPopup()
    view, index = choices.view(), choices.model().index(choices.findData(key), 0)
    view.scrollTo(index)
    place = view.visualRect(index).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    choices.hidePopup()  # a row that cannot be picked leaves it open
    choices.window().activateWindow()  # as a window manager does; the offscreen screen has none
