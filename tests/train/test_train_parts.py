"""Recipes, data packs, averages and the maths of the measures."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from torch import nn
from train_worlds import autoencoder_recipe, generator_recipe, png, write_pack, write_world

from pfstudio.core.errors import InputError
from pfstudio.core.paths import shipped
from pfstudio.train.config import OptimizationConfig, SourceConfig, read_recipe
from pfstudio.train.data import fit, load_source, random_crop, source_classes
from pfstudio.train.latents import LatentData, LatentSet, load_latents, mirrorable, save_latents
from pfstudio.train.measures import (
    calibration,
    frechet_distance,
    kernel_distance,
    precision_recall,
    rank_correlation,
)
from pfstudio.train.state import Ema
from pfstudio.train.task import batch_indices
from pfstudio.train.trainer import rate_at


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


# Recipes


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('kind = "patch-forcing"', 'kind = "magic"', "kind must be one of"),
        ("steps = 6", "steps = 0", "steps must be above 0"),
        ("steps = 6", 'steps = "many"', "training.steps cannot be 'many'"),
        ("steps = 6", "", "training.steps is missing"),
        ("batch = 4", "bunch = 4", "training.bunch is unknown"),
        ('title = "Tiny"', "", "title is missing"),
        ("pixels = 16", "pixels = 15", "multiple of 4"),
        ('precision = "float32"', 'precision = "float8"', "precision must be"),
        ("[model]", "[[model]]", "[model] must be a table"),
        ("[data]", "[data", "is not TOML"),
        ('kind = "patch-forcing"', 'kind = "dit"', "needs generator.time_sampler"),
        ("sources = [", "sources = [] # [", "names no images"),
        ("[data]", '[data]\nclasses = ["a", "a"]', "data.classes names a class twice"),
        ("labels =", "share = inf, labels =", "data.sources.share cannot be inf"),
        ("labels =", "share = 0, labels =", "data.sources.share must be above 0"),
        ("[training]", "[training]\nweight_decay = -1", "training.weight_decay must not be below"),
        ("[training]", '[training]\nbetas = ["a", "b"]', "training.betas cannot be ['a', 'b']"),
        ("[training]", "[training]\nbetas = [0.9, 1.0]", "training.betas must lie in 0..1"),
        ("[training]", "[training]\nclip = 0", "training.clip must be above 0"),
        ("[training]", "[training]\nseed = 9223372036854775808", "training.seed must lie in 0.."),
        ("ema = 0.9", "ema = 1", "training.ema must be below 1"),
        ("[generator]", "[generator]\nnll_weight = -1", "generator.nll_weight must not be below"),
        ("[generator]", "[generator]\ncaption_dropout = 5", "caption_dropout must lie in 0..1"),
        ("[generator]", '[generator]\ntime_options = { std = "x" }', "time_options cannot be"),
        ("[report]", '[alignment]\noptions = { ahead = "x" }\n[report]', "options cannot be"),
        ("[report]", "[alignment]\nprojector_width = 0\n[report]", "projector_width must be above"),
        ("[report]", "[report]\nvalidation_pictures = 0", "validation_pictures must be above 0"),
        ("[report]", "[report]\ngrid_guidance = nan", "report.grid_guidance cannot be nan"),
        ("[report]", "[report]\ngrid_guidance = 40", "report.grid_guidance: Scale is 40, but must"),
        ("labels =", "unlisted = true, labels =", "data.sources.unlisted belongs to a kind that"),
        ("[report]", "[upsampler]\ndraws = 0\n[report]", "upsampler.draws must be above 0"),
        ("[report]", "[upsampler]\nlooked_share = 5\n[report]", "looked_share must lie in 0..1"),
    ],
)
def test_a_recipe_that_cannot_be_used_is_named(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    recipe = changed(generator_recipe(tmp_path), old, new)
    with pytest.raises(InputError) as caught:
        read_recipe(recipe)
    assert sentence in str(caught.value)


def test_classes_are_chosen_only_where_they_are_learnt(tmp_path: Path) -> None:
    recipe = autoencoder_recipe(tmp_path)
    changed(recipe, "[data]", '[data]\nclasses = ["other"]')
    with pytest.raises(InputError, match=r"data\.classes belongs to a generator of classes"):
        read_recipe(recipe)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml cannot be read"):
        read_recipe(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("path", sorted(shipped("resources", "recipes").glob("*.toml")), ids=str)
def test_the_shipped_recipes_can_be_read(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    assert recipe.licence
    assert recipe.data_note


def test_there_are_three_shipped_recipes() -> None:
    names = {path.stem for path in shipped("resources", "recipes").glob("*.toml")}
    assert {"ae-f4", "pft-ti-emoji-64", "pft-s-photos-128"} <= names


def test_the_rate_warms_up_and_falls() -> None:
    recipe = OptimizationConfig(
        steps=100, learning_rate=2.0, warm_up=10, decay_from=0.5, final_rate=0.1
    )
    assert rate_at(0, recipe) == pytest.approx(0.2)
    assert rate_at(9, recipe) == 2.0
    assert rate_at(49, recipe) == 2.0
    assert rate_at(75, recipe) == pytest.approx(2.0 * 0.55)
    assert rate_at(100, recipe) == pytest.approx(0.2)


# Data


def test_a_pack_is_split_by_its_labels(tmp_path: Path) -> None:
    write_world(tmp_path)
    data = load_source(SourceConfig("pack.tar", labels="labels.json"), tmp_path)
    assert (len(data.train), len(data.test)) == (16, 4)
    assert data.classes == ("left one", "other")
    assert data.train.labels.tolist() == [i % 2 for i in range(16)]
    assert data.test.names == ("16.png", "17.png", "18.png", "19.png")


def test_chosen_classes_are_numbered_in_their_order(tmp_path: Path) -> None:
    write_world(tmp_path)
    data = load_source(SourceConfig("pack.tar", labels="labels.json"), tmp_path, ("other",))
    assert len(data.train) == 8
    assert set(data.train.labels.tolist()) == {0}
    assert data.train.names[0] == "01.png"


def test_held_out_pictures_may_lie_in_a_second_pack_and_lack_their_suffix(tmp_path: Path) -> None:
    write_pack(tmp_path / "a.tar", {"0.png": png((1, 2, 3)), "1.png": png((4, 5, 6))})
    write_pack(tmp_path / "b.tar", {"2.png": png((7, 8, 9))})
    labels = {"classes": ["a", "b"], "train": [["0", 0], ["1", 1]], "test": [["2", 1]]}
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    data = load_source(SourceConfig("a.tar", "b.tar", "labels.json"), tmp_path)
    assert data.train.names == ("0.png", "1.png")
    assert data.test.names == ("2.png",)
    assert data.test.labels.tolist() == [1]


def test_a_picture_is_trained_on_or_held_out_but_never_both(tmp_path: Path) -> None:
    write_pack(tmp_path / "a.tar", {f"{i:02d}.png": png((i, 0, 0)) for i in range(40)})
    write_pack(tmp_path / "b.tar", {f"t{i}.png": png((0, i, 0)) for i in range(3)})
    data = load_source(SourceConfig("a.tar", "b.tar"), tmp_path)  # the second pack, nothing else
    assert data.test.names == ("t0.png", "t1.png", "t2.png")
    assert len(data.train) == 40
    write_pack(tmp_path / "b.tar", {"07.png": png((0, 0, 9))})
    with pytest.raises(InputError, match=r"a\.tar and b\.tar both have an image 07\.png"):
        load_source(SourceConfig("a.tar", "b.tar"), tmp_path)
    write_pack(tmp_path / "b.tar", {})
    with pytest.raises(InputError, match=r"no images in .*b\.tar"):
        load_source(SourceConfig("a.tar", "b.tar"), tmp_path)
    labels = {"classes": ["a"], "train": [["00", 0], ["01", 0]], "test": [["01.png", 0]]}
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    with pytest.raises(InputError, match=r"lists 01\.png under train and under test"):
        load_source(SourceConfig("a.tar", labels="labels.json"), tmp_path)


def test_wanted_classes_are_folders_or_refused(tmp_path: Path) -> None:
    for name in ("fox", "cat"):
        (tmp_path / name).mkdir()
        for i in range(3):
            (tmp_path / name / f"{i}.png").write_bytes(png((i, 0, 0), 4))
    (tmp_path / "beside.png").write_bytes(png((1, 2, 3), 4))
    (tmp_path / "folder.png").mkdir()  # is no picture
    data = load_source(SourceConfig("."), tmp_path, ("fox", "cat"))
    assert data.train.names == ("fox/0.png", "fox/1.png", "cat/0.png", "cat/1.png")
    assert data.train.labels.tolist() == [0, 0, 1, 1]
    with pytest.raises(InputError, match="no folder 'ant' of images"):
        load_source(SourceConfig("fox"), tmp_path, ("ant", "bee"))


def test_a_pack_of_a_whole_folder_has_the_names_of_the_folder(tmp_path: Path) -> None:
    """As `tar -C folder .` makes it."""
    files = {f"./{name}/{i}.png": png((i, 0, 0), 4) for name in ("ant", "bee") for i in range(3)}
    write_pack(tmp_path / "pack.tar", files)
    data = load_source(SourceConfig("pack.tar"), tmp_path)
    assert data.classes == ("ant", "bee")
    labels = {"classes": ["a"], "train": [["./ant/0.png", 0]], "test": [["bee/0.png", 0]]}
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    data = load_source(SourceConfig("pack.tar", labels="labels.json"), tmp_path)
    assert (data.train.names, data.test.names) == (("ant/0.png",), ("bee/0.png",))


def test_unlisted_pictures_train_only_when_asked(tmp_path: Path) -> None:
    write_world(tmp_path)
    labels = {"classes": ["a"], "train": [["00.png", 0]], "test": [["01.png", 0]]}
    (tmp_path / "few.json").write_text(json.dumps(labels), encoding="utf-8")
    few = load_source(SourceConfig("pack.tar", labels="few.json"), tmp_path)
    assert len(few.train) == 1
    all_ = load_source(SourceConfig("pack.tar", labels="few.json", unlisted=True), tmp_path)
    assert len(all_.train) == 19
    assert "01.png" not in all_.train.names


def test_unlisted_pictures_of_the_second_pack_stay_held_out(tmp_path: Path) -> None:
    write_pack(tmp_path / "a.tar", {"0.png": png((1, 2, 3)), "1.png": png((4, 5, 6))})
    write_pack(tmp_path / "b.tar", {"2.png": png((7, 8, 9)), "3.png": png((0, 8, 9))})
    labels = {"classes": ["a"], "train": [["0", 0]], "test": [["2", 0]]}
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    data = load_source(SourceConfig("a.tar", "b.tar", "labels.json", unlisted=True), tmp_path)
    assert (data.train.names, data.test.names) == (("0.png", "1.png"), ("2.png",))


def test_a_name_with_its_suffix_means_that_very_file(tmp_path: Path) -> None:
    files = {name: png((1, 2, 3)) for name in ("x.jpg", "x.jpg.png", "b.png")}
    write_pack(tmp_path / "pack.tar", files)
    labels = {"classes": ["a"], "train": [["x.jpg", 0]], "test": [["b", 0]]}
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    data = load_source(SourceConfig("pack.tar", labels="labels.json"), tmp_path)
    assert (data.train.names, data.test.names) == (("x.jpg",), ("b.png",))


def test_a_folder_without_labels_holds_out_every_twentieth(tmp_path: Path) -> None:
    for i in range(40):
        (tmp_path / f"{i:02d}.png").write_bytes(png((i, 0, 0), 4))
    data = load_source(SourceConfig("."), tmp_path)
    assert data.test.names == ("19.png", "39.png")
    assert len(data.train) == 38


def test_folders_of_images_are_classes(tmp_path: Path) -> None:
    """Of each class some train and some are held out."""
    for name, count in (("dog", 3), ("cat", 25), ("one", 1)):
        (tmp_path / name).mkdir()
        for i in range(count):
            (tmp_path / name / f"{i:02d}.png").write_bytes(png((i, 0, 0), 4))
    data = load_source(SourceConfig("."), tmp_path)
    assert data.classes == source_classes(SourceConfig("."), tmp_path) == ("cat", "dog", "one")
    as_one = load_source(SourceConfig("."), tmp_path, ("picture",))  # as a model without classes
    assert (as_one.classes, len(as_one.train), len(as_one.test)) == (("picture",), 28, 1)
    assert data.test.names == ("cat/19.png", "dog/02.png")
    assert data.test.labels.tolist() == [0, 1]
    assert data.train.labels.tolist() == [0] * 24 + [1] * 2 + [2]
    chosen = load_source(SourceConfig("."), tmp_path, ("dog",))
    assert (chosen.classes, len(chosen.train)) == (("dog",), 2)
    with pytest.raises(InputError, match="no folder 'cow'"):
        load_source(SourceConfig("."), tmp_path, ("cow",))
    (tmp_path / "beside.png").write_bytes(png((1, 2, 3), 4))  # so folders mean nothing
    assert load_source(SourceConfig("."), tmp_path).classes == ("picture",)


@pytest.mark.parametrize("content", [b"", b"no image", png((1, 2, 3))[:60]])
def test_a_broken_picture_is_named(tmp_path: Path, content: bytes) -> None:
    write_pack(tmp_path / "pack.tar", {"good.png": png((1, 2, 3)), "bad.png": content})
    with pytest.raises(InputError, match=r"The image bad\.png is broken"):
        load_source(SourceConfig("pack.tar"), tmp_path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "cannot be read"), (b"not a tar at all", "cannot be read"), (None, "are not there")],
)
def test_a_broken_pack_is_named(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "pack.tar").write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        load_source(SourceConfig("pack.tar"), tmp_path)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("[]", "is not a labels file"),
        ('{"classes": "fox", "train": [], "test": []}', "'fox' is no list of texts"),
        ('{"classes": ["a"], "train": [["00.png", 3]], "test": []}', "the class 3 of 1"),
        ('{"classes": ["a"], "train": [["xx.png", 0]], "test": []}', "1 images of"),
        ('{"classes": ["a"], "train": [], "test": []}', "left to train on"),
    ],
)
def test_labels_that_do_not_fit_are_named(tmp_path: Path, labels: str, sentence: str) -> None:
    write_world(tmp_path)
    (tmp_path / "labels.json").write_text(labels, encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        load_source(SourceConfig("pack.tar", labels="labels.json"), tmp_path)


def test_transparent_pictures_stand_on_white(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(out, "PNG")
    (tmp_path / "clear.png").write_bytes(out.getvalue())
    data = load_source(SourceConfig("."), tmp_path)
    assert bool((data.train.pictures[0] == 255).all())


def test_training_sees_pictures_as_every_other_reader_does(tmp_path: Path) -> None:
    """Turned as a camera says, and 16 bits brought to 8."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (8, 4), "red").save(tmp_path / "0.jpg", exif=exif)
    grey = np.full((4, 4), 32768, np.uint16)
    Image.fromarray(grey).save(tmp_path / "1.png")
    turned, deep = load_source(SourceConfig("."), tmp_path).train.pictures
    assert turned.shape == (3, 8, 4)
    assert deep.unique().tolist() == [128]


