"""Known warps and known classes: methods that must find them do, controls that cannot do not."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from small_models import small_model
from train_worlds import png

import pfstudio
from pfstudio.cli.evaluate_features import _table, run_feature_evaluation
from pfstudio.cli.main import main, parser
from pfstudio.core.colour import lookup
from pfstudio.core.contact_sheet import SERIES
from pfstudio.core.errors import InputError
from pfstudio.engine import features as engine_features
from pfstudio.nn.depth_unet import DepthUNet, DepthUNetConfig
from pfstudio.train import feature_evaluation
from pfstudio.train.data import PictureSet, TrainingData
from pfstudio.train.feature_cells import Cell, _learned, permuted
from pfstudio.train.feature_evaluation import FeatureEvaluation, FeatureSettings, evaluate_features
from pfstudio.train.match_evaluation import (
    _coarse,
    _found,
    colour_histograms,
    raw_patches,
    warp,
    without_places,
)
from pfstudio.train.probe_evaluation import Probe, ProbeSettings, evaluate_probes
from pfstudio.train.probe_figure import probe_figure
from pfstudio.train.segment_evaluation import _by_attention, _by_values

SIDE = 32


def pictures(count: int, classes: int, seed: int) -> PictureSet:
    """Noise whose colour tells the class."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % classes
    made = [
        (torch.rand(3, SIDE, SIDE, generator=generator) * 90).byte()
        + (torch.eye(3)[label % 3][:, None, None] * 150).byte()
        for label in labels.tolist()
    ]
    return PictureSet(tuple(map(str, range(count))), tuple(made), labels)


def _held_out(data: TrainingData) -> np.ndarray:
    """The pictures that an evaluation takes of them."""
    order = np.random.default_rng(0).permutation(len(data.test))[:6]
    return np.stack([data.test.pictures[i].permute(1, 2, 0).numpy() for i in order])


def test_a_warp_tells_where_its_points_went() -> None:
    generator = np.random.default_rng(3)
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[20:23, 40:43] = 255  # its middle is (41, 21)
    for _ in range(5):
        moved, matrix = warp(picture, generator)
        bright = moved.astype(float).sum(axis=2)
        rows, columns = np.nonzero(bright > bright.max() - 150)
        x, y = matrix @ np.array([41, 21, 1])
        assert math.hypot(columns.mean() - x, rows.mean() - y) < 1


def test_points_are_right_where_the_features_are_moved_along() -> None:
    """A shift by one patch, of features that are all different."""
    values = np.random.default_rng(0).normal(size=(4, 4, 8))
    moved = np.roll(values, 1, axis=1)
    shift = np.array([[1.0, 0, 8], [0, 1, 0]])  # x + 8 of 32 pixels
    right, mutual = _found(np.stack([values, moved]), [shift], slice(0, 1), SIDE)
    assert len(right[0]) == 12  # the last column has left the picture
    assert right[0].all()
    assert mutual[0].all()
    wrong, _ = _found(np.stack([values, values]), [shift], slice(0, 1), SIDE)
    assert not wrong[0].any()


def test_patches_and_histograms() -> None:
    picture = np.zeros((1, 8, 8, 3), np.uint8)
    picture[0, :4, 4:] = (255, 0, 0)
    patches, colours = raw_patches(picture + 7, 2), colour_histograms(picture, 2)
    np.testing.assert_allclose(patches[0, 0, 0], 0)
    assert colours.shape == (1, 2, 2, 64)
    assert colours[0, 0, 1, 3 * 16] == 1  # all of its pixels are in the reddest bin
    assert colours[0, 0, 0, 0] == 1


def test_a_permuted_network_has_the_same_numbers_and_another_answer() -> None:
    model = small_model()
    other = permuted(model, 0)
    pairs = list(zip(model.network.parameters(), other.network.parameters(), strict=True))
    assert all(torch.equal(a.flatten().sort().values, b.flatten().sort().values) for a, b in pairs)
    x, t = torch.randn(1, 4, 8, 8), 0.5
    assert not torch.allclose(model.velocity(x, t)[0], other.velocity(x, t)[0])


