"""Training and measuring the latent upsampler: degraded copies, times, a small run, baselines."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from train_worlds import forget_accelerate, png, write_pack, write_world

from pfstudio.cli.main import main
from pfstudio.core.errors import InputError
from pfstudio.train import upsampler_data, upsampler_evaluation
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.baselines import read_esrgan, real_esrgan
from pfstudio.train.config import SourceConfig, UpsamplerTrainingConfig, read_recipe
from pfstudio.train.data import load_source, random_crop
from pfstudio.train.session import run_session
from pfstudio.train.task import time_sampler
from pfstudio.train.upsampler import draw_times
from pfstudio.train.upsampler_data import degrade, enlarge, jpeg, shrink
from pfstudio.train.upsampler_evaluation import (
    UpsamplerSettings,
    evaluate_upsampler,
    ssim,
    upscale_all,
)
from pfstudio.weights.load import needed_autoencoder
from pfstudio.weights.upsampler import load_upsampler

SIDE = 32


def write_recipe(folder: Path, precision: str = "float32", extra: str = "") -> Path:
    path = folder / "upsampler.toml"
    path.write_text(
        f"""
kind = "latent-upsampler"
name = "tiny-up"
title = "Tiny up"

[data]
pixels = {SIDE}
[[data.sources]]
path = "pack.tar"
[[data.sources]]
path = "pack.tar"
labels = "labels.json"

[model]
widths = [8, 8, 8]
blocks = [1, 1, 1]
embedding = 8

[training]
steps = 4
batch = 4
warm_up = 2
learning_rate = 1e-3
ema = 0.5
precision = "{precision}"

[upsampler]
autoencoder = {json.dumps(str(folder / "ae"))}
perceptual = 0.0
looked_share = 1.0
{extra}

