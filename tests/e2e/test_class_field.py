"""The class that was typed is made; Escape closes what is open first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import opened
from small_models import install_small_model

from pfstudio.core.conditions import labels
from pfstudio.core.metadata import read_recipe
from pfstudio.core.models import models_folder
from pfstudio.core.samplers import Euler
from pfstudio.ui.recipe.class_field import PICTURES_NAME, ClassField
from pfstudio.ui.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_small_model()
    sheet = np.zeros((2 * 8, 3 * 8, 3), np.uint8)  # five classes in a square of three
    sheet[8:, :8] = (200, 30, 40)  # the fourth
    Image.fromarray(sheet).save(models_folder() / "small" / PICTURES_NAME, lossless=True)
    yield from opened(qtbot, qapp)


def field_of(window: MainWindow) -> ClassField:
    return window.page("generate").recipe.classes


def click(field: ClassField, qtbot: QtBot) -> None:
    qtbot.mouseClick(field.edit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(field.list.isVisible)


@pytest.mark.parametrize("keys", ["Return", "Ctrl+Return", "focus"])
def test_typed_class_is_generated(window: MainWindow, qtbot: QtBot, keys: str) -> None:
    field, page = field_of(window), window.page("generate").model
    page.recipe.set(sampler=Euler(1), conditions=labels(0))
    click(field, qtbot)
    qtbot.keyClicks(field.edit, "arctic")  # over what was selected
    with qtbot.waitSignal(page.ended, timeout=60_000):
        if keys == "focus":
            field.list.hide()
            window.page("generate").recipe.seed.setFocus()
            window.page("generate").generate.click()
        else:
            ctrl = Qt.KeyboardModifier.ControlModifier
            none = Qt.KeyboardModifier.NoModifier
            target = field.list if keys == "Return" else window  # an open list gets the keys
            if keys == "Ctrl+Return":
                field.list.hide()
            QTest.keyClick(target, Qt.Key.Key_Return, ctrl if keys != "Return" else none)
    (picture,) = [Path(name) for name in page.files if name.endswith(".png")]
    assert read_recipe(picture).request.conditions == labels(3)


def test_escape_closes_popup_first(window: MainWindow, qtbot: QtBot) -> None:
    field, page = field_of(window), window.page("generate").model
    page.recipe.set(sampler=Euler(1000), conditions=labels(1))
    page.generate()
    qtbot.waitUntil(lambda: page.run.done > 0, timeout=60_000)
    click(field, qtbot)
    qtbot.keyClicks(field.edit, "fo")
    qtbot.keyClick(field.edit, Qt.Key.Key_Escape)
    assert not field.list.isVisible()
    assert field.edit.text() == page.recipe.model.card.classes[1]
    assert page.run.is_live
    assert window.jobs.running is not None
    with qtbot.waitSignal(page.ended, timeout=60_000):  # the next one stops the run
        qtbot.keyClick(window, Qt.Key.Key_Escape)


def test_every_class_can_be_browsed_with_its_picture(window: MainWindow, qtbot: QtBot) -> None:
    field, page = field_of(window), window.page("generate").model
    click(field, qtbot)
    assert field.edit.selectedText() == field.edit.text() != ""
    model = field.list.model()
    assert model.rowCount() == len(page.recipe.model.card.classes)
    icon = model.index(3, 0).data(Qt.ItemDataRole.DecorationRole)
    assert icon.pixmap(8, 8).toImage().pixelColor(4, 4).getRgb()[:3] == (200, 30, 40)
    for _ in range(4):
        qtbot.keyClick(field.list, Qt.Key.Key_Down)
    qtbot.keyClick(field.list, Qt.Key.Key_Return)
    assert page.recipe.request.conditions == labels(3)
    assert not window.jobs.busy