def test_nothing_learned_is_left_in_a_permuted_network() -> None:
    """A frozen image encoder has learned too; a table of positions has not."""
    sees = DepthUNet(
        DepthUNetConfig(4, 2, 32, (1, 2), 1, (), 2, 8, image_features=True, linear_skip=True)
    )
    permuted_ones = {id(parameter) for parameter in _learned(sees)}
    assert permuted_ones == {id(parameter) for parameter in sees.parameters()}
    assert len(permuted_ones) == len(list(_learned(sees)))
    network = small_model().network
    kept = {id(p) for p in network.parameters()} - {id(p) for p in _learned(network)}
    assert kept == {id(network.pos_embed)}


def test_what_a_place_has_in_common_is_removed() -> None:
    """Content is found where it went, although the place speaks louder."""
    generator = np.random.default_rng(0)
    content = generator.normal(size=(6, 4, 4, 8))
    places = 5 * generator.normal(size=(1, 4, 4, 8))
    both = np.concatenate([content, np.roll(content, 1, axis=2)]) + places
    maps = [np.array([[1.0, 0, 8], [0, 1, 0]])] * 6  # by one patch
    loud, _ = _found(both, maps, slice(3, 6), SIDE)
    assert np.concatenate(loud).mean() < 0.5
    alone = without_places(both, slice(0, 3))
    np.testing.assert_allclose(alone[[0, 1, 2, 6, 7, 8]].mean(axis=0), 0, atol=1e-5)
    right, _ = _found(alone, maps, slice(3, 6), SIDE)
    assert np.concatenate(right).mean() > 0.9


def test_finer_grids_than_a_match_needs_are_averaged() -> None:
    rows = np.arange(48, dtype=np.float16)
    fine = np.broadcast_to(rows[:, None, None], (2, 48, 32, 3)).copy()
    coarse = _coarse(fine)
    assert (coarse.shape, coarse.dtype) == ((2, 16, 16, 3), fine.dtype)
    assert np.array_equal(coarse[1, :, 5, 2], 3 * np.arange(16) + 1)
    assert _coarse(coarse) is coarse


def test_regions_are_found_where_features_know_them() -> None:
    truth = np.repeat(np.arange(3), (8, 5, 3))
    values = np.eye(3)[truth].reshape(1, 4, 4, 3).astype(np.float16)
    shares = np.where(truth[:, None] == truth, 1.0, 0.05)
    shares = (shares / shares.sum(1, keepdims=True)).astype(np.float16)
    cell = Cell("", values, shares.reshape(1, 4, 4, 16))
    np.testing.assert_array_equal(_by_attention(cell, 4, 0, 3), truth)
    fine = _by_values(cell, 8, 0, 3).reshape(8, 8)  # groups of a coarse layer, on a finer grid
    np.testing.assert_array_equal(fine[::2, ::2].ravel(), truth)
    np.testing.assert_array_equal(fine[1::2, 1::2].ravel(), truth)


def test_probe_scores_are_of_layers_by_times() -> None:
    data = TrainingData(("a", "b", "c"), pictures(48, 3, 0), pictures(18, 3, 1))
    times = (0.2, 0.5, 0.9)
    settings = ProbeSettings(times, classes=3, train=16, test=6, seed=0)
    model = small_model()
    probes, _, _ = evaluate_probes(
        model, permuted(model, 0), data, settings, None, lambda what, done, total: None
    )
    known = {one.method: np.array(one.scores) for one in probes}
    assert known["raw pixels"].size == 0
    for one in probes[:2]:
        scores = known[one.method]
        assert scores.shape == (model.card.sizes["depth"], len(times))
        assert np.isfinite(scores).all()
        layer, time = np.unravel_index(scores.argmax(), scores.shape)
        assert one.cell == f"layer {layer + 1}, time {times[time]:g}"