[report]
log_every = 1
checkpoint_every = 2
validate_every = 4
validation_pictures = 2
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def world(tmp_path: Path) -> Path:
    write_world(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def upsampler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with a trained model in run/model."""
    folder = tmp_path_factory.mktemp("upsampler-world")
    write_world(folder)
    write_recipe(folder)
    run_session(session(folder, "run", steps=1))
    forget_accelerate()
    return folder


def session(world: Path, out: str, **changes: object) -> TrainingSession:
    return TrainingSession(world / "upsampler.toml", world, world / out, device="cpu", **changes)


def losses(folder: Path) -> list[list[str]]:
    with (folder / "log.csv").open() as file:
        return [row[:-1] for row in csv.reader(file)][1:]


def test_draws_divide_the_batch(world):
    write_recipe(world, extra="draws = 3")
    with pytest.raises(InputError, match=r"batch must be a multiple of upsampler\.draws"):
        run_session(session(world, "run"))


def test_a_run_makes_a_model_that_lifts(world):
    write_recipe(world)
    card = run_session(session(world, "run"))
    assert card is not None
    assert card.sizes["noising_step"] == UpsamplerTrainingConfig.noising_step
    assert {"loss", "psnr 1 step pack.tar"} <= card.quality.keys()
    assert (world / "run" / "samples").is_dir()
    model = load_upsampler(world / "run" / "model")
    assert model.resize == "bicubic"
    autoencoder = needed_autoencoder(model.card)
    picture = torch.rand(2, 3, 8, 16) * 2 - 1
    large = upscale_all(model, autoencoder, 2, 4, seed=3)(picture)
    assert large.shape == (2, 3, 32, 64)
    again = upscale_all(model, autoencoder, 2, 4, seed=3)(picture)
    assert torch.equal(large, again)


def test_a_killed_run_goes_on_with_the_same_losses(world):
    recipe = write_recipe(world)
    run_session(session(world, "whole"))
    text = recipe.read_text().replace("steps = 4", "steps = 2")
    recipe.write_text(text)
    run_session(session(world, "parts"))
    recipe.write_text(text.replace("steps = 2", "steps = 4"))
    run_session(session(world, "parts"))
    assert losses(world / "whole") == losses(world / "parts")


def test_bfloat16_and_the_perceptual_term_are_of_the_recipe(world):
    write_recipe(world, "bfloat16")
    card = run_session(session(world, "run", steps=1))
    assert card is not None
    assert "bfloat16" in card.training


@pytest.mark.parametrize("pixels", [24, 40])
def test_pictures_are_made_of_whole_patches(world, pixels):
    recipe = write_recipe(world)
    recipe.write_text(recipe.read_text().replace(f"pixels = {SIDE}", f"pixels = {pixels}"))
    with pytest.raises(InputError, match=r"data\.pixels must be a multiple of 16"):
        run_session(session(world, "run"))


def test_the_recipe_decides_whether_crops_are_mirrored(world, monkeypatch):
    asked: list[bool] = []

    def crop(picture, side, generator, flip):
        asked.append(flip)
        return random_crop(picture, side, generator, flip)

    monkeypatch.setattr(upsampler_data, "random_crop", crop)
    recipe = write_recipe(world)
    run_session(session(world, "with", steps=1))
    assert set(asked) == {True}
    asked.clear()
    recipe.write_text(recipe.read_text().replace("[data]", "[data]\nflip = false"))
    run_session(session(world, "without", steps=1))
    assert set(asked) == {False}


@pytest.mark.parametrize(
    ("extra", "match"),
    [
        ("time_sampler = 'ltg'\ntime_options = { wrong = 1.0 }", "wrong"),
        ("time_sampler = 'ltx'", "no time sampler 'ltx'"),
        ("unknown = 3", "unknown"),
    ],
)
def test_recipes_that_cannot_be_used(world, extra, match):
    write_recipe(world, extra=extra)
    with pytest.raises(InputError, match=match):
        run_session(session(world, "run"))


def test_the_shipped_recipe_is_one():
    recipe = read_recipe(Path("resources/recipes/upsampler-s.toml"))
    assert recipe.kind == "latent-upsampler"
    assert len(recipe.data.sources) == 3


def test_times_are_zero_alike_or_per_patch():
    recipe = UpsamplerTrainingConfig()
    sampler = time_sampler(recipe.time_sampler, recipe.time_options)
    times = draw_times(recipe, sampler, 4000, (3, 3), torch.Generator().manual_seed(0))
    assert times.min() == 0
    assert times.max() == 1
    flat = times.flatten(1)
    zero = (flat == 0).all(dim=1)
    alike = (flat == flat[:, :1]).all(dim=1) & ~zero
    assert zero.float().mean() == pytest.approx(recipe.zero_share, abs=0.03)
    assert alike.float().mean() == pytest.approx(recipe.parallel_share, abs=0.03)
    assert 0.1 < (flat[~zero & ~alike] == 1).float().mean() < 0.3


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([2, 4]))
def test_worn_copies_are_small_and_alike(seed, factor):
    picture = torch.linspace(-0.8, 0.8, 32).expand(3, 32, 32).contiguous()
    made = degrade(picture, factor, torch.Generator().manual_seed(seed))
    assert made.shape == (3, 32 // factor, 32 // factor)
    assert made.abs().max() <= 1
    assert (made - shrink(picture[None], factor)[0]).abs().mean() < 0.12
    assert torch.equal(made, degrade(picture, factor, torch.Generator().manual_seed(seed)))


def test_jpeg_changes_a_picture_a_little():
    picture = torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
    good, poor = (float((jpeg(picture, q) - picture).abs().mean()) for q in (95, 20))
    assert 0 < good < poor


def test_ssim():
    x = torch.rand(2, 3, 24, 24, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert torch.allclose(ssim(x, x), torch.ones(2))
    assert (ssim(x + 0.1 * torch.randn(x.shape), x) < 0.999).all()
    # Of two flat pictures only the term of the means is left.
    a, b = torch.full((1, 3, 16, 16), -0.5), torch.full((1, 3, 16, 16), 0.5)
    expected = (2 * 0.25 * 0.75 + 1e-4) / (0.25**2 + 0.75**2 + 1e-4)
    assert ssim(a, b).item() == pytest.approx(expected, rel=1e-3)


def flat_features(pictures: torch.Tensor) -> np.ndarray:
    return shrink(pictures, pictures.shape[-1] // 4).flatten(1).double().numpy()


def enlarge_pack(world: Path) -> None:
    """Pictures of the side that is measured."""
    rng = np.random.default_rng(0)
    colours = [tuple(int(c) for c in rng.integers(0, 255, 3)) for _ in range(20)]
    write_pack(world / "pack.tar", {f"{i:02d}.png": png(c, SIDE) for i, c in enumerate(colours)})


def test_the_evaluation_knows_who_is_best(world, monkeypatch, capsys):
    """The original through a perfect autoencoder would win; enlarging loses detail."""
    write_recipe(world)
    enlarge_pack(world)
    run_session(session(world, "run", steps=1))
    monkeypatch.setattr(upsampler_evaluation, "_features", lambda: flat_features)
    model = load_upsampler(world / "run" / "model")
    data = load_source(SourceConfig("pack.tar", labels="labels.json"), world)
    how = UpsamplerSettings(steps=(1, 2), side=32)
    autoencoder = needed_autoencoder(model.card)
    result = evaluate_upsampler(model, autoencoder, data, how)
    scores = {score.method: score for score in result.scores}
    assert list(scores) == [
        *("bicubic", "Lanczos", "autoencoder of the original"),
        *("1 step", "2 steps", "2 steps, no back-projection"),
    ]
    assert result.pictures == result.pieces == 4
    # Back-projection brings an untrained upsampler close to the picture it was made of.
    assert scores["2 steps"].psnr > scores["2 steps, no back-projection"].psnr + 3
    assert scores["bicubic"].ssim > 0.5
    assert result.difficulty is not None
    assert -1 <= result.difficulty.rank_correlation <= 1
    with pytest.raises(InputError, match="factor of 3"):
        evaluate_upsampler(model, model.network, data, replace(how, factor=3))
    with pytest.raises(InputError, match=r"16\.png is smaller than 48 pixels") as caught:
        evaluate_upsampler(model, autoencoder, data, replace(how, side=48))
    assert caught.value.advice == "Use --side 32."
    few = replace(data, train=data.test, test=data.train)
    with pytest.raises(InputError, match="16 held-out images need as many others") as caught:
        evaluate_upsampler(model, autoencoder, few, how)
    assert caught.value.advice == "Use --samples 4."
    args = [*("evaluate", str(world / "run" / "model"), "--data", str(world / "pack.tar"))]
    args += [*("--labels", str(world / "labels.json"), "--side", "32", "--write-card")]
    assert main(args) == 0
    assert "Lanczos" in capsys.readouterr().out
    card = json.loads((world / "run" / "model" / "card.json").read_text())
    assert any("bicubic" in key for key in card["quality"])


def test_labels_beside_the_pack_tell_what_is_held_out(world, monkeypatch, capsys):
    """As for every evaluation, also under the name of both parts of a set."""
    write_recipe(world)
    enlarge_pack(world)
    run_session(session(world, "run", steps=1))
    monkeypatch.setattr(upsampler_evaluation, "_features", lambda: flat_features)
    (world / "pack.tar").rename(world / "set-train.tar")
    args = [*("evaluate", str(world / "run" / "model"), "--data", str(world / "set-train.tar"))]
    args += ["--side", "32", "--json"]
    assert main(args) == 2  # without labels one image of twenty is held out
    assert "A single piece of an image is too little" in capsys.readouterr().err
    (world / "labels.json").rename(world / "set-labels.json")
    assert main(args) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == 4
    assert main([*args, "--samples", "1"]) == 2
    assert "Use at least 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--side", "0"], "0 pixels a side"),
        (["--side", "31"], "31 pixels a side"),
        (["--jpeg", "500"], "no JPEG quality 500"),
        (["--device", "cuda"], "measured on the processor"),
        (["--steps", "3"], "--steps has no say"),
        (["--precision", "float16"], "measured on the processor"),
        (["--samples", "-3"], "--samples and --steps must be 0 or more"),
        (["--seed", "-1"], "--seed must lie between"),
        (["--seed", "99999999999999999999999"], "--seed must lie between"),
    ],
)
def test_flags_that_cannot_be_followed_are_refused(upsampler, flags, words, capsys):
    model, data = str(upsampler / "run" / "model"), str(upsampler / "pack.tar")
    args = ["evaluate", model, "--data", data, "--labels", str(upsampler / "labels.json")]
    assert main([*args, *flags]) == 2
    assert words in capsys.readouterr().err


def write_keras(folder: Path, layers: list[dict], weights: dict[str, np.ndarray]) -> None:
    folder.mkdir()
    manifest = [{"name": k, "shape": list(v.shape), "dtype": "float32"} for k, v in weights.items()]
    raw = b"".join(v.astype("<f4").tobytes() for v in weights.values())
    (folder / "w.bin").write_bytes(raw)
    about = {
        "modelTopology": {"model_config": {"config": {"layers": layers}}},
        "weightsManifest": [{"paths": ["w.bin"], "weights": manifest}],
    }
    (folder / "model.json").write_text(json.dumps(about))


def keras(kind: str, name: str, *inputs: str, **config: object) -> dict:
    nodes = [[[source, 0, 0, {}] for source in inputs]] if inputs else []
    return {"class_name": kind, "name": name, "config": config, "inbound_nodes": nodes}


def test_a_rival_of_keras_layers(tmp_path):
    """Three copies of the colours scaled by 0.2 and added, then shuffled into twice the side."""
    kernel = np.zeros((1, 1, 3, 12), np.float32)
    for place in range(4):
        kernel[0, 0, range(3), range(3 * place, 3 * place + 3)] = (place + 1) / 4
    layers = [
        keras("InputLayer", "in"),
        keras("MultiplyBeta", "fifth", "in", beta=0.2),
        keras("Add", "sum", "in", "fifth"),
        keras("Conv2D", "spread", "sum", padding="same"),
        keras("PixelShuffle2x", "out", "spread", scale=2),
    ]
    weights = {"spread/kernel": kernel, "spread/bias": np.zeros(12, np.float32)}
    write_keras(tmp_path / "a", layers, weights)
    picture = torch.rand(1, 3, 2, 3) * 0.5
    made = read_esrgan(tmp_path / "a")(picture)
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = (2 * row + column + 1) / 4
        torch.testing.assert_close(made[:, :, row::2, column::2], picture * 1.2 * share)


def test_rivals_that_cannot_be_run(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no ESRGAN model"):
        read_esrgan(tmp_path)
    write_keras(tmp_path / "a", [keras("LSTM", "odd")], {})
    with pytest.raises(InputError, match="LSTM"):
        read_esrgan(tmp_path / "a")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="not installed"):
        real_esrgan()


def test_enlarging_keeps_the_range():
    edge = torch.cat([torch.full((1, 3, 8, 4), -1.0), torch.ones(1, 3, 8, 4)], dim=3)
    assert enlarge(edge, 2).abs().max() <= 1
    assert enlarge(edge, 2).shape == (1, 3, 16, 16)
