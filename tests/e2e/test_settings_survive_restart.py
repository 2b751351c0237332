"""Promise: settings, last recipe, presets and layout are as they were left."""

from __future__ import annotations

from collections.abc import Callable

from window_bench import Bench

from pfstudio.core.conditions import labels
from pfstudio.core.samplers import LookAhead
from pfstudio.ui import theme
from pfstudio.ui.jobs import DECODING


def test_settings_and_recipe_are_back(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.window.settings.set(theme="light", preview_share=0.1)
    bench.window.settings.set_shortcut("run.stop", "F2")
    recipe = bench.page.recipe
    recipe.set(seed=77, conditions=labels(2, 3), sampler=LookAhead(steps=9))
    recipe.set_keep_seed(True)
    kept = recipe.recipe
    bench.window.close()
    back = open_window()
    assert back.window.settings.settings.theme == "light"
    assert theme.tokens().name == "light"
    assert back.runner.budgets[-1] == 0.1 * DECODING
    assert back.window.commands.action("run.stop").shortcut().toString() == "F2"
    assert back.page.recipe.recipe == kept


def test_the_layout_is_back(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.window.resize(1400, 730)
    bench.window.commands.action("view.overlay").trigger()
    bench.window.commands.action("view.inspector").trigger()
    bench.window.resize(984, 730)  # what fits, with a frame, on the screen of a machine without one
    bench.window.close()
    back = open_window()
    assert (back.window.width(), back.window.height()) == (984, 730)
    back.window.resize(1400, 730)
    back.qtbot.wait(50)
    assert back.window.page("generate").stage.layout_name.value == "overlay"
    assert back.window.page("generate").inspector.isHidden()


def test_a_preset_outlives_the_session(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.page.recipe.set(seed=123)
    bench.window.page("generate").presets.save("My cats")
    bench.window.page("generate").presets.save("a/b")
    assert "'a/b' cannot be the name of a preset." in bench.said()
    bench.window.close()
    back = open_window()
    back.page.recipe.set(seed=1)
    back.window.page("generate").presets.load("My cats")
    assert back.page.recipe.request.seed == 123
    back.page.recipe.undo()
    assert back.page.recipe.request.seed == 1


def test_a_preset_that_was_replaced_or_deleted_can_be_brought_back(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window()
    presets, recipe = bench.window.page("generate").presets, bench.page.recipe

    def undo(said: str) -> None:
        notice = bench.notices[-1]
        assert notice.text == said
        ((_, take_back),) = notice.actions
        take_back()
        presets.load("cats")

    for seed in (1, 2):
        recipe.set(seed=seed)
        presets.save("cats")
    undo("Replaced the preset cats.")
    assert recipe.request.seed == 1
    recipe.set(seed=3)
    presets.remove("cats")
    undo("Deleted the preset cats.")
    assert recipe.request.seed == 1