def test_probe_scores_are_told_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ant", "bee"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.png").write_bytes(png((1, 2, 3)))
    probe = Probe(
        "features", 1, (1, 1), 1, (1, 1, 1), math.nan, "layer 1, time 0.5", ((0.5, 0.25),)
    )
    found = FeatureEvaluation((), (), (probe,), None, None, 0, 0, 2, 1, (0.5, 0.9))
    given: list[TrainingData] = []

    def measured(model: object, data: TrainingData, *rest: object) -> FeatureEvaluation:
        given.append(data)
        return found

    monkeypatch.setattr(engine_features, "load", lambda request, cache: (small_model(),))
    monkeypatch.setattr(feature_evaluation, "evaluate_features", measured)
    sheet = tmp_path / "probes.png"
    args = parser("evaluate").parse_args(
        [
            "evaluate",
            "small",
            "--features",
            "--data",
            str(tmp_path),
            "--json",
            "--sheet",
            str(sheet),
        ]
    )
    assert run_feature_evaluation(args) == 0
    with Image.open(sheet) as picture:
        assert (np.asarray(picture) == probe_figure((probe,), (0.5, 0.9), 2, 1)).all()
    assert given[0].classes == ("ant", "bee")
    assert json.loads(capsys.readouterr().out)["probe scores"] == {
        "times": [0.5, 0.9],
        "features": [[0.5, 0.25]],
    }
    sheet.unlink()
    found = replace(found, probes=())
    with pytest.raises(InputError, match="no probes to draw"):
        run_feature_evaluation(args)
    assert "finished" in capsys.readouterr().out  # what was measured is told all the same
    assert not sheet.exists()


