from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from sessions import events_of
from small_models import small_model

from pfstudio.core.conditions import Prompt, labels
from pfstudio.core.events import Cancelled, Event, Failed, Finished, Preview, Progress, Started
from pfstudio.core.generation import Generated
from pfstudio.core.guidance import ClassifierFree, Interval, NoGuidance
from pfstudio.core.paint import Paint
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.results import recover_results
from pfstudio.core.samplers import (
    SAMPLERS,
    Adaptive,
    DualLoop,
    Euler,
    Heun,
    LookAhead,
    Sampler,
    Scheduled,
    Stochastic,
    StochasticHeun,
)
from pfstudio.core.trace import Role, Trace
from pfstudio.core.trace_file import write_trace
from pfstudio.core.trace_journal import journals
from pfstudio.engine import generate as module
from pfstudio.engine.control import Control, Gate, Stopped
from pfstudio.engine.estimate import seconds_per_token
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache
from pfstudio.engine.saving import Saving
from pfstudio.engine.session import SaveByItself, Session
from pfstudio.nn import modulation

SHORT: dict[str, Sampler] = {
    "euler": Euler(4),
    "heun": Heun(2),
    "dual-loop": DualLoop(2, 2),
    "look-ahead": LookAhead(3),
    "adaptive": Adaptive(6),
    "scheduled": Scheduled(4),
    "stochastic": Stochastic(4),
    "sde-heun": StochasticHeun(3),
}


@pytest.fixture(scope="module")
def model() -> Model:
    return small_model()


def ask(**changes: Any) -> GenerateRequest:
    defaults = {"model": "small", "conditions": labels(1), "seed": 5, "sampler": Euler(4)}
    return GenerateRequest(**{**defaults, "guidance": NoGuidance(), **changes})


def finish(model: Model, request: GenerateRequest, **options: Any) -> Generated:
    last = events_of(request, model, **options)[-1]
    assert isinstance(last, Finished), last
    assert isinstance(last.result, Generated)
    return last.result


def fail(model: Model, request: GenerateRequest) -> Failed:
    last = events_of(request, model)[-1]
    assert isinstance(last, Failed)
    return last


def steps_of(stream: list[Event]) -> list[Progress]:
    return [event for event in stream if isinstance(event, Progress)]


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("rule", [NoGuidance(), ClassifierFree(2.0), Interval(3.0, 0.3, 0.6)])
def test_every_sampler_tells_one_story(model: Model, name: str, rule: Any) -> None:
    request = ask(conditions=labels(0, 3), sampler=SHORT[name], guidance=rule)
    stream = events_of(request, model)
    started, *middle, finished = stream
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    steps = steps_of(middle)
    assert len(steps) == len(middle) <= started.nfe == request.sampler.nfe
    assert [step.call for step in steps] == list(range(len(steps)))
    images, trace = finished.result.images, finished.result.trace
    assert trace.nfe == len(steps)
    assert (started.grid, started.images) == ((4, 4), 2)
    for call, step in enumerate(steps):
        np.testing.assert_array_equal(trace.time[call], step.detail.time)
        np.testing.assert_array_equal(trace.role[call], step.detail.role)
        assert trace.predictions is not None
        assert trace.states is not None
        velocity = trace.predictions[call].astype(np.float32) - trace.states[call]
        assert np.isfinite(velocity).all()
    assert images.shape == (2, 32, 32, 3)
    assert np.isfinite(trace.difficulty).all()
    assert (trace.tokens >= 32).all()


def test_the_prediction_is_the_one_step_estimate(model: Model) -> None:
    trace = finish(model, ask()).trace
    assert trace.states is not None
    assert trace.predictions is not None
    x, t = torch.from_numpy(trace.states[2].astype(np.float32)), torch.from_numpy(trace.time[2])
    velocity, log_variance = model.velocity(x, t, 1)
    clean = x + (1 - t[0, 0, 0]) * velocity
    np.testing.assert_allclose(trace.predictions[2], clean.numpy(), atol=5e-3)
    assert log_variance is not None
    pooled = torch.nn.functional.avg_pool2d(log_variance.exp(), 2)[:, 0]
    np.testing.assert_allclose(trace.difficulty[2], pooled.numpy(), rtol=5e-3)
    rms = velocity.square().mean(1, keepdim=True)
    speed = torch.nn.functional.avg_pool2d(rms, 2).sqrt()[:, 0]
    np.testing.assert_allclose(trace.speed[2], speed.numpy(), rtol=5e-3)


