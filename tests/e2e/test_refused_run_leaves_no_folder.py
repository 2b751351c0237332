"""A command that cannot be carried out makes none of the folders that it was to write to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pfstudio.cli.main import main

RECIPE = """
kind = "patch-forcing"
name = "mine"
licence = "CC0-1.0"
data_note = "None."

[data]
pixels = 16
sources = [{ path = "nowhere" }]

[generator]
autoencoder = "ae-f4"
"""


@pytest.mark.parametrize(
    "command",
    [
        "generate --class 0 --model {here}/none --out {out}",
        "generate --class 0 --model {here}/none --trace {out}/a.safetensors",
        "generate --class 0 --model {here}/none --latents {out}/a.safetensors",
        "upscale {here}/a.png --model {here}/none --out {out}",
        "depth {here}/a.png --model {here}/none --out {out}",
        "train {here}/mine.toml --out {out}",
        "features {here}/a.png --model {here}/none --out {out}/a.features.safetensors",
    ],
)
def test_refused_run_leaves_no_folder(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "mine.toml").write_text(RECIPE, encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    words = command.format(here=tmp_path, out=tmp_path / "new" / "folder").split()
    assert main(words) == 2
    assert capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before
