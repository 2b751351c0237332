"""The run being looked at: growth, cursors, derived maps, decoding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject
from scripted_runner import GRID, make_images, make_trace, step_of

from pfstudio.core.events import Progress, Started
from pfstudio.core.generation import Generated
from pfstudio.core.guidance import Interval, NoGuidance
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import DualLoop, Euler
from pfstudio.core.trace import Role
from pfstudio.ui.view_models.latent_colours import LatentColours
from pfstudio.ui.view_models.run import DecodeAsk, RunModel
from pfstudio.ui.view_models.run_data import RunData, Source

REQUEST = GenerateRequest(model="m", sampler=DualLoop(steps=3, inner_steps=4))
TRACE = make_trace(REQUEST, 12)
IMAGES = make_images(REQUEST)


class Asks(QObject):
    """Collects what a run would like to have decoded."""

    def __init__(self, run: RunModel) -> None:
        super().__init__()
        self.asks: list[DecodeAsk] = []
        run.decode_wanted.connect(self.take)

    def take(self, ask: DecodeAsk) -> None:
        self.asks.append(ask)

    @property
    def places(self) -> list[int]:
        return [ask.key[1] for ask in self.asks]


def started(request: GenerateRequest = REQUEST, calls: int = 12, job: int = 1) -> Started:
    return Started(job, calls, request.images, GRID, "cpu", "float32", 1)


def steps(first: int, last: int) -> list[Progress]:
    return [step_of(1, TRACE, call) for call in range(first, last)]


def with_detail(step: Progress, **changes: object) -> Progress:
    return replace(step, detail=replace(step.detail, **changes))


@pytest.fixture
def run(qapp: object) -> RunModel:
    model = RunModel()
    model.begin(started(), REQUEST, "cat")
    return model


def finished(run: RunModel) -> RunModel:
    run.append(steps(0, 12))
    run.finish(Generated(IMAGES, TRACE))
    return run


def test_the_cursor_follows_until_the_user_takes_it(run: RunModel) -> None:
    run.append(steps(0, 3))
    assert (run.call, run.done, run.is_live) == (2, 3, True)
    run.set_call(1)
    run.append(steps(3, 6))
    assert (run.call, run.done) == (1, 6)
    run.set_call(5)
    run.append(steps(6, 7))
    assert run.call == 6


def test_steps_of_another_job_are_ignored(run: RunModel) -> None:
    run.append([replace(step_of(1, TRACE, 0), job=2)])
    assert run.done == 0


def test_skipped_calls_repeat_the_next_known_one(run: RunModel) -> None:
    run.append([step_of(1, TRACE, 0), step_of(1, TRACE, 3)])
    data = run.data
    assert data.done == 4
    np.testing.assert_array_equal(data.time[2], TRACE.time[3])
    np.testing.assert_array_equal(data.time[0], TRACE.time[0])


def test_more_calls_than_expected_find_room(qapp: object) -> None:
    run = RunModel()
    run.begin(started(calls=2), REQUEST)
    run.append(steps(0, 9))
    assert run.done == 9
    np.testing.assert_array_equal(run.data.difficulty[:9], TRACE.difficulty[:9])


def test_the_trace_replaces_what_was_live(run: RunModel) -> None:
    run.append(steps(0, 12))
    shorter = make_trace(REQUEST, 5)
    run.finish(Generated(None, shorter))
    assert (run.done, run.call, run.is_live) == (5, 4, False)
    np.testing.assert_array_equal(run.data.speed, shorter.speed)


def test_a_run_that_failed_keeps_its_calls(run: RunModel) -> None:
    run.append(steps(0, 4))
    run.finish(None)
    assert (run.done, run.data.expected) == (4, 4)


THREE = replace(REQUEST, count=3)
THREE_TRACE = make_trace(THREE, 4)


def batch(call: int, first: int, count: int) -> Progress:
    """A call of some of three images; the calls of the job go on over the batches."""
    step = step_of(1, THREE_TRACE, call)
    part = slice(first, first + count)
    names = ("time", "difficulty", "role", "speed", "state", "prediction")
    cut = {name: getattr(step.detail, name)[part] for name in names}
    return replace(with_detail(step, first=first, **cut), call=call + 4 * (first > 0), nfe=8)


@pytest.fixture
def large(qapp: object) -> RunModel:
    run = RunModel()
    run.begin(started(THREE, calls=8), THREE)
    run.append([batch(call, 0, 2) for call in range(4)])
    return run


def test_images_of_a_large_run_come_in_batches(large: RunModel) -> None:
    assert [large.data.known(i) for i in range(3)] == [4, 4, 0]
    large.append([batch(0, 2, 1)])
    assert (large.image, large.call, large.done, large.total) == (2, 0, 1, 4)
    large.set_preview(0, make_images(THREE)[2:], first=2)
    assert large.data.prediction(0, 2).source is Source.DECODED
    assert large.data.prediction(0, 0).source is Source.LINEAR
    np.testing.assert_array_equal(large.data.time[0, 2], THREE_TRACE.time[0, 2])


def test_a_call_of_a_large_run_takes_as_long_when_it_is_opened_again(large: RunModel) -> None:
    steps = [replace(batch(call, 2, 1), elapsed=1.0 + call) for call in range(4)]
    large.append(steps)
    live = large.data.seconds_per_call
    seconds = np.linspace(1, 4, 4, dtype=np.float32)  # of a call in all batches
    opened = RunData.opened(replace(THREE_TRACE, seconds=seconds), None)
    assert live == opened.seconds_per_call == 1.0


def test_a_finished_image_of_a_large_run_can_be_looked_at(large: RunModel) -> None:
    large.append([batch(0, 2, 1)])
    large.set_image(0)
    assert not large.follow_live
    large.append([batch(1, 2, 1)])
    assert (large.image, large.done) == (0, 4)
    large.set_call(3)  # its last, but none that grows
    assert "live" not in "".join(large.words())
    large.append([batch(2, 2, 1)])
    assert (large.image, large.call) == (0, 3)
    large.set_image(2)
    assert (large.follow_live, large.call) == (True, 2)
    large.append([batch(3, 2, 1)])
    assert (large.image, large.call) == (2, 3)


def test_another_image_of_the_batch_that_is_made_keeps_the_cursor(qapp: object) -> None:
    run = RunModel()
    run.begin(started(THREE, calls=8), THREE)
    run.append([batch(call, 0, 2) for call in range(3)])
    run.set_image(1)
    assert run.follow_live
    run.set_call(0)
    run.set_image(0)
    run.append([batch(3, 0, 2)])
    assert (run.image, run.call) == (0, 0)


def test_an_image_that_is_not_begun_is_waited_for(qapp: object) -> None:
    run = RunModel()
    run.begin(started(THREE, calls=8), THREE)
    run.append([batch(0, 0, 2)])
    run.set_image(2)
    run.append([batch(1, 0, 2)])
    assert (run.image, run.done) == (2, 0)
    run.append([batch(call, 2, 1) for call in range(2)])
    assert (run.image, run.call, run.follow_live) == (2, 1, True)


def test_a_large_run_that_was_stopped_has_the_images_that_were_begun(large: RunModel) -> None:
    large.append([batch(0, 2, 1)])
    kept = make_trace(replace(THREE, count=2), 4)
    large.finish(Generated(None, replace(kept, request=THREE), whole=False))
    assert (large.data.images, large.image, large.call, large.done) == (2, 1, 0, 4)
    assert large.sentence()


def test_a_call_that_is_told_twice_counts_once(run: RunModel) -> None:
    run.append(steps(0, 3))
    run.append(steps(1, 4))
    assert (run.data.done, run.data.tokens_computed) == (4, 4 * 32)


def test_runs_that_were_opened_never_have_one_number(run: RunModel) -> None:
    opened = [RunData.opened(TRACE, IMAGES) for _ in range(3)]
    assert len({data.job for data in (run.data, *opened)}) == 4


# -- maps ---------------------------------------------------------------------------------------


def test_difficulty_is_shown_as_log_variance(run: RunModel) -> None:
    finished(run)
    np.testing.assert_allclose(run.data.log_difficulty(3, 0), np.log(TRACE.difficulty[3, 0]))
    np.testing.assert_allclose(
        run.data.curve("difficulty", 0, (1, 2)), np.log(TRACE.difficulty[:, 0, 1, 2])
    )


def test_a_model_without_a_difficulty_head(run: RunModel) -> None:
    run.append([with_detail(step, difficulty=None) for step in steps(0, 3)])
    assert not run.data.has_difficulty()
    assert np.isnan(run.data.log_difficulty(1, 0)).all()
    assert run.data.threshold(1, 0) is None
    assert "difficulty" not in run.sentence()


def test_calls_spent_counts_steps_taken(run: RunModel) -> None:
    finished(run)
    spent = run.data.spent(11, 0)
    taken = np.isin(TRACE.role[:, 0], (Role.TOGETHER, Role.FAST, Role.SLOW)).sum(axis=0)
    np.testing.assert_array_equal(spent, taken)
    assert len(np.unique(spent)) == 2


def test_guidance_strength_follows_the_rule(qapp: object) -> None:
    request = replace(REQUEST, guidance=Interval(scale=3.0, t_min=0.2, t_max=0.6))
    run = RunModel()
    run.set_trace(replace(TRACE, request=request), None)
    time = TRACE.time[4, 0]
    expected = np.where((time >= np.float32(0.2)) & (time <= np.float32(0.6)), 3.0, 1.0)
    np.testing.assert_array_equal(run.data.guidance(4, 0), expected)


def test_the_threshold_is_the_quantile_of_the_deciding_call(qapp: object) -> None:
    role = TRACE.role.copy()
    role[...] = Role.SLOW
    role[5:7, :, :, :2] = Role.CONTEXT  # chosen in call 4
    run = RunModel()
    run.set_trace(replace(TRACE, role=role), None)
    expected = np.quantile(np.log(TRACE.difficulty[4, 0]), 0.4)
    for call in (4, 5, 6):
        assert run.data.threshold(call, 0) == pytest.approx(expected, abs=1e-6)
    assert run.data.threshold(7, 0) != pytest.approx(expected, abs=1e-6)


def test_a_sampler_without_easy_share_has_no_threshold(qapp: object) -> None:
    run = RunModel()
    run.set_trace(replace(TRACE, request=replace(REQUEST, sampler=Euler(12))), None)
    assert run.data.threshold(3, 0) is None


def test_share_of_tokens_computed(run: RunModel) -> None:
    patches = GRID[0] * GRID[1]
    run.append([with_detail(step, tokens=patches) for step in steps(0, 4)])
    assert run.data.share_computed() == pytest.approx(0.5)  # guided: two passes would be full
    plain = RunModel()
    request = replace(REQUEST, guidance=NoGuidance())
    plain.begin(started(request), request)
    plain.append([with_detail(step, tokens=patches) for step in steps(0, 4)])
    assert plain.data.share_computed() == pytest.approx(1.0)


# -- pictures -----------------------------------------------------------------------------------


def test_the_best_picture_at_hand_is_shown(run: RunModel) -> None:
    run.append([with_detail(step, prediction=None) for step in steps(0, 4)])
    assert run.data.prediction(2, 0) is None
    run.set_preview(1, IMAGES)
    near = run.data.prediction(3, 0)
    assert (near.source, near.call) == (Source.NEAREST, 1)
    run.append(steps(4, 12))
    assert run.data.prediction(6, 0).source is Source.LINEAR
    run.finish(Generated(IMAGES, TRACE))
    assert run.data.prediction(11, 0).source is Source.FINAL
    assert run.data.prediction(10, 0).source is Source.LINEAR


def test_linear_colours_recover_a_linear_map() -> None:
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(2, 4, 8, 8)).astype(np.float32)
    factors = rng.normal(size=(4, 3)) * 15
    pictures = np.moveaxis(latents, 1, -1) @ factors + 128
    large = np.clip(pictures, 0, 255).round().astype(np.uint8).repeat(4, axis=1).repeat(4, axis=2)
    colours = LatentColours()
    assert colours.apply(latents[0]).shape == (8, 8, 3)
    colours.fit(latents, large)
    error = np.abs(colours.apply(latents[0]).astype(int) - large[0, ::4, ::4].astype(int))
    assert error.mean() < 2


def test_decoding_is_asked_for_the_cursor_first_then_for_wishes(run: RunModel) -> None:
    asks = Asks(run)
    run.append(steps(0, 12))
    run.finish(Generated(IMAGES, TRACE))
    assert asks.places == []  # the last call has the final picture
    run.wish_pictures([0, 4, 8])
    run.set_call(6)
    assert asks.places == [0, 6]
    np.testing.assert_array_equal(asks.asks[1].latents, TRACE.predictions[6])
    for _ in range(5):
        run.set_decoded(asks.asks[-1].key, IMAGES)
    assert asks.places == [0, 6, 0, 4, 8]  # 0 was overtaken, so it is asked for again
    assert run.data.is_decoded(8, 0)
    run.set_call(4)
    assert len(asks.asks) == 5


def test_wishes_that_drive_each_other_out_of_memory_come_to_an_end(
    run: RunModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfstudio.ui.view_models.run_data.PICTURE_BYTES", 3 * IMAGES[0].nbytes)
    asks = Asks(run)
    run.append(steps(0, 12))
    run.finish(Generated(IMAGES, TRACE))
    run.wish_pictures(range(8))
    answered = 0
    while answered < min(len(asks.asks), 50):
        run.set_decoded(asks.asks[answered].key, IMAGES)
        answered += 1
    assert asks.places == list(range(8))
    run.set_call(0)  # the cursor's own is asked for again
    assert asks.places[8:] == [0]


def test_a_live_run_does_not_ask_for_decoding(run: RunModel) -> None:
    asks = Asks(run)
    run.append(steps(0, 6))
    run.set_call(2)
    assert asks.asks == []


def test_answers_of_forgotten_runs_are_dropped(run: RunModel) -> None:
    finished(run)
    run.set_decoded((99, 3), IMAGES)
    assert not run.data.is_decoded(3, 0)


def test_the_key_tells_images_apart(qapp: object) -> None:
    request = replace(REQUEST, count=2)
    trace = make_trace(request, 6)
    run = RunModel()
    run.set_trace(trace, make_images(request))
    asks = Asks(run)
    run.set_image(1)
    run.set_call(3)
    ask = asks.asks[-1]
    assert ask.key[1] == 3 * 2 + 1
    run.set_decoded(ask.key, make_images(request)[1:])
    assert run.data.is_decoded(3, 1)
    assert not run.data.is_decoded(3, 0)


def test_the_noisy_state_is_decoded_when_a_view_wants_it(run: RunModel) -> None:
    finished(run)
    asks = Asks(run)
    run.set_call(3)
    run.want_noisy()
    run.set_decoded(asks.asks[-1].key, IMAGES)
    assert asks.places == [3, 12 + 3]  # the prediction first
    np.testing.assert_array_equal(asks.asks[1].latents[0], TRACE.states[3, 0])
    assert run.data.noisy_decoded(3, 0) is None
    noisy = 255 - IMAGES
    run.set_decoded(asks.asks[1].key, noisy)
    np.testing.assert_array_equal(run.data.noisy_decoded(3, 0).pixels, noisy[0])
    np.testing.assert_array_equal(run.data.prediction(3, 0).pixels, IMAGES[0])
    run.want_noisy()
    assert len(asks.asks) == 2


def test_decoded_noisy_states_are_bounded(run: RunModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfstudio.ui.view_models.run_data.NOISY_PICTURES", 3)
    data = finished(run).data
    for call in range(6):
        data.keep_decoded(data.place(call, 0, noisy=True), IMAGES)
    known = [data.noisy_decoded(call, 0) is not None for call in range(6)]
    assert known == [False] * 3 + [True] * 3


def test_decoded_pictures_are_bounded(run: RunModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfstudio.ui.view_models.run_data.PICTURE_BYTES", 3 * IMAGES[0].nbytes)
    run.append([with_detail(step, prediction=None) for step in steps(0, 12)])
    for call in range(8):
        run.set_preview(call, IMAGES)
    assert [call for call in range(12) if run.data.is_decoded(call, 0)] == [5, 6, 7]


# -- cursors, pins, words -----------------------------------------------------------------------


def test_cursors_stay_inside(run: RunModel) -> None:
    finished(run)
    run.set_call(99)
    run.set_patch(-3, 99)
    run.set_image(7)
    assert (run.call, run.patch, run.image) == (11, (0, 3), 0)


def test_a_pinned_run_follows_by_its_share(run: RunModel) -> None:
    finished(run)
    run.set_pinned(RunData.opened(make_trace(REQUEST, 23), None), "before")
    run.set_call(0)
    assert run.pinned_call == 0
    run.set_call(11)
    assert run.pinned_call == 22
    run.set_call(5)
    assert run.pinned_call == 10


def test_a_new_run_on_the_same_patches_keeps_the_patch(run: RunModel) -> None:
    finished(run)
    run.set_patch(3, 1)
    run.begin(started(job=2), REQUEST)
    assert run.patch == (3, 1)
    assert run.call == 0


def test_the_sentence_names_call_patch_and_values(run: RunModel) -> None:
    assert run.sentence() == "No run yet"
    finished(run)
    run.set_call(2)
    run.set_patch(1, 3)
    t, d = TRACE.time[2, 0, 1, 3], TRACE.difficulty[2, 0, 1, 3]
    expected = f"call 3 of 12, patch 2,4: t {t:.2f}, difficulty {d:.2f}, slow"
    assert run.sentence() == expected
