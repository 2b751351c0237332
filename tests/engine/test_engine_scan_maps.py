"""Scans: another path for a run, and what the scan of each layer does, up to the trace file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from other_device import OTHER, OtherDevice
from sessions import events_of, finish
from small_models import small_model, small_zigma_model

from pfstudio.core.conditions import labels
from pfstudio.core.errors import InputError
from pfstudio.core.events import Event, Failed, Progress, Started
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.metadata import picture_notes, recipe_in
from pfstudio.core.parameter_text import read_parameters
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import DualLoop, Euler, Sampler
from pfstudio.core.scan_maps import RECORDED
from pfstudio.core.scan_paths import path_word, spiral
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.core.trace_journal import recover
from pfstudio.engine import recorded_maps
from pfstudio.engine.call_maps import ScanMaps
from pfstudio.engine.model import Model
from pfstudio.nn.condition import Unconditional
from pfstudio.nn.interface import Output

REQUEST = GenerateRequest(
    model="small-zigma", conditions=labels(1, 2), sampler=Euler(3), guidance=ClassifierFree(2.0),
    scan_maps=True,
)  # fmt: skip
SPIRAL = path_word(spiral(4, 4))


@pytest.fixture(scope="module")
def model() -> Model:
    return small_zigma_model()


@torch.inference_mode()
def test_the_maps_are_those_of_the_pictures_own_conditions(model: Model, tmp_path: Path) -> None:
    trace = finish(REQUEST, model).result.trace
    assert trace.scans is not None
    assert trace.scans.shape == (3, 2, 3, RECORDED, 4, 4)
    assert trace.request.scan == "zigzagN8"  # what the layers really walked
    x, t = torch.from_numpy(trace.states[1].astype(np.float32)), torch.from_numpy(trace.time[1])
    own, _ = model.encode_conditions(REQUEST.conditions)
    asked = model.network(x, t, own, record=2).scans.unflatten(3, (4, 4)).numpy()
    np.testing.assert_allclose(trace.scans[1].astype(np.float32), asked, rtol=0.02, atol=2e-3)
    write_trace(trace, tmp_path / "a.pftrace")
    np.testing.assert_array_equal(read_trace(tmp_path / "a.pftrace").scans, trace.scans)


@pytest.mark.parametrize("sampler", [Euler(3), DualLoop(2)])
@pytest.mark.parametrize("guidance", [NoGuidance(), ClassifierFree(2.0)])
def test_every_call_tells_its_maps_and_nothing_else_changes(
    model: Model, sampler: Sampler, guidance: NoGuidance | ClassifierFree
) -> None:
    request = replace(REQUEST, sampler=sampler, guidance=guidance)
    events, trace = events_of(request, model), finish(request, model).result.trace
    steps = [event.detail for event in events if isinstance(event, Progress)]
    np.testing.assert_array_equal(np.stack([step.scans for step in steps]), trace.scans)
    assert (trace.scans > 0).all()
    plain = finish(replace(request, scan_maps=False), model).result.trace
    assert plain.scans is None
    np.testing.assert_array_equal(plain.latents, trace.latents)


def test_maps_of_an_unconditional_network_on_another_device() -> None:
    own = Unconditional(3)
    with OtherDevice():
        maps, pictures = ScanMaps(own, 2, (4, 4)), torch.tensor([2, 0]).to(OTHER)
        assert maps.options(own[pictures], pictures) == {"record": 2}
        scans = torch.ones(2, 2, RECORDED, 16).to(OTHER)
        maps.keep(Output(torch.zeros(2, 4, 8, 8).to(OTHER), scans=scans))
        found = maps.maps()
    np.testing.assert_array_equal(found.mean(axis=(1, 2, 3, 4)), [1, 0, 1])


def test_another_path_changes_the_picture_and_is_kept_with_it(model: Model, tmp_path: Path) -> None:
    own = finish(REQUEST, model).result
    other = finish(replace(REQUEST, scan=SPIRAL), model).result
    assert not np.allclose(own.trace.latents, other.trace.latents, atol=1e-3)
    same = finish(replace(REQUEST, scan="spiralN1"), model).result
    np.testing.assert_array_equal(same.trace.latents, other.trace.latents)
    after = finish(REQUEST, model).result
    np.testing.assert_array_equal(after.trace.latents, own.trace.latents)
    notes = picture_notes(other.trace.request, 1, (32, 32))
    assert recipe_in(notes, "a.png").request.scan == SPIRAL
    assert read_parameters(notes.parameters).request.scan == SPIRAL
    write_trace(other.trace, tmp_path / "a.pftrace")
    assert read_trace(tmp_path / "a.pftrace").request.scan == SPIRAL


def test_the_journal_keeps_them(model: Model, tmp_path: Path) -> None:
    kept: list[Trace | None] = []

    def look(event: Event) -> None:
        if isinstance(event, Progress) and event.call == 1:
            kept.extend(recover(path) for path in tmp_path.glob("*.journal"))

    events = events_of(REQUEST, model, at=look, journals=tmp_path)
    assert kept[0] is not None
    np.testing.assert_array_equal(kept[0].scans, events[-1].result.trace.scans[:2])


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(InputError, match="does not visit patch 16"):
        replace(REQUEST, scan="1-15,3")


@pytest.mark.parametrize(
    ("scan", "made", "says"),
    [
        ("1-12", small_zigma_model, "visits 12 patches, but the image has 16"),
        ("spiralN8", small_model, "small scans nothing"),
    ],
)
def test_a_path_that_does_not_fit_fails_with_a_sentence(
    scan: str, made: Callable[[], Model], says: str
) -> None:
    last = events_of(replace(REQUEST, model="", scan=scan), made())[-1]
    assert isinstance(last, Failed)
    assert says in last.message
    assert last.exit_code == 2


def test_a_run_that_is_too_large_keeps_no_maps_and_says_so(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded_maps, "_MOST_BYTES", 1000)
    events = events_of(REQUEST, model)
    started = next(event for event in events if isinstance(event, Started))
    assert "This run is too large to record its scan maps." in started.notices
    assert events[-1].result.trace.scans is None
