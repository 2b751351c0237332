"""The queue of a window: what its handles tell, and that a long one stays fast."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from scripted_runner import ScriptedRunner
from window_bench import Bench

from pfstudio.core.events import Cancelled, Loading
from pfstudio.core.jobs import Decoded
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.ui.decoding import Decoding
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Jobs, Phase
from pfstudio.ui.notify import Notifier

SIGNALS = ("began", "returned", "started", "progress", "ended", "removed")


def ask(seed: int) -> GenerateRequest:
    return GenerateRequest(model="m", seed=seed, sampler=Euler(2))


class Told(list[str]):
    """What handles have told, in order."""

    def listen(self, handle: JobHandle) -> None:
        for name in SIGNALS:
            text = f"{handle.request.seed} {name}"
            getattr(handle, name).connect(partial(self._note, text))

    def _note(self, text: str, *_: object) -> None:
        if not self or self[-1] != text:  # progress comes in any number of batches
            self.append(text)


@pytest.fixture
def open_jobs(qtbot: QtBot) -> Iterator[Callable[..., tuple[Jobs, ScriptedRunner]]]:
    opened: list[Jobs] = []

    def open_one(allowed: float = float("inf")) -> tuple[Jobs, ScriptedRunner]:
        runners: list[ScriptedRunner] = []

        def make(emit: Callable[[object], None]) -> ScriptedRunner:
            runners.append(ScriptedRunner(emit, allowed))
            return runners[-1]

        opened.append(Jobs(Notifier(), make))
        opened[-1].engine.start()
        qtbot.waitUntil(lambda: opened[-1].engine.ready)
        return opened[-1], runners[-1]

    yield open_one
    for jobs in opened:
        assert jobs.engine.stop()


Open = Callable[..., tuple[Jobs, ScriptedRunner]]


def test_a_handle_tells_its_whole_life(open_jobs: Open, qtbot: QtBot) -> None:
    jobs, _ = open_jobs()
    told = Told()
    first, second = jobs.submit(ask(1)), jobs.submit(ask(2))
    assert first.running
    assert jobs.phase is Phase.LOADING
    told.listen(first)  # after it was submitted, and nothing is missed
    told.listen(second)
    qtbot.waitUntil(lambda: jobs.phase is Phase.IDLE)
    names = ("began", "started", "progress", "ended")
    assert told == [f"{seed} {name}" for seed in (1, 2) for name in names]


def test_progress_is_told_at_the_latest_when_calls_stop(open_jobs: Open, qtbot: QtBot) -> None:
    jobs, _ = open_jobs(allowed=3)
    told: list[int] = []
    jobs.progressed.connect(lambda progress: told.append(progress.done))
    jobs.submit(replace(ask(1), sampler=Euler(9)))
    qtbot.waitUntil(lambda: told[-1:] == [3], timeout=10_000)


def test_what_is_taken_out_is_told_once_and_never_begins(open_jobs: Open, qtbot: QtBot) -> None:
    jobs, runner = open_jobs(allowed=0)
    told = Told()
    handles = [jobs.submit(ask(seed)) for seed in range(4)]
    for handle in handles:
        told.listen(handle)
    qtbot.waitUntil(lambda: jobs.phase is Phase.RUNNING)
    with qtbot.waitSignal(jobs.changed):
        handles[1].cancel()
        jobs.remove(handles)  # the one that runs is passed over
    handles[0].cancel()
    assert jobs.phase is Phase.STOPPING
    qtbot.waitUntil(lambda: jobs.phase is Phase.IDLE)
    assert told == ["0 began", "0 started", "1 removed", "2 removed", "3 removed", "0 ended"]
    assert runner.finished == []


def test_the_first_of_a_queue_can_be_overtaken(open_jobs: Open, qtbot: QtBot) -> None:
    jobs, runner = open_jobs(allowed=0)
    jobs.submit(ask(0))
    qtbot.waitUntil(lambda: jobs.phase is Phase.RUNNING)
    for seed in (1, 2):
        jobs.submit(ask(seed))
    jobs.submit(ask(3), first=True)
    jobs.move(jobs.waiting[-1], 1)
    assert [handle.request.seed for handle in jobs.waiting] == [3, 2, 1]
    runner.allow(100)
    qtbot.waitUntil(lambda: jobs.phase is Phase.IDLE)
    assert [request.seed for request in runner.finished] == [0, 3, 2, 1]


def test_what_has_begun_is_not_overtaken(
    open_jobs: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also as long as the worker has not come to take it, at whatever moment it comes."""
    jobs, runner = open_jobs()
    queue, nexts = runner._queue, list[int]()

    def move_first(*numbers: int) -> None:
        queue.move_first(*numbers)
        nexts.append(queue.waiting()[0].request.seed)

    monkeypatch.setattr(runner, "move_first", move_first)
    with runner._asked:  # held: the worker takes nothing
        jobs.submit(ask(0))
        qtbot.wait(0)  # that it began is told
        jobs.submit(ask(1))
        jobs.submit(ask(2), first=True)
        jobs.move(jobs.waiting[-1], 0)
        assert nexts == [0, 0]
    qtbot.waitUntil(lambda: jobs.phase is Phase.IDLE)
    assert [request.seed for request in runner.finished] == [0, 1, 2]


