"""From prompts to pictures, with a toy network that takes text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sessions import events_of, finish
from small_models import small_model
from torch import Tensor
from toy_text import WIDTH, ToyEncoder, toy_text_model

import pfstudio
from pfstudio.core.conditions import ClassLabel, NoCondition, Prompt, labels
from pfstudio.core.errors import InputError
from pfstudio.core.events import Failed
from pfstudio.core.guidance import ClassifierFree, Guidance, NoGuidance
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.parameter_text import read_parameters
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import save_pictures
from pfstudio.core.samplers import Euler
from pfstudio.engine.model import Model
from pfstudio.nn.condition import TextEmbeddings
from pfstudio.weights.text_encoders import load_text_encoder

STEPS = 3


@pytest.fixture
def model() -> Model:
    return toy_text_model()


def latents(model: Model, *prompts: Prompt, guidance: Guidance, seed: int = 5) -> np.ndarray:
    request = GenerateRequest(
        model="toy-text", conditions=prompts, seed=seed, sampler=Euler(STEPS), guidance=guidance
    )
    return finish(request, model).result.trace.latents


@torch.inference_mode()
def by_hand(model: Model, own: str, negative: TextEmbeddings, scale: float, seed: int) -> Tensor:
    """Euler with classifier-free guidance, one picture, written out."""
    x = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(seed))
    text = ToyEncoder()([own]).embeddings
    for step in range(STEPS):
        t = torch.full((1, 4, 4), step / STEPS)
        toward = model.network(x, t, text).velocity
        away = model.network(x, t, negative).velocity
        x = x + (away + scale * (toward - away)) / STEPS
    return x


@pytest.mark.parametrize("negative", ["", "blue"])
def test_guidance_leads_from_the_negative_prompt_to_the_prompt(model: Model, negative: str) -> None:
    made = latents(model, Prompt("a red fox", negative), guidance=ClassifierFree(2.5))
    away = ToyEncoder()([negative]).embeddings
    wanted = by_hand(model, "a red fox", away, 2.5, seed=5)
    np.testing.assert_allclose(made, wanted.numpy(), rtol=1e-4, atol=1e-5)
    other = by_hand(model, "a red fox", ToyEncoder()(["sea"]).embeddings, 2.5, seed=5)
    assert np.abs(made - other.numpy()).max() > 0.01


def test_a_networks_own_null_stands_for_no_negative_prompt() -> None:
    null = TextEmbeddings(torch.full((1, 2, WIDTH), 0.3), torch.ones(1, 2, dtype=torch.bool))
    model = toy_text_model(null)
    several = (Prompt("fox"), Prompt("a long red fox", "sea"))
    made = latents(model, *several, guidance=ClassifierFree(3.0))
    first = by_hand(model, "fox", null, 3.0, seed=5)
    second = by_hand(model, "a long red fox", ToyEncoder()(["sea"]).embeddings, 3.0, seed=6)
    np.testing.assert_allclose(made, torch.cat([first, second]).numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("guidance", [NoGuidance(), ClassifierFree(2.0)])
def test_a_picture_does_not_depend_on_the_others(model: Model, guidance: Guidance) -> None:
    several = (Prompt("x"), Prompt("a very much longer prompt", "no"), Prompt("y", "much longer"))
    together = latents(model, *several, guidance=guidance)
    for place, one in enumerate(several):
        alone = latents(model, one, guidance=guidance, seed=5 + place)
        np.testing.assert_allclose(together[place], alone[0], rtol=1e-4, atol=1e-5)
    assert np.abs(together[0] - together[1]).max() > 0.01


def test_python_takes_prompts_and_a_negative_one(model: Model) -> None:
    run = pfstudio.generate(model, prompts=["a fox", "a cat"], negative="rain", count=2, steps=2)
    request = run.trace.request
    assert request.conditions == (Prompt("a fox", "rain"), Prompt("a cat", "rain"))
    assert request.guidance == ClassifierFree(3.0)
    assert request.sampler == Euler(2)
    assert run.images.shape == (4, 32, 32, 3)
    assert pfstudio.generate(model, prompts="a fox", steps=2).trace.request.images == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"classes": 0}, "toy-text takes no classes"),
        ({"prompts": "a", "classes": [0, 1]}, "cannot be mixed"),
        ({}, "No prompt was given"),
    ],
)
def test_a_text_model_refuses_classes_before_it_computes(
    model: Model, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        pfstudio.generate(model, **given)
    assert model.network.calls == 0
    assert model.text_encoder.read == []


@pytest.mark.parametrize("given", [{"prompts": "a fox"}, {"negative": "a fox"}])
def test_a_class_model_refuses_text(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="small takes no text"):
        pfstudio.generate(small_model(), **given)


@pytest.mark.parametrize("one", [ClassLabel(0), NoCondition()])
def test_a_request_of_another_kind_fails_before_it_computes(model: Model, one: Any) -> None:
    last = events_of(GenerateRequest(conditions=(one,), sampler=Euler(2)), model)[-1]
    assert isinstance(last, Failed)
    assert (last.exit_code, "takes text" in last.message) == (2, True)
    assert model.network.calls == 0


def test_pictures_carry_their_prompts(model: Model, tmp_path: Path) -> None:
    run = pfstudio.generate(
        model, prompts=["a fox: red, quick", "a cat"], negative='"rain", fog', steps=2, seed=8
    )
    paths = save_pictures(tmp_path, "x", run.images, run.trace.request)
    notes = read_notes(paths[0])
    assert notes.parameters.startswith('a fox: red, quick\nNegative prompt: "rain", fog\nSteps: 2')
    single = read_recipe(paths[0]).request
    assert single.conditions == (Prompt("a fox: red, quick", '"rain", fog'),)
    from_text = read_parameters(notes.parameters).request
    assert (from_text.conditions, from_text.seed) == (single.conditions, 8)
    assert read_notes(paths[1]).parameters.startswith("a cat\nNegative prompt:")


def test_velocity_takes_every_form_of_condition(model: Model) -> None:
    x = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    text = ToyEncoder()(["fox", "a cat"]).embeddings
    wanted, _ = model.velocity(x, 0.5, text)
    given, _ = model.velocity(x, 0.5, [Prompt("fox"), Prompt("a cat")])
    torch.testing.assert_close(given, wanted)
    both, _ = model.velocity(x, 0.5, Prompt("fox"))
    torch.testing.assert_close(both[0], wanted[0])
    none, _ = model.velocity(x, 0.5)
    torch.testing.assert_close(none, model.velocity(x, 0.5, Prompt())[0])
    with pytest.raises(InputError, match="takes text"):
        model.velocity(x, 0.5, 0)
    of_classes = small_model()
    wanted, _ = of_classes.velocity(x, 0.5, list(labels(0, 3)))
    for form in ([0, 3], torch.tensor([0, 3]), np.array([0, 3])):
        torch.testing.assert_close(of_classes.velocity(x, 0.5, form)[0], wanted)


def test_an_encoder_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="no text encoder 'nobody'"):
        load_text_encoder("nobody")
