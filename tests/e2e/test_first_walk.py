"""Promise: open, generate, scrub, paint, branch, compare and save, with a click or a key for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from real_window import real_window

from pfstudio.core.paint import Paint
from pfstudio.core.samplers import DualLoop
from pfstudio.drivers import walk
from pfstudio.ui.stage.toolbar import StageLayout
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]


def test_first_walk(
    real_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "REST", 0.05)
    page = real_window.page("generate")
    page.model.recipe.set_model("small")
    page.model.recipe.set(sampler=DualLoop(steps=3, inner_steps=3))
    walk.Walk(real_window, tmp_path).run()
    steps = ("open", "generate", "scrub", "paint", "branch", "compare", "save")
    names = [f"walk-{number}-{step}.webp" for number, step in enumerate(steps, 1)]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    pictures = [Image.open(tmp_path / name).convert("RGB").tobytes() for name in names]
    assert len(set(pictures)) == len(names)  # every step shows something else
    request = page.model.run.data.request
    assert request.branch is not None
    assert Paint.SLOW in request.paint  # what was painted is in the branch
    assert page.stage.layout_name is StageLayout.COMPARE
    assert page.model.run.pinned.done > page.model.run.data.done
