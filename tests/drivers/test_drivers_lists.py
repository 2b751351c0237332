"""The bench of long lists does to the window what it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from depth_scene import install_depth_card
from upscale_bench import install_upsamplers
from window_bench import Bench, install_text_model, open_window

from pfstudio.core.conditions import Prompt
from pfstudio.core.requests import GenerateRequest
from pfstudio.drivers.list_bench import ListBench
from pfstudio.drivers.waiter import Waiter
from pfstudio.drivers.window_measures import WindowMeasures

__all__ = ["open_window"]


def test_everything_is_done_and_a_freeze_is_found(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    install_depth_card()
    install_upsamplers()
    bench = open_window(allowed=0)
    model, slow = bench.window.page("upscale").model, 0.25
    stop = model.stop_all
    model.stop_all = lambda: (time.sleep(slow), stop())
    gaps = list(ListBench(bench.window, Waiter(bench.window.notifier), tmp_path).measure(24, 6))
    assert [gap.what for gap in gaps if gap.page == "depth"] == [
        "adding 24 files", "scrolling", "choosing", "taking one out", "Stop all",
        "starting all again", "emptying the list",
    ]  # fmt: skip
    (frozen,) = [gap for gap in gaps if (gap.page, gap.what) == ("upscale", "Stop all")]
    assert frozen.milliseconds >= 1000 * slow
    for key in ("depth", "upscale"):
        assert bench.window.page(key).model.files.items == []
    assert len([gap for gap in gaps if gap.page == "queue"]) == 6
    assert bench.window.jobs.waiting == []
    assert len(bench.runner.submitted) > 24 + 24 + 6


def test_a_model_that_takes_words_is_measured_with_words(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    """Whatever the program begins with: nothing is asked that it would refuse."""
    install_text_model()
    bench = open_window(allowed=0)
    bench.page.recipe.set_model("little-writer")
    wanted = (Prompt("a fox"),)
    bench.page.recipe.set(conditions=wanted)
    assert WindowMeasures(bench.window, [])._request(20).conditions == wanted
    list(ListBench(bench.window, Waiter(bench.window.notifier), tmp_path)._queue(3))
    asked = [one for one in bench.runner.submitted if isinstance(one, GenerateRequest)]
    assert len(asked) == 4
    assert {one.conditions for one in asked} == {wanted}
