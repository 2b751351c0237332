"""Promise: what is saved is what was found, to the last bit where the format can hold it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from depth_scene import drop, install_depth_card, write_scene
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from safetensors.numpy import load_file
from test_confidence_masks_pixels import pixels
from window_bench import Bench

from pfstudio.core.depth_files import FORMATS, read_png16
from pfstudio.core.depth_measures import spread_of, view
from pfstudio.ui.depth.save import SaveDialog


def dialog_of(bench: Bench) -> SaveDialog:
    bench.until(lambda: bench.window.findChild(SaveDialog) is not None)
    return bench.window.findChild(SaveDialog)


@pytest.mark.parametrize("quantity", ["depth", "log-depth", "disparity"])
def test_export_round_trips_exactly(
    quantity: str, open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    page, model = bench.window.page("depth"), bench.window.page("depth").model
    drop(page, write_scene(tmp_path, 7))
    bench.until(lambda: model.detail.values is not None)
    model.display.set(quantity=quantity)
    bench.until(lambda: model.detail.quantity == quantity)
    model.display.set(colormap="viridis", clip=2.0, threshold=0.02)
    page.save.click()
    dialog = dialog_of(bench)
    for switch in dialog.switches.values():
        switch.setChecked(True)
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.save.click()
    bench.until(lambda: f"Saved {len(FORMATS)} files." in bench.said())

    def out(name: str) -> Path:
        return tmp_path / "out" / f"scene-7{FORMATS[name]}"

    depth = model.detail.depth
    assert depth is not None
    values = view(depth.log_depth, quantity)
    assert np.array_equal(np.load(out("npy")), values)
    with Image.open(out("tiff")) as image:
        assert np.array_equal(np.asarray(image), values)
    codes, about = read_png16(out("png16"))
    assert np.abs(codes - values).max() <= 0.51 * (values.max() - values.min()) / 65535 + 1e-7
    assert about["quantity"] == quantity
    assert about["request"]["image_file"] == "scene-7.png"  # no folder is given away
    assert np.array_equal(np.load(out("spread")), np.stack([depth.log_std, depth.aligned_std]))
    assert np.array_equal(load_file(out("latents"))["latents"], depth.latents)
    head, _, body = out("ply").read_bytes().partition(b"end_header\n")
    assert f"element vertex {values.size}".encode() in head
    kind = [(axis, "<f4") for axis in "xyz"] + [(colour, "u1") for colour in ("r", "g", "b")]
    points = np.frombuffer(body, kind)
    assert np.array_equal(points["z"].reshape(values.shape), np.exp(depth.log_depth))
    assert np.array_equal(points["g"].reshape(values.shape), depth.picture[..., 1])
    spread = spread_of(depth, quantity)
    with Image.open(out("mask")) as image:
        assert np.array_equal(np.asarray(image) == 0, spread > 0.02)  # the line of the histogram
    # The colours are those on the screen, with the same range.
    on_screen = page.stage.depth_picture()
    assert on_screen is not None
    assert np.array_equal(pixels(QImage(str(out("colour")))), pixels(on_screen))


def test_save_all_writes_every_result(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    page, model = bench.window.page("depth"), bench.window.page("depth").model
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = [write_scene(tmp_path / "a", 1), write_scene(tmp_path / "b", 1)]
    files.append(write_scene(tmp_path / "b", 2))
    drop(page, *files)
    bench.until(lambda: len(model.finished()) == 3)
    page.save_all.click()
    dialog = dialog_of(bench)
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.save.click()
    bench.until(lambda: "Saved 3 files." in bench.said())
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["scene-1.png-2_depth.png", "scene-1.png_depth.png", "scene-2_depth.png"]


def test_pictures_that_are_gone_cost_their_points_only(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    page, model = bench.window.page("depth"), bench.window.page("depth").model
    files = [write_scene(tmp_path, 1), write_scene(tmp_path, 2)]
    drop(page, *files)
    bench.until(lambda: len(model.finished()) == 2)
    files[1].unlink()  # the other one is looked at
    page.saver.save_items(model.finished(), tmp_path / "all", ("npy",))
    bench.until(lambda: "Saved 2 files." in bench.said())
    page.saver.save_items(model.finished(), tmp_path / "out", ("npy", "ply"))
    why = "The points of scene-2.png need the image as it was."
    bench.until(lambda: f"1 of 2 were not saved: {why}" in bench.said())
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["scene-1_depth.npy", "scene-1_depth.ply", "scene-2_depth.npy"]


def with_one_depth(open_window: Callable[..., Bench], folder: Path) -> Bench:
    """The depth of scene-1.png is on the page."""
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    page = bench.window.page("depth")
    drop(page, write_scene(folder, 1))
    bench.until(lambda: len(page.model.finished()) == 1)
    return bench


def test_saving_depth_again_overwrites_nothing(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = with_one_depth(open_window, tmp_path)
    page = bench.window.page("depth")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/scene-1_depth.png").write_bytes(b"of another camera")
    page.saver.folder = tmp_path / "out"
    QTest.mouseClick(page.save, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog_of(bench).save, Qt.MouseButton.LeftButton)
    bench.until(lambda: "Saved scene-1-2_depth.png." in bench.said())
    assert (tmp_path / "out/scene-1_depth.png").read_bytes() == b"of another camera"


def test_a_folder_that_cannot_be_written_is_told(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = with_one_depth(open_window, tmp_path)
    page = bench.window.page("depth")
    (tmp_path / "file").write_text("in the way")
    page.save.click()
    dialog = dialog_of(bench)
    dialog.folder.setText(str(tmp_path / "file"))
    dialog.save.click()
    bench.until(lambda: any("cannot be written" in text for text in bench.said()))
