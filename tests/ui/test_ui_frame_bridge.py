"""The mailbox between the worker and the window."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot
from scripted_runner import ScriptedRunner, make_trace, step_of

from pfstudio.core.events import Cancelled, Failed, Finished, Preview, Started
from pfstudio.core.generation import Generated
from pfstudio.core.jobs import Estimated
from pfstudio.core.requests import GenerateRequest
from pfstudio.ui import bridge as module
from pfstudio.ui.bridge import EngineBridge, Ready
from pfstudio.ui.frame_budget import QUICK, TICK_MS, FrameBudget
from pfstudio.ui.worker import Engine, GuiCollector

TRACE = make_trace(GenerateRequest(), 8)
STARTED = Started(1, 8, 1, (4, 4), "cpu", "float32", 1)
FINISHED = Finished(1, Generated(None, TRACE), 1.0)


def preview(call: int) -> Preview:
    return Preview(1, call, np.zeros((1, 2, 2, 3), np.uint8))


class Listener(QObject):
    """Records what arrives, in order, and on which thread."""

    def __init__(self, bridge: EngineBridge) -> None:
        super().__init__()
        self.heard: list[tuple[str, object]] = []
        self.threads: set[QThread] = set()
        bridge.job_event.connect(self.on_event)
        bridge.progress.connect(self.on_steps)
        bridge.preview.connect(self.on_preview)
        bridge.estimated.connect(self.on_estimated)

    def _note(self, name: str, what: object) -> None:
        self.heard.append((name, what))
        self.threads.add(QThread.currentThread())

    @Slot(object)
    def on_event(self, event: object) -> None:
        if isinstance(event, Started):
            self._note("started", event)
        else:
            self._note("end", type(event).__name__)

    @Slot(list)
    def on_steps(self, steps: list) -> None:
        self._note("steps", [step.call for step in steps])

    @Slot(object)
    def on_preview(self, event: Preview) -> None:
        self._note("preview", event.call)

    @Slot(object)
    def on_estimated(self, event: Estimated) -> None:
        self._note("estimated", event.nfe)


@pytest.fixture
def bridge(qapp: object) -> Iterator[EngineBridge]:
    bridge = EngineBridge()
    yield bridge
    bridge.drain()


def test_steps_come_in_one_batch_and_previews_after_them(bridge: EngineBridge) -> None:
    listener = Listener(bridge)
    bridge.post(STARTED)
    for call in range(4):
        bridge.post(step_of(1, TRACE, call))
        bridge.post(preview(call))
    bridge.post(FINISHED)
    bridge.drain()
    assert listener.heard[1:] == [("steps", [0, 1, 2, 3]), ("preview", 3), ("end", "Finished")]


def test_the_end_of_a_job_comes_before_the_next_job(bridge: EngineBridge) -> None:
    listener = Listener(bridge)
    for job in (1, 2):
        bridge.post(STARTED)
        bridge.post(step_of(job, TRACE, 0))
        bridge.post(Cancelled(job, TRACE))
    bridge.drain()
    assert [name for name, _ in listener.heard] == ["started", "steps", "end"]
    bridge.drain()  # the next turn
    assert [name for name, _ in listener.heard] == ["started", "steps", "end"] * 2


def test_the_end_of_a_job_does_not_wait_for_the_next_tick(
    bridge: EngineBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "monotonic", lambda: 5.0)  # no time goes by
    bridge.drain()
    bridge.post(STARTED)
    bridge._schedule()
    assert bridge._timer.interval() == TICK_MS
    bridge.post(FINISHED)
    bridge._schedule()
    assert bridge._timer.interval() == 0


def test_every_estimate_arrives(bridge: EngineBridge) -> None:
    listener = Listener(bridge)
    for calls in (1, 2, 3):
        bridge.post(Estimated(GenerateRequest(), calls, 0.0, 0.0, None))
    bridge.drain()
    assert listener.heard == [("estimated", 1), ("estimated", 2), ("estimated", 3)]


def test_nothing_is_lost_from_a_fast_thread(bridge: EngineBridge, qtbot: QtBot) -> None:
    listener = Listener(bridge)

    def produce() -> None:
        for call in range(500):
            bridge.post(step_of(1, TRACE, call % 8))
        bridge.post(Failed(1, "It went wrong."))

    thread = threading.Thread(target=produce)
    thread.start()
    qtbot.waitUntil(lambda: ("end", "Failed") in listener.heard)
    thread.join()
    batches = [what for name, what in listener.heard if name == "steps"]
    assert sum(len(batch) for batch in batches) == 500
    assert listener.heard[-1] == ("end", "Failed")
    assert listener.threads == {bridge.thread()}


def test_steps_come_seldom_where_showing_them_is_slow(
    bridge: EngineBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cost is that of a tick with its paints; ends do not wait for the next slow tick."""
    clock, worked = [100.0], [5.0]
    monkeypatch.setattr(module, "monotonic", lambda: clock[0])
    monkeypatch.setattr(module, "thread_time", lambda: worked[0])
    bridge.set_drawing_budget(0.1)
    for call in range(2):  # the first look is a full one, the second is not
        bridge.post(step_of(1, TRACE, call))
        bridge.drain()
        worked[0] += 0.005
        bridge._count_cost()
    worked[0] += 0.5  # the user's own doings count for nothing
    assert bridge.look_seconds == pytest.approx(0.01)
    wait = round(5 / (0.1 * QUICK))
    bridge.post(step_of(1, TRACE, 2))
    bridge._schedule()
    assert bridge._timer.interval() == wait
    clock[0] += 0.04
    bridge.post(step_of(1, TRACE, 3))
    bridge._schedule()
    assert bridge._timer.interval() == wait - 40
    bridge.post(FINISHED)
    bridge._schedule()
    assert bridge._timer.interval() == 0


