"""What the Features page asks for, through the real queue, bridge and worker thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import features_scene
import pytest
from depth_scene import write_scene
from pytestqt.qtbot import QtBot
from scripted_runner import Script, ScriptedRunner

from pfstudio.core.events import Event, Failed
from pfstudio.core.features import FeaturesRequest
from pfstudio.ui.features.model import FeaturesPageModel
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.notify import Notifier


class Loading:
    """Of the damaged model; it looks at no cancel."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()


@pytest.fixture
def loading() -> Loading:
    return Loading()


@pytest.fixture
def jobs(qtbot: QtBot, loading: Loading) -> Iterator[Jobs]:
    def events(job: int, request: FeaturesRequest) -> Iterator[Event]:
        if request.model == "damaged":
            loading.begun.set()
            loading.ended.wait(60)
            yield Failed(job, "Its weights are damaged.", "", "")
        else:
            yield from features_scene.events(job, request)

    def make(emit) -> ScriptedRunner:
        runner = ScriptedRunner(emit)
        runner.scripts[FeaturesRequest] = Script(events)
        return runner

    jobs = Jobs(Notifier(), make)
    jobs.engine.start()
    qtbot.waitUntil(lambda: jobs.engine.ready)
    yield jobs
    assert jobs.engine.stop()


def test_a_model_chosen_while_another_fails_is_asked(
    jobs: Jobs, qtbot: QtBot, tmp_path: Path, loading: Loading
) -> None:
    model = FeaturesPageModel(jobs)
    failed: list[Failed] = []
    model.failed.connect(failed.append)
    model.set_request(model="damaged")
    model.add_files([write_scene(tmp_path, 1)])
    qtbot.waitUntil(loading.begun.is_set)
    model.set_request(model="whole")
    loading.ended.set()
    qtbot.waitUntil(lambda: not model.busy)
    assert model.matrix is not None
    assert model.matrix.request.model == "whole"
    assert failed == []  # of a model that nobody looks at any more
    model.set_request(model="damaged")
    qtbot.waitUntil(lambda: not model.busy)
    assert [event.message for event in failed] == ["Its weights are damaged."]
