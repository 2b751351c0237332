"""Promise: while a run goes on its maps are seen; afterwards every call is still there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from real_window import real_window, wait_for_run
from window_bench import Bench

from pfstudio.core.conditions import labels
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace import Role
from pfstudio.ui.jobs import Phase
from pfstudio.ui.stage.views import View, map_values
from pfstudio.ui.view_models.run_data import Source
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]


def test_maps_are_live_and_stay(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=3)
    bench.generate(steps=6)
    bench.until_calls(3)
    run, page = bench.page.run, bench.window.page("generate")
    assert run.is_live
    assert run.call == 2
    assert "live" in page.timeline.transport.words.text()
    canvas = page.stage.four[1].canvas
    bench.until(lambda: page.stage.four[1].bar.isVisible())
    third = canvas.grab().toImage()
    bench.runner.allow(100)
    bench.until_phase(Phase.IDLE)
    assert run.done == 6
    bench.until(lambda: canvas.grab().toImage() != third)
    page.player.go(2)
    bench.until(lambda: canvas.grab().toImage() == third)


def test_the_cursor_may_look_back_while_the_run_goes_on(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=3)
    bench.generate(steps=8)
    bench.until_calls(3)
    bench.window.page("generate").player.first()
    bench.runner.allow(2)
    bench.until_calls(5)
    assert bench.page.run.call == 0
    bench.window.page("generate").player.last()
    bench.runner.allow(1)
    bench.until_calls(6)
    assert bench.page.run.call == 5


def test_a_real_network_is_seen_call_by_call(real_window: MainWindow, qtbot: QtBot) -> None:
    page, run = real_window.page("generate").model, real_window.page("generate").model.run
    page.recipe.set(
        model="small", sampler=DualLoop(steps=3, inner_steps=2), conditions=labels(2), seed=4
    )
    seen: list[int] = []
    run.call_changed.connect(seen.append)
    page.generate()
    wait_for_run(real_window, qtbot)
    assert run.done == 6
    assert seen == sorted(seen)
    data = run.data
    assert np.isfinite(data.log_difficulty(3, 0)).all()
    assert set(np.unique(data.role[0, 0])) == {Role.FAST, Role.SLOW}
    assert (map_values(data, View.TIME, 1, 0) > 0).all()
    assert data.share_computed() == pytest.approx(1.0)
    assert data.noisy(0, 0) is not None
    run.set_call(2)
    qtbot.waitUntil(lambda: data.is_decoded(2, 0), timeout=120_000)
    best = data.prediction(2, 0)
    assert best.source is Source.DECODED
    assert best.pixels.shape == run.data.final[0].shape
