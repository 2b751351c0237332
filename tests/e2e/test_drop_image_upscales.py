"""Promise: a picture dropped on the Upscale page comes out larger, with its metadata."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from pytestqt.qtbot import QtBot
from real_window import real_window
from small_models import install_small_upsampler
from upscale_bench import drop

from pfstudio.core.image_io import read_picture
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.models import installed_models
from pfstudio.core.samplers import Euler
from pfstudio.core.upscale_settings import Upscale
from pfstudio.ui.files.model import FileState
from pfstudio.ui.upscale.saving import Result
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]


def open_page(window: MainWindow) -> None:
    """With the small upsampler, as if it had been there at the start."""
    install_small_upsampler()
    window.set_models(installed_models())
    window.page("upscale").model.recipe.set(model="small-upsampler")
    window.open_page("upscale")


def upscale(window: MainWindow, qtbot: QtBot) -> list[Result]:
    """Press Upscale all, and wait for the results."""
    model = window.page("upscale").model
    window.commands.action("run.generate").trigger()
    assert model.busy
    qtbot.waitUntil(lambda: not model.busy, timeout=120_000)
    return model.results


def test_a_dropped_folder_is_upscaled(
    real_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    for name, size in (("a.png", (24, 40)), ("b.jpg", (33, 21))):
        pixels = rng.integers(90, 160, (*size, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / name)
    open_page(real_window)
    model = real_window.page("upscale").model
    drop(real_window, tmp_path)
    qtbot.waitUntil(lambda: len(model.files.items) == 2, timeout=20_000)
    model.recipe.set(factor=4, steps=2, clock="patch-wise")
    first, second = upscale(real_window, qtbot)
    assert [item.state for item in model.files.items] == [FileState.DONE] * 2
    assert (first.size, second.size) == ((160, 96), (84, 132))
    assert read_picture(first.kept).shape == (96, 160, 3)
    shrunk = np.asarray(Image.fromarray(read_picture(first.kept)).resize((40, 24), Image.BOX))
    apart = np.abs(shrunk.astype(int) - read_picture(tmp_path / "a.png"))
    assert apart.mean() < 3  # consistent with the picture, whatever the network adds
    assert set(np.unique(first.upscaled.nfe)) == {1, 2}


def test_a_generated_picture_keeps_its_recipe(real_window: MainWindow, qtbot: QtBot) -> None:
    page = real_window.page("generate").model
    open_page(real_window)
    real_window.open_page("generate")
    page.recipe.set(model="small", sampler=Euler(2), seed=8)
    with qtbot.waitSignal(page.ended, timeout=60_000):
        page.generate()
    source = Path(real_window.page("generate").start_picture.shown_file())
    real_window.commands.action("file.upscale").trigger()
    qtbot.waitUntil(lambda: bool(real_window.page("upscale").model.files.items), timeout=20_000)
    (result,) = upscale(real_window, qtbot)
    assert result.source == source
    assert result.size == (64, 64)
    assert read_recipe(result.kept) == read_recipe(source)
    assert "Hires upscale: 2" in read_notes(result.kept).parameters


def test_one_recipe_samples_and_upscales(real_window: MainWindow, qtbot: QtBot) -> None:
    page = real_window.page("generate").model
    open_page(real_window)
    real_window.open_page("generate")
    page.recipe.set(model="small", sampler=Euler(2), seed=8)
    page.recipe.set(upscale=Upscale("small-upsampler"))
    section = real_window.page("generate").recipe.upscale
    section.factor.segment("2").click()
    assert section.result.text() == "64 × 64 px"
    with qtbot.waitSignal(page.ended, timeout=60_000):
        page.generate()
    picture = next(name for name in page.files if name.endswith(".png"))
    assert read_picture(picture).shape == (64, 64, 3)
    assert page.run.data.final.shape == (1, 64, 64, 3)
    assert read_recipe(Path(picture)).request.upscale == page.recipe.request.upscale
    qtbot.wait(50)  # the stage draws it
    assert page.run.data.width == 64
