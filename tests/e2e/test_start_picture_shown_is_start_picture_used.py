"""Promise: also after runs, the start image is shown just as the engine will encode it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from test_start_picture_as_the_engine_sees_it import Encoder, photo, pixels_of
from window_bench import Bench

from pfstudio.engine.initial_state import prepare_initial_state
from pfstudio.ui.stage.views import View


def wide(folder: Path) -> Path:
    """A panorama of 3 : 1."""
    path = folder / "wide.png"
    pixels = np.random.default_rng(1).integers(0, 255, (30, 90, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def run_once(bench: Bench) -> None:
    bench.generate(steps=2)
    bench.until(lambda: bench.page.run.done > 0 and not bench.page.run.is_live)


@pytest.mark.parametrize("make", [photo, wide])
def test_start_picture_shown_is_start_picture_used(
    make: Callable[[Path], Path], open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    bench, encoder = open_window(), Encoder()
    run_once(bench)
    bench.page.recipe.set_picture(make(tmp_path))
    prepare_initial_state(encoder, bench.page.request())
    (encoded,) = encoder.given
    panel = bench.window.page("generate").stage.four[0]
    assert panel.view is View.PREDICTION

    def shown() -> np.ndarray:
        return pixels_of(panel.canvas._layers.picture)

    bench.qtbot.wait(20)
    assert not np.array_equal(shown(), encoded)  # the result
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_X)  # a brush: what it freezes lies under it
    bench.until(lambda: np.array_equal(shown(), encoded))
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_I)
    bench.until(lambda: not np.array_equal(shown(), encoded))
    panel.set_view(View.START)
    bench.until(lambda: np.array_equal(shown(), encoded))


def test_the_view_says_how_to_get_one(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    run_once(bench)
    panel = bench.window.page("generate").stage.four[0]
    panel.set_view(View.START)
    bench.until(lambda: panel.canvas._message == "Drop an image here to start from it.")


def test_the_head_names_a_start_image_only_where_there_is_one(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = open_window()
    head = bench.window.page("generate").stage.four[0].head
    bench.qtbot.wait(50)
    assert "start image" not in head.accessibleDescription()
    bench.page.recipe.set_picture(wide(tmp_path))
    bench.until(lambda: "start image" in head.accessibleDescription())
