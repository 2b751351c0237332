"""Training depth models: pairs, targets, losses, whole small runs, and their evaluation."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from sessions import finish
from torch import Tensor
from train_worlds import write_pack, write_world

from pfstudio.cli.main import main
from pfstudio.core.card import ModelCard
from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.engine.depth_model import load_depth
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.config import SourceConfig, read_recipe
from pfstudio.train.depth import DepthTask, TrainedDepth, fit_reading, normal_loss, normals
from pfstudio.train.depth_data import (
    augment,
    cut_pair,
    load_depth_source,
    load_depth_sources,
    log_depth_target,
)
from pfstudio.train.depth_evaluation import (
    CONSTANT,
    FLOW,
    GRADIENT,
    DepthScene,
    evaluate_depth,
    read_depth_scenes,
    regression_log_depth,
)
from pfstudio.train.session import run_session
from pfstudio.train.state import TrainingProgress
from pfstudio.train.trainer import Advance
from pfstudio.weights.load import load_autoencoder, load_weights

SIDE = 32
SOURCE = SourceConfig("depth.tar", labels="depth-labels.json")
LOW, HIGH = 0.25, 1.5  # inverse depth of the stored 0 and 4095


def encoded(values: np.ndarray, kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(values).save(out, kind)
    return out.getvalue()


def stored_depth(index: int) -> np.ndarray:
    """A ramp that falls to the right or to the bottom, 12 bits in 16."""
    ramp = np.linspace(4095, 0, SIDE).round().astype(np.uint16)
    return np.broadcast_to(ramp if index % 2 else ramp[:, None], (SIDE, SIDE)).copy()


def write_depth_world(folder: Path, count: int = 20) -> None:
    """depth.tar, depth-labels.json with two pairs a scene, and an autoencoder in ae/."""
    write_world(folder, 4)
    files, pairs = {}, []
    for i in range(count):
        grey = (stored_depth(i) >> 4).astype(np.uint8)
        files[f"{i:02d}.jpg"] = encoded(np.stack([grey] * 3, axis=2), "JPEG")
        files[f"{i:02d}.png"] = encoded(stored_depth(i), "PNG")
        pair = {"name": f"{i:02d}", "scene": f"s{i // 2:02d}"}
        pairs.append(pair | {"inverse_min": LOW, "inverse_max": HIGH})
    write_pack(folder / "depth.tar", files)
    labels = {"bits": 12, "pairs": pairs}
    (folder / "depth-labels.json").write_text(json.dumps(labels), encoding="utf-8")


def depth_recipe(folder: Path, extra: str = "") -> Path:
    path = folder / "depth.toml"
    path.write_text(
        f"""
kind = "depth"
name = "tiny-depth"
title = "Tiny depth"

[data]
sources = [{{ path = "depth.tar", labels = "depth-labels.json" }}]
pixels = {SIDE}

[model]
model_channels = 32
channel_mult = [1]
num_res_blocks = 1
attention_resolutions = []
num_heads = 2
context_dim = 8

[training]
steps = 6
batch = 4
warm_up = 2
learning_rate = 1e-3
ema = 0.9
precision = "float32"

[depth]
autoencoder = {json.dumps(str(folder / "ae"))}
{extra}