def test_a_wide_picture_is_cut_to_its_centre() -> None:
    picture = torch.zeros(3, 4, 12, dtype=torch.uint8)
    picture[:, :, 4:8] = 200
    assert bool((fit(picture, 4) == 200).all())


@settings(deadline=None, max_examples=30)  # a busy machine is slow
@given(side=st.sampled_from([8, 16]), height=st.integers(8, 60), width=st.integers(8, 60))
def test_random_crops_have_the_side_and_range(side: int, height: int, width: int) -> None:
    picture = torch.randint(0, 256, (3, height, width), dtype=torch.uint8)
    crop = random_crop(picture, side, torch.Generator().manual_seed(height), flip=True)
    assert crop.shape == (3, side, side)
    assert float(crop.abs().max()) <= 1.0


def test_only_directionless_classes_are_mirrored() -> None:
    allowed = mirrorable(torch.tensor([0, 1, 0]), ("pointing Left", "cat"), ("LEFT",))
    assert allowed.tolist() == [False, True, False]


def test_latents_are_kept_and_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    held = LatentSet(torch.randn(3, 4, 2, 2), torch.tensor([0, 1, 2]))
    path = tmp_path / "latents.safetensors"
    assert load_latents(path) is None
    save_latents(path, LatentData(held, held))
    again = load_latents(path)
    assert again is not None
    torch.testing.assert_close(again.train.latents, held.latents, atol=2e-3, rtol=1e-3)
    assert again.test.labels.tolist() == [0, 1, 2]
    path.write_bytes(path.read_bytes()[:50])
    assert load_latents(path) is None


