"""Evaluation of tiny generators: wiring, difficulty, and the terminal's words."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from text_encoders import write_bert
from torch import Tensor, nn
from train_worlds import (
    caption_recipe,
    forget_accelerate,
    generator_recipe,
    write_caption_world,
    write_world,
)

from pfstudio.cli import evaluate_shared
from pfstudio.cli.main import main
from pfstudio.core.card import CARD_NAME, ModelCard
from pfstudio.core.conditions import ClassLabel
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.paths import cache_folder
from pfstudio.core.routes import Route
from pfstudio.core.samplers import Euler
from pfstudio.engine.model import Model, load
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.train import evaluation, sample_quality
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.config import SourceConfig
from pfstudio.train.data import PictureSet, load_source
from pfstudio.train.evaluation import EvaluationSettings, evaluate
from pfstudio.train.evaluation_data import classified
from pfstudio.train.mobilenet import fold_into, perceptual_distance
from pfstudio.train.session import run_session

SETTINGS = EvaluationSettings(Euler(2), guidance=ClassifierFree(2.0))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder)
    run_session(TrainingSession(generator_recipe(folder), folder, folder / "out", "cpu", steps=2))
    forget_accelerate()
    return folder


@pytest.fixture(autouse=True)
def _random_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network without its downloaded weights: random features are features, too."""

    def network() -> MobileNetV2:
        torch.manual_seed(0)
        made = MobileNetV2()
        made.pooled = lambda picture: picture.flatten(1)[:, :32]  # type: ignore[method-assign]
        return made

    monkeypatch.setattr(sample_quality, "load_mobilenet", network)


@pytest.fixture
def model(world: Path) -> Model:
    return load(world / "out" / "model", "cpu", "float32")


SOURCE = SourceConfig("pack.tar", labels="labels.json")


def test_every_figure_is_measured(world: Path, model: Model) -> None:
    result = evaluate(model, classified(load_source(SOURCE, world)), SETTINGS)
    made = result.made
    assert result.pictures == made.samples == 4
    assert result.validation_loss == pytest.approx(sum(result.validation_segments) / 8)
    assert made.fd_mobilenet > 0
    assert made.fd_mobilenet_floor > 0
    assert made.seconds > 0
    assert all(0 <= share <= 1 for share in (made.precision_floor, made.recall_floor))
    assert [d.time for d in result.difficulty] == [0.3, 0.5]
    json.dumps(result.to_dict())


def test_the_same_seed_measures_the_same(world: Path, model: Model) -> None:
    data = classified(load_source(SOURCE, world))
    assert evaluate(model, data, SETTINGS) == evaluate(model, data, SETTINGS)


def test_features_of_training_pictures_are_computed_once(world: Path, model: Model) -> None:
    data = classified(load_source(SOURCE, world))
    evaluate(model, data, SETTINGS)
    told: list[str] = []
    evaluate(model, data, SETTINGS, lambda what, done, total: told.append(what))
    assert "training pictures" not in told
    (kept,) = (cache_folder() / "evaluation").iterdir()
    kept.write_bytes(b"damaged")
    evaluate(model, data, SETTINGS, lambda what, done, total: told.append(what))
    assert "training pictures" in told


