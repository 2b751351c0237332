"""Depth checkpoints of every published and own layout, against the stored outputs."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from depth_vectors import CONFIG, EMBEDDING, FOLDER, close, vectors, weights, write_autoencoder
from safetensors.torch import save_file

from pfstudio.cli.main import main
from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.nn.depth_unet import DEPTH_FM, DepthUNet, DepthUNetConfig
from pfstudio.weights.catalogue import recognise
from pfstudio.weights.checkpoint_info import inspect_model
from pfstudio.weights.depth import LoadedDepth, load_depth
from pfstudio.weights.load import load_network, needed_autoencoder
from pfstudio.weights.store import import_model

TINY = FOLDER / "depthfm-tiny.ckpt"


@torch.no_grad()
def output(model: LoadedDepth, mode: str) -> torch.Tensor:
    stored = vectors()
    given = (stored[f"unet.{key}"] for key in ("x", "t", "context", "context_ca"))
    return model.network(*given, mode=mode)


def tree(embedding: object) -> dict[str, object]:
    return {
        "noising_step": 400,
        EMBEDDING: embedding,
        "ldm_hparams": CONFIG["ldm_hparams"],
        "state_dict": weights(),
    }


@pytest.mark.parametrize("mode", CONFIG["attention_modes"])
@torch.no_grad()
def test_the_published_layout_with_its_pickled_array(mode):
    model, stored = load_depth(TINY), vectors()
    assert torch.equal(model.embedding, stored["ckpt.empty_text_embedding"])
    assert model.noising_step == 400
    assert model.network.config.num_heads == 2
    assert model.notices == ()
    given = (stored[f"ckpt.{key}"] for key in ("x", "t", "context"))
    out = model.network(*given, model.embedding, mode=mode)
    close(out, f"ckpt.out_{mode}")


@pytest.mark.parametrize("kind", ["tensor", "list", "float64", "new numpy"])
def test_every_form_of_the_embedding(tmp_path, kind):
    stored = vectors()[EMBEDDING]
    forms = {
        "tensor": stored,
        "list": stored.tolist(),
        "float64": stored.numpy().astype(np.float64),
        "new numpy": np.asfortranarray(stored.numpy()),
    }
    torch.save(tree(forms[kind]), tmp_path / "a.ckpt")
    model = load_depth(tmp_path / "a.ckpt")
    assert torch.equal(model.embedding, stored)
    close(output(model, "standard"), "standard.unet.out")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_weights_only_safetensors(tmp_path, dtype):
    state = {f"model.diffusion_model.{k}": v.to(dtype) for k, v in weights().items()}
    save_file(state, tmp_path / "only.safetensors")
    with pytest.raises(InputError, match="embedding of the empty prompt is missing") as caught:
        load_depth(tmp_path / "only.safetensors")
    assert f"{EMBEDDING}.safetensors" in caught.value.advice
    save_file({EMBEDDING: vectors()[EMBEDDING]}, tmp_path / f"{EMBEDDING}.safetensors")
    model = load_depth(tmp_path / "only.safetensors", heads=4)
    error = output(model, "logscaled") - vectors()["logscaled.unet.out"]
    assert error.abs().max() < (1e-4 if dtype == torch.float32 else 3e-3)
    assert model.notices == ()
    # The head count leaves no trace in the shapes, so that the published one is assumed and told.
    assumed = load_depth(tmp_path / "only.safetensors")
    assert assumed.network.config.num_heads == 8
    assert "8 is assumed" in assumed.notices[0]


def test_the_embedding_may_be_inside(tmp_path):
    save_file({**weights(), EMBEDDING: vectors()[EMBEDDING]}, tmp_path / "a.safetensors")
    model = load_depth(tmp_path / "a.safetensors", heads=4)
    close(output(model, "standard"), "standard.unet.out")


def test_an_imported_model_is_the_same(tmp_path, capsys):
    torch.save(tree(vectors()[EMBEDDING]), tmp_path / "depth-tiny.ckpt")
    made = import_model(tmp_path / "depth-tiny.ckpt")
    assert made.model.card.task == "depth"
    model = load_depth("depth-tiny")
    assert torch.equal(model.embedding, vectors()[EMBEDDING])
    assert model.noising_step == 400
    close(output(model, "standard"), "standard.unet.out")
    assert main(["models", "info", "depth-tiny"]) == 0
    assert "depth-fm" in capsys.readouterr().out
    with pytest.raises(InputError, match="estimates the depth of images"):
        load_network("depth-tiny")


def test_facts_of_a_published_file():
    info = inspect_model(TINY)
    assert info.card.architecture == "depth-fm"
    assert info.card.sizes["noising_step"] == 400
    with pytest.raises(
        InputError, match=r"depthfm-tiny\.ckpt is not a generator: it estimates the depth"
    ):
        load_network(TINY)


def test_the_published_sizes_are_recognised():
    with torch.device("meta"):
        state = DepthUNet(DepthUNetConfig()).state_dict()
    values = DEPTH_FM.infer(state, {}, "depthfm-v1.ckpt", 0).values
    assert recognise("depth-fm", values).name == "depthfm"
    assert recognise("depth-fm", {**values, "noising_step": 300}) is None


def test_other_files_are_named(tmp_path, parity):
    save_file({"conv_in.weight": torch.ones(1), "down_blocks.0.x": torch.ones(1)}, tmp_path / "d")
    (tmp_path / "d").rename(tmp_path / "d.safetensors")
    for path, words in (
        (tmp_path / "d.safetensors", "conversion of a U-Net for diffusers"),
        (parity / "fm_boosting" / "autoencoder.safetensors", "not a depth model"),
        (tmp_path / "missing.ckpt", "no model or file"),
    ):
        with pytest.raises(InputError, match=words):
            load_depth(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"noising_step": 1000}, "noising step 1000"),
        ({EMBEDDING: torch.ones(1, 3, 7)}, "7 wide"),
        ({EMBEDDING: torch.ones(2, 3, 24)}, "is damaged"),
        ({EMBEDDING: torch.full((1, 3, 24), torch.nan)}, "is damaged"),
        ({EMBEDDING: {"a": 1}}, "cannot be read"),
        ({EMBEDDING: np.array(["text"])}, "cannot be read"),
        (
            {"state_dict": {"input_blocks.0.0.weight": torch.ones(32, 8, 3, 3)}},
            "of no known architecture",
        ),
    ],
)
def test_damaged_checkpoints_are_told(tmp_path, changes, words):
    torch.save({**tree(vectors()[EMBEDDING]), **changes}, tmp_path / "a.ckpt")
    with pytest.raises(InputError, match=words):
        load_depth(tmp_path / "a.ckpt")


class _Attack:
    def __reduce__(self):
        return (Path.touch, (Path("attacked"),))


def test_nothing_in_a_file_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(tree(_Attack()), tmp_path / "a.ckpt")
    with pytest.raises(InputError):
        load_depth(tmp_path / "a.ckpt")
    assert not (tmp_path / "attacked").exists()
    assert pickle.dumps(_Attack())  # it would have been a working attack


def test_the_autoencoder_has_to_be_there_and_to_fit(tmp_path):
    card = ModelCard("d", "D", "depth-fm", {"out_channels": 4}, "sd-vae-ft-ema", 0.18215)
    with pytest.raises(InputError, match="not installed") as caught:
        needed_autoencoder(card)
    assert "models download sd-vae-ft-ema" in caught.value.advice
    folder = str(write_autoencoder(tmp_path / "vae"))
    assert needed_autoencoder(card, folder).scaling.scale == 0.18215
    wider = ModelCard("d", "D", "depth-fm", {"out_channels": 8}, folder)
    with pytest.raises(InputError, match="latents of 8 channels"):
        needed_autoencoder(wider)
    with pytest.raises(InputError, match="names no autoencoder"):
        needed_autoencoder(ModelCard("d", "D", "depth-fm"))
