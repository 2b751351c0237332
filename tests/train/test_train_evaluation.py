"""Evaluation of tiny generators: wiring, difficulty, and the terminal's words."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState, GradientState, PartialState
from torch import Tensor
from train_worlds import generator_recipe, write_world

from pfstudio.cli.main import main
from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.samplers import Euler
from pfstudio.engine.model import Model, load
from pfstudio.train import evaluation
from pfstudio.train.arguments import Session
from pfstudio.train.data import PictureSet, load_source
from pfstudio.train.evaluation import EvaluationSettings, evaluate
from pfstudio.train.mobilenet import MobileNetV2, perceptual_distance
from pfstudio.train.recipe import SourceRecipe
from pfstudio.train.session import run_session

SETTINGS = EvaluationSettings(Euler(2), guidance=2.0)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder)
    run_session(Session(generator_recipe(folder), folder, folder / "out", "cpu", steps=2))
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
    PartialState._reset_state()
    return folder


@pytest.fixture(autouse=True)
def _random_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network without its downloaded weights: random features are features, too."""

    def network() -> MobileNetV2:
        torch.manual_seed(0)
        made = MobileNetV2()
        made.pooled = lambda picture: picture.flatten(1)[:, :32]  # type: ignore[method-assign]
        return made

    monkeypatch.setattr(evaluation, "load_mobilenet", network)


@pytest.fixture
def model(world: Path) -> Model:
    return load(world / "out" / "model", "cpu", "float32")


SOURCE = SourceRecipe("pack.tar", labels="labels.json")


def test_every_figure_is_measured(world: Path, model: Model) -> None:
    result = evaluate(model, load_source(SOURCE, world), SETTINGS)
    assert result.pictures == result.samples == 4
    assert result.validation_loss == pytest.approx(sum(result.validation_segments) / 8)
    assert result.fd_mobilenet > 0
    assert result.fd_mobilenet_floor > 0
    assert [d.time for d in result.difficulty] == [0.3, 0.5]
    json.dumps(result.to_dict())


def test_the_same_seed_measures_the_same(world: Path, model: Model) -> None:
    data = load_source(SOURCE, world)
    assert evaluate(model, data, SETTINGS) == evaluate(model, data, SETTINGS)


def test_a_model_that_knows_its_error_has_rank_correlation_one(world: Path, model: Model) -> None:
    class Oracle(Model):
        """Predicts nothing, and says exactly how wrong that is."""

        target: Tensor

        def velocity(self, x, t, condition=None):  # type: ignore[no-untyped-def]
            target = self.target[: len(x)]
            return torch.zeros_like(x), target.square().mean(1, keepdim=True).log()

    oracle = Oracle(model.network, model.card, model.chosen, model.autoencoder)
    latents = torch.randn(8, 4, 4, 4)
    oracle.target = latents - evaluation._noise(latents, 0)
    said = evaluation._difficulty(oracle, latents, torch.zeros(8, dtype=torch.int64), 0.3, 0)
    assert said.rank_correlation == pytest.approx(1.0)
    assert said.within_pictures == pytest.approx(1.0)
    assert said.calibration.ratio == pytest.approx(1.0)
    oracle.target = oracle.target.flip(0)
    wrong = evaluation._difficulty(oracle, latents, torch.zeros(8, dtype=torch.int64), 0.3, 0)
    assert wrong.rank_correlation < 0.9


def test_data_without_held_out_pictures_is_refused(world: Path, model: Model) -> None:
    data = load_source(SOURCE, world)
    empty = replace(data, test=PictureSet((), (), torch.zeros(0, dtype=torch.int64)))
    with pytest.raises(InputError, match="no held-out pictures"):
        evaluate(model, empty, SETTINGS)


def test_a_class_that_the_model_lacks_is_named(world: Path, model: Model) -> None:
    data = replace(load_source(SOURCE, world), classes=("left one", "unicorn"))
    with pytest.raises(InputError, match="'unicorn'"):
        evaluate(model, data, SETTINGS)


def test_the_verb_prints_a_table_or_json(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["evaluate", str(world / "out" / "model"), "--data", str(world / "pack.tar")]
    command += ["--labels", str(world / "labels.json"), "--steps", "2", "--precision", "float32"]
    command += ["--device", "cpu"]
    assert main(command) == 0
    table = capsys.readouterr().out
    assert "FD-MobileNetV2" in table
    assert "difficulty t=0.3" in table
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["event"] == "finished"
    assert len(told["validation_segments"]) == 8


def test_the_verb_can_keep_the_figures_in_the_card(world: Path, tmp_path: Path) -> None:
    shutil.copytree(world / "out" / "model", tmp_path / "model")
    before = ModelCard.read(tmp_path / "model")
    command = ["evaluate", str(tmp_path / "model"), "--data", str(world / "pack.tar"), "--json"]
    command += ["--labels", str(world / "labels.json"), "--steps", "2", "--write-card"]
    assert main([*command, "--device", "cpu", "--precision", "float32"]) == 0
    card = ModelCard.read(tmp_path / "model")
    assert card.quality["pictures in FD and KID"] == 4
    assert len(card.quality["validation loss in 8 segments of time"]) == 8
    assert replace(card, quality=before.quality) == before


def test_the_verb_names_what_is_missing(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["evaluate", str(world / "out" / "model"), "--data", str(world / "no.tar")]
    assert main(command) == 2
    assert "no.tar" in capsys.readouterr().err


def test_perceptual_distance_teaches_the_picture_only() -> None:
    torch.manual_seed(0)
    network = MobileNetV2()
    target = torch.rand(1, 3, 32, 32) * 2 - 1
    picture = (torch.rand(1, 3, 32, 32) * 2 - 1).requires_grad_()
    distance = perceptual_distance(network, picture, target)
    distance.backward()
    assert distance.item() > 0
    assert picture.grad is not None
    assert float(perceptual_distance(network, target, target)) == 0.0
    assert all(p.grad is None for p in network.parameters())


def test_features_are_pooled_to_one_vector_a_picture() -> None:
    assert MobileNetV2().pooled(torch.zeros(1, 3, 16, 16), side=32).shape == (1, 1280)
