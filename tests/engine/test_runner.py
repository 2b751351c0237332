from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from PIL import Image
from sessions import events_of
from small_models import install_small_depth_model, install_small_model

from pfstudio.core.conditions import labels
from pfstudio.core.depth import DepthMap, DepthRequest
from pfstudio.core.depth_files import read_png16
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Loading,
    Preview,
    Progress,
    Queued,
    Started,
)
from pfstudio.core.generation import Generated
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.jobs import (
    Answer,
    Decoded,
    Estimated,
    JobRunner,
)
from pfstudio.core.metadata import read_recipe
from pfstudio.core.models import installed_models
from pfstudio.core.paths import pictures_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import list_results, recover_results
from pfstudio.core.samplers import DualLoop, Euler
from pfstudio.core.sparse_guidance import Auto
from pfstudio.core.trace_file import read_trace
from pfstudio.core.trace_journal import TraceRecorder, journals
from pfstudio.core.upscale import Upscale, UpscaleRequest
from pfstudio.engine import generate as module
from pfstudio.engine import model_cache
from pfstudio.engine.model_cache import default_model
from pfstudio.engine.runner import Runner

A = TypeVar("A")
FINAL = (Finished, Cancelled, Failed)


class Stage:
    """A runner on a thread of its own, and everything it said."""

    def __init__(self) -> None:
        self.said: list[Answer] = []
        self.news: queue.Queue[Answer] = queue.Queue()
        self.at: dict[type, Callable[[Any], None]] = {}
        self.runner = Runner(self._emit)
        self.thread = threading.Thread(target=self.runner.run)

    def _emit(self, answer: Answer) -> None:
        assert threading.current_thread() is self.thread
        self.said.append(answer)
        if type(answer) in self.at:
            self.at[type(answer)](answer)
        self.news.put(answer)

    def wait(self, kind: type[A], job: int | None = None) -> A:
        """The next answer of this kind (and of this job)."""
        while True:
            answer = self.news.get(timeout=60)
            if isinstance(answer, Failed) and kind is not Failed:
                raise AssertionError(answer)
            if isinstance(answer, kind) and job in (None, getattr(answer, "job", None)):
                return answer

    def finals(self) -> list[int]:
        return [answer.job for answer in self.said if isinstance(answer, FINAL)]

    def close(self) -> None:
        self.runner.stop()
        if self.thread.is_alive():
            self.thread.join(timeout=60)


@pytest.fixture
def stage() -> Iterator[Stage]:
    install_small_model()
    stage = Stage()
    yield stage
    stage.close()


def ask(**changes: Any) -> GenerateRequest:
    return GenerateRequest(
        **{"model": "small", "conditions": labels(1), "sampler": Euler(3), **changes}
    )


def test_it_is_a_job_runner(stage: Stage) -> None:
    runner: JobRunner = stage.runner
    for name in (n for n in vars(JobRunner) if not n.startswith("_")):
        assert hasattr(runner, name), name


def test_a_job_tells_its_whole_story_and_is_saved(stage: Stage) -> None:
    stage.thread.start()
    job = stage.runner.submit(ask(seed=4))
    finished = stage.wait(Finished, job)
    kinds = [type(answer) for answer in stage.said if not isinstance(answer, Preview)]
    assert kinds == [Queued, Loading, Started, Progress, Progress, Progress, Finished]
    (result,) = list_results()
    assert finished.files == result.files
    assert read_recipe(result.images[0]).request.seed == 4
    assert result.trace is not None
    assert read_trace(result.trace).nfe == 3
    stage.close()
    assert not list(journals().glob("*"))


