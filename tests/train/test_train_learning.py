"""A tiny generator that learnt red and blue: it knows them apart, and its evaluation says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from train_worlds import forget_accelerate, generator_recipe, png, write_pack, write_world

import pfstudio
from pfstudio.core.conditions import labels as class_labels
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.samplers import Euler
from pfstudio.engine.model import Model
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.train import sample_quality
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.config import SourceConfig
from pfstudio.train.data import PictureSet, TrainingData, load_source
from pfstudio.train.evaluation import EvaluationSettings, evaluate
from pfstudio.train.evaluation_data import classified
from pfstudio.train.sample_quality import make_latents
from pfstudio.train.session import run_session
from pfstudio.weights.load import load_autoencoder

COLOURS = {"left one": (220, 30, 30), "other": (30, 60, 220)}
AUTOENCODER = "ae-f4"
SETTINGS = EvaluationSettings(Euler(6), guidance=NoGuidance(), times=(0.5,))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the data and, in out/, what was learnt from it in 150 steps."""
    folder = tmp_path_factory.mktemp("colours")
    write_world(folder, count=40)  # 8 of them held out
    names = list(COLOURS)
    files = {f"{i:02d}.png": png(COLOURS[names[i % 2]]) for i in range(40)}
    write_pack(folder / "pack.tar", files)
    recipe = generator_recipe(folder)
    text = recipe.read_text(encoding="utf-8")
    for old, new in (
        ("steps = 6", "steps = 150"),
        ("batch = 4", "batch = 16"),
        ("rate = 1e-3", "rate = 1e-2"),
        ("checkpoint_every = 3", "checkpoint_every = 150"),
        ("validate_every = 3", "validate_every = 150\ngrid_guidance = 2.5"),
        (json.dumps(str(folder / "ae")), f'"{AUTOENCODER}"'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    recipe.write_text(text, encoding="utf-8")
    run_session(TrainingSession(recipe, folder, folder / "out", device="cpu"))
    yield folder
    forget_accelerate()


@pytest.fixture
def model(world: Path) -> Model:
    return pfstudio.load(world / "out" / "model", device="cpu", precision="float32")


@pytest.fixture
def data(world: Path) -> TrainingData:
    return load_source(SourceConfig("pack.tar", labels="labels.json"), world)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """Features without downloaded weights: some pixels. Collects the pictures they are taken of."""
    seen: list[Tensor] = []

    def pooled(pictures: Tensor) -> Tensor:
        seen.append(pictures)
        return pictures.flatten(1)[:, ::40]

    def network() -> MobileNetV2:
        made = MobileNetV2()
        made.pooled = pooled  # type: ignore[method-assign]
        return made

    monkeypatch.setattr(sample_quality, "load_mobilenet", network)
    return seen


def red(data: TrainingData, label: int = 0) -> TrainingData:
    """With the red held-out pictures only, and told to be of this class (0 is right)."""
    chosen = (data.test.labels == 0).nonzero().ravel().tolist()
    names, pictures = (
        tuple(values[i] for i in chosen) for values in (data.test.names, data.test.pictures)
    )
    return replace(data, test=PictureSet(names, pictures, torch.full((len(chosen),), label)))


def test_each_class_looks_like_itself(model: Model) -> None:
    with torch.no_grad():
        latents = {
            name: model.autoencoder.encode(
                torch.tensor(colour)[None, :, None, None].expand(1, 3, 16, 16) / 127.5 - 1
            )
            for name, colour in COLOURS.items()
        }
    for name, other in (("left one", "other"), ("other", "left one")):
        made = pfstudio.generate(model, name, count=4, sampler="euler", steps=8, guidance="none")
        found = torch.from_numpy(made.latents)
        near, far = (float((found - latents[n]).square().mean()) for n in (name, other))
        assert near < 0.3 * far


def test_the_card_tells_how_to_use_it_and_how_good_it_is(
    model: Model, data: TrainingData, looked_at: list[Tensor]
) -> None:
    scaling = load_autoencoder(AUTOENCODER).scaling
    assert scaling.shift != 0
    assert (model.card.latent_scale, model.card.latent_shift) == (scaling.scale, scaling.shift)
    assert model.card.default_guidance == 2.5
    told = model.card.quality["validation loss"]
    assert told == pytest.approx(
        evaluate(model, classified(data), SETTINGS).validation_loss, rel=0.25
    )


def test_what_is_measured_depends_on_the_class(
    model: Model, data: TrainingData, looked_at: list[Tensor]
) -> None:
    right, wrong = (evaluate(model, classified(red(data, label)), SETTINGS) for label in (0, 1))
    assert right.validation_loss < 0.5 * wrong.validation_loss
    assert right.made.fd_mobilenet < 0.5 * wrong.made.fd_mobilenet
    assert right.difficulty[0].calibration.ratio > 2 * wrong.difficulty[0].calibration.ratio


def test_the_floor_is_of_the_same_class(
    model: Model, data: TrainingData, looked_at: list[Tensor]
) -> None:
    """All pictures of a class are alike here, so that another training picture is no distance."""
    found = evaluate(model, classified(red(data)), SETTINGS)
    assert found.made.fd_mobilenet_floor == pytest.approx(0, abs=1e-9)
    assert found.made.kid_floor == pytest.approx(0, abs=1e-9)
    wrong = evaluate(model, classified(red(data, 1)), SETTINGS)
    assert wrong.made.fd_mobilenet_floor > wrong.made.kid_floor > 0.1
    assert found.made.fd_mobilenet > 1e-3


def test_samples_follow_class_guidance_and_seed(
    model: Model,
    data: TrainingData,
    looked_at: list[Tensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = class_labels(0, 1)
    plain = make_latents(model, asked, Euler(4), NoGuidance(), 0)
    assert not torch.equal(plain, make_latents(model, asked, Euler(4), ClassifierFree(3.0), 0))
    assert not torch.equal(plain, make_latents(model, asked, Euler(4), NoGuidance(), 1))
    assert not torch.equal(
        plain[1], make_latents(model, class_labels(0, 0), Euler(4), NoGuidance(), 0)[1]
    )
    monkeypatch.setattr(sample_quality, "AT_ONCE", 2)  # the parts of one evaluation
    evaluate(model, classified(data), SETTINGS)
    made = torch.cat(looked_at)[-len(data.test) :]
    assert len({picture.numpy().tobytes() for picture in made}) == len(made)
    levels = (made + 1) * 127.5  # as a file would hold them
    torch.testing.assert_close(levels, levels.round(), atol=1e-3, rtol=0)