def test_what_is_read_comes_with_some_of_the_steps(bridge: EngineBridge, qtbot: QtBot) -> None:
    heard: list[str] = []
    bridge.progress.connect(lambda _: heard.append("steps"))
    bridge.time_to_read.connect(lambda: heard.append("read"))
    bridge._budget.took(1e6, full=True)  # so expensive that it must be saved up for
    bridge.post(step_of(1, TRACE, 0))
    bridge.drain()
    assert heard == ["steps"]
    bridge._budget = FrameBudget(0.1)
    bridge.post(step_of(1, TRACE, 1))
    bridge.drain()
    assert heard == ["steps", "steps", "read"]


def test_emitting_keeps_the_references_of_true(bridge: EngineBridge) -> None:
    """PySide6 6.12.0 drops one at every emission and aborts the process."""
    before = sys.getrefcount(True)
    for _ in range(1000):
        bridge.progress.emit([])
    assert sys.getrefcount(True) > before - 100


# -- the worker's thread -------------------------------------------------------------------------


def test_asks_before_the_runner_exists_are_kept(bridge: EngineBridge, qtbot: QtBot) -> None:
    answers: list[Estimated] = []
    runner, may_start = ScriptedRunner(answers.append), threading.Event()

    def make(emit: object) -> ScriptedRunner:
        may_start.wait()
        return runner

    engine = Engine(bridge, make)
    engine.start()
    engine.set_preview_budget(0.1)
    engine.estimate(GenerateRequest(seed=1), timed=True)
    engine.estimate(GenerateRequest(seed=2))
    assert not engine.ready
    may_start.set()
    qtbot.waitUntil(lambda: engine.ready)
    assert runner.budgets == [0.1]
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert [(answer.request.seed, answer.timed) for answer in answers] == [(1, True), (2, False)]
    assert engine.stop()
    assert not engine.running


def test_what_a_broken_worker_did_not_answer_is_asked_again(
    bridge: EngineBridge, qtbot: QtBot
) -> None:
    class Breaks(ScriptedRunner):
        def run(self) -> None:
            raise RuntimeError("gone")

        def estimate(self, request: GenerateRequest, *, timed: bool = False) -> None:
            pass

    answers: list[Estimated] = []
    kinds = iter((Breaks, ScriptedRunner))
    engine = Engine(bridge, lambda emit: next(kinds)(emit))
    bridge.estimated.connect(answers.append)
    engine.estimate(GenerateRequest(seed=1), timed=True)
    with qtbot.waitSignal(bridge.broken):
        engine.start()
    qtbot.waitUntil(lambda: not engine.running)
    engine.start()
    qtbot.waitUntil(lambda: bool(answers))
    assert [(answer.request.seed, answer.timed) for answer in answers] == [(1, True)]
    assert engine.stop()


def test_a_runner_that_cannot_be_made_is_told(bridge: EngineBridge, qtbot: QtBot) -> None:
    def make(emit: object) -> ScriptedRunner:
        raise RuntimeError("no torch here")

    engine = Engine(bridge, make)
    with qtbot.waitSignal(bridge.broken) as told:
        engine.start()
    assert "no torch here" in told.args[0]
    assert engine.stop()


def test_a_stop_before_the_runner_is_made_ends_the_thread(bridge: EngineBridge) -> None:
    made = threading.Event()

    def make(emit: object) -> ScriptedRunner:
        made.wait()
        return ScriptedRunner(emit)

    engine = Engine(bridge, make)
    engine.start()
    threading.Timer(0.05, made.set).start()
    assert engine.stop()
    assert not engine.abandoned


def test_a_late_word_of_a_stopped_worker_is_ignored(bridge: EngineBridge, qtbot: QtBot) -> None:
    engine = Engine(bridge, ScriptedRunner)
    engine.start()
    qtbot.waitUntil(lambda: engine.ready)
    assert engine.stop()
    bridge.post(Ready(ScriptedRunner(bridge.post)))
    bridge.drain()
    assert not engine.ready


def test_garbage_is_collected_in_the_gui_thread_only(qapp: object) -> None:
    class Knot:
        pass

    collected_on: list[str] = []

    def note(phase: str, info: dict) -> None:
        if phase == "start":
            collected_on.append(threading.current_thread().name)

    def litter() -> None:
        for _ in range(20_000):
            knot = Knot()
            knot.itself = knot

    collector = GuiCollector()
    collector.start()
    gc.callbacks.append(note)
    try:
        thread = threading.Thread(target=litter, name="worker")
        thread.start()
        thread.join()
        assert collected_on == []
        collector.collect()
        assert set(collected_on) == {threading.current_thread().name}
    finally:
        gc.callbacks.remove(note)
        collector.stop()
    assert gc.isenabled()
