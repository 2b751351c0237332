"""Promise: who has generated nothing yet sees a finished run, with three hints what to do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from scripted_runner import make_images, make_trace
from window_bench import Bench

from pfstudio.core.conditions import Prompt
from pfstudio.core.image_io import read_picture
from pfstudio.core.paths import shipped
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.ui.pages.first_run import HINTS


@pytest.fixture(autouse=True)
def _only_shipped_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("window_bench.install_models", lambda: None)


def test_first_run_shows_an_example(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    page, run = bench.window.page("generate"), bench.page.run
    image = read_picture(shipped("resources", "samples", "first-run", "image-000.png"))
    assert np.array_equal(run.data.prediction(run.call, 0).pixels, image)
    assert run.call == run.done - 1 > 20
    assert run.data.has_difficulty()
    texts = [label.text() for label in page.first_run.findChildren(QLabel)]
    assert texts == list(HINTS)
    assert page.first_run.isVisible()
    QTest.mouseClick(page.stage.four[1].canvas, Qt.MouseButton.LeftButton)
    QTest.keyClick(page.stage, Qt.Key.Key_Left)
    assert run.call == run.done - 2
    assert page.first_run.isVisible()
    QTest.mouseClick(page.generate, Qt.MouseButton.LeftButton)
    bench.until(page.first_run.isHidden)
    bench.until(lambda: run.data.ended)
    assert bench.page.run.data.request.model == "pft-emoji-text-128"


def test_a_prompt_of_ones_own_is_not_replaced_by_the_examples(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window()
    example, page = bench.page.recipe.request.conditions, bench.window.page("generate")
    assert example == (Prompt("red apple, Fluent 3D style"),)
    bench.page.recipe.set(conditions=(Prompt("a fox"),))
    page.first_run._offered = False
    page.first_run.offer()
    assert bench.page.recipe.request.conditions == (Prompt("a fox"),)


def test_the_hints_can_be_closed(open_window: Callable[..., Bench]) -> None:
    page = open_window().window.page("generate")
    QTest.mouseClick(page.first_run.close_button, Qt.MouseButton.LeftButton)
    assert page.first_run.isHidden()
    assert page.model.run.done > 0


def test_the_last_run_and_no_example_where_there_are_results(
    open_window: Callable[..., Bench],
) -> None:
    request = GenerateRequest(model="m")
    save_result(make_images(request), make_trace(request, 3))
    bench = open_window()
    page, run = bench.window.page("generate"), bench.page.run
    assert page.first_run.isHidden()
    bench.until(lambda: run.data is not None)
    assert run.data.request.model == "m"
    assert page.first_run.isHidden()
