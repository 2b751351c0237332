"""Every page with made-up results in it."""

from __future__ import annotations

import importlib
from functools import partial
from pathlib import Path

import upscale_scene
from depth_scene import install_depth_card, write_scene
from library_results import save_results
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from scripted_runner import Script
from upscale_bench import install_upsamplers
from window_bench import Bench

from pfstudio.core.samplers import DualLoop
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.ui.features.maps import Place
from pfstudio.ui.features.model import Tab


def install_every_model() -> None:
    """What every page needs, in front of `open_window`."""
    install_depth_card()
    install_upsamplers()


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


def show_models(bench: Bench, folder: Path) -> None:
    """A model that can be downloaded; where the others lie is another place in every test."""
    importlib.import_module("pfstudio.engine.model_store")  # on a busy machine it takes long
    page = bench.window.page("models")
    page.list.choose("pft-b")
    bench.until(lambda: page.list.chosen() is not None and page.list.chosen().name == "pft-b")


SCENES = {
    "generate": show_generate, "depth": show_depth, "upscale": show_upscale,
    "library": show_library, "features": show_features, "models": show_models,
}  # fmt: skip
