"""Promise: Help > Learn shows six flows on one toy, times backbones, and opens what runs here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import opened
from small_models import install_small_model
from window_bench import Bench, open_window

from pfstudio.core.card import CARD_NAME, ModelCard
from pfstudio.core.files import write_text
from pfstudio.core.formulations import FORMULATIONS, MIXTURE
from pfstudio.ui.features.model import Tab
from pfstudio.ui.learn.dialog import LearnDialog
from pfstudio.ui.learn.formulations_view import CALLS
from pfstudio.ui.pages.features_page import FeaturesPage
from pfstudio.ui.window import MainWindow

__all__ = ["open_window"]
LEFT = Qt.MouseButton.LeftButton


def learn(window: MainWindow) -> LearnDialog:
    window.commands.action("help.learn").trigger()
    (dialog,) = window.findChildren(LearnDialog)
    return dialog


def test_six_flows_end_on_the_same_data(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    dialog = learn(bench.window)
    view = dialog.formulations
    bench.until(lambda: len(view.curves.curves) == len(FORMULATIONS))
    assert all(len(curve) == len(CALLS) for curve in view.curves.curves)
    cloud = view.clouds[2]
    assert cloud.path is not None
    before, steps = cloud.grab().toImage(), len(cloud.path.states)
    away = np.linalg.norm(cloud.path.scaled(cloud.step)[:, None] - MIXTURE.means, axis=-1)
    assert (away.min(axis=1) < 4 * MIXTURE.std).mean() > 0.9  # at the end: on the data
    view.progress.setFocus()
    QTest.keyClick(view.progress, Qt.Key.Key_Home)
    assert cloud.step == 0
    assert cloud.grab().toImage() != before
    QTest.keyClick(view.calls, Qt.Key.Key_Right)
    assert len(cloud.path.states) == steps + 1
    noise = view._noise
    QTest.mouseClick(view.again, LEFT)
    assert not np.array_equal(view._noise, noise)


def test_a_row_of_the_field_opens_its_view(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    dialog = learn(bench.window)
    QTest.mouseClick(dialog.tabs.segment("taxonomy"), LEFT)
    QTest.mouseClick(dialog.taxonomy.buttons["A generator as a classifier"], LEFT)
    page = bench.window.page("features")
    assert isinstance(page, FeaturesPage)
    assert bench.window.page_key == "features"
    assert page.model.tab is Tab.RACE
    assert page.tabs.key() == Tab.RACE.name
    QTest.mouseClick(dialog.taxonomy.buttons["Guidance by a weaker prediction"], LEFT)
    assert bench.window.page_key == "generate"


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    folder = install_small_model()
    card = replace(ModelCard.read(folder), quality={"best probe layer, 20 classes of x": "layer 2"})
    write_text(folder / CARD_NAME, card.to_json())
    yield from opened(qtbot, qapp)


def test_backbones_are_measured_here(window: MainWindow, qtbot: QtBot) -> None:
    dialog = learn(window)
    QTest.mouseClick(dialog.tabs.segment("backbones"), LEFT)
    view = dialog.backbones
    view.models = tuple(model for model in view.models if model.name == "small")
    names = [view.table.item(row, 0).text() for row in range(view.table.rowCount())]
    row = names.index(view.models[0].card.title or "small")
    assert row == 0
    assert float(view.table.item(row, 4).text()) > 0  # millions of parameters
    assert view.table.item(row, 6).text() == "–"
    assert view.table.item(row, 7).text() == "layer 2"
    QTest.mouseClick(view.measure, LEFT)
    assert not view.measure.isEnabled()
    qtbot.waitUntil(view.measure.isEnabled, timeout=60_000)
    assert float(view.table.item(row, 5).text()) > 0
    assert float(view.table.item(row, 6).text()) > 0