def test_a_cache_that_cannot_be_written_costs_no_evaluation(
    world: Path, model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    data = classified(load_source(SOURCE, world))
    known = evaluate(model, data, SETTINGS)
    shutil.rmtree(cache_folder() / "evaluation")
    (cache_folder() / "evaluation").touch()
    assert evaluate(model, data, SETTINGS) == known
    assert "features of training images are not kept" in caplog.text


def test_a_model_that_knows_its_error_has_rank_correlation_one(world: Path, model: Model) -> None:
    class Oracle(Model):
        """Predicts nothing, and says exactly how wrong that is."""

        target: Tensor

        def velocity(self, x, t, condition=None):  # type: ignore[no-untyped-def]
            target = self.target[: len(x)]
            return torch.zeros_like(x), target.square().mean(1, keepdim=True).log()

    oracle = Oracle(model.network, model.card, model.execution, model.autoencoder)
    latents = torch.randn(8, 4, 4, 4)
    oracle.target = latents - evaluation._noise(latents, 0)
    said = evaluation._difficulty(oracle, latents, [ClassLabel(0)] * 8, 0.3, 0)
    assert said.rank_correlation == pytest.approx(1.0)
    assert said.within_pictures == pytest.approx(1.0)
    assert said.calibration.ratio == pytest.approx(1.0)
    oracle.target = oracle.target.flip(0)
    wrong = evaluation._difficulty(oracle, latents, [ClassLabel(0)] * 8, 0.3, 0)
    assert wrong.rank_correlation < 0.9


def test_data_without_held_out_pictures_is_refused(world: Path, model: Model) -> None:
    data = load_source(SOURCE, world)
    empty = replace(data, test=PictureSet((), (), torch.zeros(0, dtype=torch.int64)))
    with pytest.raises(InputError, match="no held-out images"):
        evaluate(model, classified(empty), SETTINGS)


def test_too_few_pictures_are_told_before_anything_is_measured(
    world: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = load_source(SOURCE, world)
    few = PictureSet(data.test.names[:3], data.test.pictures[:3], data.test.labels[:3])
    monkeypatch.setattr(evaluation, "_losses", lambda *_: pytest.fail("it was measured"))
    with pytest.raises(InputError, match="3 images are too few for precision and recall"):
        evaluate(model, classified(replace(data, test=few)), SETTINGS)


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


def test_a_model_of_prompts_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_caption_world(tmp_path, write_bert)
    run_session(
        TrainingSession(caption_recipe(tmp_path), tmp_path, tmp_path / "out", "cpu", steps=2)
    )
    forget_accelerate()
    command = ["evaluate", str(tmp_path / "out" / "model"), "--data", str(tmp_path / "pack.tar")]
    command += ["--labels", str(tmp_path / "labels.json"), "--steps", "2", "--json"]
    command += ["--sheet", str(tmp_path / "sheet.png"), "--device", "cpu", "--precision", "float32"]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["samples"] == 4
    assert told["fd_mobilenet_floor"] > 0
    with Image.open(tmp_path / "sheet.png") as sheet:  # four generated, the nearest beside each
        assert sheet.width > 8 * 128
        assert sheet.height < 2 * 128 + 60


def test_the_nearest_training_picture_tells_the_concept(world: Path, model: Model) -> None:
    """The features are the pixels here: a copy of a training picture is nearest to itself."""
    data = classified(load_source(SOURCE, world))
    train = data.pictures.train
    copies = replace(data, pictures=replace(data.pictures, test=train))
    found: list[sample_quality.Neighbours] = []
    result = evaluate(model, copies, SETTINGS, show=found.append)
    assert result.made.concept_ceiling == 1.0
    assert 0 <= result.made.concept_accuracy < 1
    (shown,) = found
    assert shown.made.shape == shown.nearest.shape
    assert shown.labels.tolist() == train.labels.tolist()
    wrong = replace(copies, concepts=("left one", "left one"))
    assert evaluate(model, wrong, SETTINGS).made.concept_accuracy == 1.0


def test_the_verb_can_keep_the_figures_in_the_card(world: Path, tmp_path: Path) -> None:
    shutil.copytree(world / "out" / "model", tmp_path / "model")
    before = ModelCard.read(tmp_path / "model")
    before = replace(before, quality=before.quality | {"of its features": 0.5})
    (tmp_path / "model" / CARD_NAME).write_text(before.to_json(), "utf-8")
    command = ["evaluate", str(tmp_path / "model"), "--data", str(world / "pack.tar"), "--json"]
    command += ["--labels", str(world / "labels.json"), "--steps", "2", "--write-card"]
    assert main([*command, "--device", "cpu", "--precision", "float32"]) == 0
    card = ModelCard.read(tmp_path / "model")
    assert card.quality["generated images"] == 4
    assert card.quality["of its features"] == 0.5  # what other evaluations found stays
    assert len(card.quality["validation loss in 8 segments of time"]) == 8
    assert replace(card, quality=before.quality) == before


def test_a_card_that_cannot_be_written_is_refused_before_measuring(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The data are not even looked for."""
    weights = str(world / "out" / "model" / "model.safetensors")
    assert main(["evaluate", weights, "--data", str(world / "no.tar"), "--write-card"]) == 2
    assert "no card to write to" in capsys.readouterr().err


def test_figures_are_told_before_the_card_is_written(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, text: str) -> None:
        raise RunError("The disk is full.")

    monkeypatch.setattr(evaluate_shared, "write_text", full)
    command = ["evaluate", str(world / "out" / "model"), "--data", str(world / "pack.tar")]
    command += ["--labels", str(world / "labels.json"), "--steps", "1", "--device", "cpu"]
    assert main([*command, "--write-card"]) == 1
    assert "FD-MobileNetV2" in capsys.readouterr().out


def test_held_out_images_may_lie_in_a_second_pack(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.unpack_archive(world / "pack.tar", tmp_path / "train")
    (tmp_path / "test").mkdir()
    for i in range(16, 20):
        (tmp_path / "train" / f"{i}.png").rename(tmp_path / "test" / f"{i}.png")
    command = ["evaluate", str(world / "out" / "model"), "--data", str(tmp_path / "train")]
    command += ["--labels", str(world / "labels.json"), "--test-data", str(tmp_path / "test")]
    assert main([*command, "--steps", "1", "--device", "cpu", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == 4


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


def test_folding_keeps_what_the_norms_do() -> None:
    """torchvision's layout: per convolution a weight, then a norm's scale, shift, mean, variance
    and count."""
    torch.manual_seed(0)
    network, state = MobileNetV2(head=False), {}
    for number, layer in enumerate(m for m in network.modules() if isinstance(m, nn.Conv2d)):
        width = layer.out_channels
        values = (
            torch.randn_like(layer.weight),
            torch.rand(width) + 0.5,
            torch.randn(width),
            torch.randn(width),
            torch.rand(width) + 0.5,
            torch.tensor(7),
        )
        state |= {f"features.{number:02d}.{place}": value for place, value in enumerate(values)}
    fold_into(network, state)
    first, scale, shift, mean, variance, _ = (state[f"features.00.{place}"] for place in range(6))
    x = torch.randn(1, 3, 8, 8)
    plain = F.conv2d(x, first, stride=2, padding=1)
    wanted = F.batch_norm(plain, mean, variance, scale, shift)
    torch.testing.assert_close(network.features[0][0](x), wanted, atol=1e-4, rtol=1e-4)
    last = [m for m in network.modules() if isinstance(m, nn.Conv2d)][-1]
    assert last.weight.shape[0] == 320
    assert not torch.equal(last.weight, torch.zeros_like(last.weight))


def test_without_its_head_the_network_still_gives_maps() -> None:
    maps = MobileNetV2(head=False).maps(torch.zeros(2, 3, 64, 32), (3, 6, 13, 17))
    assert [tuple(one.shape[1:]) for one in maps] == [
        (24, 16, 8),
        (32, 8, 4),
        (96, 4, 2),
        (320, 2, 1),
    ]


def test_any_guidance_can_be_measured_with_what_it_costs(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model without routes in its training will do: its card says that it has one."""
    model = tmp_path / "model"
    shutil.copytree(world / "out" / "model", model)
    card = ModelCard.read(model)
    card = replace(card, routes=(Route(2, 2),))
    (model / CARD_NAME).write_text(card.to_json(), encoding="utf-8")
    command = ["evaluate", str(model), "--data", str(world / "pack.tar"), "--json", "--device"]
    command += ["cpu", "--labels", str(world / "labels.json"), "--steps", "2"]
    command += ["--precision", "float32"]
    told = {}
    for name, flags in {
        "cfg": [],
        "none": ["--rule", "none"],
        "interval": ["--rule", "interval"],
        "sparse": ["--rule", "sparse", "--strong", "0.25", "--weak", "0.75"],
        "auto": ["--rule", "auto", "--weak-model", str(world / "out" / "model")],
    }.items():
        assert main([*command, *flags]) == 0
        told[name] = json.loads(capsys.readouterr().out)
    assert told["cfg"]["gflop"] == pytest.approx(2 * told["none"]["gflop"])
    assert told["auto"]["gflop"] == pytest.approx(told["cfg"]["gflop"])
    assert told["interval"]["guidance"].startswith(f"Interval, scale {card.default_guidance:g},")
    assert told["none"]["gflop"] < told["sparse"]["gflop"] < told["cfg"]["gflop"]
    assert told["sparse"]["guidance"].startswith("Sparse, strength 1.5, strong share 0.25")
    assert main([*command, "--strong", "0.25"]) == 2
    assert "--strong belongs to a guidance rule" in capsys.readouterr().err
    assert main([*command, "--rule", "sparse", "--guidance", "2"]) == 2
    assert "scale of CFG" in capsys.readouterr().err


def test_a_card_counts_the_pictures_that_were_measured_in_training(tmp_path: Path) -> None:
    write_world(tmp_path)
    recipe = generator_recipe(tmp_path)
    recipe.write_text(f"{recipe.read_text('utf-8')}validation_pictures = 3\n", "utf-8")
    run_session(TrainingSession(recipe, tmp_path, tmp_path / "out", "cpu", steps=1))
    forget_accelerate()
    assert ModelCard.read(tmp_path / "out" / "model").quality["held-out pictures"] == 3


def test_a_sweep_shares_the_real_pictures_and_refuses_early(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = tmp_path / "sweep.toml"
    sweep.write_text('[[rules]]\nrule = "none"\n[[rules]]\nrule = "cfg"\nscale = 2', "utf-8")
    command = ["evaluate", str(world / "out" / "model"), "--data", str(world / "pack.tar")]
    command += ["--labels", str(world / "labels.json"), "--steps", "2", "--precision", "float32"]
    command += ["--device", "cpu", "--sweep", str(sweep)]
    assert main(command) == 2
    assert "--sweep needs --out" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert main([*command, "--out", str(tmp_path / "file")]) == 2
    told = capsys.readouterr().err
    assert "cannot be written" in told
    assert "samples of run" not in told
    command += ["--out", str(tmp_path / "out"), "--samples", "9"]
    assert main([*command, "--rule", "none"]) == 2
    assert "--rule has no say in the evaluation of a sweep" in capsys.readouterr().err
    assert main(command) == 0
    table = capsys.readouterr().out
    assert "real against real, N = 9" in table
    rows = json.loads((tmp_path / "out" / "sweep.json").read_text("utf-8"))["rows"]
    told = {(row["rule"], row["sampler_settings"]["steps"]): row["quality"] for row in rows}
    assert set(told) == {("none", 2), ("none", 4), ("cfg", 2)}
    assert told["none", 4]["gflop"] == pytest.approx(told["cfg", 2]["gflop"])
    assert main(command) == 0  # nothing is left to do
    assert capsys.readouterr().out == table
    sweep.write_text('[[rules]]\nrule = "sparse"', "utf-8")
    assert main(command) == 2
    assert "trained with token routing" in capsys.readouterr().err


def test_a_sweep_refuses_a_sampler_that_the_model_cannot_follow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_world(tmp_path)
    recipe = generator_recipe(tmp_path, kind="dit")
    run_session(TrainingSession(recipe, tmp_path, tmp_path / "out", "cpu", steps=1))
    forget_accelerate()
    sweep = tmp_path / "sweep.toml"
    sweep.write_text('[[rules]]\nrule = "none"\n[[samplers]]\nsampler = "dual-loop"', "utf-8")
    command = ["evaluate", str(tmp_path / "out" / "model"), "--data", str(tmp_path / "pack.tar")]
    command += ["--labels", str(tmp_path / "labels.json"), "--device", "cpu"]
    assert main([*command, "--sweep", str(sweep), "--out", str(tmp_path / "swept")]) == 2
    assert "predicts no difficulty" in capsys.readouterr().err
    assert not (tmp_path / "swept").exists()
