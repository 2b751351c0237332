"""Broken checkpoints on the command line: one sentence, exit code 2, nothing run or written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from pfstudio.cli.main import main
from pfstudio.core.results import list_results

STORED = Path(__file__).parents[1] / "parity" / "patch_forcing"
Tensors = dict[str, torch.Tensor]


class Bomb:
    """Unpickled by an ordinary loader, this would make a file."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (os.environ["PFSTUDIO_TEST_BOMB"],)


def whole() -> tuple[Tensors, dict[str, object]]:
    return load_file(STORED / "weights.safetensors"), json.loads(
        (STORED / "config.json").read_text()
    )


def save(path: Path, tensors: Tensors, config: object) -> None:
    torch.save({"state_dict": tensors, "config": config}, path)


def empty(path: Path) -> None:
    path.touch()


def truncated(path: Path) -> None:
    save(path, *whole())
    path.write_bytes(path.read_bytes()[:-5000])


def renamed(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(4096))


def wrong_shape(path: Path) -> None:
    tensors, config = whole()
    tensors["blocks.0.attn.qkv.weight"] = tensors["blocks.0.attn.qkv.weight"][:-1]
    save(path, tensors, config)


def missing_tensor(path: Path) -> None:
    tensors, config = whole()
    del tensors["blocks.1.mlp.fc2.bias"]
    save(path, tensors, config)


def not_a_number(path: Path) -> None:
    tensors, config = whole()
    tensors["blocks.1.mlp.fc2.bias"][3] = torch.nan
    save(path, tensors, config)


def bomb(path: Path) -> None:
    tensors, _ = whole()
    save(path, tensors, Bomb())


@pytest.mark.parametrize(
    "damage", [empty, truncated, renamed, wrong_shape, missing_tensor, not_a_number, bomb]
)
def test_a_broken_checkpoint_is_one_sentence(
    damage: Callable[[Path], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PFSTUDIO_TEST_BOMB", str(tmp_path / "exploded"))
    path = tmp_path / "model.ckpt"
    damage(path)
    assert main(["generate", "--model", str(path), "--class", "1"]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert "model.ckpt" in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "exploded").exists()
    assert list_results() == []


def test_noise_of_another_shape_and_a_missing_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, noise = tmp_path / "tiny.ckpt", tmp_path / "noise.safetensors"
    save(path, *whole())
    save_file({"noise": torch.zeros(2, 4, 16, 16)}, noise)
    assert main(["generate", "--model", str(path), "--class", "1", "--noise", str(noise)]) == 2
    assert "(2, 4, 16, 16)" in capsys.readouterr().err
    assert main(["generate", "--model", "no-such-model", "--class", "1"]) == 2
    assert "no-such-model" in capsys.readouterr().err
