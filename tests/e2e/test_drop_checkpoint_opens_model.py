"""Promise: a checkpoint that falls on any page is opened on the page that it is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from depth_scene import drop, install_depth_card
from safetensors.torch import save_file
from small_models import small_model
from window_bench import Bench

from pfstudio.ui.widgets.fields import OPEN_MODEL


def checkpoint(path: Path) -> Path:
    """A generator as others save it: only weights."""
    weights = {
        name: value.contiguous() for name, value in small_model().network.state_dict().items()
    }
    if path.suffix == ".ckpt":
        torch.save({"state_dict": weights}, path)
    else:
        save_file(weights, path)
    return path


def test_drop_checkpoint_opens_model(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    install_depth_card()
    bench = open_window()
    recipe = bench.page.recipe
    for name in ("theirs.safetensors", "theirs.ckpt"):
        bench.window.open_page("depth")
        path = checkpoint(tmp_path / name)
        drop(bench.window.page("depth"), path)
        bench.until(lambda path=path: recipe.request.model == str(path))
        assert bench.window.page_key == "generate"
        assert recipe.model is not None
        panel = bench.window.page("generate").recipe
        assert panel.model.currentData() == str(path)


def test_what_is_no_model_is_told(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    bench = open_window()
    before = bench.page.recipe.request.model
    path = tmp_path / "broken.ckpt"
    path.write_bytes(b"nothing at all")
    drop(bench.window, path)
    bench.until(lambda: any("broken.ckpt is not a checkpoint" in words for words in bench.said()))
    assert bench.page.recipe.request.model == before


def test_every_page_offers_to_open_one(open_window: Callable[..., Bench]) -> None:
    install_depth_card()
    bench = open_window()
    for key in ("generate", "depth"):
        lists = bench.window.page(key).recipe.model
        assert lists.itemData(lists.count() - 1) == OPEN_MODEL
