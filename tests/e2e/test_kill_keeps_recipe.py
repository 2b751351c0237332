"""Promise: what was set a few seconds ago is there again, however the program ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from window_bench import Bench

from pfstudio.ui import window
from pfstudio.ui.recipe.stored import load_recipe, recipe_path


def test_kill_keeps_recipe(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "KEEP_MS", 30)
    bench = open_window()
    field = bench.window.page("generate").recipe.seed
    field.setFocus()
    field.selectAll()
    bench.qtbot.keyClicks(field, "4242")
    bench.qtbot.keyClick(field, Qt.Key.Key_Tab)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    bench.until(lambda: recipe_path().exists() and load_recipe()[0].request.seed == 4242)
    bench.qtbot.wait(100)
    other = open_window()  # the first was never closed: it has stored nothing on the way out
    assert other.page.recipe.request.seed == 4242
    assert other.window.page("generate").stage.layout_name.value == "single"


def test_what_does_not_change_is_not_written_again(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "KEEP_MS", 20)
    bench = open_window()
    bench.until(recipe_path().exists)
    recipe_path().unlink()
    bench.qtbot.wait(150)
    assert not recipe_path().exists()
