"""What a Patch Forcing model can do, one on the zigzag Mamba backbone can do as well."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open
from small_models import install_small_zigma_model

from pfstudio.cli.main import main
from pfstudio.core.samplers import SAMPLERS
from pfstudio.drivers.class_pictures import make_class_pictures
from pfstudio.ui.recipe.class_field import PICTURES_NAME

CPU = ("--device", "cpu")


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_runs_on_it(
    sampler: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install_small_zigma_model()
    asked = ("--model", "small-zigma", "--class", "1", "--nfe", "4", "--sampler", sampler)
    assert main(["generate", *asked, *CPU, "--out", str(tmp_path), "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "finished"
    (made,) = tmp_path.glob("*.png")
    with Image.open(made) as picture:
        assert np.asarray(picture).std() > 1


def test_its_features_and_class_pictures_are_made(tmp_path: Path) -> None:
    folder = install_small_zigma_model()
    picture, found = tmp_path / "a.png", tmp_path / "a.safetensors"
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(noise).save(picture)
    asked = ("--model", "small-zigma", "--layers", "1,3", *CPU)
    assert main(["features", str(picture), *asked, "--out", str(found)]) == 0
    with safe_open(found, "np") as file:
        shapes = {tuple(file.get_slice(key).get_shape())[-3:] for key in file.keys()}  # noqa: SIM118
    assert (4, 4, 32) in shapes, shapes
    make_class_pictures("small-zigma")
    with Image.open(folder / PICTURES_NAME) as sheet:
        assert np.asarray(sheet).std() > 1
