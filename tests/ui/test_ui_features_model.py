"""What the Features page asks for, through the real queue, bridge and worker thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import features_scene
import numpy as np
import pytest
from depth_scene import write_scene
from pytestqt.qtbot import QtBot
from scripted_runner import Script, ScriptedRunner

from pfstudio.core.card import ModelCard
from pfstudio.core.classify import Classified, ClassifyRequest, Standing
from pfstudio.core.events import Event, Failed, Finished
from pfstudio.core.features import CONTEXT_SHARES, FeaturesRequest
from pfstudio.core.models import InstalledModel
from pfstudio.core.requests import Compute
from pfstudio.ui.features.context_experiment import ContextExperiment
from pfstudio.ui.features.model import FeaturesPageModel, Tab
from pfstudio.ui.features.race import Race
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.notify import Notifier
from pfstudio.ui.view_models.settings import SettingsModel


class Loading:
    """Of the damaged model; it looks at no cancel."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()


@pytest.fixture
def loading() -> Loading:
    return Loading()


def raced(job: int, request: ClassifyRequest) -> Iterator[Event]:
    """A race that is decided at once."""
    standings = tuple(Standing(index, 4, 0.1 * index, 0.1 * index, 0.01) for index in range(2))
    picture = np.full((32, 32, 3), 70, np.uint8)
    evidence = np.zeros((2, 4, 4), np.float32)
    yield Finished(job, Classified(request, request.model, standings, picture, evidence), 0.1)


@pytest.fixture
def asked() -> list[FeaturesRequest | ClassifyRequest]:
    """Everything that reached the worker."""
    return []


@pytest.fixture
def jobs(
    qtbot: QtBot, loading: Loading, asked: list[FeaturesRequest | ClassifyRequest]
) -> Iterator[Jobs]:
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
        runner.scripts[ClassifyRequest] = Script(raced)
        runner.submitted = asked
        return runner

    jobs = Jobs(Notifier(), make)
    jobs.engine.start()
    qtbot.waitUntil(lambda: jobs.engine.ready)
    yield jobs
    assert jobs.engine.stop()


def test_a_model_chosen_while_another_fails_is_asked(
    jobs: Jobs, qtbot: QtBot, tmp_path: Path, loading: Loading
) -> None:
    model = FeaturesPageModel(jobs, SettingsModel(Notifier()))
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


@pytest.fixture
def settings() -> SettingsModel:
    return SettingsModel(Notifier())


def with_generator(jobs: Jobs, settings: SettingsModel, folder: Path) -> FeaturesPageModel:
    """A model of classes, with a time for each patch, is chosen."""
    card = ModelCard(
        "whole", "Whole", "pft", task="generate", condition="class", time="per patch",
        classes=("cat", "dog"),
    )  # fmt: skip
    model = FeaturesPageModel(jobs, settings)
    model.set_models([InstalledModel("whole", folder, card, False)])
    return model


def test_what_is_asked_follows_device_precision_and_threads(
    jobs: Jobs,
    settings: SettingsModel,
    qtbot: QtBot,
    tmp_path: Path,
    asked: list[FeaturesRequest | ClassifyRequest],
) -> None:
    settings.set(device="cpu", precision="float32", threads=1)
    model = with_generator(jobs, settings, tmp_path)
    race, experiment = Race(jobs, model), ContextExperiment(jobs, model)
    model.add_files([write_scene(tmp_path, 1)])
    qtbot.waitUntil(lambda: not model.busy)
    settings.set(threads=2)  # what is asked from now on, features that are known are kept
    matrix = model.matrix
    model.set_time(0.55)
    qtbot.waitUntil(lambda: not model.busy)
    assert model.matrix is matrix
    assert model.features is not None
    assert model.features.times == (0.55,)
    race.start()
    model.set_view(tab=Tab.CALIBRATION)
    qtbot.waitUntil(lambda: not race.busy and not experiment.busy)
    assert [type(request) for request in asked] == [
        FeaturesRequest, FeaturesRequest, ClassifyRequest, FeaturesRequest,
    ]  # fmt: skip
    assert asked[3].context_shares == CONTEXT_SHARES
    assert [request.compute for request in asked] == [
        Compute("cpu", "float32", threads) for threads in (1, 2, 2, 2)
    ]


@pytest.mark.parametrize("at_once", [True, False])
def test_another_time_after_a_stop_asks_for_the_matrix_too(
    jobs: Jobs, settings: SettingsModel, qtbot: QtBot, tmp_path: Path, loading: Loading,
    at_once: bool,
) -> None:  # fmt: skip
    model = with_generator(jobs, settings, tmp_path)
    first = jobs.submit(FeaturesRequest(("a",), "damaged", times=(0.5,)))  # keeps the worker busy
    qtbot.waitUntil(loading.begun.is_set)
    model.add_files([write_scene(tmp_path, 1)])
    model.stop()
    if not at_once:
        loading.ended.set()
        qtbot.waitUntil(lambda: not model.busy)
    assert model.matrix is None
    model.set_time(0.55)
    loading.ended.set()
    qtbot.waitUntil(lambda: model.features is not None)
    assert not first.running
    assert model.matrix is not None
    assert model.features.times == (0.55,)
    assert model.map() is not None


def test_a_time_is_not_asked_for_alone_where_the_matrix_was_cancelled_in_the_queue(
    jobs: Jobs, settings: SettingsModel, qtbot: QtBot, tmp_path: Path, loading: Loading
) -> None:
    model = with_generator(jobs, settings, tmp_path)
    jobs.submit(FeaturesRequest(("a",), "damaged", times=(0.5,)))
    qtbot.waitUntil(loading.begun.is_set)
    model.add_files([write_scene(tmp_path, 1)])
    model.set_layer(1)  # as it was with other images
    model.set_time(0.55)
    jobs.waiting[0].cancel()
    loading.ended.set()
    qtbot.waitUntil(lambda: not model.busy and jobs.running is None)
    assert model.matrix is None
    assert model.map() is None


def test_a_race_after_a_stop_shows_its_image(
    jobs: Jobs, settings: SettingsModel, qtbot: QtBot, tmp_path: Path, loading: Loading
) -> None:
    model = with_generator(jobs, settings, tmp_path)
    race = Race(jobs, model)
    jobs.submit(FeaturesRequest(("a",), "damaged", times=(0.5,)))
    qtbot.waitUntil(loading.begun.is_set)
    model.add_files([write_scene(tmp_path, 1)])
    model.stop()
    loading.ended.set()
    qtbot.waitUntil(lambda: not model.busy)
    race.start()
    qtbot.waitUntil(lambda: not race.busy)
    assert race.picture is not None
    assert (race.picture == 70).all()