@settings(deadline=None, max_examples=50)
@given(count=st.integers(1, 30), batch=st.integers(1, 40))
def test_every_epoch_takes_every_example_once(count: int, batch: int) -> None:
    steps = -(-2 * count // batch)
    taken = torch.cat([batch_indices(step, batch, count, seed=1) for step in range(steps)])
    assert sorted(taken[:count].tolist()) == list(range(count))
    assert sorted(taken[count : 2 * count].tolist()) == list(range(count))


def test_the_average_follows_its_formula() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    ema = Ema(network, decay=0.5)
    expected = 0.0
    for step in range(1, 30):
        nn.init.constant_(network.weight, float(step))
        ema.update(network, step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
    assert float(ema.tensors["weight"]) == pytest.approx(expected, rel=1e-5)


# Measures


def test_frechet_distance_of_gaussians_is_the_closed_form() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(0.0, 1.0, (4000, 3))
    b = rng.normal(1.0, 2.0, (4000, 3))
    # Commuting covariances: |m|^2 + sum (s1 - s2)^2, here 3 + 3.
    assert frechet_distance(a, b) == pytest.approx(6.0, rel=0.05)
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)


def test_precision_and_recall_on_a_line() -> None:
    """Real features at 0, 1 .. 9 reach 1 to either side, the made ones 11, 0.5 and 0.5."""
    real = np.arange(10.0)[:, None]
    made = np.array([[20.0], [8.5], [9.0]])
    assert precision_recall(made, real, neighbours=1) == (2 / 3, 0.2)  # of the real: 8 and 9


def test_precision_and_recall_are_what_counting_gives() -> None:
    rng = np.random.default_rng(0)
    made, real = rng.normal(0, 1.3, (40, 3)), rng.normal(0.4, 1, (30, 3))

    def inside(points: np.ndarray, others: np.ndarray) -> float:
        reach = [sorted(float(np.linalg.norm(one - o)) for o in others)[3] for one in others]
        found = [
            any(np.linalg.norm(point - o) <= r for o, r in zip(others, reach, strict=True))
            for point in points
        ]
        return sum(found) / len(points)

    precision, recall = precision_recall(made, real)
    assert (precision, recall) == (inside(made, real), inside(real, made))
    assert 0 < precision < recall < 1
    with pytest.raises(ValueError, match="3 features have no 3 neighbours"):
        precision_recall(made[:3], real)


def test_frechet_distance_agrees_with_the_matrix_root() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(50, 6)), rng.normal(size=(40, 6)) @ rng.normal(size=(6, 6))
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.sqrt(np.linalg.eigvals(ca @ cb).astype(complex)).real.sum()
    mean = a.mean(0) - b.mean(0)
    expected = mean @ mean + np.trace(ca) + np.trace(cb) - 2 * root
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)


