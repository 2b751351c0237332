"""Promises: sparse_guidance_shows_masks, cost_meter_matches_run,
difficulty_masks_reproduce_from_trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from drop_down import pick
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import generate, opened
from small_models import install_small_model, install_small_routed_model

from pfstudio.cli.main import main
from pfstudio.core.conditions import labels
from pfstudio.core.samplers import Euler
from pfstudio.core.sparse_guidance import Sparse
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.ui.stage.views import View, map_values, subtitle, value_text
from pfstudio.ui.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_small_routed_model()
    install_small_model()
    for made in opened(qtbot, qapp):
        recipe = made.page("generate").model.recipe
        recipe.set_model("routed")
        recipe.set(conditions=labels(1), seed=7, sampler=Euler(4))
        yield made


def click(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def trace_of(window: MainWindow) -> Trace:
    files = window.page("generate").model.files
    return read_trace(next(name for name in files if "trace" in name))


def test_sparse_guidance_shows_masks(window: MainWindow, qtbot: QtBot) -> None:
    page, panel = window.page("generate"), window.page("generate").recipe
    pick(panel.guidance, "sparse")
    assert panel.guidance.key() == "sparse"
    generate(page.model, qtbot)
    trace, data = trace_of(window), page.model.run.data
    assert trace.request.guidance == Sparse()
    third = page.stage.four[2]
    third.set_view(View.MASKS)
    for call in range(4):
        page.model.run.set_call(call)
        strong, weak = trace.kept[call, 0, :, 0]
        shown = map_values(data, View.MASKS, call, 0)
        np.testing.assert_array_equal(shown, 2 * strong + weak)
        assert (strong.sum(), weak.sum()) == (12, 5)
        np.testing.assert_array_equal(
            map_values(data, View.DIFFERENCE, call, 0), trace.difference[call, 0]
        )
    assert "strong only" in subtitle(data, View.MASKS, 3, 0)
    code = int(shown[0, 0])
    word = ("skipped", "weak only", "strong only", "both")[code]
    assert value_text(data, View.MASKS, 3, 0, (0, 0)).endswith(word)

    def picture() -> object:
        qtbot.wait(30)
        return third.canvas.grab().toImage()

    page.stage.setFocus()
    last = picture()
    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert page.model.run.call == 0
    assert picture() != last  # each call draws its own

    pick(panel.guidance, "none")
    generate(page.model, qtbot)
    assert subtitle(page.model.run.data, View.MASKS, 0, 0) == "this guidance has none"


def test_cost_meter_matches_run(window: MainWindow, qtbot: QtBot) -> None:
    page, panel = window.page("generate"), window.page("generate").recipe
    texts = []
    for rule in ("cfg", "sparse", "cfg-sparse"):
        pick(panel.guidance, rule)
        model = page.model.recipe
        qtbot.waitUntil(
            lambda model=model: model.estimate is not None and model.estimate_is_current
        )
        told = model.estimate.tflop
        before = panel.cost.compute.text()
        generate(page.model, qtbot)
        assert page.model.run.data.flops == pytest.approx(1e12 * told, rel=1e-6)
        page.inspector.refresh()
        assert page.inspector.run_table.text("Compute") == before
        texts.append(told)
    assert texts[1] < texts[2] < texts[0]


def test_difficulty_masks_reproduce_from_trace(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, panel = window.page("generate"), window.page("generate").recipe
    pick(panel.guidance, "sparse")
    click(qtbot, panel.guidance_form.control("masks").segment("difficulty"))
    assert page.model.recipe.request.guidance == Sparse(masks="difficulty")
    picture = generate(page.model, qtbot)
    file = next(name for name in page.model.files if "trace" in name)
    out = tmp_path / "again"
    flags = ["--class", "1", "--seed", "7", "--sampler", "euler", "--steps", "4"]
    flags += ["--guidance", "sparse", "--masks", "nested", "--out", str(out)]
    command = ["generate", "--model", "routed", *flags, "--trace", str(tmp_path / "b.safetensors")]
    assert main([*command, "--masks-file", file]) == 0
    capsys.readouterr()
    first, second = trace_of(window), read_trace(tmp_path / "b.safetensors")
    np.testing.assert_array_equal(second.kept, first.kept)
    np.testing.assert_allclose(second.latents, first.latents, atol=1e-4)
    (again,) = out.glob("*.png")
    both = [np.asarray(Image.open(path), np.int32) for path in (again, picture)]
    assert np.abs(both[0] - both[1]).max() <= 1


def test_a_model_without_routes_offers_none(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.page("generate").recipe
    assert not panel.guidance_warning.isVisibleTo(panel)
    pick(panel.guidance, "sparse")
    panel.guidance_form.control("strong").edited.emit(0.8)
    assert panel.guidance_warning.isVisibleTo(panel)
    assert "wrong way" in panel.guidance_warning.text()
    window.page("generate").model.recipe.set_model("small")
    assert panel.guidance.key() == "cfg"
    pick(panel.guidance, "sparse")
    assert panel.guidance.key() == "cfg"
