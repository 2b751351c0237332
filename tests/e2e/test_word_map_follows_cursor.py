"""Promise: a word shows the patches that attend to it, a patch its words, at every call."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import opened
from small_models import install_small_text_model

from pfstudio.core.conditions import Prompt
from pfstudio.core.samplers import Euler
from pfstudio.core.trace_file import read_trace
from pfstudio.ui.stage.views import View, subtitle
from pfstudio.ui.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_small_text_model()
    yield from opened(qtbot, qapp)


def test_word_map_follows_cursor(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    run, stage, line = page.model.run, page.stage, page.stage.words
    page.model.recipe.set(conditions=(Prompt("a red fox", "blue apple"),), sampler=Euler(4))
    assert not line.isVisible()
    with qtbot.waitSignal(page.model.ended, timeout=60_000):
        page.generate.click()
    qtbot.waitUntil(lambda: line.isVisible() and len(line.chips) == 3)
    assert [chip.text() for chip in line.chips] == ["a", "red", "fox"]
    canvas = stage.four[0].canvas  # the prediction

    def picture() -> object:
        for _ in range(4):
            qtbot.wait(5)
        return canvas.grab().toImage()

    plain = picture()
    qtbot.mouseMove(line.chips[0], QPoint(1, 1))  # wherever the pointer was left before
    qtbot.mouseMove(line.chips[2], QPoint(5, 5))
    qtbot.waitUntil(lambda: run.data.word == 2)
    shown = picture()
    assert shown != plain
    assert subtitle(run.data, View.PREDICTION, run.call, 0) == "final image · fox"
    stage.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert run.call == 0
    assert picture() != shown
    qtbot.mouseMove(line, QPoint(2, 2))
    qtbot.waitUntil(lambda: run.data.word is None)

    line.chips[1].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(line.chips[1], Qt.Key.Key_Space)
    assert run.data.word == 1
    assert line.chips[1].isChecked()
    centre = canvas.placement().patch_rect(3, 0).center() / canvas.devicePixelRatioF()
    qtbot.mouseMove(canvas, centre)
    shares = run.data.word_shares(0, 0)
    most = int(shares[3, 0].argmax())
    qtbot.waitUntil(lambda: line.chips[most].share == 1.0)
    for chip, share in zip(line.chips, shares[3, 0], strict=True):
        assert chip.share == pytest.approx(share / shares[3, 0].max())

    trace = read_trace(next(name for name in page.model.files if "trace" in name))
    np.testing.assert_array_equal(shares, trace.words[0, 0].astype(np.float32).mean(axis=0))