def test_a_seed_gives_the_same_picture_in_any_batch(model: Model) -> None:
    many = finish(
        model, ask(conditions=labels(1, 2), count=3, seed=5, sampler=DualLoop(2, 2))
    ).trace
    one = finish(model, ask(conditions=labels(2), seed=8, sampler=DualLoop(2, 2))).trace
    np.testing.assert_array_equal(many.noise[3], one.noise[0])
    np.testing.assert_allclose(many.latents[3], one.latents[0], atol=1e-5)


def test_large_runs_go_in_batches(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = finish(model, ask(conditions=labels(1, 2, 3)))
    monkeypatch.setattr("pfstudio.engine.estimate.batch_size", lambda *_: 2)
    stream = events_of(ask(conditions=labels(1, 2, 3)), model)
    details = [step.detail for step in steps_of(stream)]
    assert [(detail.first, len(detail.time)) for detail in details] == [(0, 2)] * 4 + [(2, 1)] * 4
    assert [(s.call, s.nfe) for s in steps_of(stream)] == [(k, 8) for k in range(8)]
    assert [(detail.call, detail.nfe) for detail in details] == [(k % 4, 4) for k in range(8)]
    assert isinstance(stream[-1], Finished)
    last = stream[-1].result
    np.testing.assert_allclose(last.trace.latents, whole.trace.latents, atol=1e-5)
    assert last.trace.time.shape == (4, 3, 4, 4)
    assert last.images.shape == (3, 32, 32, 3)


@pytest.mark.parametrize("calls", range(5))
def test_cancel_keeps_exactly_the_calls_made(model: Model, calls: int) -> None:
    control = Control()
    if calls == 0:
        control.cancel()

    def at(event: Event) -> None:
        if isinstance(event, Progress) and event.call + 1 == calls:
            control.cancel()

    stream = events_of(ask(sampler=Euler(5)), model, control=control, at=at)
    last = stream[-1]
    assert isinstance(last, Cancelled)
    assert len(steps_of(stream)) == calls
    assert (last.result.trace.nfe if last.result else 0) == calls
    assert not list(journals().glob("*"))


def test_pause_and_single_step(model: Model) -> None:
    import threading

    control, seen = Control(), list[Progress]()
    made = threading.Semaphore(0)
    control.gate.pause()

    def at(event: Event) -> None:
        if isinstance(event, Progress):
            seen.append(event)
        made.release()

    def work() -> None:
        events_of(ask(sampler=Euler(4)), model, control=control, at=at)

    worker = threading.Thread(target=work)
    worker.start()
    made.acquire()  # Started
    assert not seen
    for calls in (1, 2):
        control.gate.single_step()
        made.acquire()
        assert len(seen) == calls
        assert control.gate.paused
    control.gate.resume()
    worker.join(timeout=30)
    assert len(seen) == 4


def test_a_held_worker_still_serves_other_asks() -> None:
    import threading

    served = threading.Semaphore(0)
    control = Control(gate=Gate(served.release))
    control.gate.pause()
    worker = threading.Thread(target=control.checkpoint)
    worker.start()
    assert served.acquire(timeout=30)
    control.gate.wake()
    assert served.acquire(timeout=30)
    control.gate.resume()
    worker.join(timeout=30)


def test_a_gate_holds_the_next_job_too() -> None:
    gate = Gate()
    gate.single_step()
    first = Control(gate=gate)
    first.checkpoint()
    first.cancel()
    with pytest.raises(Stopped):
        first.checkpoint()
    second = Control(gate=gate)
    second.cancel()
    with pytest.raises(Stopped):  # it is held, and stopped while it is
        second.checkpoint()
    assert gate.paused


def test_neither_pauses_nor_consumers_count_as_time(model: Model) -> None:
    clock = Ticking()

    def wait() -> None:
        clock.now += 100.0

    def at(event: Event) -> None:
        clock.now += 50.0

    stream = events_of(ask(), model, control=Control(gate=Gate(wait)), clock=clock, at=at)
    last = stream[-1]
    assert isinstance(last, Finished)
    assert last.seconds == 0
    assert [step.elapsed for step in steps_of(stream)] == [0, 0, 0, 0]
    assert seconds_per_token(model) == 0


class Ticking:
    """A clock that only moves when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def previews(model: Model, share: float, cost: float, monkeypatch: pytest.MonkeyPatch) -> int:
    clock = Ticking()
    real_preview, real_sample = model.preview, module.sample

    def preview(latents: Any) -> Any:
        clock.now += cost
        return real_preview(latents)

    def sample(*args: Any) -> Iterator[Any]:
        steps = real_sample(*args)
        while True:
            clock.now += 1.0
            try:
                yield next(steps)
            except StopIteration as end:
                return end.value

    monkeypatch.setattr(model, "preview", preview, raising=False)
    monkeypatch.setattr(module, "sample", sample)
    control = Control(share)
    stream = events_of(ask(sampler=Euler(40)), model, control=control, clock=clock)
    monkeypatch.undo()
    spent = steps_of(stream)[-1].detail.view_seconds
    assert spent <= share * steps_of(stream)[-1].elapsed + cost
    shown = [event for event in stream if isinstance(event, Preview)]
    assert all(event.images.shape == (1, 32, 32, 3) for event in shown)
    return len(shown)


def test_previews_keep_their_share_of_the_time(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert previews(model, 0.0, 0.1, monkeypatch) == 0
    assert previews(model, 0.03, 0.02, monkeypatch) == 40  # cheap: every call
    assert 10 <= previews(model, 0.03, 0.1, monkeypatch) <= 13
    assert previews(model, 0.03, 3.0, monkeypatch) == 1


def test_time_left_counts_down(model: Model) -> None:
    clock = Ticking()

    def tick() -> float:
        clock.now += 1.0
        return clock.now

    left = [step.eta for step in steps_of(events_of(ask(), model, clock=tick))]
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0


# Starts


def test_noise_from_a_file(model: Model, tmp_path: Path) -> None:
    drawn = finish(model, ask(conditions=labels(1, 2)))
    save_file({"noise": torch.from_numpy(drawn.trace.noise)}, tmp_path / "n.safetensors")
    given = finish(
        model, ask(conditions=labels(1, 2), seed=99, noise_file=str(tmp_path / "n.safetensors"))
    )
    np.testing.assert_array_equal(given.trace.latents, drawn.trace.latents)


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        ({"noise": torch.zeros(3, 4, 8, 8)}, "shape"),
        ({"noise": torch.zeros(1, 3, 8, 8)}, "shape"),
        ({"noise": torch.zeros(1, 4, 7, 8)}, "shape"),
        ({"noise": torch.full((1, 4, 8, 8), torch.nan)}, "not finite"),
        ({"other": torch.zeros(1)}, "no tensor named noise"),
    ],
)
def test_bad_noise_is_refused(
    model: Model, tmp_path: Path, tensors: dict[str, torch.Tensor], sentence: str
) -> None:
    save_file(tensors, tmp_path / "n.safetensors")
    failed = fail(model, ask(noise_file=str(tmp_path / "n.safetensors")))
    assert sentence in failed.message
    assert failed.exit_code == 2


def test_missing_files_are_named(model: Model, tmp_path: Path) -> None:
    for changes in (
        {"noise_file": str(tmp_path / "none.safetensors")},
        {"image_file": str(tmp_path / "none.png"), "start_time": 0.5},
        {"branch": Branch(str(tmp_path / "none.trace"), 0)},
    ):
        failed = fail(model, ask(**changes))
        assert "none" in failed.message
        assert failed.exit_code == 2


@pytest.fixture
def picture(tmp_path: Path) -> str:
    pixels = np.random.default_rng(0).integers(0, 255, (40, 48, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "start.png")
    return str(tmp_path / "start.png")


@pytest.mark.parametrize("name", SAMPLERS)
def test_fixed_patches_keep_the_picture(model: Model, picture: str, name: str) -> None:
    paint = (Paint.FIXED,) * 8 + (0,) * 8
    request = ask(image_file=picture, paint=paint, sampler=SHORT[name])
    trace = finish(model, request).trace
    other = finish(model, ask(image_file=picture, paint=paint, seed=9)).trace
    np.testing.assert_allclose(trace.latents[:, :, :4], other.latents[:, :, :4], atol=1e-6)
    assert np.abs(trace.latents[:, :, 4:] - other.latents[:, :, 4:]).max() > 0.1
    assert (trace.role[:, :, :2] == Role.FIXED).all()
    assert (trace.time[:, :, :2] == 1).all()


def test_a_start_time_keeps_part_of_the_picture(model: Model, picture: str) -> None:
    trace = finish(model, ask(image_file=picture, start_time=0.75)).trace
    assert (trace.time[0] == 0.75).all()
    assert trace.states is not None
    clean = (trace.states[0].astype(np.float32) - 0.25 * trace.noise) / 0.75
    again = finish(model, ask(image_file=picture, start_time=0.75, seed=7)).trace
    assert again.states is not None
    clean_again = (again.states[0].astype(np.float32) - 0.25 * again.noise) / 0.75
    np.testing.assert_allclose(clean, clean_again, atol=1e-2)


@pytest.mark.parametrize("call", [0, 1, 3])
def test_a_branch_with_the_same_settings_comes_to_the_same_end(
    model: Model, tmp_path: Path, call: int
) -> None:
    whole = finish(model, ask(conditions=labels(1, 2))).trace
    write_trace(whole, tmp_path / "t.safetensors")
    branch = Branch(str(tmp_path / "t.safetensors"), call)
    rest = finish(model, ask(conditions=labels(1, 2), branch=branch)).trace
    assert rest.nfe == 4 - call
    np.testing.assert_allclose(rest.time, whole.time[call:], atol=1e-6)
    np.testing.assert_allclose(rest.latents, whole.latents, atol=5e-3)  # states are float16


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("begin", ["noise", "part of a picture", "frozen patches"])
def test_every_samplers_branch_is_the_run_continued(
    model: Model, tmp_path: Path, picture: str, name: str, begin: str
) -> None:
    sampler = SAMPLERS[name]().for_nfe(12)
    wish = ask(conditions=labels(1, 2), sampler=sampler)
    if begin == "part of a picture":
        wish = replace(wish, image_file=picture, start_time=0.5)
    elif begin == "frozen patches":
        wish = replace(wish, image_file=picture, paint=(Paint.FIXED,) * 8 + (0,) * 8)
    whole = finish(model, wish).trace
    write_trace(whole, tmp_path / "t.safetensors")
    for call in range(whole.nfe):
        branch = Branch(str(tmp_path / "t.safetensors"), call)
        events = events_of(replace(wish, branch=branch, start_time=0.0), model)
        rest = events[-1].result.trace
        assert rest.nfe == whole.nfe - call
        np.testing.assert_allclose(rest.time, whole.time[call:], atol=2e-3)
        np.testing.assert_allclose(rest.latents, whole.latents, atol=5e-3)  # states are float16


def test_a_branch_at_the_first_call_keeps_the_times_of_its_run(
    model: Model, tmp_path: Path
) -> None:
    wish = ask(sampler=Euler(3, grid=(0.0, 0.2, 0.7, 1.0)))
    whole = finish(model, wish).trace
    write_trace(whole, tmp_path / "t.safetensors")
    branch = Branch(str(tmp_path / "t.safetensors"), 0)
    rest = finish(model, replace(wish, branch=branch)).trace
    np.testing.assert_array_equal(rest.time, whole.time)
    np.testing.assert_array_equal(rest.latents, whole.latents)


def test_a_branch_needs_the_picture_of_its_run_only_to_freeze_patches(
    model: Model, tmp_path: Path, picture: str
) -> None:
    wish = ask(image_file=picture, start_time=0.5)
    whole = finish(model, wish).trace
    write_trace(whole, tmp_path / "t.safetensors")
    branch = Branch(str(tmp_path / "t.safetensors"), 1)
    gone = replace(wish, branch=branch, start_time=0.0, image_file="photo.jpg")
    rest = finish(model, gone).trace
    np.testing.assert_allclose(rest.latents, whole.latents, atol=5e-3)  # states are float16
    frozen = replace(gone, paint=(Paint.FIXED,) * 8 + (0,) * 8)
    assert "photo.jpg is not an image" in fail(model, frozen).message
    kept = finish(model, replace(frozen, image_file="")).trace  # as they were in the end
    np.testing.assert_array_equal(kept.latents[:, :, :4], whole.latents[:, :, :4])


def test_a_run_of_a_picture_without_states_cannot_be_branched_even_at_its_first_call(
    model: Model, tmp_path: Path, picture: str
) -> None:
    wish = ask(image_file=picture, start_time=0.5)
    trace = replace(finish(model, wish).trace, states=None, predictions=None)
    write_trace(trace, tmp_path / "t.safetensors")
    branch = Branch(str(tmp_path / "t.safetensors"), 0)
    failed = fail(model, replace(wish, branch=branch, start_time=0.0))
    assert "recorded without states" in failed.message


def test_a_branch_from_a_call_that_looked_ahead_starts_one_call_earlier(
    model: Model, tmp_path: Path
) -> None:
    whole = finish(model, ask(sampler=LookAhead(3))).trace
    write_trace(whole, tmp_path / "t.safetensors")
    assert (whole.role[2] == Role.CONTEXT).any()
    request = ask(sampler=Euler(3), branch=Branch(str(tmp_path / "t.safetensors"), 2))
    started, *_, finished = events_of(request, model)
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    assert any("starts at call 2" in notice for notice in started.notices)
    assert whole.states is not None
    np.testing.assert_array_equal(finished.result.trace.noise, whole.states[1].astype(np.float32))


def test_branches_that_do_not_fit_are_refused(model: Model, tmp_path: Path) -> None:
    write_trace(finish(model, ask()).trace, tmp_path / "t.safetensors")
    path = str(tmp_path / "t.safetensors")
    for changes, sentence in (
        ({"branch": Branch(path, 4)}, "no call 5"),
        ({"branch": Branch(path, -1)}, "no call 0"),
        ({"branch": Branch(path, 0), "conditions": labels(1, 2)}, "starts from: 1, not 2"),
        ({"branch": Branch(path, 0), "start_time": 0.5}, "start time"),
        ({"branch": Branch(path, 0), "paint": (1, 2)}, "2 patches"),
    ):
        assert sentence in fail(model, ask(**changes)).message


def test_another_size_stretches_the_positions_and_says_so(model: Model) -> None:
    started, *_, last = events_of(ask(height=24, width=48), model)
    assert isinstance(started, Started)
    assert isinstance(last, Finished)
    assert started.grid == (3, 6)
    assert any("stretched" in notice for notice in started.notices)
    assert last.result.images.shape == (1, 24, 48, 3)
    assert "multiples of 8" in fail(model, ask(height=30)).advice


# What goes wrong


def test_classes_and_text_are_checked(model: Model) -> None:
    assert "no class 5" in fail(model, ask(conditions=labels(5))).message
    assert "not text" in fail(model, ask(conditions=(Prompt("a cat"),))).message


def test_a_model_without_difficulty_refuses_samplers_that_need_it() -> None:
    plain = small_model(difficulty=False)
    trace = finish(plain, ask()).trace
    assert np.isnan(trace.difficulty).all()
    assert all(s.detail.difficulty is None for s in steps_of(events_of(ask(), plain)))
    for sampler in (DualLoop(2), LookAhead(2)):
        failed = fail(plain, ask(sampler=sampler))
        assert (failed.exit_code, "difficulty" in failed.message) == (2, True)


def test_numbers_that_are_not_finite_name_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = small_model()
    real, calls = broken.network.forward, []

    def forward(*args: Any, **options: Any) -> Any:
        out = real(*args, **options)
        calls.append(1)
        return replace(out, velocity=out.velocity * torch.nan) if len(calls) == 3 else out

    monkeypatch.setattr(broken.network, "forward", forward)
    failed = fail(broken, ask())
    assert "call 3" in failed.message
    assert failed.exit_code == 1


def run_out_of_memory(model: Model, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next calls number 2 .. `times` + 1 fail like a device does."""
    real, calls = model.network.forward, []

    def forward(*args: Any, **options: Any) -> Any:
        calls.append(1)
        if 2 <= len(calls) < 2 + times:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(*args, **options)

    monkeypatch.setattr(model.network, "forward", forward)


def test_out_of_memory_steps_down_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_model()
    whole = finish(model, ask(conditions=labels(1, 2, 3))).trace
    run_out_of_memory(model, 1, monkeypatch)
    stream = events_of(ask(conditions=labels(1, 2, 3)), model)
    starts = [event for event in stream if isinstance(event, Started)]
    assert len(starts) == 2
    assert "images are computed 2 at a time" in starts[1].notices[-1]
    assert starts[1].nfe == 8
    last = stream[-1]
    assert isinstance(last, Finished)
    np.testing.assert_allclose(last.result.trace.latents, whole.latents, atol=1e-5)


def test_out_of_memory_with_one_picture_goes_on_in_less_precision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = small_model()
    run_out_of_memory(model, 1, monkeypatch)
    model.lighter = lambda: small_model("bfloat16")
    stream = events_of(ask(), model, control=Control(1.0))
    starts = [event for event in stream if isinstance(event, Started)]
    assert "goes on in bfloat16" in starts[1].notices[-1]
    assert not any(isinstance(event, Preview) for event in stream[stream.index(starts[1]) :])
    assert model.precision == "float32"  # the model itself stays as it is
    assert next(model.network.parameters()).dtype is torch.float32
    assert [start.precision for start in starts] == ["float32", "bfloat16"]


def test_out_of_memory_twice_fails_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_model()
    run_out_of_memory(model, 9, monkeypatch)
    failed = fail(model, ask(conditions=labels(1, 2)))
    assert failed.message == "There is not enough memory for this run."
    assert "OutOfMemoryError" in failed.details


def test_memory_that_runs_out_while_a_model_is_loaded_is_told() -> None:
    class Full(ModelCache):
        def get(self, key: Any) -> Any:
            raise MemoryError

    last = Session(Full()).run(ask())
    assert isinstance(last, Failed)
    assert last.message == "There is not enough memory for this run."


def test_an_error_of_others_is_shown_only_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_model()
    monkeypatch.setattr(model.network, "forward", _long_error)
    assert len(fail(model, ask()).message) < 500


def _long_error(*_: Any, **__: Any) -> Any:
    raise ValueError("x" * 10_000)


def test_what_a_model_remembers_is_counted() -> None:
    model = small_model()
    before = model.bytes
    finish(model, ask())
    assert before < model.bytes < 2 * before  # by need, and not by what there may be room for


@pytest.mark.parametrize("before", [Euler(1), Euler(3), Heun(2)])
def test_a_run_computes_what_it_would_as_the_first_one(
    before: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Products of other sizes round otherwise: modulations of an earlier run are not used again."""
    rows: list[int] = []
    make = modulation._rows_of
    monkeypatch.setattr(
        modulation, "_rows_of", lambda m, keys: rows.append(len(keys)) or make(m, keys)
    )
    request = ask(sampler=Adaptive(tolerance=0.2), conditions=labels(2, 3))
    finish(small_model(), request)
    fresh = rows.copy()
    used = small_model()
    finish(used, ask(sampler=before, conditions=labels(2)))
    rows.clear()
    finish(used, request)
    assert rows == fresh


def test_an_unexpected_error_ends_with_failed_and_keeps_the_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = small_model()
    real, calls = model.network.forward, []

    def forward(*args: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise ZeroDivisionError("surprise")
        return real(*args, **options)

    monkeypatch.setattr(model.network, "forward", forward)
    failed = fail(model, ask())
    assert "surprise" in failed.message
    assert "Traceback" in failed.details
    assert len(list(journals().glob("*"))) == 1


def test_latents_only(model: Model) -> None:
    assert finish(model, ask(), decode=False).images is None


def test_no_grad_mode_leaks_to_the_consumer(model: Model) -> None:
    modes = list[bool]()
    events_of(ask(), model, at=lambda event: modes.append(torch.is_inference_mode_enabled()))
    assert modes
    assert not any(modes)


def test_a_trace_too_large_for_memory_keeps_its_maps(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_STATE_BYTES", 100)
    started, *_, finished = events_of(ask(), model)
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    last = finished.result
    assert any("too large" in notice for notice in started.notices)
    assert (last.trace.states, last.trace.predictions) == (None, None)
    assert last.trace.time.shape == (4, 1, 4, 4)
    assert isinstance(last.trace, Trace)


def test_a_run_whose_result_cannot_be_saved_stays_recoverable(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # where a folder is wanted

    def saved(root: Path) -> Finished:
        session = Session(save=SaveByItself(Saving(root)))
        last = session.run(ask(), models=(model,))
        assert isinstance(last, Finished)
        return last

    assert "not saved" in saved(tmp_path / "file").notices[-1]
    (result,) = recover_results(tmp_path / "elsewhere")
    assert result.trace is not None
    assert not list(journals().glob("*"))
    assert saved(tmp_path / "good").files
    assert not list(journals().glob("*"))


def test_a_run_goes_on_where_no_journal_can_be_kept(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    events = events_of(ask(), model, journals=tmp_path / "file")
    assert isinstance(events[-1], Finished)
    started = next(event for event in events if isinstance(event, Started))
    assert any("A crash would lose this run" in notice for notice in started.notices)


def test_a_damaged_journal_is_set_aside(tmp_path: Path) -> None:
    journals().mkdir(parents=True)
    (journals() / "a.journal").write_bytes(b"nothing of ours")
    assert recover_results(tmp_path) == []
    assert recover_results(tmp_path) == []  # it is not looked at again
    (aside,) = journals().glob("*")
    assert ".broken" in aside.name
    assert aside.read_bytes() == b"nothing of ours"
