"""`pfstudio models ...` through the command's own entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from pfstudio.cli.main import main
from pfstudio.core.models import models_folder


@pytest.fixture
def checkpoint(parity: Path) -> str:
    return str(parity / "patch_forcing" / "ckpt" / "step000010.ckpt")


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_life_of_a_model(checkpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "import", checkpoint, "--name", "tiny"]) == 0
    said = capsys.readouterr().out
    assert "Imported tiny" in said
    assert "Note: " in said
    assert "non-commercial" in said
    assert main(["models", "list"]) == 0
    said = capsys.readouterr().out
    assert "  tiny " in said
    assert "pft-b" in said
    assert main(["models", "info", "tiny"]) == 0
    said = capsys.readouterr().out
    assert "num_heads 2" in said
    assert main(["models", "verify", "tiny"]) == 0
    capsys.readouterr()
    assert main(["models", "remove", "tiny"]) == 0
    said = capsys.readouterr().out
    assert "Moved tiny to the trash" in said
    assert str(models_folder() / "tiny") in said
    assert main(["models", "verify", "tiny"]) == 2
    assert "no installed model named 'tiny'" in capsys.readouterr().err


def test_every_verb_speaks_json(checkpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "import", checkpoint, "--name", "tiny", "--json"]) == 0
    first, *notices = events(capsys)
    assert (first["event"], first["name"]) == ("imported", "tiny")
    assert {event["event"] for event in notices} == {"notice"}
    (models_folder() / "torn").mkdir()
    (models_folder() / "torn" / "card.json").write_text("{")
    assert main(["models", "list", "--json"]) == 0
    listed = events(capsys)
    assert {"tiny", "pft-xl"} <= {event.get("name") for event in listed}
    assert "broken" in {event["event"] for event in listed}
    assert main(["models", "info", "tiny", "--json"]) == 0
    (info,) = events(capsys)
    assert info["card"]["sizes"]["hidden_size"] == 16
    assert info["parameters"] > 0
    assert main(["models", "verify", "tiny", "--json"]) == 0
    assert main(["models", "remove", "tiny", "--json"]) == 0
    verified, removed = events(capsys)
    assert (verified["event"], removed["event"]) == ("verified", "removed")
    assert (Path(removed["trash"]) / "card.json").is_file()


def test_info_of_a_file_tells_its_layout_and_which_weights(
    checkpoint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "info", checkpoint, "--weights", "raw", "--json"]) == 0
    (info,) = events(capsys)
    assert (info["layout"], info["dtypes"], info["tensors"]) == ("training", ["float32"], 22)


def test_info_of_an_autoencoder_and_of_a_foreign_file(
    parity: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "info", str(parity / "fm_boosting" / "autoencoder.safetensors")]) == 0
    assert "autoencoder-diffusers" in capsys.readouterr().out
    assert main(["models", "info", str(parity / "fm_boosting" / "fmboost-tiny.ckpt")]) == 0
    assert "latent-upsampler" in capsys.readouterr().out
    save_file({"a.weight": torch.ones(2)}, tmp_path / "other.safetensors")
    assert main(["models", "info", str(tmp_path / "other.safetensors")]) == 2
    assert "of no known architecture" in capsys.readouterr().err
    save_file({}, tmp_path / "nothing.safetensors")
    assert main(["models", "info", str(tmp_path / "nothing.safetensors")]) == 2
    assert "holds no weights" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "empty (0 bytes)"), (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "a PNG image")],
)
def test_bad_files_end_in_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, sentence: str
) -> None:
    (tmp_path / "bad.ckpt").write_bytes(content)
    assert main(["models", "import", str(tmp_path / "bad.ckpt")]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert not models_folder().exists()
