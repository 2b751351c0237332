"""A window over the real engine with a small network of random weights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from small_models import install_small_depth_model, install_small_model
from window_bench import Recorder

from pfstudio.ui import theme
from pfstudio.ui.window import MainWindow


@pytest.fixture
def real_window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_small_model()
    yield from _opened(qtbot, qapp)


@pytest.fixture
def real_depth_window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    """With a depth model as well, and its page open."""
    install_small_model()
    install_small_depth_model()
    for window in _opened(qtbot, qapp):
        window.open_page("depth")
        window.depth.model.set(model="small-depth")
        yield window


def _opened(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    theme.apply(qapp, "dark")
    window = MainWindow(notifier=Recorder())
    window.show()
    window.start()
    qtbot.waitUntil(lambda: window.engine.ready, timeout=120_000)
    yield window
    window.close()
    window.deleteLater()
    qapp.processEvents()


def wait_for_run(window: MainWindow, qtbot: QtBot) -> None:
    """Until the run that was asked for has ended."""
    run = window.generate.run
    qtbot.waitUntil(lambda: run.done > 0 and not run.is_live, timeout=120_000)
