"""A kind of task is registered as data: CLI, Python and the window run it, and none knows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from toy_task import SUMS, WIDTH, SumRequest, Sums, SumStep
from window_bench import Recorder, install_models

from pfstudio.cli.main import main
from pfstudio.core.events import Cancelled, Failed, Final, Finished, Loading, Progress, Started
from pfstudio.core.paths import pictures_folder
from pfstudio.core.tasks import TASKS, request_from_json, request_to_json
from pfstudio.engine.control import Control
from pfstudio.engine.runner import Runner
from pfstudio.engine.session import Session
from pfstudio.ui import theme
from pfstudio.ui.jobs import Phase
from pfstudio.ui.queue.popover import SETTINGS, QueuePopover
from pfstudio.ui.window import MainWindow


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS, SUMS.name, SUMS)


def expected(rows: int = 3, seed: int = 0) -> list[float]:
    numbers = torch.randn(rows, WIDTH, generator=torch.Generator().manual_seed(seed))
    return numbers.sum(1).tolist()


def test_in_python() -> None:
    events: list[object] = []
    last = Session().run(SumRequest(), events.append, job=4)
    assert isinstance(last, Finished)
    assert isinstance(last.result, Sums)
    np.testing.assert_allclose(last.result.values, expected(), rtol=1e-5)
    assert [type(event) for event in events] == [Loading, Started, *[Progress] * 3, Finished]
    assert {event.job for event in events} == {4}
    steps = [event for event in events if isinstance(event, Progress)]
    assert [(s.call, s.nfe, s.detail.row) for s in steps] == [(0, 3, 0), (1, 3, 1), (2, 3, 2)]
    assert (steps[-1].eta, last.files) == (0.0, ())


def test_a_cancel_ends_it_between_its_calls_and_inside_them() -> None:
    control = Control()

    def cancel(event: object) -> None:
        if isinstance(event, Progress) and event.call == 1:
            control.cancel()

    assert Session().run(SumRequest(9), cancel, control) == Cancelled(0)


def test_memory_that_runs_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("torch.nn.Linear.forward", full)
    last = Session().run(SumRequest())
    assert isinstance(last, Failed)
    assert last.message == "There is not enough memory for this run."


def test_a_stored_queue_knows_it() -> None:
    assert request_from_json(request_to_json(SumRequest(5, 2))) == SumRequest(5, 2)


def test_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sums", "--rows", "2"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [line["event"] for line in lines]
    assert names == ["loading", "started", "progress", "progress", "finished"]
    assert (lines[3]["row"], lines[3]["value"]) == (1, pytest.approx(expected(2)[1], rel=1e-4))
    assert lines[-1]["rows"] == 2
    (file,) = lines[-1]["files"]
    assert json.loads(Path(file).read_text()) == pytest.approx(expected(2), rel=1e-5)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "sum rows" in capsys.readouterr().out


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_models()
    theme.apply(qapp, "dark")
    window = MainWindow(Runner, Recorder())
    window.show()
    window.start()
    qtbot.waitUntil(lambda: window.jobs.engine.ready, timeout=20_000)
    yield window
    window.close()
    window.deleteLater()
    qapp.processEvents()


def texts(popover: QueuePopover) -> list[str]:
    rows = [popover.model.index(row) for row in range(popover.model.rowCount())]
    return [row.data(role) for row in rows for role in (Qt.ItemDataRole.DisplayRole, SETTINGS)]


def test_in_the_window(window: MainWindow, qtbot: QtBot) -> None:
    jobs, ended, seen = window.jobs, list[Final](), list[SumStep]()
    first, second = jobs.submit(SumRequest(9000)), jobs.submit(SumRequest(2, seed=7))
    first.started.connect(jobs.pause)
    for handle in (first, second):
        handle.progress.connect(lambda steps: seen.extend(step.detail for step in steps))
        handle.ended.connect(ended.append)
    popover = QueuePopover(jobs, window)
    qtbot.waitUntil(lambda: jobs.phase is Phase.PAUSED, timeout=20_000)
    popover.refresh()
    assert "9000 rows · running" in texts(popover)
    assert "2 rows · next" in texts(popover)
    assert "sums · seed 7" in texts(popover)
    assert jobs.progress.nfe == 9000
    jobs.stop()
    qtbot.waitUntil(lambda: jobs.phase is Phase.PAUSED and len(ended) == 1, timeout=20_000)
    assert isinstance(ended[0], Cancelled)  # and the next one is held as well
    jobs.resume()
    assert jobs.activity == "Summing 2 rows"
    qtbot.waitUntil(lambda: jobs.phase is Phase.IDLE and len(ended) == 2, timeout=20_000)
    assert isinstance(ended[1], Finished)
    assert [step.row for step in seen[-2:]] == [0, 1]
    assert ended[1].files == (str(pictures_folder() / "sums-7.json"),)
    assert json.loads(Path(ended[1].files[0]).read_text()) == pytest.approx(
        expected(2, 7), rel=1e-5
    )
