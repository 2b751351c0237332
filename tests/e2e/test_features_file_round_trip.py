"""`pfstudio features` writes what Python finds, and tells what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_models import install_small_model

import pfstudio
from pfstudio.cli.main import main
from pfstudio.core.features_file import read_features

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    install_small_model()
    for i in range(2):
        pixels = np.random.default_rng(i).integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
    return tmp_path


def features(folder: Path, *flags: str) -> int:
    return main(["features", str(folder), "--out", str(folder / "f.safetensors"), *flags])


def test_features_file_round_trip(folder: Path, capsys: Capture) -> None:
    flags = ("--model", "small", "--layers", "1-2", "--times", "0.4,0.8", "--class", "dog")
    how = ("--noise", "context", "--ensemble-size", "2", "--seed", "3", "--precision", "float32",
           "--attention")  # fmt: skip
    assert features(folder, *flags, *how) == 0
    assert capsys.readouterr().out.split() == [str(folder / "f.safetensors")]
    read = read_features(folder / "f.safetensors")
    model = pfstudio.load("small", precision="float32")
    found = pfstudio.features(
        model, [folder / "0.png", folder / "1.png"], layers=(1, 2), times=(0.4, 0.8),
        condition=pfstudio.core.conditions.ClassLabel(1), noise="context", ensemble_size=2, seed=3,
        attention=True,
    )  # fmt: skip
    assert (read.names, read.times, read.model) == (("0.png", "1.png"), (0.4, 0.8), "small")
    assert read.request.files == ("0.png", "1.png")  # no folder of this machine
    for own, other in zip(read.layers, found.layers, strict=True):
        assert own.layer == other.layer
        np.testing.assert_allclose(own.values, other.values, atol=4e-3, rtol=4e-3)
        np.testing.assert_allclose(own.attention, other.attention, atol=4e-3)
    np.testing.assert_allclose(read.difficulty, found.difficulty, rtol=1e-3)
    np.testing.assert_array_equal(read.pictures, found.pictures)


def test_events_as_json(folder: Path, capsys: Capture) -> None:
    assert features(folder, "--model", "small", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["loading", "started", "progress", "finished"]
    assert lines[-1]["layers"] == [{"layer": 1, "size": [4, 4, 32]}]
    assert lines[-1]["files"] == [str(folder / "f.safetensors")]


def test_files_that_are_left_out_are_named(folder: Path, capsys: Capture) -> None:
    (folder / "b.heic").touch()
    assert features(folder, "--model", "small") == 0
    assert "Left out, convert to PNG or JPEG first: b.heic." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--layers", "7"), "no layer 7"),
        (("--layers", "5-x"), "'5-x' is no layer"),
        (("--layers", "3-1"), "'3-1' is no layer"),
        (("--times", "late"), "'late' are no times"),
        (("--times", "2"), "between 0 and 1"),
        (("--class", "unicorn"), "no class named 'unicorn'"),
        (("--prompt", "cat"), "takes no text"),
        (("--out", "f.txt"), "no name for features"),
    ],
)
def test_bad_flags(folder: Path, capsys: Capture, flags: tuple[str, ...], said: str) -> None:
    assert features(folder, "--model", "small", *flags) == 2
    assert said in capsys.readouterr().err