[report]
log_every = 1
checkpoint_every = 3
validate_every = 3
validation_pictures = 2
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def world(tmp_path: Path) -> Path:
    write_depth_world(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with a trained model in out/model."""
    folder = tmp_path_factory.mktemp("depth-world")
    write_depth_world(folder)
    run_session(TrainingSession(depth_recipe(folder), folder, folder / "out", "cpu", steps=2))
    return folder


def task(folder: Path, extra: str = "") -> DepthTask:
    recipe = read_recipe(depth_recipe(folder, extra))
    autoencoder = load_autoencoder(str(folder / "ae"))
    return DepthTask(recipe, load_depth_source(SOURCE, folder), autoencoder, torch.device("cpu"))


# Pairs


def test_held_out_scenes_share_no_scene_with_training(world: Path) -> None:
    data = load_depth_source(SOURCE, world)
    train, test = ({pair.scene for pair in part} for part in (data.train, data.test))
    assert (len(data.train), len(data.test)) == (18, 2)
    assert not train & test


def test_a_pair_gives_its_picture_and_its_inverse_depth(world: Path) -> None:
    pair = load_depth_source(SOURCE, world).train[1]
    inverse = pair.inverse_depth()
    assert pair.picture().shape == (SIDE, SIDE, 3)
    assert inverse.dtype == np.float32
    np.testing.assert_allclose(inverse[0, [0, -1]], [HIGH, LOW], rtol=1e-6)
    np.testing.assert_allclose(inverse, LOW + stored_depth(1) / 4095 * (HIGH - LOW), rtol=1e-5)


def test_colours_are_not_swapped(world: Path) -> None:
    red = np.zeros((SIDE, SIDE, 3), np.uint8)
    red[..., 0] = 255
    pair = replace(load_depth_source(SOURCE, world).train[0], picture_file=encoded(red, "PNG"))
    assert pair.picture()[0, 0].tolist() == [255, 0, 0]


def test_a_folder_serves_as_well_as_a_pack(world: Path) -> None:
    shutil.unpack_archive(world / "depth.tar", world / "loose")
    packed = load_depth_source(SOURCE, world)
    assert load_depth_source(replace(SOURCE, path="loose"), world) == packed


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ('{"bits": 12, "pairs": [{"name": "99", "scene": "s"}]}', "99.jpg"),
        ('{"bits": 12, "pairs": []}', "no pair to train on"),
        ('{"bits": 99999999999999999999, "pairs": []}', "no depth has 99999999999999999999 bits"),
        ("not json", "does not fit"),
    ],
)
def test_labels_that_do_not_fit_are_told(world: Path, labels: str, words: str) -> None:
    (world / "depth-labels.json").write_text(labels, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        load_depth_source(SOURCE, world)


def test_what_is_missing_or_broken_is_named(world: Path) -> None:
    with pytest.raises(InputError, match=r"no\.tar"):
        load_depth_source(replace(SOURCE, path="no.tar"), world)
    with pytest.raises(InputError, match="need labels"):
        load_depth_source(SourceConfig("depth.tar"), world)
    pair = replace(load_depth_source(SOURCE, world).train[0], depth_file=b"no image")
    with pytest.raises(InputError, match="pair 00 is broken"):
        pair.inverse_depth()
    with pytest.raises(InputError, match="pair 00 is broken"):
        replace(pair, picture_file=b"").picture()
    colours = encoded(np.zeros((SIDE, SIDE, 3), np.uint8), "PNG")
    with pytest.raises(InputError, match="depth of the pair 00 is not grey"):
        replace(pair, depth_file=colours).both()


def test_the_target_is_affine_in_inverse_depth_where_it_is_not_cut() -> None:
    inverse = np.linspace(0.2, 3.0, 64 * 64).reshape(64, 64).astype(np.float32)
    target = log_depth_target(inverse)
    assert target.min() == pytest.approx(-1, abs=1e-5)
    assert target.max() == pytest.approx(1, abs=1e-5)
    inside = np.abs(target) < 0.999
    assert inside.mean() > 0.97
    slope, shift = np.polyfit(inverse[inside], np.exp(-target[inside]), 1)
    assert slope > 0  # larger L is farther
    np.testing.assert_allclose(slope * inverse[inside] + shift, np.exp(-target[inside]), atol=1e-4)


def test_a_flat_map_has_a_finite_target() -> None:
    assert (log_depth_target(np.full((8, 8), 0.7, np.float32)) == 1).all()


def test_cutting_keeps_picture_and_depth_together() -> None:
    ramp = np.add.outer(np.arange(64), 2 * np.arange(64)).astype(np.uint8)
    random = np.random.default_rng(3)
    mirrored = 0
    for _ in range(12):
        picture, depth = cut_pair(
            np.stack([ramp] * 3, axis=2), ramp.astype(np.float32), (24, 32), random, flip=True
        )
        assert (picture.shape, depth.shape) == ((24, 32, 3), (24, 32))
        assert np.abs(picture[..., 0] - depth).max() <= 1  # rounding only
        mirrored += bool(depth[0, 0] > depth[0, -1])
    assert 0 < mirrored < 12
    _, depth = cut_pair(np.stack([ramp] * 3, axis=2), ramp.astype(np.float32), (24, 32), random, 0)
    assert depth[0, 0] < depth[0, -1]


def test_disturbing_follows_its_seed_and_leaves_the_picture_alone() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (16, 24, 3)).astype(np.uint8)
    before = picture.copy()
    many = [augment(picture, np.random.default_rng(seed)) for seed in range(8)]
    assert all(one.shape == picture.shape and one.dtype == np.uint8 for one in many)
    assert (augment(picture, np.random.default_rng(5)) == many[5]).all()
    assert len({one.tobytes() for one in many}) == 8
    assert (picture == before).all()


# Losses


def test_normals_of_planes() -> None:
    flat = torch.full((1, 1, 8, 8), 0.3)
    assert torch.equal(normals(flat)[0, :, 2, 3], torch.tensor([0.0, 0.0, 1.0]))
    slope = torch.arange(8.0).expand(1, 1, 8, 8)  # one a pixel: 45 degrees at side = slope's scale
    tilted = normals(slope)
    assert torch.allclose(tilted.norm(dim=1), torch.ones(1, 7, 7))
    assert (tilted[:, 0] < 0).all()
    assert torch.allclose(tilted[:, 1], torch.zeros(1, 7, 7))
    assert float(normal_loss(slope, slope + 5)) == pytest.approx(0, abs=1e-6)  # a shift is free
    assert float(normal_loss(slope, flat)) == pytest.approx(1 - float(tilted[0, 2, 0, 0]))


def test_reading_finds_a_linear_map() -> None:
    latents = torch.randn(2, 4, 5, 5, generator=torch.Generator().manual_seed(0))
    weights = torch.tensor([0.5, -1.0, 2.0, 0.0])
    depth = torch.einsum("bchw,c->bhw", latents, weights)[:, None] + 0.25
    torch.testing.assert_close(fit_reading(latents, depth), torch.tensor([0.5, -1, 2, 0, 0.25]))


class Recorder(torch.nn.Module):
    """Answers with nothing and remembers what it was asked."""

    def forward(
        self, x: Tensor, t: Tensor, image: Tensor, tokens: Tensor, seen: tuple[Tensor, ...]
    ) -> Tensor:
        self.asked = x, t, image, tokens
        self.seen = seen
        return torch.zeros_like(x)


def test_the_flow_starts_at_the_noised_picture(world: Path) -> None:
    recorder = Recorder()
    one = task(world, "start_share = 1.0")
    one.loss(recorder, 0, 0, 1)
    x, t, image, tokens = recorder.asked
    assert (t == 0).all()
    noise = (x - 0.6545023**0.5 * image) / (1 - 0.6545023) ** 0.5  # share of step 400
    assert float(noise.std()) == pytest.approx(1, abs=0.15)
    assert torch.equal(tokens, one.network.empty_text_embedding)


def test_times_are_spread_and_every_step_draws_its_own(world: Path) -> None:
    recorder, one = Recorder(), task(world, "start_share = 0.0")
    times = []
    for step in range(8):
        one.loss(recorder, step, 0, 1)
        times += recorder.asked[1].tolist()
    assert len(set(times)) == 32
    assert min(times) < 0.3 < 0.7 < max(times)
    first = one.loss(Recorder(), 3, 0, 1).total
    assert torch.equal(first, one.loss(Recorder(), 3, 0, 1).total)


def test_the_network_is_shown_the_picture_of_its_latent(world: Path, monkeypatch) -> None:
    monkeypatch.setattr("pfstudio.train.depth.load_mobilenet", MobileNetV2)  # its weights: a guest
    path = depth_recipe(world)
    path.write_text(
        path.read_text().replace("context_dim = 8", "context_dim = 8\nimage_features = true")
    )
    one = DepthTask(
        read_recipe(path),
        load_depth_source(SOURCE, world),
        load_autoencoder(str(world / "ae")),
        torch.device("cpu"),
    )
    recorder = Recorder()
    one.loss(recorder, 0, 0, 1)
    assert [tuple(seen.shape) for seen in recorder.seen] == [(4, 24, 4, 4)]
    assert not any(parameter.requires_grad for parameter in one.network.image_encoder.parameters())
    one.loss(one.network, 0, 0, 1).total.backward()
    assert one.network.input_blocks[0][1].weight.grad is not None
    assert one.card(one.network, TrainingProgress(1)).sizes["image_features"] is True


def test_the_network_lies_on_the_device_of_its_batches(world: Path) -> None:
    autoencoder = load_autoencoder(str(world / "ae")).to("meta")
    recipe = read_recipe(depth_recipe(world, "normal_weight = 0.0"))
    one = DepthTask(recipe, load_depth_source(SOURCE, world), autoencoder, torch.device("meta"))
    assert {value.device.type for value in one.network.state_dict().values()} == {"meta"}


def test_fitting_the_reading_asks_nothing_of_the_network(world: Path, monkeypatch) -> None:
    monkeypatch.setattr(TrainedDepth, "encode_image", lambda *_: pytest.fail("it was asked"))
    assert task(world).reading is not None


def test_an_image_encoder_needs_latents_of_a_quarter(world: Path, monkeypatch) -> None:
    monkeypatch.setattr("pfstudio.train.depth.load_mobilenet", MobileNetV2)
    monkeypatch.setattr(
        "pfstudio.train.depth.IMAGE_ENCODER_FACTOR", 8
    )  # the test's autoencoder has 4
    path = depth_recipe(world)
    path.write_text(
        path.read_text().replace("context_dim = 8", "context_dim = 8\nimage_features = true")
    )
    with pytest.raises(InputError, match="needs latents of 1/8"):
        run_session(TrainingSession(path, world, world / "out", "cpu"))


def test_a_linear_skip_leaves_the_picture_to_the_rest(world: Path) -> None:
    """Before training, the flow ends at nothing instead of at its noised start."""
    path = depth_recipe(world)
    path.write_text(
        path.read_text().replace("context_dim = 8", "context_dim = 8\nlinear_skip = true")
    )
    autoencoder = load_autoencoder(str(world / "ae"))
    one = DepthTask(
        read_recipe(path),
        load_depth_source(SOURCE, world),
        autoencoder,
        torch.device("cpu"),
    )
    x, tokens = torch.randn(1, 4, 8, 8), one.network.empty_text_embedding
    velocity = one.network(x, torch.zeros(1), torch.randn(1, 4, 8, 8), tokens)
    torch.testing.assert_close(velocity, -x)


def test_packs_are_joined(world: Path) -> None:
    one = load_depth_source(SOURCE, world)
    both = load_depth_sources((SOURCE, SOURCE), world)
    assert both.train == one.train * 2
    assert both.test == one.test * 2


def test_the_first_steps_look_at_half_the_side(world: Path) -> None:
    recorder, one = Recorder(), task(world, "half_size_until = 0.5")
    shapes = []
    for step in range(6):
        one.loss(recorder, step, 0, 1)
        shapes.append(tuple(recorder.asked[0].shape[-2:]))
    assert shapes == [(4, 4), (3, 4), (4, 3), (8, 8), (6, 8), (8, 6)]


def test_regression_sees_the_clean_picture_only(world: Path) -> None:
    recorder = Recorder()
    loss = task(world, "regression = true\nnormal_weight = 0.0").loss(recorder, 0, 0, 1)
    x, t, image, _ = recorder.asked
    assert not x.any()
    assert not t.any()
    assert image.any()
    assert [name for name, _ in loss.figures] == ["error"]


def test_the_normals_teach_the_network(world: Path) -> None:
    grads = []
    for weight in (0.0, 1.0):
        torch.manual_seed(0)
        one = task(world, f"normal_weight = {weight}")
        one.loss(one.network, 0, 0, 1).total.backward()
        grads.append(one.network.out[-1].bias.grad.clone())
    assert not torch.equal(*grads)


def test_the_card_may_ask_for_another_size(world: Path) -> None:
    one = task(world, "pixels = 24")
    assert one.card(one.network, TrainingProgress(1)).pixels == 24


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ('test_path = "b.tar"', "test_path"),
        ("share = 2.0", "share"),
        ("unlisted = true", "unlisted"),
    ],
)
def test_what_depth_never_reads_is_refused(world: Path, key: str, told: str) -> None:
    path = depth_recipe(world)
    path.write_text(path.read_text().replace("labels =", f"{key}, labels ="), encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_recipe(path)


def test_impossible_recipes_are_refused(world: Path) -> None:
    with pytest.raises(InputError, match="noising_step"):
        read_recipe(depth_recipe(world, "noising_step = 1000"))
    path = depth_recipe(world)
    path.write_text(path.read_text().replace("pixels = 32", "pixels = 36"), encoding="utf-8")
    with pytest.raises(InputError, match="multiple of 32"):
        run_session(TrainingSession(path, world, world / "out", "cpu"))


def test_a_figure_needs_held_out_scenes(world: Path) -> None:
    labels = world / "depth-labels.json"
    told = json.loads(labels.read_text(encoding="utf-8"))
    labels.write_text(json.dumps(told | {"pairs": told["pairs"][:18]}), encoding="utf-8")
    with pytest.raises(InputError, match="No scene is left") as caught:
        run_session(TrainingSession(depth_recipe(world), world, world / "out", "cpu"))
    assert "at least 10 scenes" in caught.value.advice
    with pytest.raises(InputError, match="No scene is left"):
        read_depth_scenes(world / "depth.tar", labels)


@pytest.mark.parametrize("number", [0, 19])  # of a pair to train on, and of a held-out one
def test_a_depth_of_another_size_is_named(world: Path, number: int) -> None:
    shutil.unpack_archive(world / "depth.tar", world / "loose")
    Image.fromarray(stored_depth(0)[: SIDE // 2]).save(world / "loose" / f"{number:02d}.png")
    path = depth_recipe(world)
    path.write_text(path.read_text("utf-8").replace("depth.tar", "loose"), "utf-8")
    with pytest.raises(InputError, match=f"depth of the pair {number:02d} has another size"):
        run_session(TrainingSession(path, world, world / "out", "cpu"))


# Whole runs


def losses(folder: Path) -> list[tuple[str, str]]:
    with (folder / "log.csv").open(newline="", encoding="utf-8") as file:
        return [(row["step"], row["loss"]) for row in csv.DictReader(file)]


def test_a_killed_run_goes_on_exactly(world: Path) -> None:
    recipe = depth_recipe(world)
    run_session(TrainingSession(recipe, world, world / "whole", "cpu"))

    def stop(advance: Advance) -> None:
        if advance.step == 5:
            raise SystemExit

    with pytest.raises(SystemExit):
        run_session(TrainingSession(recipe, world, world / "killed", "cpu"), stop)
    run_session(TrainingSession(recipe, world, world / "killed", "cpu"))
    assert losses(world / "killed") == losses(world / "whole")
    both = [(world / run / "model" / "model.safetensors") for run in ("killed", "whole")]
    assert both[0].read_bytes() == both[1].read_bytes()
    assert len(list((world / "whole" / "samples").iterdir())) == 2


def test_a_run_starts_from_a_trained_model_with_its_tokens(trained: Path) -> None:
    network, model = TrainedDepth(task(trained).network.config), trained / "out" / "model"
    network.empty_text_embedding.zero_()
    load_weights(network, str(model))
    kept = load_file(model / "model.safetensors")
    assert network.state_dict().keys() == kept.keys()
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, kept[name].float())


def test_the_trained_model_runs_like_any_depth_model(trained: Path) -> None:
    model = load_depth(str(trained / "out" / "model"), device="cpu", precision="float32")
    assert model.card.sizes["noising_step"] == 400
    assert (model.unit, model.pixels, tuple(model.tokens.shape)) == (4, SIDE, (1, 1, 8))
    picture = np.random.default_rng(0).integers(0, 255, (40, 24, 3)).astype(np.uint8)
    last = finish(DepthRequest(ensemble_size=2, steps=1), model, picture=picture)
    assert last.result.log_depth.shape == (40, 24)
    assert np.isfinite(last.result.log_depth).all()


# Evaluation


def scene(disparity: np.ndarray) -> DepthScene:
    picture = np.random.default_rng(1).integers(0, 255, (*disparity.shape, 3)).astype(np.uint8)
    return DepthScene("one", picture, disparity.astype(np.float32))


def test_priors_are_perfect_where_they_hold(trained: Path) -> None:
    model = load_depth(str(trained / "out" / "model"), device="cpu", precision="float32")
    ramp = np.repeat(np.linspace(0.5, 2, 24)[:, None], 32, axis=1)
    flat = np.full((24, 32), 0.7)
    flat[:4] = 0  # not measured
    request = DepthRequest(ensemble_size=2, steps=1)
    result = evaluate_depth(model, [scene(ramp), scene(flat)], request)
    assert result.scenes[0].scores[GRADIENT].abs_rel == pytest.approx(0, abs=1e-5)
    assert result.scenes[0].scores[CONSTANT].abs_rel > 0.2
    assert result.scenes[1].scores[CONSTANT].abs_rel == pytest.approx(0, abs=1e-5)
    assert result.mean(GRADIENT).delta1 == 1.0
    assert result.methods == (FLOW, CONSTANT, GRADIENT)
    assert len(result.risk) == 20
    assert result.risk[-1] == pytest.approx(result.mean(FLOW).abs_rel, rel=1e-4)


def test_regression_makes_one_call_from_zeros(trained: Path) -> None:
    model = load_depth(str(trained / "out" / "model"), device="cpu", precision="float32")
    picture = scene(np.ones((32, 32))).picture
    with torch.inference_mode():
        image = model.encode(picture)
        zeros = torch.zeros_like(image.latent)
        wanted = model.decode(model.network(zeros, torch.zeros(1), image.latent, model.tokens))[0]
    np.testing.assert_array_equal(regression_log_depth(model, picture), wanted)


def test_mirrored_regression_is_the_same_from_both_sides(trained: Path) -> None:
    model = load_depth(str(trained / "out" / "model"), device="cpu", precision="float32")
    one = scene(np.random.default_rng(1).random((32, 32)) + 0.5)
    turned = (np.ascontiguousarray(part[:, ::-1]) for part in (one.picture, one.disparity))
    both = (one, DepthScene("turned", *turned))
    request = DepthRequest(ensemble_size=2, flip_augmentation=True)
    scores = [
        evaluate_depth(model, [seen], request, [model]).mean(model.card.name).abs_rel
        for seen in both
    ]
    assert scores[0] == pytest.approx(scores[1], rel=1e-5)


def write_scenes(folder: Path) -> None:
    folder.mkdir()
    for name in ("a", "b"):
        one = scene(np.random.default_rng(len(name)).random((24, 32)) + 0.5)
        Image.fromarray(one.picture).save(folder / f"{name}_rgb.png")
        np.savez(folder / f"{name}_gt.npz", disp=one.disparity)


def test_scenes_come_from_a_folder_or_from_the_held_out_pairs(world: Path) -> None:
    write_scenes(world / "real")
    assert [s.name for s in read_depth_scenes(world / "real")] == ["a", "b"]
    held = read_depth_scenes(world / "depth.tar", world / "depth-labels.json")
    assert len(held) == 2
    assert held[0].disparity.max() == pytest.approx(HIGH, rel=1e-5)
    with pytest.raises(InputError, match="no images with depth"):
        read_depth_scenes(world / "ae")
    np.savez(world / "real" / "a_gt.npz", other=1)
    with pytest.raises(InputError, match=r"a_gt\.npz cannot be read"):
        read_depth_scenes(world / "real")
    np.savez(world / "real" / "a_gt.npz", disp=np.ones((2, 2)))
    with pytest.raises(InputError, match="another size"):
        read_depth_scenes(world / "real")


def test_the_verb_tells_all_methods_and_keeps_them_in_the_card(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_scenes(tmp_path / "real")
    shutil.copytree(trained / "out" / "model", tmp_path / "model")
    model, name = str(tmp_path / "model"), ModelCard.read(tmp_path / "model").name
    command = [
        "evaluate",
        model,
        "--device",
        "cpu",
        "--precision",
        "float32",
        "--members",
        "2",
    ]
    real = [*command, "--data", str(tmp_path / "real"), "--regression", model]
    assert main([*real, "--write-card"]) == 0
    table = capsys.readouterr().out
    for words in (FLOW, name, CONSTANT, GRADIENT, "AUSE", "most certain 25"):
        assert words in table
    assert main([*real, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ensemble_size"], told["steps"], len(told["scenes"])) == (2, 2, 2)
    assert set(told["means"]) == {FLOW, name, CONSTANT, GRADIENT}
    assert main([*real, "--members", "1", "--json"]) == 0  # a spread that is 0 has no rank

    def refuse(word: str) -> None:
        pytest.fail(f"{word} is no JSON")

    alone = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert {scene["rank_correlation"] for scene in alone["scenes"]} == {None}
    assert main([*command, "--data", str(trained / "depth.tar"), "--write-card"]) == 0
    quality = ModelCard.read(tmp_path / "model").quality
    assert quality["pictures, real"] == quality["pictures, held-out scenes of depth"] == 2
    assert f"AbsRel / delta1, real, {name}" in quality
    assert "AbsRel / delta1, a" in quality
    assert main([*real, "--flip-augmentation", "--write-card"]) == 0
    assert "2 members, half mirrored, 2 steps" in capsys.readouterr().out
    quality = ModelCard.read(tmp_path / "model").quality
    assert "AbsRel / delta1, a, flip augmentation" in quality
    assert main([*real, "--regression", model]) == 2
    assert "Two methods have one name" in capsys.readouterr().err
    assert f"AbsRel / delta1, real, flip augmentation, {name}" in quality


def test_the_verb_names_what_it_cannot_use(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(trained / "out" / "model")
    assert main(["evaluate", model, "--data", str(tmp_path / "none")]) == 2
    assert "no images with depth" in capsys.readouterr().err
    weights = str(trained / "out" / "model" / "model.safetensors")
    command = ["evaluate", weights, "--depth", "--data", str(tmp_path), "--write-card"]
    assert main(command) == 2
    assert "no card to write to" in capsys.readouterr().err
