"""The bench of the window: its words, and that a start needs no torch."""

from __future__ import annotations

import argparse
import json

import pytest

from pfstudio.drivers import bench
from pfstudio.drivers.bench import Machine
from pfstudio.drivers.list_bench import Gap
from pfstudio.drivers.scrub_bench import TIMES, Scrubs
from pfstudio.drivers.start_time import Starts, measure_starts
from pfstudio.drivers.window_measures import LiveView, Stops, Ticks
from pfstudio.ui.features.model import MATRIX_TIMES


def test_the_window_is_painted_before_torch_is_imported() -> None:
    starts = measure_starts(1)
    assert len(starts.seconds) == len(starts.cpu_seconds) == 1
    assert starts.cpu_seconds[0] > 0
    assert not starts.torch_imported


def test_every_scrub_asks_the_model() -> None:
    assert not set(TIMES) & set(MATRIX_TIMES)  # these are known, so nothing would be waited for


class Measures:
    """Stands for the window with an engine."""

    def ticks(self) -> Ticks:
        return Ticks(300, 16.0, 19.5, 24.0)

    def live_view(self, runs: int) -> LiveView:
        return LiveView((0.01, 0.02, 0.015), 8.0, 0.014, 0.008, 9.5, 1.5, 1)

    def stops(self) -> Stops:
        return Stops((20.0, 40.0, 30.0), (90.0, 70.0, 80.0), (1, 0, 1), 8.0)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    class Window:
        def __enter__(self) -> Measures:
            return Measures()

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(bench, "measuring_window", Window)
    starts = Starts((0.3, 0.5, 0.4), (0.2, 0.2, 0.2), False)
    monkeypatch.setattr(bench, "measure_starts", lambda count: starts)
    gaps = (Gap("depth", "Stop", 41.2, 30.0), Gap("upscale", "choosing", 12.0, 9.0))
    monkeypatch.setattr(bench, "measure_lists", lambda: iter(gaps))
    monkeypatch.setattr(
        bench, "measure_scrubs", lambda: Scrubs((30.0, 50.0, 41.0), (12.0, 30.0, 20.0))
    )
    monkeypatch.setattr(bench, "_load", lambda: 0.1)


def test_figures_are_said_in_words(measured: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.run(argparse.Namespace(json=False, repeats=3)) == 0
    out = capsys.readouterr().out
    assert "0.40 s (median of 0.30, 0.50, 0.40), 0.20 s of processor time" in out
    assert "torch not imported before it" in out
    assert "p99 19.5 ms" in out
    assert "+2.3 %: drawing +1.5 % (+- 0.3, 3 pairs), decoding 0.8 %" in out
    assert "1.4 % of a processor (9.5 looks a second, 1.5 ms each)" in out
    assert "median 30 ms, max 40 ms; drawn after 80 ms; calls that ended after Esc: median 1" in out
    assert "median 41 ms, of which the call 20 ms; 20 ms beyond it" in out
    assert "depth            Stop: 41 ms (30 ms of processor time)" in out
    assert "others are at work" not in out


def test_a_few_disturbed_pairs_do_not_spoil_the_cost_of_drawing() -> None:
    quiet = LiveView((0.01,) * 18 + (5.0, -5.0), 8.0, 0.014, 0.008, 9.5, 1.5, 1)
    assert quiet.slowdown == pytest.approx(0.01)
    assert quiet.cost == pytest.approx(0.018)
    assert quiet.uncertainty == 0


def test_json_has_one_object_per_measure(
    measured: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.run(argparse.Namespace(json=True, repeats=3)) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    measures = ["machine", "start", "ticks", "live_view", "stop", "scrub", "list", "list"]
    assert [line["measure"] for line in lines] == measures
    assert lines[2]["p99"] == 19.5


def test_a_busy_machine_is_said() -> None:
    assert "others are at work" in str(Machine(2, 3.0))
