"""A window over the real engine with a small network of random weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from small_models import install_small_depth_model, install_small_model
from window_bench import Recorder

from pfstudio.ui import theme
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.window import MainWindow


@pytest.fixture
def real_window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_small_model()
    yield from opened(qtbot, qapp)


@pytest.fixture
def real_depth_window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    """With a depth model as well, and its page open."""
    install_small_model()
    install_small_depth_model()
    for window in opened(qtbot, qapp):
        window.open_page("depth")
        window.page("depth").model.set(model="small-depth")
        yield window


def opened(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    """For fixtures that have installed models."""
    theme.apply(qapp, "dark")
    window = MainWindow(notifier=Recorder())
    window.resize(1400, 800)  # roomy, whatever the screen of the tests is
    window.show()
    window.start()
    qtbot.waitUntil(lambda: window.jobs.engine.ready, timeout=120_000)
    yield window
    window.close()
    window.deleteLater()
    qapp.processEvents()


def wait_for_run(window: MainWindow, qtbot: QtBot) -> None:
    """Until the run that was asked for has ended."""
    run = window.page("generate").model.run
    qtbot.waitUntil(lambda: run.done > 0 and not run.is_live, timeout=120_000)


def generate(page: GeneratePageModel, qtbot: QtBot) -> Path:
    """Run the recipe; the first picture that was saved."""
    with qtbot.waitSignal(page.ended, timeout=60_000):
        page.generate()
    return Path(next(name for name in page.files if name.endswith(".png")))


def drop(window: MainWindow, path: Path) -> None:
    """Let a file fall on the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    left, none, copy = (
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.DropAction.CopyAction,
    )
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(9, 9), copy, mime, left, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), copy, mime, left, none))
