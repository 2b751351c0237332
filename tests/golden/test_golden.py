"""Every page in every theme looks as it did when its picture was stored beside this file.

`pytest tests/golden --update-golden` stores the pictures anew; look at each before it is committed.
Everything shown is made up, so nothing depends on the processor, the clock or the network.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import upscale_scene
from depth_scene import install_depth_card, write_scene
from library_results import save_results
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from scripted_runner import Script
from upscale_bench import install_upsamplers
from window_bench import Bench, open_window

from pfstudio.core.samplers import DualLoop
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.ui.features.maps import Place
from pfstudio.ui.features.model import Tab
from pfstudio.ui.memory import MemoryUse
from pfstudio.ui.notify import INFO, Notice
from pfstudio.ui.pages.registry import PAGES
from pfstudio.ui.theme import THEMES

__all__ = ["open_window"]
FOLDER = Path(__file__).parent
SIZE = (1280, 720)  # the smallest window with every panel
DIFFERENT = 16  # levels of a channel: fonts are drawn a little otherwise by every Qt
MOST = 0.001  # share of the pixels that may differ by more


@pytest.fixture
def bench(open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A window with every page, at a fixed size, on a machine with a fixed memory."""
    monkeypatch.setattr("pfstudio.ui.status_bar.memory_in_use", lambda: MemoryUse(1.5, 16.0))
    install_depth_card()
    install_upsamplers()
    bench = open_window()
    bench.window.resize(*SIZE)
    return bench


def show_generate(bench: Bench, folder: Path) -> None:
    """A finished run, at a call before its end, with a patch that was picked."""
    bench.page.recipe.set(sampler=DualLoop(steps=3), seed=7)
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: bench.page.run.data is not None and bench.page.run.data.ended)
    bench.page.run.set_call(7)
    bench.page.run.set_patch(1, 2)
    data = bench.page.run.data
    bench.until(lambda: all(data.is_decoded(call, 0) for call in range(data.done)))


def show_depth(bench: Bench, folder: Path) -> None:
    """A scene with its depth, and a second file."""
    model = bench.window.page("depth").model
    model.set(model="scenes")
    model.add_paths([write_scene(folder, 1), write_scene(folder, 2)])
    bench.until(lambda: len(model.finished()) == 2 and not model.busy)
    bench.until(lambda: model.detail.values is not None and model.flow.missing() is None)


def show_upscale(bench: Bench, folder: Path) -> None:
    """A picture and its enlargement, which is not saved: its file's name would be the time."""
    bench.runner.scripts[UpscaleRequest] = Script(partial(upscale_scene.events, saves=False))
    model = bench.window.page("upscale").model
    model.add_paths([write_scene(folder, 3)])
    bench.until(lambda: len(model.files.items) == 1)
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: not model.busy and model.shown.result is not None)


def show_library(bench: Bench, folder: Path) -> None:
    """A few results, one of them chosen and starred."""
    save_results(["a red fox", "an owl at night", "a rocket", "a birthday cake", "a whale"])
    page = bench.window.page("library")
    model = page.model
    model.scan()
    bench.until(lambda: model.list.rowCount() == 5 and not model.is_scanning)
    model.mark(model.list.items[1], starred=True, note="for the wall")
    bench.until(lambda: model.list.items[1].starred)
    page.grid.setCurrentIndex(model.list.index(1))
    bench.until(lambda: all(model.list.thumbnail(item) for item in model.list.items))


def show_features(bench: Bench, folder: Path) -> None:
    """Two scenes, and a patch that was found in the other one."""
    page = bench.window.page("features")
    page.accept([write_scene(folder, 1), write_scene(folder, 2)])
    bench.until(lambda: page.model.matrix is not None and not page.model.busy)
    QTest.mouseClick(page.tabs.segment(Tab.MATCH.name), Qt.MouseButton.LeftButton)
    page.model.touch(Place(0, 5, 2))


SCENES = {
    "generate": show_generate, "depth": show_depth, "upscale": show_upscale,
    "library": show_library, "features": show_features,
}  # fmt: skip


def grabbed(bench: Bench) -> np.ndarray:
    """The window's pixels (H,W,3) uint8, without what comes and goes by itself."""
    bench.window.notices.dismiss_all()
    bench.window.status.say(Notice(INFO, ""))
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
        seen, stored = grabbed(bench), FOLDER / f"{page}-{theme}.png"
        if request.config.getoption("--update-golden"):
            Image.fromarray(seen // 8 * 8 + 4).save(stored, optimize=True)  # less to store
            continue
        with Image.open(stored) as image:
            expected = np.asarray(image.convert("RGB"))
        assert seen.shape == expected.shape
        apart = np.abs(seen.astype(int) - expected).max(axis=2) > DIFFERENT
        if apart.mean() > MOST:
            path = tmp_path / stored.name
            Image.fromarray(seen).save(path)
            wrong.append(f"{stored.name}: {apart.mean():.2%} of the pixels differ, now {path}")
    assert not wrong, "\n".join(wrong)


def test_every_page_has_pictures() -> None:
    assert [spec.key for spec in PAGES] == list(SCENES)
