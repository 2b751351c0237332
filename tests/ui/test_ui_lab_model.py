"""The sampler lab through the real queue, bridge and worker thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pytest
from priced_runs import PRICED
from pytestqt.qtbot import QtBot
from running_page import running_page
from scripted_runner import ScriptedRunner

from pfstudio.core.events import Event, Failed
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.ui.lab.model import LabModel
from pfstudio.ui.lab.plan import Compared, LabPlan, variants_of
from pfstudio.ui.lab.run import Cost, State
from pfstudio.ui.notify import Notifier
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.stage.views import View
from pfstudio.ui.view_models.generate import GeneratePageModel

REQUEST = GenerateRequest(model="m", seed=5, sampler=Euler(), guidance=ClassifierFree(2.0))
SAMPLERS = ("euler", "dual-loop", "look-ahead")


@dataclass
class Bench:
    lab: LabModel
    page: GeneratePageModel
    runners: list[ScriptedRunner]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with running_page(qtbot, Notifier()) as (page, runners):
        yield Bench(LabModel(page), page, runners)


def plan_of(
    keys: tuple[str, ...],
    nfe: int,
    seconds: float = 0.0,
    compared: Compared = Compared.SAMPLER,
    base: GenerateRequest = REQUEST,
) -> LabPlan:
    every = variants_of(compared, RecipeModel())
    return LabPlan(base, compared, tuple(v for v in every if v.key in keys), nfe, seconds)


def run_all(bench: Bench, qtbot: QtBot, plan: LabPlan) -> None:
    bench.lab.compare(plan)
    qtbot.waitUntil(lambda: bool(bench.lab.runs) and not bench.lab.busy)


def run_rules(bench: Bench, qtbot: QtBot, *keys: str) -> None:
    bench.runners[0].scripts[GenerateRequest] = PRICED
    run_all(bench, qtbot, plan_of(keys, 6, 0.0, Compared.GUIDANCE, replace(REQUEST, count=2)))


def test_rules_run_with_the_same_sampler(bench: Bench, qtbot: QtBot) -> None:
    run_rules(bench, qtbot, "none", "cfg", "interval")
    submitted = bench.runners[0].submitted
    assert [r.guidance.name for r in submitted] == ["none", "cfg", "interval"]
    assert {(r.seed, r.sampler) for r in submitted} == {(5, REQUEST.sampler.for_nfe(6))}
    rows = [bench.lab.figures(i) for i in range(3)]
    assert [row.passes for row in rows] == [1.0, 2.0, pytest.approx(1.7)]
    assert [row.flops for row in rows] == [6e9, 12e9, pytest.approx(10.2e9)]


def test_the_reference_is_the_run_of_most_compute(bench: Bench, qtbot: QtBot) -> None:
    run_rules(bench, qtbot, "none", "cfg", "interval")
    lab = bench.lab
    assert lab.reference == 1
    errors = [point.error for point in lab.points(Cost.FLOPS)]
    assert errors == pytest.approx([4.0, 0.0, 2.0])
    assert [point.cost for point in lab.points(Cost.FLOPS)] == pytest.approx([3e9, 6e9, 5.1e9])
    assert [point.cost for point in lab.points(Cost.SECONDS)] == pytest.approx([0.03] * 3)
    lab.set_reference(0)
    assert lab.reference == 0
    assert [point.error for point in lab.points(Cost.FLOPS)] == pytest.approx([0.0, 4.0, 2.0])


def test_rules_show_their_difference_in_common_colours(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(SAMPLERS, 4))
    assert bench.lab.view is None
    assert bench.lab.limits() == (0.0, max(run.compute(4, 0).max() for run in bench.lab.runs))
    run_rules(bench, qtbot, "none", "cfg", "interval")
    lab = bench.lab
    assert lab.view is View.DIFFERENCE
    assert [float(lab.values(run).mean()) for run in lab.runs] == pytest.approx([1.0, 2.0, 1.7])
    assert lab.limits() == (1.0, 2.0)
    lab.set_view(View.GUIDANCE)
    assert lab.limits() == (0.0, 4.0)
    assert float(lab.values(lab.runs[0]).max()) == 1.0
    lab.set_view(View.MASKS)
    assert np.isnan(lab.values(lab.runs[1])).all()
    assert lab.limits() == (0.0, 3.0)


def test_samplers_run_from_the_same_noise(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(SAMPLERS, 12))
    lab = bench.lab
    assert [run.state for run in lab.runs] == [State.DONE] * 3
    submitted = bench.runners[0].submitted
    assert [r.sampler.name for r in submitted] == list(SAMPLERS)
    assert {(r.seed, r.guidance) for r in submitted} == {(5, REQUEST.guidance)}
    rows = [lab.figures(i) for i in range(3)]
    assert [row.nfe for row in rows] == [12, 12, 11]
    assert rows[0].tokens == 12 * 32
    assert rows[0].seconds == pytest.approx(0.12)


def test_differences_follow_the_reference(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(SAMPLERS, 8))
    lab = bench.lab
    first = lab.runs[0].data.final.astype(float)
    second = lab.runs[1].data.final.astype(float)
    assert lab.figures(0).error == 0
    assert lab.figures(1).error == pytest.approx(np.sqrt(np.mean((first - second) ** 2)))
    lab.set_reference(1)
    assert lab.figures(1).error == 0
    assert lab.figures(0).error == pytest.approx(np.sqrt(np.mean((first - second) ** 2)))


def test_compute_accounts_for_every_token(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(SAMPLERS, 8))
    for index, run in enumerate(bench.lab.runs):
        assert run.compute(run.data.done, 0).sum() == pytest.approx(bench.lab.figures(index).tokens)
        assert run.compute(3, 0).sum() == pytest.approx(3 * 32)


def test_one_cursor_moves_every_column(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(SAMPLERS, 12))
    lab = bench.lab
    lab.select(0)
    bench.page.run.set_call(0)
    assert [lab.call_of(run) for run in lab.runs] == [0, 0, 0]
    bench.page.run.set_call(11)
    assert [lab.call_of(run) for run in lab.runs] == [11, 11, 10]
    lab.set_patch(1, 2)
    assert bench.page.run.patch == (1, 2)


def test_selecting_a_column_shows_its_run_at_the_same_place(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(SAMPLERS, 12))
    lab = bench.lab
    lab.select(2)
    bench.page.run.set_call(5)
    lab.select(0)
    assert lab.selected == 0
    assert bench.page.run.data is lab.runs[0].data
    assert bench.page.run.call == round(5 / 10 * 11)


def test_every_column_gets_its_decoded_picture(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(SAMPLERS, 12))
    lab = bench.lab
    bench.page.run.set_call(4)
    qtbot.waitUntil(lambda: all(run.data.is_decoded(lab.call_of(run), 0) for run in lab.runs))
    assert all(run.data.prediction(4, 0).source.name == "DECODED" for run in lab.runs)


def test_equal_seconds_ask_for_prices_first(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(("euler", "dual-loop"), 8, 0.2))
    assert [r.sampler.nfe for r in bench.runners[0].submitted] == [20, 40]


def test_a_failing_sampler_leaves_the_others(bench: Bench, qtbot: QtBot) -> None:
    bench.runners[0].failures = [Failed(0, "It went wrong.")] * 2
    run_all(bench, qtbot, plan_of(("euler", "heun"), 4))
    assert [run.state for run in bench.lab.runs] == [State.FAILED, State.FAILED]
    assert bench.lab.runs[0].message == "It went wrong."
    assert bench.lab.figures(0).error is None


def test_stop_ends_running_and_waiting(bench: Bench, qtbot: QtBot) -> None:
    lab = bench.lab
    bench.runners[0].allowed = 2
    lab.compare(plan_of(("euler", "heun"), 6))
    qtbot.waitUntil(lambda: lab.runs[0].data is not None and lab.runs[0].data.done == 2)
    lab.stop()
    qtbot.waitUntil(lambda: not lab.busy)
    assert [run.state for run in lab.runs] == [State.STOPPED, State.STOPPED]
    assert lab.runs[0].data.done == 2
    assert lab.runs[1].data is None


def test_other_entries_of_the_queue_are_left_alone(bench: Bench, qtbot: QtBot) -> None:
    other = GenerateRequest(model="m", sampler=Euler(steps=3), seed=99)
    bench.page.jobs.submit(other)
    run_all(bench, qtbot, plan_of(SAMPLERS, 4))
    assert other in bench.runners[0].submitted
    assert all(run.request is not other for run in bench.lab.runs)


def test_a_map_of_fixed_range_stays_for_the_next_comparison(bench: Bench, qtbot: QtBot) -> None:
    run_all(bench, qtbot, plan_of(SAMPLERS, 4))
    bench.lab.set_view(View.TIME)
    bench.lab.compare(plan_of(SAMPLERS, 4))
    assert bench.lab.limits() == (0.0, 1.0)


def test_what_is_timed_first_is_busy_until_it_is_stopped(bench: Bench, qtbot: QtBot) -> None:
    told: list[bool] = []
    bench.lab.view_changed.connect(lambda: told.append(bench.lab.busy))
    bench.lab.compare(plan_of(SAMPLERS, 8, 2.0))
    assert told[-1]
    bench.lab.stop()
    assert not told[-1]


def test_a_running_column_that_is_chosen_counts_each_call_once(bench: Bench, qtbot: QtBot) -> None:
    lab, runner = bench.lab, bench.runners[0]
    runner.allowed = 5
    lab.compare(plan_of(("euler", "dual-loop"), 4))
    qtbot.waitUntil(lambda: lab.runs[1].data is not None and lab.runs[1].data.done == 1)
    lab.select(0)
    lab.select(1)
    runner.allow(2)
    data = lab.runs[1].data
    qtbot.waitUntil(lambda: data.done == 3)
    assert (data.done, data.tokens_computed) == (3, 3 * 32)
    with qtbot.waitSignal(bench.page.run.run_changed):  # the page shows its end too
        runner.allow(99)
    qtbot.waitUntil(lambda: not lab.busy)
    assert not bench.page.run.is_live
    assert data.tokens_computed == data.done * 32


def test_a_column_that_failed_on_its_way_is_over(bench: Bench, qtbot: QtBot) -> None:
    script = bench.runners[0].scripts[GenerateRequest]

    def events(job: int, request: GenerateRequest) -> Iterator[Event]:
        yield from islice(script.events(job, request), 3)
        yield Failed(job, "It went wrong.")

    bench.runners[0].scripts[GenerateRequest] = replace(script, events=events)
    run_all(bench, qtbot, plan_of(("euler", "heun"), 4))
    bench.lab.select(1)
    bench.lab.select(0)
    assert (bench.page.run.done, bench.page.run.is_live) == (2, False)


def test_images_that_cannot_be_decoded_are_told_of_once_a_run(bench: Bench, qtbot: QtBot) -> None:
    bench.runners[0].decode_problem = "They cannot be decoded."
    told: list[object] = []
    bench.lab.trouble.connect(told.append)
    run_all(bench, qtbot, plan_of(SAMPLERS, 8))
    for call in (7, 5, 3, 1):
        bench.page.run.set_call(call)
        qtbot.wait(50)
    assert len(told) == 3
