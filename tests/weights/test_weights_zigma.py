"""Published files of ZigMa: a pickle with training state and objects of other libraries."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from zigma_vectors import FORWARD_TOLERANCE, difference, tensors

from pfstudio.core.errors import InputError
from pfstudio.nn.condition import ClassLabels, TextEmbeddings, Unconditional
from pfstudio.weights.any_model import model_of
from pfstudio.weights.checkpoint import read_checkpoint
from pfstudio.weights.load import load_network


class DictConfig:
    """Stands for OmegaConf's, which the published files hold."""

    def __init__(self) -> None:
        self.values = {"scan_type": "zigzagN8"}


def published(path: Path, name: str, monkeypatch: pytest.MonkeyPatch, **changes: object) -> Path:
    """A training file of a tiny published network, with arguments of a class nobody has."""
    foreign = ModuleType("omegaconf_of_others")
    foreign.DictConfig = DictConfig  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "omegaconf_of_others", foreign)
    monkeypatch.setattr(DictConfig, "__module__", "omegaconf_of_others")
    own = {f"module.{key}": value.clone() for key, value in tensors(f"{name}/weights").items()}
    raw = {key: value + 1 for key, value in own.items()}
    kept = {"model": raw, "ema": own, "opt": {"state": {}}, "args": DictConfig(),
            "train_steps": 5, "best_fid": 31.0}  # fmt: skip
    torch.save({**kept, **changes}, path)
    monkeypatch.delitem(sys.modules, "omegaconf_of_others")
    return path


@torch.inference_mode()
def test_the_averaged_weights_of_a_published_file_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load_network(published(tmp_path / "faces.pt", "zigzag8_uncond", monkeypatch))
    stored = tensors("zigzag8_uncond/tensors")
    out = loaded.network(stored["x"], stored["t"], Unconditional(2))
    assert difference(out.velocity, stored["out"]) < FORWARD_TOLERANCE
    assert loaded.card.architecture == "zigma"
    assert (loaded.card.condition, loaded.card.has_null_condition) == ("none", False)
    assert any("order" in notice for notice in loaded.notices)


@torch.inference_mode()
def test_a_text_model_names_its_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = published(tmp_path / "coco.pt", "text_zigzag2", monkeypatch)
    loaded = load_network(path)
    assert loaded.card.text_encoder == "clip-vit-large-patch14"
    assert not loaded.card.has_null_condition  # no captions were dropped in training
    stored = tensors("text_zigzag2/tensors")
    text = TextEmbeddings(stored["y"], torch.ones(stored["y"].shape[:2], dtype=torch.bool))
    out = loaded.network(stored["x"], stored["t"], text)  # two layers: the first of 8 paths
    assert difference(out.velocity, stored["out"]) < FORWARD_TOLERANCE


@torch.inference_mode()
def test_a_video_model_is_known_and_is_no_generator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = published(tmp_path / "clips.pt", "video_sst", monkeypatch)
    loaded = model_of(read_checkpoint(path))
    assert (loaded.card.architecture, loaded.card.task) == ("zigma-video", "video")
    assert any("zzvideo_sst is assumed" in notice for notice in loaded.notices)
    stored = tensors("video_sst/tensors")
    out = loaded.network(stored["x"], stored["t"], ClassLabels(stored["y"]))
    assert difference(out.velocity, stored["out"]) < FORWARD_TOLERANCE
    with pytest.raises(InputError, match="is not a generator: it makes videos") as refused:
        load_network(path)
    assert "from Python" in refused.value.advice


def test_missing_pieces_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = dict(tensors("hilbert8/weights"))
    del own["blocks.1.mixer.dt_proj.bias"]
    with pytest.raises(InputError, match="1 of its tensors does not fit") as caught:
        load_network(published(tmp_path / "cut.pt", "hilbert8", monkeypatch, ema=own))
    assert "missing blocks.1.mixer.dt_proj.bias" in caught.value.advice
    with pytest.raises(InputError, match="for video, or for latents that are not square"):
        load_network(published(tmp_path / "clip.pt", "video_sst", monkeypatch, ema={
            **tensors("zigzag8_uncond/weights"), "pos_embed": torch.zeros(1, 18, 24)
        }))  # fmt: skip
