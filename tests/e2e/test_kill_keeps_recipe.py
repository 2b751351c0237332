"""Promise: what was set a few seconds ago is there again, however the program ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import killed_window
import pytest
from window_bench import Bench, install_models

from pfstudio.ui import window
from pfstudio.ui.recipe.stored import load_recipe, recipe_path
from pfstudio.ui.window import layout_path


def test_kill_keeps_recipe(open_window: Callable[..., Bench]) -> None:
    install_models()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, killed_window.__file__, "4242"]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    with killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "typed\n"
        end = time.monotonic() + 30
        while not (layout_path().exists() and stored_seed() == 4242) and time.monotonic() < end:
            time.sleep(0.05)
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    bench = open_window()
    assert bench.page.recipe.request.seed == 4242
    assert bench.window.page("generate").stage.layout_name.value == "single"


def stored_seed() -> int | None:
    """What a new window would find."""
    recipe = load_recipe()[0]
    return recipe.request.seed if recipe is not None else None


def test_what_does_not_change_is_not_written_again(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "KEEP_MS", 20)
    bench = open_window()
    bench.until(recipe_path().exists)
    recipe_path().unlink()
    bench.qtbot.wait(150)
    assert not recipe_path().exists()
