"""Promise: what is typed is what is generated, with the list open as with any field in use."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_bench import Bench

from pfstudio.core.conditions import labels
from pfstudio.ui.jobs import Phase
from pfstudio.ui.recipe.class_field import ClassField

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


def press(bench: Bench, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    """Where a person's key goes: to the window of the list, while it is open."""
    target = QApplication.activePopupWidget() or bench.window
    QTest.keyClick(target.windowHandle(), key, modifier)


def type_words(bench: Bench, text: str) -> None:
    for letter in text:
        press(bench, Qt.Key(ord(letter.upper())))


def opened(bench: Bench) -> ClassField:
    """The class field after a click."""
    bench.window.activateWindow()
    bench.page.recipe.set(conditions=labels(0))
    field = bench.window.page("generate").recipe.classes
    bench.qtbot.mouseClick(field.edit, Qt.MouseButton.LeftButton)
    bench.until(field.list.isVisible)
    return field


@pytest.mark.parametrize("modifier", [NONE, CTRL])
def test_typed_class_is_generated(
    open_window: Callable[..., Bench], modifier: Qt.KeyboardModifier
) -> None:
    field = opened(bench := open_window())
    type_words(bench, "wolf")
    press(bench, Qt.Key.Key_Return, modifier)
    bench.until_phase(Phase.RUNNING, Phase.IDLE)
    bench.until(lambda: bench.page.run.data is not None)
    assert bench.page.run.data.request.conditions == labels(2)
    assert not field.list.isVisible()
    assert field.edit.text() == "grey wolf"


def test_leaving_the_field_takes_what_is_typed(open_window: Callable[..., Bench]) -> None:
    field = opened(bench := open_window())
    type_words(bench, "hou")
    press(bench, Qt.Key.Key_Tab)
    assert not field.list.isVisible()
    assert bench.page.recipe.request.conditions == labels(3)
    assert field.edit.text() == "house"


def test_an_unknown_class_is_told_and_not_run(open_window: Callable[..., Bench]) -> None:
    opened(bench := open_window())
    type_words(bench, "zzz")
    press(bench, Qt.Key.Key_Return, CTRL)
    assert bench.window.context.notifier.notices[-1].text == "There is no class “zzz”."
    assert bench.window.jobs.phase is Phase.IDLE
    assert bench.page.run.data is None


def test_an_emptied_field_shows_its_class_again(open_window: Callable[..., Bench]) -> None:
    field = opened(bench := open_window())
    press(bench, Qt.Key.Key_Delete)
    press(bench, Qt.Key.Key_Escape)
    assert field.edit.text() == "tabby cat"


def test_a_typed_seed_is_generated(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    seed = bench.window.page("generate").recipe.seed
    seed.setFocus()
    seed.selectAll()
    type_words(bench, "77")
    press(bench, Qt.Key.Key_Return, CTRL)
    bench.until(lambda: bench.page.run.data is not None)
    assert bench.page.run.data.request.seed == 77
