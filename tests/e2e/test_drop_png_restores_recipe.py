"""Promise: a picture dropped on the window brings its recipe back, and the recipe the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot
from real_window import drop, generate, real_window

from pfstudio.core.conditions import labels
from pfstudio.core.execution import Kernels
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.paths import cache_folder
from pfstudio.core.samplers import DualLoop, Euler
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.engine import execution
from pfstudio.engine.autotune import Best, Setting
from pfstudio.ui.restore_dialog import RestoreDialog
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]


def test_drop_png_restores_recipe(real_window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = real_window.page("generate").model
    page.recipe.set_model("small")
    page.recipe.set(
        conditions=labels(1, 3), seed=40, sampler=DualLoop(steps=2, inner_steps=2),
        guidance=ClassifierFree(2.5), count=2,
    )  # fmt: skip
    generate(page, qtbot)
    made = page.recipe.request
    third = sorted(name for name in page.files if name.endswith(".png"))[2]
    moved = tmp_path / "somewhere-else.png"  # away from its result folder, as from a web page
    moved.write_bytes(Path(third).read_bytes())

    page.recipe.set(conditions=labels(0), seed=1, sampler=Euler(5), count=1)
    before = page.recipe.request
    drop(real_window, moved)
    (dialog,) = [d for d in real_window.findChildren(RestoreDialog) if d.isVisible()]
    assert page.recipe.request == before
    dialog.restore.click()
    expected = replace(made, conditions=labels(1), seed=42, count=1)
    assert replace(page.recipe.request, compute=expected.compute) == expected

    again = generate(page, qtbot)
    assert np.array_equal(np.asarray(Image.open(again)), np.asarray(Image.open(third)))


def test_exactly_as_then_gives_the_same_bits(
    real_window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where this machine would choose another way by now."""

    def finds(setting: Setting) -> None:
        monkeypatch.setattr(execution, "decide", lambda *asked: Best(setting, 1.0, ()))
        (cache_folder() / execution.AUTOTUNE_FILE).unlink(missing_ok=True)
        real_window.jobs.free_memory()  # what was loaded computes as was found before

    def made() -> Trace:
        (path,) = (name for name in page.files if name.endswith(".pftrace"))
        return read_trace(Path(path))

    page = real_window.page("generate").model
    qtbot.waitUntil(lambda: page.recipe.execution is not None, timeout=60_000)
    finds(Setting("bfloat16", kernels=Kernels("matmul"), threads=1))
    page.recipe.set_model("small")
    page.recipe.set(conditions=labels(1), seed=40, sampler=DualLoop(steps=2, inner_steps=2))
    first, before = generate(page, qtbot), made()

    finds(Setting("float32", threads=1))
    for button, same in (("restore", False), ("exact", True)):
        page.recipe.set(seed=1)
        drop(real_window, first)
        (dialog,) = [d for d in real_window.findChildren(RestoreDialog) if d.isVisible()]
        getattr(dialog, button).click()
        generate(page, qtbot)
        assert np.array_equal(made().noise, before.noise)
        assert np.array_equal(made().latents, before.latents) == same
