"""Every page in every theme looks as it did when its picture was stored beside this file.

`pytest tests/golden --update-golden` stores the pictures anew; look at each before it is committed.
Everything shown is made up, so nothing depends on the processor, the clock or the network.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from page_scenes import SCENES, install_every_model
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from window_bench import Bench, open_window

from pfstudio.ui.memory import MemoryUse
from pfstudio.ui.notify import INFO, Notice
from pfstudio.ui.pages.registry import PAGES
from pfstudio.ui.theme import THEMES

__all__ = ["open_window"]
FOLDER = Path(__file__).parent
SIZE = (1280, 720)  # the smallest window with every panel
DIFFERENT = 16  # levels of a channel: fonts are drawn a little otherwise by every Qt
MOST = 0.001  # share of the pixels that may differ by more
TRIES = 10  # on a busy machine a theme takes a while until every thumbnail is drawn anew


@pytest.fixture
def bench(open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A window with every page, at a fixed size, on a machine with a fixed memory."""
    monkeypatch.setattr("pfstudio.ui.status_bar.memory_in_use", lambda: MemoryUse(1.5, 16.0))
    monkeypatch.setattr("pfstudio.ui.models.page_model._free", lambda folder: 64 * 10**9)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    install_every_model()
    bench = open_window()
    bench.window.resize(*SIZE)
    return bench


def grabbed(bench: Bench) -> np.ndarray:
    """The window's pixels (H,W,3) uint8, without what comes and goes by itself."""
    bench.window.notices.dismiss_all()
    bench.window.status.say(Notice(INFO, ""))
    QTest.mouseMove(bench.window, QPoint(2, 2))
    for widget in bench.window.findChildren(QWidget):  # wherever the mouse was: nothing is lit
        if widget.underMouse():
            widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()  # a text cursor blinks
    bench.qtbot.wait(400)  # thumbnails, previews and delayed refreshes
    image = bench.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.array(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


@pytest.mark.parametrize("page", SCENES)
def test_every_theme_looks_as_stored(
    page: str, bench: Bench, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    bench.window.open_page(page)
    SCENES[page](bench, tmp_path)
    wrong = []
    for theme in THEMES:
        bench.window.settings.set(theme=theme)
        stored = FOLDER / f"{page}-{theme}.png"
        if request.config.getoption("--update-golden"):
            Image.fromarray(grabbed(bench) // 8 * 8 + 4).save(
                stored, optimize=True
            )  # less to store
            continue
        with Image.open(stored) as image:
            expected = np.asarray(image.convert("RGB"))
        for _ in range(TRIES):
            seen = grabbed(bench)
            assert seen.shape == expected.shape
            apart = np.abs(seen.astype(int) - expected).max(axis=2) > DIFFERENT
            if apart.mean() <= MOST:
                break
        else:
            path = tmp_path / stored.name
            Image.fromarray(seen).save(path)
            rows, columns = apart.nonzero()
            wrong.append(
                f"{stored.name}: {apart.mean():.2%} of the pixels differ, in rows {rows.min()} to "
                f"{rows.max()}, columns {columns.min()} to {columns.max()}, now {path}"
            )
    assert not wrong, "\n".join(wrong)


def test_every_page_has_pictures() -> None:
    assert [spec.key for spec in PAGES] == list(SCENES)