def test_kernel_distance_is_the_double_sum() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))

    def k(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / 3 + 1) ** 3)

    aa = np.mean([k(a[i], a[j]) for i in range(5) for j in range(5) if i != j])
    bb = np.mean([k(b[i], b[j]) for i in range(4) for j in range(4) if i != j])
    ab = np.mean([k(x, y) for x in a for y in b])
    assert kernel_distance(a, b) == pytest.approx(aa + bb - 2 * ab)


def test_rank_correlation_knows_monotone_maps_and_ties() -> None:
    x = np.linspace(0.1, 3, 20)
    assert rank_correlation(x, np.exp(x)) == pytest.approx(1.0)
    assert rank_correlation(x, -(x**3)) == pytest.approx(-1.0)
    assert rank_correlation(x, np.ones(20)) == 0.0
    # Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3.
    assert rank_correlation([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(4.5 / np.sqrt(4.5 * 5))


def test_calibration_bins_by_prediction() -> None:
    predicted = np.arange(1.0, 101.0)
    told = calibration(predicted, 2 * predicted, bins=4)
    assert told.ratio == pytest.approx(0.5)
    assert told.predicted == pytest.approx((13.0, 38.0, 63.0, 88.0))
    assert told.actual == pytest.approx((26.0, 76.0, 126.0, 176.0))


def test_the_autoencoder_recipe_of_the_tests_is_valid(tmp_path: Path) -> None:
    assert read_recipe(autoencoder_recipe(tmp_path)).autoencoder.perceptual == 0.0