@pytest.mark.parametrize("captioned", [False, True])
def test_a_model_of_captions_is_tested_on_images_that_it_never_saw(
    captioned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labels without captions are of other images: all under test count."""
    for name in ("0.png", "1.png", "2.png"):
        (tmp_path / name).write_bytes(png((1, 2, 3)))
    labels = {"classes": ["a"], "train": [["0.png", 0]], "test": [["1.png", 0], ["2.png", 0]]}
    if captioned:
        labels["pictures"] = {
            f"{i}.png": {"captions": ["fox"], "flip": True, "held_out": i == 2} for i in range(3)
        }
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    model = small_model()
    model.card = replace(model.card, condition="text")
    given: list[TrainingData] = []

    def measured(model: object, data: TrainingData, *rest: object) -> FeatureEvaluation:
        given.append(data)
        return FeatureEvaluation((), (), (), None, None, 0, 0, 2, 1, (0.5,))

    monkeypatch.setattr(engine_features, "load", lambda request, cache: (model,))
    monkeypatch.setattr(feature_evaluation, "evaluate_features", measured)
    asked = ["evaluate", "small", "--features", "--data", str(tmp_path), "--labels"]
    args = parser("evaluate").parse_args([*asked, str(tmp_path / "labels.json")])
    assert run_feature_evaluation(args) == 0
    assert given[0].test.names == (("2.png",) if captioned else ("1.png", "2.png"))


def test_a_figure_of_probes_shows_every_score() -> None:
    """Cells in the colours of one scale, layers from the top; curves as high as what was right."""
    scores = ((0.2, 0.4), (0.3, 0.5), (0.2, 0.2))
    lower = tuple(tuple(right - 0.1 for right in row) for row in scores)
    probes = (
        Probe("features", 0.75, (0.7, 0.8), 0.5, (0.25, 0.5, math.nan), 0.01, "", scores),
        Probe("permuted network", 0.4, (0.3, 0.5), 0.5, (0.1, 0.2, 0.3), math.nan, "", lower),
    )
    shown = probe_figure(probes, (0.5, 0.9), 3, 90)
    table = lookup("viridis")
    for number, probe in enumerate(probes):
        left = 28 + number * (34 + 120 + 32) + 34
        for (layer, column), right in np.ndenumerate(probe.scores):
            corner = shown[104 + layer * 34 + 4, left + column * 56 + 4]
            assert np.abs(corner - table[round((right - 0.1) / 0.4 * 255)].astype(int)).max() <= 2
    rows, columns = np.nonzero((shown[104:] == SERIES[0]).all(axis=2))  # of the features
    first = rows[columns == columns.min() + 4].mean() / 330  # the middle of a dot of radius 4
    assert first == pytest.approx(1 - 0.25, abs=0.01)
    middle = shown[104 + round(330 * (1 - 0.75)), columns.min() + 4 + 412]  # of all labels
    assert tuple(middle.tolist()) == SERIES[0]


@pytest.mark.parametrize(
    ("model", "more", "told"),
    [
        ("pft-ti-emoji-64-routed", ["--sheet", "a.pdf"], "cannot be saved as .pdf"),
        ("pft-ti-emoji-64-routed", ["--features", "--sheet", "a.pdf"], "cannot be saved as .pdf"),
        (
            "depthfm-s",
            ["--sheet", "a.png"],
            "--sheet has no say in the evaluation of a depth model",
        ),
    ],
)
def test_a_sheet_that_cannot_be_written_is_refused_before_measuring(
    model: str, more: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", model, "--data", str(tmp_path / "none.tar"), *more]) == 2
    assert told in capsys.readouterr().err


def test_an_evaluation_has_every_control() -> None:
    data = TrainingData(("a", "b", "c"), pictures(48, 3, 0), pictures(18, 3, 1))
    settings = FeatureSettings((0.9,), warped=6, scenes=6, classes=3, train=16, test=6)
    found = evaluate_features(small_model(), data, settings, lambda x: x.mean((2, 3)).numpy())
    assert [one.method for one in found.correspondence] == [
        "features", "features, mean of each place removed",
        "permuted network", "permuted network, mean of each place removed",
        "raw patches", "colour histograms", "same place",
    ]  # fmt: skip
    assert (found.warped, found.classes, found.tested) == (3, 3, 18)
    for one in found.correspondence:
        assert one.interval[0] <= one.pck <= one.interval[1]
    probes = {one.method: one for one in found.probes}
    assert probes["MobileNetV2"].right == 1  # here: the mean colour, which is the class
    assert probes["raw pixels"].right == 1
    assert probes["features"].cell.startswith("layer ")
    scores = probes["features"].scores  # (layers, times): the best one was chosen
    best = 1 + max(range(len(scores)), key=lambda layer: scores[layer][0])
    assert probes["features"].cell == f"layer {best}, time 0.9"
    table = _table(found).splitlines()
    row = next(i for i, line in enumerate(table) if line.startswith("  features in validation"))
    assert table[row].split()[-1] == "0.9"
    assert table[row + best].split() == ["layer", str(best), f"{scores[best - 1][0]:.3f}"]
    assert "No probes: fewer than two classes" in _table(replace(found, probes=()))
    assert math.isnan(probes["permuted network"].p)
    assert probes["raw pixels"].few[1] == 1  # five labels a class
    assert math.isnan(probes["raw pixels"].few[2])  # there are no twenty
    assert [one.method for one in found.segmentation] == [
        "attention, the model", "k-means of features, the model",
        "attention, the permuted network", "k-means of features, the permuted network",
        "k-means of colours",
    ]  # fmt: skip
    known = pfstudio.features(small_model(), _held_out(data), layers=(1,), times=(0.9,))
    assert found.calibration is not None
    ratio = known.error.mean() / known.difficulty.mean()
    assert found.calibration.ratio == pytest.approx(ratio, rel=1e-4)
    assert found.context is not None
    assert found.context.shares == (0, 0.25, 0.5, 0.75, 1)
    told = found.quality("noise")
    assert len(told) == 7 + 5 + 4 + 1 + 1 + 1
    assert told["best probe layer, 3 classes of noise"] == probes["features"].cell
    first = told["more context, noise, noisy patches at time 0.5"].split("; ")[0]
    variance, error = found.context.variance[0], found.context.error[0]
    assert first == f"0% of the others clean: variance {variance:.3f}, error {error:.3f}"
    one_class = TrainingData(("a",), pictures(9, 1, 0), pictures(9, 1, 1))
    assert not evaluate_features(small_model(), one_class, settings).probes
    few = TrainingData(("a",), pictures(9, 1, 0), pictures(3, 1, 1))
    with pytest.raises(InputError, match="too few"):
        evaluate_features(small_model(), few, settings)
