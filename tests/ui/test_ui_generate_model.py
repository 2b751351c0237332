"""The Generate page's model through the real queue, bridge and worker thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from running_page import running_page
from scripted_runner import ScriptedRunner, make_trace

from pfstudio.core.conditions import labels
from pfstudio.core.events import Event, Finished
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.ui.notify import Notice, Notifier
from pfstudio.ui.view_models.generate import GeneratePageModel

REQUEST = GenerateRequest(model="m", sampler=Euler(8))


@dataclass
class Bench:
    page: GeneratePageModel
    runner: ScriptedRunner
    notices: list[Notice]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    notices: list[Notice] = []
    notifier = Notifier()
    notifier.posted.connect(notices.append)
    with running_page(qtbot, notifier) as (page, runners):
        yield Bench(page, runners[0], notices)


def saved(bench: Bench) -> None:
    """Runs end with a trace file from now on."""
    script = bench.runner.scripts[GenerateRequest]

    def events(job: int, request: GenerateRequest) -> Iterator[Event]:
        for event in script.events(job, request):
            done = isinstance(event, Finished)
            yield replace(event, files=("run/trace.pftrace",)) if done else event

    bench.runner.scripts[GenerateRequest] = replace(script, events=events)


@pytest.mark.parametrize("classes", [(3,), (3, 4, 5)])
def test_a_branch_of_a_run_that_was_stopped_early_makes_the_images_that_it_began(
    bench: Bench, classes: tuple[int, ...]
) -> None:
    asked = replace(REQUEST, conditions=labels(*classes), count=6, seed=7)
    trace = make_trace(replace(asked, conditions=labels(0), count=4), 5)
    bench.page.run.set_trace(replace(trace, request=asked), None)
    bench.page.show_files(("run/trace.pftrace",))
    bench.page.branch_at(2)
    request = bench.page.recipe.request
    assert request.branch == Branch("run/trace.pftrace", 2)
    assert request.per_image == asked.per_image[:4]
    assert request.seeds == asked.seeds[:4]
    assert len(request.conditions) == (1 if len(classes) == 1 else 4)


def test_the_wish_to_branch_ends_with_the_run_that_it_is_of(bench: Bench, qtbot: QtBot) -> None:
    page, runner = bench.page, bench.runner
    saved(bench)
    runner.allowed = 3
    page.jobs.submit(REQUEST)
    qtbot.waitUntil(lambda: page.run.done == 3)
    page.jobs.pause()
    page.branch_at(2)
    page.run.set_trace(make_trace(REQUEST, 4), None)  # another result is opened meanwhile
    qtbot.waitUntil(lambda: not page.jobs.busy)
    page.jobs.resume()
    runner.allow(99)
    page.jobs.submit(replace(REQUEST, seed=77))
    qtbot.waitUntil(lambda: bool(page.files))
    assert page.recipe.request.branch is None
    page.branch_at(2)
    assert page.recipe.request.branch is not None


@pytest.mark.parametrize("name", ["run.pftrace", "trace.pftrace", "run.safetensors", "RUN.PFTRACE"])
def test_a_trace_of_any_name_can_be_branched(bench: Bench, tmp_path: Path, name: str) -> None:
    page, path = bench.page, str(tmp_path / name)
    page.run.set_trace(make_trace(REQUEST, 4), None)
    page.show_files((str(tmp_path / "image-000.png"), path))
    assert page.can_branch()
    page.branch_at(2)
    assert page.recipe.request.branch == Branch(path, 2)


def test_a_branch_leaves_out_the_files_of_its_run_that_nobody_finds(
    bench: Bench, tmp_path: Path
) -> None:
    """A trace names files without their folders."""
    noise = str(tmp_path / "n.safetensors")
    request = replace(
        REQUEST, image_file="photo.jpg", masks_file="masks.pftrace", start_time=0.5,
        noise_file=noise,
    )  # fmt: skip
    page = bench.page
    page.run.set_trace(make_trace(request, 4), None)
    page.show_files((str(tmp_path / "trace.pftrace"),))
    page.branch_at(2)
    recipe = page.recipe.request
    assert (recipe.image_file, recipe.masks_file, recipe.noise_file) == ("", "", noise)
    assert bench.notices[0].text == (
        "The masks file masks.pftrace was not found: masks are drawn instead."
    )
    photo = str(tmp_path / "photo.jpg")
    page.run.set_trace(make_trace(replace(REQUEST, image_file=photo), 4), None)
    page.branch_at(2)
    assert page.recipe.request.image_file == photo
    assert len(bench.notices) == 3  # two of them: the recipe starts from call 3
