"""A backbone is one entry of the registry: no other file of the package knows it by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from toy_backbone import TOY, ToyConfig, registered, toy_network

from pfstudio.cli.main import main
from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.models import find_model, installed_models, models_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.engine.estimate import estimate
from pfstudio.engine.model import Model, load
from pfstudio.flow.guidance import ClassifierFree, GuidedField
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import InitialState
from pfstudio.nn.condition import TextEmbeddings
from pfstudio.nn.registry import ARCHITECTURES
from pfstudio.train.config import kinds
from pfstudio.weights.build import sizes_of
from pfstudio.weights.load import load_network
from pfstudio.weights.store import import_model, save_model

SIZES = ToyConfig(in_channels=4, input_size=12, text_dim=6, depth=3)


@pytest.fixture(autouse=True)
def toy() -> Iterator[None]:
    with registered():
        yield


@pytest.fixture
def folder() -> Path:
    """An installed toy with its card."""
    network = toy_network(SIZES)
    card = ModelCard("a-toy", "A toy", "toy", sizes_of(network), "ae-f4", pixels=48)
    save_model(models_folder() / "a-toy", card, network.state_dict())
    return models_folder() / "a-toy"


def follow(model: Model) -> torch.Tensor:
    """Latents of a guided run, of two texts."""
    generator = torch.Generator().manual_seed(1)
    side = model.network.config.input_size
    texts = TextEmbeddings(
        torch.randn(2, 3, 6, generator=generator), torch.ones(2, 3, dtype=torch.bool)
    )
    noise = torch.randn(2, 4, side, side, generator=generator)
    predict = Predict(model.network, model.patch_size, model.network.null_condition(2))
    field = GuidedField(predict, texts, ClassifierFree(2.0))
    with torch.inference_mode():
        *_, last = sample(field, InitialState(noise, torch.zeros(2, *model.grid)), Euler(3))
    return last.state


def test_an_installed_one_loads_by_its_name(folder: Path) -> None:
    model = load("a-toy", device="cpu", precision="float32")
    assert model.network.config == SIZES
    assert (model.grid, model.channels, model.has_difficulty) == ((6, 6), 4, False)
    assert model.notices == ()
    for key, value in toy_network(SIZES).state_dict().items():
        assert torch.equal(model.network.state_dict()[key], value), key
    latents = follow(model)
    assert bool(latents.isfinite().all())
    assert not torch.equal(latents[0], latents[1])
    assert model.decode(latents).shape == (2, 48, 48, 3)


def test_a_bare_file_loads_by_its_tensors(tmp_path: Path) -> None:
    network = toy_network()
    save_file(network.state_dict(), tmp_path / "bare.safetensors")
    model = load(str(tmp_path / "bare.safetensors"), device="cpu", precision="float32")
    assert model.network.config == ToyConfig()
    assert model.notices == ("bare.safetensors does not say for which side it was made; "
                             "8 is assumed.",)  # fmt: skip
    card = model.card
    assert (card.architecture, card.task, card.condition) == ("toy", "generate", "text")
    assert (card.time, card.has_difficulty, card.pixels) == ("uniform", False, 64)
    assert (card.paper, card.classes) == ("A toy (2026)", ())
    with torch.inference_mode():
        x, t = torch.randn(1, 4, 8, 8), torch.full((1, 4, 4), 0.5)
        null = network.null_condition(1)
        assert torch.equal(model.network(x, t, null).velocity, network(x, t, null).velocity)


def test_cards_say_what_a_front_without_torch_must_know(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    told = ("task", "condition", "time", "has_difficulty")
    assert [card[key] for key in told] == ["generate", "text", "uniform", False]
    assert find_model("a-toy") in installed_models("generate")
    assert find_model("a-toy") not in installed_models("depth")


def test_it_can_be_imported_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file(toy_network().state_dict(), tmp_path / "bare.safetensors")
    made = import_model(tmp_path / "bare.safetensors", "from-file")
    assert made.model.card.sizes == sizes_of(toy_network())
    assert load_network("from-file").card == made.model.card
    for name in ("from-file", str(tmp_path / "bare.safetensors")):
        assert main(["models", "info", name]) == 0
        said = capsys.readouterr().out
        assert "generate" in said
        assert "on text" in said
        assert "text_dim 6" in said


def test_what_a_run_costs_is_its_own_figure(folder: Path) -> None:
    model = load("a-toy", device="cpu", precision="float32")
    told = estimate(model, GenerateRequest(sampler=Euler(5)))
    passes = GenerateRequest().guidance.passes
    assert told.nfe == 5
    assert told.tflop == pytest.approx(5 * passes * 18 * 36 * 3 * 16 / 1e12)


def test_a_damaged_one_is_told(tmp_path: Path) -> None:
    state = toy_network().state_dict()
    save_file({**state, "toy.1.weight": torch.ones(4, 4, 5, 5)}, tmp_path / "a.safetensors")
    with pytest.raises(InputError, match="does not fit"):
        load(str(tmp_path / "a.safetensors"))
    del state["text.weight"]
    save_file(state, tmp_path / "b.safetensors")
    with pytest.raises(InputError, match=r"not a whole checkpoint of toy: 'text\.weight'"):
        load(str(tmp_path / "b.safetensors"))


def test_recipes_can_train_it() -> None:
    assert "toy" in kinds()


def test_another_task_is_told(folder: Path) -> None:
    ARCHITECTURES["toy"] = replace(TOY, task="upscale")
    with pytest.raises(InputError, match="A toy is not a generator: it enlarges images"):
        load("a-toy")
