"""The bench of upscaling: what it compares, and what it prints."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from PIL import Image
from small_models import install_small_upsampler, small_upsampler

from pfstudio.cli.main import main
from pfstudio.core.errors import InputError
from pfstudio.engine.bench_upscale import bench_upscale, psnr

PICTURE = np.random.default_rng(0).integers(0, 256, (80, 96, 3), np.uint8)


def test_the_ways() -> None:
    said: list[str] = []
    ways = bench_upscale(small_upsampler(), PICTURE, steps=3, runs=1, say=said.append)
    assert said[0] == "3 steps: run 0 of 1 (warming up)"
    assert said[-1].endswith("run 1 of 1")
    assert [way.name for way in ways[:2]] == ["3 steps", "1 step"]
    assert (ways[0].evaluations, ways[0].faster, ways[0].difference) == (1, 1, math.inf)
    assert ways[1].evaluations == pytest.approx(1 / 3)
    assert all(1 / 3 <= way.evaluations <= 1 for way in ways)
    assert all(way.cpu > 0 and way.psnr > 3 for way in ways)


def test_what_cannot_be_measured() -> None:
    with pytest.raises(InputError, match="too small"):
        bench_upscale(small_upsampler(), PICTURE[:60], steps=2, runs=1)


def test_psnr() -> None:
    assert psnr(PICTURE, PICTURE) == math.inf
    flat = np.zeros((4, 4, 3), np.uint8)
    assert psnr(flat, flat + 255) == pytest.approx(0)


def test_the_command(tmp_path, capsys) -> None:
    install_small_upsampler()
    Image.fromarray(PICTURE).save(tmp_path / "a.png")
    command = ["bench", "upscale", "--image", str(tmp_path / "a.png"), "--repeats", "1"]
    assert main([*command, "--model", "small-upsampler", "--steps", "2"]) == 0
    printed = capsys.readouterr().out
    assert "shrunk to 48 x 40" in printed
    assert "2 steps, 90% easy" in printed
    assert main([*command, "--model", "small-upsampler", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 5
    assert rows[0]["difference"] is None
