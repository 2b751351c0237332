"""Promise: a damaged file in the settings folder costs nothing but itself, and is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from window_bench import Bench

from pfstudio.core.paths import config_folder, state_folder


@pytest.mark.parametrize("name", ["settings", "recipe", "layout"])
def test_the_window_opens_and_says_so(name: str, open_window: Callable[..., Bench]) -> None:
    config_folder().mkdir(parents=True)
    (config_folder() / f"{name}.json").write_text("{ not json", encoding="utf-8")
    bench = open_window()
    aside = list(config_folder().glob(f"{name}.*.broken.json"))
    assert [path.read_text(encoding="utf-8") for path in aside] == ["{ not json"]
    assert [text for text in bench.said() if aside[0].name in text]
    bench.window.close()
    again = open_window()
    assert not [text for text in again.said() if "broken" in text]


def test_a_recipe_of_a_newer_program_is_not_an_error(open_window: Callable[..., Bench]) -> None:
    config_folder().mkdir(parents=True)
    text = '{"version": 1, "request": "{\\"schema\\": 99}"}'
    (config_folder() / "recipe.json").write_text(text, encoding="utf-8")
    bench = open_window()
    assert any(text.startswith("The last recipe cannot be used") for text in bench.said())
    assert bench.page.recipe.model is not None


def test_a_damaged_queue_is_set_aside_and_told(open_window: Callable[..., Bench]) -> None:
    state_folder().mkdir(parents=True)
    (state_folder() / "queue.jsonl").write_text("[1, {", encoding="utf-8")
    bench = open_window()
    (aside,) = state_folder().glob("queue.*.broken.jsonl")
    assert aside.read_text(encoding="utf-8") == "[1, {"
    assert [text for text in bench.said() if aside.name in text]
    bench.window.close()
    assert not [text for text in open_window().said() if "broken" in text]