def test_a_journal_that_cannot_be_removed_is_no_end_of_the_worker(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".journal":
            raise PermissionError(13, "Permission denied", str(path))
        remove(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    stage.thread.start()
    jobs = [stage.runner.submit(ask(seed=n)) for n in range(2)]
    stage.wait(Finished, jobs[1])
    assert stage.finals() == jobs


def test_every_job_gets_exactly_one_final_event_in_order(stage: Stage) -> None:
    jobs = [stage.runner.submit(ask(seed=n)) for n in range(4)]
    stage.runner.cancel(jobs[1])
    stage.runner.move_first(jobs[3])
    stage.thread.start()
    stage.wait(Finished, jobs[2])
    assert sorted(stage.finals()) == jobs
    done = [answer.job for answer in stage.said if isinstance(answer, Finished)]
    assert done == [jobs[3], jobs[0], jobs[2]]
    positions = [(q.job, q.position) for q in stage.said if isinstance(q, Queued)]
    assert positions == [(job, place) for place, job in enumerate(jobs)]  # as it was put in


def test_cancel_keeps_the_partial_trace_on_disk(stage: Stage) -> None:
    stage.at[Progress] = lambda step: stage.runner.cancel(step.job) if step.call == 1 else None
    stage.thread.start()
    job = stage.runner.submit(ask(sampler=Euler(40)))
    cancelled = stage.wait(Cancelled, job)
    assert cancelled.result.trace.nfe == 2
    (result,) = list_results()
    assert result.images == ()
    assert result.trace is not None
    assert read_trace(result.trace).nfe == 2
    assert cancelled.files == result.files
    stage.at.clear()
    stage.wait(Finished, stage.runner.submit(ask()))


def test_pause_step_and_resume(stage: Stage) -> None:
    stage.at[Started] = lambda _: stage.runner.pause()
    stage.thread.start()
    job = stage.runner.submit(ask(sampler=Euler(5)))
    stage.wait(Started, job)
    stage.runner.single_step()
    assert stage.wait(Progress).call == 0
    # Scrubbing works while the run is held.
    stage.runner.decode("view", ask(), (job, 0), np.zeros((2, 4, 8, 8), np.float16))
    decoded = stage.wait(Decoded)
    assert (decoded.key, decoded.values.shape) == ((job, 0), (2, 32, 32, 3))
    assert sum(isinstance(answer, Progress) for answer in stage.said) == 1
    stage.runner.resume()
    stage.wait(Finished, job)


def test_the_latest_decode_wins(stage: Stage) -> None:
    for call in range(5):
        stage.runner.decode("view", ask(), (1, call), np.zeros((1, 4, 8, 8), np.float16))
    stage.thread.start()
    assert stage.wait(Decoded).key == (1, 4)
    stage.runner.submit(ask())
    stage.wait(Finished)
    assert sum(isinstance(answer, Decoded) for answer in stage.said) == 1


def test_every_client_has_a_decode_slot_of_its_own(stage: Stage) -> None:
    for client in ("view", "lab"):
        for call in range(2):
            stage.runner.decode(client, ask(), call, np.zeros((1, 4, 8, 8), np.float16))
    stage.thread.start()
    answers = [stage.wait(Decoded), stage.wait(Decoded)]
    assert sorted((answer.client, answer.key) for answer in answers) == [("lab", 1), ("view", 1)]


@pytest.mark.parametrize(
    ("request_", "words"),
    [(ask(model="none"), "none"), (ask(), "Something went wrong in the program itself")],
)
def test_what_cannot_be_decoded_is_answered(
    stage: Stage, request_: GenerateRequest, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage.thread.start()
    stage.runner.decode("view", request_, 7, np.zeros((1, 5, 8, 8), np.float16))  # 5 channels
    answer = stage.wait(Decoded)
    assert (answer.client, answer.key, answer.values) == ("view", 7, None)
    assert words in answer.problem
    stage.wait(Finished, stage.runner.submit(ask()))
    caplog.clear()


def test_an_estimate_learns_from_the_last_run(stage: Stage) -> None:
    stage.thread.start()
    request = ask(count=3, guidance=ClassifierFree(2.0))
    stage.runner.estimate(request)
    before = stage.wait(Estimated)
    assert (before.nfe, before.seconds, before.problem) == (3, None, "")
    assert before.tflop > 0
    assert before.memory_mb > 0
    stage.runner.submit(ask())
    stage.wait(Finished)
    stage.runner.estimate(request)
    after = stage.wait(Estimated)
    assert after.seconds is not None
    assert after.seconds > 0
    # Three guided pictures are six times the work of one without guidance.
    stage.runner.estimate(ask(guidance=ClassifierFree(1.0)))
    single = stage.wait(Estimated)
    assert single.seconds is not None
    assert after.seconds == pytest.approx(6 * single.seconds)
    assert after.tflop == pytest.approx(6 * single.tflop)


def test_a_timed_estimate_makes_some_calls_of_its_sampler(stage: Stage) -> None:
    stage.at[Started] = lambda _: stage.runner.pause()
    stage.thread.start()
    job = stage.runner.submit(ask())
    stage.wait(Started, job)
    request = ask(sampler=DualLoop(steps=5))
    stage.runner.estimate(request, timed=True)  # waits for the end of the run
    stage.runner.estimate(ask(seed=9))
    assert stage.wait(Estimated).request == ask(seed=9)
    stage.runner.resume()
    stage.wait(Finished, job)
    answer = stage.wait(Estimated)
    assert (answer.request, answer.timed, answer.problem) == (request, True, "")
    assert answer.seconds is not None
    assert answer.seconds > 0
    assert len(list_results()) == 1  # nobody sees the trial
    assert not any(journals().iterdir())
    stage.runner.estimate(ask(guidance=Auto(weak_model="small")), timed=True)
    assert stage.wait(Estimated).problem == ""
    stage.runner.estimate(ask(model="none"), timed=True)
    assert stage.wait(Estimated).timed


def test_an_estimate_for_another_model_waits_for_the_end_of_the_run(stage: Stage) -> None:
    install_small_model("other")
    stage.at[Started] = lambda _: stage.runner.pause()
    stage.thread.start()
    job = stage.runner.submit(ask())
    stage.wait(Started, job)
    stage.runner.estimate(ask(model="other"))
    stage.runner.estimate(ask(seed=9))
    assert stage.wait(Estimated).request == ask(seed=9)  # of the model that runs
    stage.runner.single_step()
    stage.wait(Progress, job)
    assert sum(isinstance(answer, Estimated) for answer in stage.said) == 1
    stage.runner.resume()
    stage.wait(Finished, job)
    assert stage.wait(Estimated).request == ask(model="other")


def test_a_pause_holds_the_next_job_too(stage: Stage) -> None:
    stage.at[Started] = lambda event: stage.runner.pause() if event.job == first else None
    first, second = stage.runner.submit(ask()), stage.runner.submit(ask(seed=1))
    stage.thread.start()
    stage.wait(Started, first)
    stage.runner.cancel(first)
    stage.wait(Cancelled, first)
    stage.wait(Started, second)
    for place in range(2):  # if it went on, the second answer would come after a call
        stage.runner.decode("view", ask(), (0, place), np.zeros((1, 4, 8, 8), np.float16))
        stage.wait(Decoded)
    assert not any(isinstance(answer, Progress) for answer in stage.said)
    stage.runner.single_step()
    assert stage.wait(Progress).job == second
    stage.runner.resume()
    stage.wait(Finished, second)


def test_an_estimate_of_what_cannot_run_says_why(stage: Stage) -> None:
    stage.thread.start()
    stage.runner.estimate(ask(model="none"))
    assert "none" in stage.wait(Estimated).problem
    stage.runner.estimate(ask(height=30))
    assert "32 x 30" in stage.wait(Estimated).problem


def test_a_job_that_cannot_run_fails_and_the_next_one_runs(stage: Stage) -> None:
    stage.thread.start()
    wrong = stage.runner.submit(ask(model="none"))
    failed = stage.wait(Failed, wrong)
    assert failed.exit_code == 2
    stage.wait(Finished, stage.runner.submit(ask()))


def test_no_name_means_the_first_installed_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    install_small_model()
    own = [model for model in installed_models() if not model.shipped]
    assert [model.name for model in own] == ["small", "small-ae"]
    for_task = {task: [m for m in own if m.card.task == task] for task in ("generate", "depth")}
    monkeypatch.setattr(model_cache, "installed_models", for_task.__getitem__)
    assert default_model() == default_model("class") == default_model("text") == "small"
    monkeypatch.setattr(model_cache, "installed_models", lambda task: ())
    with pytest.raises(InputError, match="No model is installed"):
        default_model()


def test_an_unexpected_error_while_loading_is_a_failed_job(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(*_: Any) -> None:
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr(stage.runner._cache, "get", surprise)
    stage.thread.start()
    failed = stage.wait(Failed, stage.runner.submit(ask()))
    assert "surprise" in failed.message
    assert "Traceback" in failed.details


def test_a_result_that_cannot_be_saved_is_still_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise RunError("The disk is full: x was not written.")

    monkeypatch.setattr(module, "save_result", full)
    stage.thread.start()
    finished = stage.wait(Finished, stage.runner.submit(ask()))
    assert isinstance(finished.result, Generated)
    assert finished.result.images is not None
    assert finished.files == ()
    assert "disk is full" in finished.notices[0]


def test_the_queue_survives_a_restart(stage: Stage) -> None:
    stage.at[Started] = lambda _: stage.runner.pause()
    stage.thread.start()
    requests = [ask(seed=n) for n in range(3)]
    jobs = [stage.runner.submit(request) for request in requests]
    stage.wait(Started)
    stage.close()
    assert sorted(stage.finals()) == jobs
    second = Stage()
    left = second.runner.left_queue()
    again = [second.runner.submit(request) for request in left]
    second.runner.forget_left()
    second.thread.start()
    for job, request in zip(again, requests, strict=True):
        assert second.wait(Finished, job).result.trace.request == request
    second.close()
    third = Stage()
    assert third.runner.left_queue() == ()


def ask_depth(folder: Path, **changes: Any) -> DepthRequest:
    file = folder / "scene.png"
    ramp = np.linspace(0, 255, 32 * 24 * 3).astype(np.uint8)
    Image.fromarray(ramp.reshape(24, 32, 3)).save(file)
    return DepthRequest(**{"image_file": str(file), "ensemble_size": 2, "steps": 3, **changes})


def test_depth_runs_in_the_same_queue(stage: Stage, tmp_path: Path) -> None:
    install_small_depth_model()
    stage.thread.start()
    first = stage.runner.submit(ask())
    job = stage.runner.submit(ask_depth(tmp_path, model="small-depth"))
    last = stage.runner.submit(ask(seed=1))
    assert stage.wait(Finished).job == first
    finished = stage.wait(Finished)
    assert isinstance(finished.result, DepthMap)
    assert (finished.job, finished.result.log_depth.shape) == (job, (24, 32))
    (file,) = pictures_folder().glob("*/*_depth.png")  # saved by itself, like a generated picture
    assert finished.files == (str(file),)
    values, about = read_png16(file)
    assert (values.shape, about["request"]["ensemble_size"]) == ((24, 32), 2)
    stage.wait(Finished, last)
    steps = [a for a in stage.said if isinstance(a, Progress) and a.job == job]
    assert [step.call for step in steps] == [0, 1, 2]
    assert stage.finals() == [first, job, last]
    # The model stays in the cache: only its first use loads it, and free_memory forgets it too.
    stage.said.clear()
    stage.wait(Finished, stage.runner.submit(ask_depth(tmp_path, model="small-depth")))
    assert not any(isinstance(answer, Loading) for answer in stage.said)
    stage.runner.free_memory()
    stage.wait(Finished, stage.runner.submit(ask_depth(tmp_path, model="small-depth")))
    assert any(isinstance(answer, Loading) for answer in stage.said)


def test_depth_latents_are_decoded_on_demand(stage: Stage, tmp_path: Path) -> None:
    install_small_depth_model()
    stage.thread.start()
    request = ask_depth(tmp_path, model="small-depth")
    stage.wait(Finished, stage.runner.submit(request))
    steps = [answer for answer in stage.said if isinstance(answer, Progress)]
    latents = steps[-1].detail.prediction
    stage.runner.decode("view", request, (1, "x"), latents)
    decoded = stage.wait(Decoded)
    assert decoded.key == (1, "x")
    assert decoded.values.shape == (2, 24, 32)


def test_a_picture_that_cannot_be_read_fails_alone(stage: Stage, tmp_path: Path) -> None:
    install_small_depth_model()
    stage.thread.start()
    (tmp_path / "broken.png").write_bytes(b"no image")
    wrong = DepthRequest(image_file=str(tmp_path / "broken.png"), model="small-depth")
    failed = stage.wait(Failed, stage.runner.submit(wrong))
    assert "broken.png" in failed.message
    stage.wait(Finished, stage.runner.submit(ask_depth(tmp_path)))


def test_the_stored_queue_keeps_the_kind(tmp_path: Path) -> None:
    requests = (ask(seed=3), ask_depth(tmp_path), UpscaleRequest("x.png", Upscale(factor=4)))
    first = Runner(lambda _: None)
    for request in requests:
        first.submit(request)
    first.stop()
    first.run()
    second = Runner(lambda _: None)
    assert second.left_queue() == requests
    assert second.queue_problem() == ""


def test_stop_ends_a_run_after_its_current_call(stage: Stage) -> None:
    stage.at[Progress] = lambda _: stage.runner.stop()
    stage.thread.start()
    job = stage.runner.submit(ask(sampler=Euler(1000)))
    cancelled = stage.wait(Cancelled, job)
    assert cancelled.result.trace.nfe == 1
    stage.thread.join(timeout=60)
    assert not stage.thread.is_alive()


def test_free_memory_and_previews(stage: Stage) -> None:
    stage.runner.set_preview_budget(1.0)
    stage.thread.start()
    stage.wait(Finished, stage.runner.submit(ask()))
    assert any(isinstance(answer, Preview) for answer in stage.said)
    stage.said.clear()
    stage.runner.set_preview_budget(0.0)
    stage.runner.free_memory()
    stage.wait(Finished, stage.runner.submit(ask()))
    assert any(isinstance(answer, Loading) for answer in stage.said)
    assert not any(isinstance(answer, Preview) for answer in stage.said)


def test_crashed_runs_come_back_as_results(tmp_path: Path) -> None:
    from small_models import small_model

    def at(event: Event) -> None:
        if isinstance(event, Progress) and event.call == 1:
            (journal,) = journals().glob("*")
            left = journal.with_name("of-a-process-that-is-gone.journal")
            left.write_bytes(journal.read_bytes())

    events_of(ask(), small_model(), at=at)
    (result,) = recover_results()
    assert result.trace is not None
    assert read_trace(result.trace).nfe == 2
    assert not list(journals().glob("*"))
    assert list_results() == [result]
    assert result.folder.is_relative_to(pictures_folder())
    empty = TraceRecorder(ask(), "small")
    empty.close(keep=True)
    assert recover_results() == []
