"""Promise: a dropped folder is queued picture by picture; the bad ones are named, the rest done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from depth_scene import drop, install_depth_card, write_scene
from window_bench import Bench

from pfstudio.ui.files.model import FileState


def folder_of_pictures(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / ".hidden").mkdir()
    for seed in (1, 2):
        write_scene(folder, seed)
    write_scene(folder / "inner", 3)
    write_scene(folder / ".hidden", 4)
    (folder / "notes.txt").write_text("no image")
    (folder / "a-broken.png").write_bytes(b"no image either")


def test_drop_folder_queues_all(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    folder_of_pictures(tmp_path)
    install_depth_card()
    bench = open_window(allowed=1)
    bench.window.open_page("depth")
    page, model = bench.window.page("depth"), bench.window.page("depth").model
    drop(bench.window, tmp_path)
    bench.until(lambda: len(model.files.items) == 4 and model.files.count(FileState.RUNNING) == 1)
    names = [item.path.name for item in model.files.items]
    assert names == ["a-broken.png", "scene-1.png", "scene-2.png", "scene-3.png"]
    bench.until(lambda: [item.state for item in model.files.items] == [
        FileState.FAILED, FileState.RUNNING, FileState.WAITING, FileState.WAITING,
    ])  # fmt: skip
    bench.until(lambda: model.files.items[1].words == "call 1 of 2")
    assert model.files.items[3].line.endswith("waiting")
    assert page.stop.isVisible()
    assert bench.window.title.text() == "4 images · Depth"
    bench.until(lambda: model.files.items[1].thumbnail is not None)
    assert model.files.items[1].size == (128, 96)

    bench.runner.allow(100)
    bench.until(lambda: not model.busy)
    assert [item.state for item in model.files.items] == [FileState.FAILED] + 3 * [FileState.DONE]
    assert "a-broken.png is not an image" in model.files.items[0].words
    assert len(model.finished()) == 3
    assert bench.said()[-1] == "3 of 4 images have depth; failed: a-broken.png."
    assert not page.stop.isVisible()

    # The same folder again adds nothing, and only the failed one would run.
    drop(bench.window, tmp_path)
    bench.qtbot.wait(100)
    assert len(model.files.items) == 4
    assert [item.path.name for item in model.due()] == ["a-broken.png"]
