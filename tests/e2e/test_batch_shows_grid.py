"""Promise: the images of a batch and of earlier runs lie in a strip, to show and to go on from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import generate, opened, real_window
from scripted_runner import make_images, make_trace
from window_bench import Bench

from pfstudio.core.conditions import labels
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.result_files import REQUEST_NAME
from pfstudio.core.results import SavedResult, list_results, save_result
from pfstudio.core.samplers import DualLoop
from pfstudio.ui.notify import WARNING
from pfstudio.ui.results_strip import ResultsStrip, entries
from pfstudio.ui.stage.stage_view import StageLayout
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]


def place(strip: ResultsStrip, row: int) -> QPoint:
    return strip.visualItemRect(strip.item(row)).center()


def make_two_runs(window: MainWindow, qtbot: QtBot) -> Path:
    page = window.page("generate").model
    page.recipe.set(model="small", conditions=labels(1), sampler=DualLoop(2, 2), count=3, seed=5)
    first = generate(page, qtbot)
    page.recipe.set(conditions=labels(2), count=1, seed=9)
    generate(page, qtbot)
    strip = window.page("generate").results
    qtbot.waitUntil(lambda: strip.count() == 4, timeout=10_000)
    return first


def test_batch_shows_grid(real_window: MainWindow, qtbot: QtBot, qapp: QApplication) -> None:
    first = make_two_runs(real_window, qtbot)
    page = real_window.page("generate")
    strip, run = page.results, page.model.run
    assert strip.isVisible()
    assert [strip.item(row).toolTip().split(", ")[-1] for row in range(4)] == [
        "seed 9", "seed 5", "seed 6", "seed 7"
    ]  # fmt: skip

    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place(strip, 3))
    qtbot.waitUntil(lambda: run.data is not None and run.data.images == 3)
    assert (run.image, run.data.request.seed) == (2, 5)

    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place(strip, 0))
    qtbot.mouseDClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place(strip, 0))
    qtbot.waitUntil(lambda: page.stage.layout_name is StageLayout.SINGLE)
    assert run.data.request.seed == 9
    assert run.call == run.done - 1

    menu = {action.text(): action for action in strip.menu(strip.item(1)).actions()}
    menu["Use this recipe"].trigger()
    assert page.model.recipe.request.seed == 5
    menu["Copy image"].trigger()
    assert QGuiApplication.clipboard().image().size() == QImage(str(first)).size()
    dragged = strip.mimeData([strip.item(1)]).urls()
    assert [Path(url.toLocalFile()) for url in dragged] == [first]

    real_window.close()
    for again in opened(qtbot, qapp):  # after a restart
        other = again.page("generate").results
        qtbot.waitUntil(lambda other=other: other.count() == 4, timeout=10_000)
        shown = again.page("generate").model.run.data
        assert (shown.request.seed, shown.ended) == (9, True)  # the last run


def save_three(seed: int = 7) -> SavedResult:
    request = GenerateRequest(model="little-pft", seed=seed, count=3)
    return save_result(make_images(request), make_trace(request, 4))


def test_an_image_keeps_its_place_when_one_before_it_is_deleted(
    open_window: Callable[..., Bench],
) -> None:
    images = save_three().images
    images[0].unlink()
    found = entries(list_results())
    assert [(one.request.seeds[one.index], one.image) for one in found] == [
        (8, images[1]), (9, images[2])
    ]  # fmt: skip

    bench = open_window()
    page = bench.window.page("generate")
    assert page.open_result(found[1])
    assert (bench.page.run.image, page.start_picture.shown_file()) == (2, str(images[2]))
    bench.page.run.set_image(0)
    assert page.start_picture.shown_file() == ""  # it is not there


def test_more_than_a_thousand_images_stay_in_order() -> None:
    saved = save_three()
    for number in (1000, 101):
        (saved.folder / f"image-{number}.png").write_bytes(saved.images[0].read_bytes())
    (result,) = list_results()
    assert list(result.by_number) == [0, 1, 2, 101, 1000]
    assert len(entries([result])) == 3  # the others are none of this run


def test_a_result_that_cannot_be_opened_leaves_the_shown_run_as_it_is(
    open_window: Callable[..., Bench],
) -> None:
    gone, other = save_three(7), save_three(20)
    bench = open_window()
    page = bench.window.page("generate")
    bench.until(lambda: page.results.count() == 6 and bench.page.run.data is not None)
    page.open_result(entries([other])[0])
    last, layout = entries([gone])[2], page.stage.layout_name
    gone.trace.unlink()
    page.open_large(last)
    assert bench.page.run.data.request.seed == 20
    assert (bench.page.run.image, page.stage.layout_name) == (0, layout)


def test_the_recipe_of_a_result_comes_back_with_the_files_that_are_found(
    open_window: Callable[..., Bench],
) -> None:
    """A recipe is saved with bare names: they mean nothing to a run that starts elsewhere."""
    request = GenerateRequest(
        model="little-pft", seed=7, noise_file="/gone/n.safetensors",
        image_file="/gone/image-000.png", branch=Branch("/gone/trace.pftrace", 1),
    )  # fmt: skip
    saved = save_result(make_images(request), make_trace(request, 4))
    (saved.folder / "n.safetensors").touch()
    bench = open_window()
    strip = bench.window.page("generate").results
    bench.until(lambda: strip.count() == 1)
    (use,) = [a for a in strip.menu(strip.item(0)).actions() if a.text() == "Use this recipe"]
    use.trigger()
    recipe = bench.page.recipe.request
    assert (recipe.seed, recipe.image_file, recipe.branch) == (7, "", None)
    assert recipe.noise_file == str(saved.folder / "n.safetensors")
    assert bench.notices[-1].level == WARNING
    assert "image-000.png was not found" in bench.notices[-1].advice

    (saved.folder / REQUEST_NAME).unlink()
    use.trigger()
    assert bench.said()[-1] == "request.json cannot be read."
    assert bench.page.recipe.request == recipe


@pytest.mark.parametrize(
    ("size", "shown"), [((30, 31), False), ((32, 16), False), ((3, 3), False), ((16, 16), True)]
)
def test_a_result_is_shown_whatever_was_done_to_its_image(
    open_window: Callable[..., Bench], size: tuple[int, int], shown: bool
) -> None:
    request = GenerateRequest(model="little-pft")
    saved = save_result(make_images(request), make_trace(request, 4))
    with Image.open(saved.images[0]) as picture:
        picture.resize(size).save(saved.images[0])
    bench = open_window()
    bench.until(lambda: bench.page.run.data is not None)  # the last run
    assert (bench.page.run.data.final is not None) is shown
