"""Word maps: which words each patch attends to, from the network to the trace file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sessions import events_of, finish
from small_models import install_small_text_model, small_model
from toy_text import toy_text_model

from pfstudio.core.conditions import Prompt, labels
from pfstudio.core.contrasting_guidance import ProjectedGuidance
from pfstudio.core.events import Progress, Started
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler, LookAhead
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.engine import generate, recorded_maps
from pfstudio.engine.call_maps import tokens_of_words
from pfstudio.engine.estimate import plan
from pfstudio.engine.model import Model, load
from pfstudio.engine.recorded_maps import RecordedMaps

PROMPTS = (Prompt("a red fox, style", "blue apple"), Prompt("blue"))
REQUEST = GenerateRequest(
    model="small-text", conditions=PROMPTS, sampler=Euler(3), guidance=ClassifierFree(2.0),
    word_maps=True,
)  # fmt: skip


@pytest.fixture
def model() -> Model:
    install_small_text_model()
    return load("small-text", "cpu", "float32", 1)


@torch.inference_mode()
def test_the_maps_are_the_attention_to_the_tokens_of_each_word(
    model: Model, tmp_path: Path
) -> None:
    trace = finish(REQUEST, model).result.trace
    assert trace.words.shape == (3, 2, 2, 4, 4, 4)
    condition, _ = model.encode_conditions(PROMPTS)
    x, t = torch.from_numpy(trace.states[1].astype(np.float32)), torch.from_numpy(trace.time[1])
    asked = model.network(x, t, condition, attention=2).attention
    words = asked[..., [1, 2, 3, 5]].unflatten(2, (4, 4)).numpy()  # after [CLS]; 4 is the comma
    np.testing.assert_allclose(trace.words[1, 0], words[0], atol=2e-3)
    np.testing.assert_allclose(trace.words[1, 1, ..., 0], words[1, ..., 0], atol=2e-3)
    assert not trace.words[:, 1, ..., 1:].any()
    write_trace(trace, tmp_path / "a.safetensors")
    np.testing.assert_array_equal(read_trace(tmp_path / "a.safetensors").words, trace.words)


def test_every_call_tells_its_maps_and_nothing_else_changes(model: Model) -> None:
    events, trace = events_of(REQUEST, model), finish(REQUEST, model).result.trace
    steps = [event.detail for event in events if isinstance(event, Progress)]
    np.testing.assert_array_equal(np.stack([step.words for step in steps]), trace.words)
    plain = finish(replace(REQUEST, word_maps=False), model).result.trace
    assert plain.words is None
    np.testing.assert_array_equal(plain.latents, trace.latents)


@pytest.mark.parametrize("guidance", [NoGuidance(), ClassifierFree(1.0)])
def test_maps_come_without_guidance_too(model: Model, guidance: object) -> None:
    trace = finish(replace(REQUEST, guidance=guidance, sampler=LookAhead(2)), model).result.trace
    assert (trace.words[:, 0].sum(axis=-1) > 0).all()


def test_batches_of_prompts_of_different_lengths_lie_side_by_side(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = finish(REQUEST, model).result.trace
    monkeypatch.setattr(generate, "plan", lambda *asked: replace(plan(*asked), batch=1))
    parted = finish(REQUEST, model).result.trace
    np.testing.assert_allclose(parted.words, whole.words, atol=2e-3)


def test_a_model_that_cannot_tell_says_so() -> None:
    request = replace(REQUEST, model="toy-text")
    events = events_of(request, toy_text_model())
    started = next(event for event in events if isinstance(event, Started))
    assert any("cannot tell which words" in notice for notice in started.notices)
    classes = replace(request, model="small", conditions=labels(1))
    assert finish(classes, small_model()).result.trace.words is None


def test_a_run_that_is_too_large_keeps_no_maps_and_says_so(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded_maps, "_MOST_BYTES", 1000)
    events = events_of(REQUEST, model)
    started = next(event for event in events if isinstance(event, Started))
    assert "This run is too large to record its word maps." in started.notices
    assert events[-1].result.trace.words is None


def test_the_pieces_of_a_word_count_together() -> None:
    #          [CLS]   "snow"  "##man" ","     " hat"   [SEP]
    places = ((0, 0), (0, 4), (4, 7), (7, 8), (8, 12), (0, 0))
    part = tokens_of_words(["snowman, hat", "hat"], [places, ((0, 0), (0, 3), (0, 0))], 3)
    assert part[0].T.tolist() == [[0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0], [0] * 6]
    assert part[1].T.tolist() == [[0, 1, 0, 0, 0, 0], [0] * 6, [0] * 6]


def test_words_that_are_not_read_take_no_room(model: Model, tmp_path: Path) -> None:
    long = replace(REQUEST, conditions=(Prompt("fox " * 300), Prompt("a red fox")))
    trace = finish(long, model).result.trace
    assert trace.words.shape[-1] == model.text_encoder.max_tokens
    write_trace(trace, tmp_path / "a.safetensors")
    np.testing.assert_array_equal(read_trace(tmp_path / "a.safetensors").words, trace.words)


@torch.inference_mode()
def test_pictures_that_are_guided_in_parts_tell_their_maps_of_every_call(model: Model) -> None:
    """Where pictures have their own times, some are guided in a call and others are not."""
    prompts = (Prompt("a red fox"), Prompt("blue apple"), Prompt("a red fox"))
    request = replace(REQUEST, conditions=prompts, guidance=ProjectedGuidance(t_max=0.4))
    maps = RecordedMaps(model, request, 3, (4, 4))
    listening = maps.begin(model, prompts)
    field = model.field(prompts, request.guidance, maps=listening)
    condition, _ = model.encode_conditions(prompts)
    drawing = torch.Generator().manual_seed(0)
    for times in ((0.1, 0.6, 0.2), (0.7, 0.6, 0.2), (0.1, 0.1, 0.8), (0.5, 0.6, 0.7)):
        x = torch.randn(3, *model.latent_shape(request), generator=drawing)
        t = torch.tensor(times)[:, None, None].expand(3, 4, 4).clone()
        field(x, t)
        asked = model.network(x, t, condition, attention=3).attention
        expected = asked[..., [1, 2, 3]].unflatten(2, (4, 4)).numpy()
        told = maps.words()
        np.testing.assert_allclose(told[[0, 2]], expected[[0, 2]], atol=2e-3)
        np.testing.assert_allclose(told[1, ..., :2], expected[1, ..., :2], atol=2e-3)


@pytest.mark.parametrize(("guidance", "unused"), [(NoGuidance(), True), (ClassifierFree(2), False)])
def test_a_negative_prompt_that_guidance_does_not_use_is_told(
    model: Model, guidance: object, unused: bool
) -> None:
    events = events_of(replace(REQUEST, guidance=guidance), model)
    started = next(event for event in events if isinstance(event, Started))
    told = "This guidance does not use the negative prompt." in started.notices
    assert told == unused
