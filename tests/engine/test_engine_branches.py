"""Where a branch begins, and what it has left to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from sessions import events_of
from small_models import small_model

from pfstudio.core.conditions import labels
from pfstudio.core.events import Finished
from pfstudio.core.guidance import NoGuidance
from pfstudio.core.paint import Paint
from pfstudio.core.requests import Branch, GenerateRequest
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
)
from pfstudio.core.trace import Role, Trace
from pfstudio.core.trace_file import write_trace
from pfstudio.engine.estimate import estimate
from pfstudio.engine.initial_state import RunInitialState, prepare_initial_state
from pfstudio.engine.model import Model

STEPS = 50


class Shapes:
    """What a branch asks of a model."""

    patch_size, channels = 2, 4


def a_trace(made: tuple[int, ...], *, end: float | None = None, **about: Any) -> Trace:
    """A trace of pictures that made so many of 50 steps; each state says the number of its call.

    `end` is the time from then on, in place of that of the picture's last call.
    """
    total, images = max(made), len(made)
    request = GenerateRequest(**{"sampler": Euler(STEPS), "count": images, **about})
    maps = np.zeros((total, images, 4, 4), np.float32)
    role, states = maps.astype(np.uint8), np.zeros((total + 1, images, 4, 8, 8), np.float16)
    for image, number in enumerate(made):
        calls = np.minimum(np.arange(total + 1), number - 1)
        states[:, image] = calls[:, None, None, None]
        maps[:, image] = calls[:total, None, None] / STEPS
        role[number:, image] = Role.FINISHED
        if end is not None:
            maps[number:, image] = end
    latents = states[-1].astype(np.float32)
    return Trace(
        request, "m", np.zeros_like(latents), latents, maps, np.full_like(maps, np.nan), role, maps,
        np.ones(total, np.int32), np.arange(total, dtype=np.float32),
        states=states, predictions=states[:-1],
    )  # fmt: skip


def begin(trace: Trace, call: int, folder: Path, sampler: Sampler | None = None) -> RunInitialState:
    """Where a branch of a trace begins."""
    write_trace(trace, folder / "a.pftrace")
    branch = Branch(str(folder / "a.pftrace"), call)
    request = replace(trace.request, branch=branch, image_file="")
    model = cast(Model, Shapes())
    return prepare_initial_state(model, replace(request, sampler=sampler or request.sampler))


def test_pictures_that_were_stopped_before_a_call_start_at_their_own_last(tmp_path: Path) -> None:
    branch = begin(a_trace((STEPS, 5)), 40, tmp_path)
    _, start = branch.batch(0, 2)
    assert start.made is None  # the sampler has no step that would fit both
    assert start.x[:, 0, 0, 0].tolist() == [40, 4]
    assert start.time[:, 0, 0].tolist() == pytest.approx([0.8, 0.08])
    assert branch.nfe == STEPS - 4  # as many as the later one has left
    assert branch.notices == ("Images that had made fewer calls start at their last one.",)


def test_a_run_whose_pictures_have_all_made_a_call_goes_on(tmp_path: Path) -> None:
    branch = begin(a_trace((STEPS, 5)), 4, tmp_path)
    assert branch.batch(0, 2)[1].made is not None
    assert (branch.nfe, branch.notices) == (STEPS - 4, ())


def test_an_adaptive_run_goes_on_where_some_pictures_had_come_to_their_end(tmp_path: Path) -> None:
    ended = a_trace((20, 5), end=1.0, sampler=Adaptive(48))
    branch = begin(ended, 10, tmp_path)
    made = branch.batch(0, 2)[1].made
    assert made is not None
    assert made.time[:, 0, 0].tolist() == pytest.approx([0.2, 1.0])
    # In files of earlier versions the ended ones are at their last time, with the state of the end.
    branch = begin(a_trace((20, 5), sampler=Adaptive(48)), 10, tmp_path)
    assert branch.batch(0, 2)[1].made is None
    assert branch.batch(1, 1)[1].x[0, 0, 0, 0] == 4


@pytest.mark.parametrize(("sampler", "calls"), [(Heun(25), 24), (Euler(60), 30)])
def test_frozen_patches_are_no_work_that_is_done(
    tmp_path: Path, sampler: Sampler, calls: int
) -> None:
    paint = (Paint.FREE,) * 2 + (Paint.FIXED,) * 14
    trace = a_trace((STEPS,), paint=paint, image_file="a.png")
    time, role = trace.time.copy(), trace.role.copy()
    time.reshape(STEPS, 16)[:, 2:] = 1
    role.reshape(STEPS, 16)[:, 2:] = Role.FIXED
    assert begin(replace(trace, time=time, role=role), 25, tmp_path, sampler).nfe == calls


def test_a_late_branch_has_as_many_steps_as_its_sampler_needs(tmp_path: Path) -> None:
    assert begin(a_trace((STEPS,)), STEPS - 1, tmp_path, Stochastic(50)).nfe == 2


def test_the_cost_of_a_branch_is_that_of_the_calls_it_makes(tmp_path: Path) -> None:
    model = small_model()
    whole = GenerateRequest(
        model="small", conditions=labels(1), sampler=Euler(8), guidance=NoGuidance()
    )
    write_trace(finished(model, whole), tmp_path / "a.pftrace")
    for call, sampler, calls in ((5, Euler(8), 3), (4, Heun(4), 4), (0, Euler(8), 8)):
        branch = Branch(str(tmp_path / "a.pftrace"), call)
        request = replace(whole, branch=branch, sampler=sampler)
        told, made = estimate(model, request), finished(model, request)
        assert told.calls == told.nfe == made.nfe == calls
        assert made.flops is not None
        assert made.flops.sum() == pytest.approx(1e12 * told.tflop)


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("name", SAMPLERS)
def test_patches_frozen_in_a_run_that_goes_on_stay_as_they_are(
    tmp_path: Path, name: str, call: int
) -> None:
    model, sampler = small_model(), SAMPLERS[name]().for_nfe(8)
    whole = GenerateRequest(
        model="small", conditions=labels(1, 2), sampler=sampler, guidance=NoGuidance()
    )
    made = finished(model, whole)
    write_trace(made, tmp_path / "a.pftrace")
    paint = (Paint.FIXED,) * 4 + (Paint.FREE,) * 12
    rest = finished(
        model, replace(whole, paint=paint, branch=Branch(str(tmp_path / "a.pftrace"), call))
    )
    np.testing.assert_array_equal(rest.latents[:, :, :2], made.latents[:, :, :2])
    assert (rest.time[:, :, 0] == 1).all()  # what the network is told of them
    assert (rest.role[:, :, 0] == Role.FIXED).all()
    assert np.isfinite(rest.latents).all()


FAST = (Paint.FAST,) * 16


@pytest.mark.parametrize(
    ("sampler", "paint", "calls", "back"),
    [
        (Scheduled(8), (), (1, 2, 3), ()),
        (DualLoop(3, 3), (), (1, 2, 3), ()),
        (DualLoop(3, 3), FAST, (1, 2, 3), ()),
        (LookAhead(4, easy_share=0.5), (), (1, 2, 3, 4), (2, 4)),
        (LookAhead(4), FAST, (1, 2, 3, 4), (2, 4)),
    ],
)  # fmt: skip
def test_only_calls_that_looked_ahead_are_not_branched_from(
    tmp_path: Path,
    sampler: Sampler,
    paint: tuple[Paint, ...],
    calls: tuple[int, ...],
    back: tuple[int, ...],
) -> None:
    request = GenerateRequest(
        model="small", conditions=labels(1), sampler=sampler, guidance=NoGuidance(), paint=paint
    )
    made = finished(small_model(), request)
    assert made.states is not None
    for call in calls:
        branch = begin(made, call, tmp_path, Euler(8))
        from_call = call - (call in back)
        np.testing.assert_array_equal(branch.batch(0, 1)[1].x, made.states[from_call])
        np.testing.assert_array_equal(branch.batch(0, 1)[1].time, made.time[from_call])
        notice = f"Call {call + 1} only looked ahead, so the branch starts at call {call}."
        assert branch.notices == ((notice,) if call in back else ())


def finished(model: Model, request: GenerateRequest) -> Trace:
    """The trace of a run."""
    last = events_of(request, model)[-1]
    assert isinstance(last, Finished), last
    return cast(Trace, last.result.trace)