def test_the_workers_word_counts(open_jobs: Open, qtbot: QtBot) -> None:
    """It may take another job than was thought, if it had not heard of the order yet."""
    jobs, _ = open_jobs(allowed=0)
    told = Told()
    first, second = jobs.submit(ask(1)), jobs.submit(ask(2))
    told.listen(first)
    told.listen(second)
    qtbot.waitUntil(lambda: jobs.phase is Phase.RUNNING)
    jobs.bridge.post(Loading(second.job, "Loading the model"))
    jobs.bridge.drain()
    assert jobs.running is second
    assert jobs.waiting == [first]
    assert told[-2:] == ["1 returned", "2 began"]
    jobs.bridge.post(Cancelled(second.job))
    jobs.bridge.drain()
    assert jobs.running is first
    qtbot.waitUntil(lambda: told[-2:] == ["2 ended", "1 began"])


def test_one_of_the_restored_jobs_can_be_left_out(open_jobs: Open, qtbot: QtBot) -> None:
    before, _ = open_jobs(allowed=0)
    for seed in range(3):
        before.submit(ask(seed))
    assert before.engine.stop()
    jobs, runner = open_jobs()
    adopted: list[JobHandle] = []
    jobs.adopted.connect(adopted.append)
    assert [handle.request.seed for handle in jobs.restored] == [0, 1, 2]
    jobs.restored[1].cancel()
    assert not jobs.busy
    jobs.run_restored()
    qtbot.waitUntil(lambda: len(runner.finished) == 2 and not jobs.busy)
    assert [request.seed for request in runner.finished] == [0, 2]
    assert [handle.request.seed for handle in adopted] == [0, 2]
    assert jobs.engine.stop()
    assert open_jobs()[0].restored == []


def test_five_hundred_jobs_are_handled_at_once(open_window: Callable[..., Bench]) -> None:
    """Each of these took longer than a second when every change told of every job."""
    bench = open_window(allowed=0)
    jobs, told = bench.window.jobs, list[None]()
    jobs.changed.connect(lambda: told.append(None))

    def seconds(work: Callable[[], object]) -> float:
        told.clear()
        begun = time.perf_counter()
        work()
        bench.until(lambda: bool(told))
        assert len(told) == 1
        return time.perf_counter() - begun

    handles: list[JobHandle] = []
    seconds(lambda: handles.extend(jobs.submit(ask(seed)) for seed in range(500)))
    bench.until(lambda: jobs.phase is Phase.RUNNING)
    assert seconds(lambda: jobs.remove(handles[100:200])) < 0.5
    assert seconds(lambda: [jobs.move(handle, 0) for handle in handles[400:410]]) < 0.5
    assert seconds(jobs.clear) < 0.5
    assert jobs.waiting == []


# -- decoding ------------------------------------------------------------------------------------

LATENTS = np.zeros((1, 4, 8, 8), np.float16)


def test_every_client_has_an_answer_of_its_own(open_jobs: Open, qtbot: QtBot) -> None:
    jobs, _ = open_jobs()
    answers: list[list[Decoded]] = [[], []]
    clients = [Decoding(jobs), Decoding(jobs)]
    for client, heard in zip(clients, answers, strict=True):
        client.decoded.connect(heard.append)
        client.ask(ask(1), "the same key", LATENTS)
    qtbot.waitUntil(lambda: all(answers))
    assert [len(heard) for heard in answers] == [1, 1]
    assert answers[0][0].values is not None


def test_what_cannot_be_decoded_is_answered(open_jobs: Open, qtbot: QtBot) -> None:
    jobs, runner = open_jobs()
    runner.decode_problem = "The model is gone."
    client = Decoding(jobs)
    with qtbot.waitSignal(client.decoded) as heard:
        client.ask(ask(1), 7, LATENTS)
    assert (heard.args[0].values, heard.args[0].problem) == (None, "The model is gone.")


def test_an_ask_waits_for_the_worker(qtbot: QtBot) -> None:
    jobs = Jobs(Notifier(), ScriptedRunner)
    client = Decoding(jobs)
    client.ask(ask(1), 1, LATENTS)
    client.ask(ask(1), 2, LATENTS)
    with qtbot.waitSignal(client.decoded) as heard:
        jobs.engine.start()
    assert heard.args[0].key == 2
    assert jobs.engine.stop()


def test_a_run_that_cannot_be_decoded_is_asked_for_once(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.runner.decode_problem = "The model is gone."
    bench.generate(steps=6)
    bench.until(lambda: bench.page.run.done == 6 and not bench.page.run.is_live)
    bench.page.run.wish_pictures(range(6))
    bench.qtbot.waitUntil(lambda: "The model is gone." in bench.said())
    for call in (1, 3, 2):
        bench.page.run.set_call(call)
        bench.qtbot.wait(80)
    assert bench.said().count("The model is gone.") == 1
    assert len(bench.runner.decoded) == 1
