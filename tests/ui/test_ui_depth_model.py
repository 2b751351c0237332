"""The Depth page's view-model: its queue, what it keeps, and what it asks the worker for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from depth_scene import drop, install_depth_card, write_scene
from PIL import Image
from PySide6.QtGui import QColor, QGuiApplication, QImage
from window_bench import Bench

from pfstudio.core.depth import DepthRequest
from pfstudio.core.models import installed_models
from pfstudio.core.paths import config_folder
from pfstudio.ui.depth import runs
from pfstudio.ui.depth.display import DisplayModel
from pfstudio.ui.depth.page_model import DepthPageModel
from pfstudio.ui.depth.runs import run_of
from pfstudio.ui.files import page_model
from pfstudio.ui.files.model import FileState

DONE = FileState.DONE


@pytest.fixture
def depth_bench(open_window: Callable[..., Bench]) -> Callable[..., tuple[Bench, DepthPageModel]]:
    def open_one(allowed: float = float("inf")) -> tuple[Bench, DepthPageModel]:
        install_depth_card()
        bench = open_window(allowed)
        bench.window.open_page("depth")
        return bench, bench.window.page("depth").model

    return open_one


def finish(bench: Bench, model: DepthPageModel, count: int) -> None:
    bench.until(lambda: model.files.count(DONE) == count and not model.busy)


def test_without_a_depth_model_there_is_no_page(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tuple(model for model in installed_models() if model.card.task != "depth")
    monkeypatch.setattr("pfstudio.ui.window.installed_models", lambda: others)
    window = open_window().window
    assert "depth" not in window.pages
    install_depth_card()
    window.set_models(installed_models())
    assert "depth" in window.pages
    window.set_models(installed_models())  # once is enough


def test_many_files_are_handed_over_little_by_little(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_model, "QUEUED", 4)
    monkeypatch.setattr(page_model, "PORTION", 3)
    bench, model = depth_bench(allowed=1)
    for seed in range(8):
        write_scene(tmp_path, seed, (16, 24))
    model.add_paths([tmp_path])
    bench.until(lambda: model.files.count(FileState.RUNNING) == 1)
    bench.until(lambda: len(bench.page.jobs.waiting) == 3)
    assert model.files.count(FileState.WAITING) == 7
    bench.runner.allow(1000)
    finish(bench, model, 8)
    assert bench.said()[-1] == "8 images have depth."
    assert len(bench.runner.submitted) == 8


def test_depth_and_pictures_share_the_queue(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, model = depth_bench(allowed=1)
    model.add_paths([write_scene(tmp_path, 1)])
    bench.until(lambda: model.files.count(FileState.RUNNING) == 1)
    bench.page.enqueue()
    assert len(bench.page.jobs.waiting) == 1
    assert bench.page.jobs.activity.startswith(("Depth of scene-1.png", "Loading"))
    bench.until(lambda: model.files.items[0].words == "call 1 of 2")
    assert bench.page.run.data is None  # depth is no run of the Generate page
    bench.runner.allow(1000)
    finish(bench, model, 1)
    bench.until(lambda: bench.page.run.data is not None and not bench.page.run.is_live)


def test_a_file_taken_out_of_the_queue_is_cancelled(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, model = depth_bench(allowed=1)
    model.add_paths([write_scene(tmp_path, seed) for seed in range(3)])
    bench.until(lambda: model.files.count(FileState.WAITING) == 2)
    bench.page.jobs.waiting[0].cancel()
    assert [item.state for item in model.files.items][1:] == [
        FileState.CANCELLED, FileState.WAITING,
    ]  # fmt: skip
    model.remove(model.files.items[2])  # from the list: out of the queue as well
    assert not bench.page.jobs.waiting
    bench.runner.allow(100)
    finish(bench, model, 1)


def test_emptying_the_list_stops_everything(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, model = depth_bench(allowed=1)
    model.add_paths([write_scene(tmp_path, seed) for seed in range(3)])
    bench.until(lambda: model.files.count(FileState.RUNNING) == 1)
    model.clear()
    assert model.files.items == []
    bench.until(lambda: bench.page.jobs.running is None)
    assert bench.window.page("depth").stage.empty.isVisible()


def test_what_was_left_comes_back_with_its_picture(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, model = depth_bench(allowed=1)
    model.add_paths([write_scene(tmp_path, seed) for seed in range(2)])
    bench.until(lambda: model.files.count(FileState.WAITING) == 1)
    bench.window.close()
    install_depth_card()
    again, model = depth_bench()
    assert len(again.page.jobs.restored) == 2
    again.page.jobs.run_restored()
    finish(again, model, 2)
    assert [item.path.name for item in model.files.items] == ["scene-0.png", "scene-1.png"]


def test_a_restored_run_makes_the_page(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    install_depth_card()
    before = open_window(allowed=0)
    before.page.jobs.submit(DepthRequest(str(write_scene(tmp_path, 4)), "scenes"))
    before.window.close()
    bench = open_window()
    bench.page.jobs.run_restored()
    bench.until(lambda: bool(bench.runner.finished))
    bench.until(lambda: bench.page.jobs.running is None)
    assert [item.state for item in bench.window.page("depth").model.files.items] == [DONE]


def test_only_what_the_recipe_changes_runs_again(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, model = depth_bench()
    model.add_paths([write_scene(tmp_path, seed) for seed in range(2)])
    finish(bench, model, 2)
    action = bench.window.commands.action("run.generate")
    assert action.text() == "Estimate all"
    assert not action.isEnabled()
    model.set(ensemble_size=3)
    assert action.isEnabled()
    action.trigger()
    finish(bench, model, 2)
    assert [request.ensemble_size for request in bench.runner.finished] == [5, 5, 3, 3]
    bench.window.commands.action("run.enqueue").trigger()  # this one, whatever it has
    bench.until(lambda: len(bench.runner.finished) == 5 and not model.busy)
    model.set(ensemble_size=0)
    assert model.request.ensemble_size == 3
    assert "Ensemble size is 0" in bench.said()[-1]


def test_results_take_little_memory(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, model = depth_bench()
    model.add_paths([write_scene(tmp_path, 1)])
    finish(bench, model, 1)
    kept = run_of(model.files.items[0]).result
    assert kept is not None
    assert kept.picture.shape == (96, 128, 3)
    assert kept.picture.base.nbytes == 1
    bench.until(lambda: model.detail.depth is not None)
    with Image.open(model.files.items[0].path) as image:
        assert model.detail.depth.picture[5, 7].tolist() == list(image.getpixel((7, 5)))


def test_the_calls_of_other_files_are_let_go(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "FLOW_BYTES", 1)
    bench, model = depth_bench()
    model.add_paths([write_scene(tmp_path, seed) for seed in range(3)])
    finish(bench, model, 3)
    steps = [len(run_of(item).flow.steps) for item in model.files.items]
    assert steps == [2, 0, 0]
    model.files.choose(model.files.items[2])
    assert model.flow.done == 2  # picture and result
    assert model.flow.at_result


def test_the_flow_is_decoded_one_call_at_a_time(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, model = depth_bench()
    model.set(steps=5)
    model.add_paths([write_scene(tmp_path, 2)])
    finish(bench, model, 1)
    bench.until(lambda: model.flow.missing() is None)
    # One answer may have been overtaken by another, and is then asked for again.
    assert len(set(bench.runner.decoded)) == 5
    assert len(bench.runner.decoded) <= 6
    flow = model.flow
    commands = bench.window.commands
    commands.action("time.first").trigger()
    assert (flow.call, flow.sentence()) == (0, "the image")
    commands.action("time.next").trigger()
    assert flow.sentence() == "call 1 of 5, first member"
    commands.action("time.play").trigger()
    player = bench.window.page("depth").stage.player
    assert player.playing
    bench.until(lambda: flow.at_result and not player.playing)
    assert flow.sentence() == "the result"


def test_pasted_pictures_are_kept_as_files(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]],
) -> None:
    bench, model = depth_bench()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor(200, 100, 50))
    QGuiApplication.clipboard().setImage(image)
    bench.window.commands.action("edit.paste").trigger()
    finish(bench, model, 1)
    assert model.files.items[0].path.name.startswith("pasted-")
    bench.until(lambda: model.detail.size == (30, 40))
    QGuiApplication.clipboard().setText("words")
    bench.window.commands.action("edit.paste").trigger()
    assert bench.said()[-1] == "There is no image on the clipboard."


def test_a_folder_without_pictures_is_told(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, _ = depth_bench()
    drop(bench.window, tmp_path)
    bench.until(lambda: "No images found there." in bench.said())


def test_recipe_and_layout_come_back(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]],
) -> None:
    bench, model = depth_bench()
    model.set(ensemble_size=7, solver="heun", processing_resolution=-1)
    bench.window.page("depth").stage.set_view("wipe")
    bench.window.close()
    again, model = depth_bench()
    assert (model.request.ensemble_size, model.request.solver) == (7, "heun")
    page = again.window.page("depth")
    assert page.recipe.own_size.isChecked()
    assert not page.recipe.form.control("processing_resolution").isEnabled()
    assert page.stage.view.value == "wipe"


def test_a_damaged_recipe_is_set_aside(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]],
) -> None:
    config_folder().mkdir(parents=True, exist_ok=True)
    (config_folder() / "depth.json").write_text("{ no json")
    bench, model = depth_bench()
    assert any("depth.json cannot be used" in text for text in bench.said())
    assert model.request.ensemble_size == 5


def test_another_quantity_forgets_range_and_threshold() -> None:
    display = DisplayModel()
    display.set(locked=(0.2, 0.4), threshold=0.1, clip=2.0)
    display.set(colormap="magma")
    assert display.settings.locked == (0.2, 0.4)
    display.set(quantity="log-depth")
    settings = display.settings
    assert (settings.locked, settings.threshold, settings.clip) == (None, None, 2.0)


def test_a_file_changed_since_its_estimate_is_told_and_estimated_again(
    depth_bench: Callable[..., tuple[Bench, DepthPageModel]], tmp_path: Path
) -> None:
    bench, model = depth_bench()
    files = [write_scene(tmp_path, seed) for seed in range(2)]
    model.add_paths(files)
    finish(bench, model, 2)
    with Image.open(files[1]) as image:
        image.crop((10, 10, 70, 90)).save(files[1])
    stage = bench.window.page("depth").stage
    stage.set_view("cloud")
    model.files.choose(model.files.items[1])
    bench.until(lambda: model.detail.picture is not None)
    assert model.detail.size == (80, 60)
    assert model.detail.depth is None
    assert model.detail.values is None
    assert "changed since its depth was estimated" in stage._why_nothing()
    saver = bench.window.page("depth").saver
    saver.save_items([model.files.items[1]], tmp_path / "out", ("ply",))
    bench.until(lambda: not saver.busy and "changed since its depth" in bench.said()[-1])
    saver.save_items([model.files.items[1]], tmp_path / "out", ("npy", "ply"))
    bench.until(lambda: not saver.busy and "need the image as it was" in bench.said()[-1])
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".npy"]
    bench.window.commands.action("run.enqueue").trigger()
    bench.until(lambda: model.detail.depth is not None)
    assert model.detail.values.shape == (80, 60)
    assert stage._why_nothing() == ""
