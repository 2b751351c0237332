"""Upsamplers of every layout: the published trainer's, bare weights, and our own folder."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import save_file
from upsampler_vectors import CONFIG, FOLDER, close, vectors, weights

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.nn.latent_upsampler import (
    LATENT_UPSAMPLER,
    PATCH_UPSAMPLER,
    PatchUpsampler,
    PatchUpsamplerConfig,
)
from pfstudio.weights.checkpoint_info import inspect_model
from pfstudio.weights.load import load_network, needed_autoencoder
from pfstudio.weights.store import import_model, save_model
from pfstudio.weights.upsampler import load_upsampler

TINY = FOLDER / "fmboost-tiny.ckpt"
SMALL = PatchUpsamplerConfig(widths=(8, 12, 16), blocks=(1, 1, 1), embedding=8)


@torch.no_grad()
def output(name, weights="ema"):
    model, stored = load_upsampler(name, weights), vectors()
    return model.network(stored["ckpt.x"], stored["ckpt.t"], stored["ckpt.context"])


@pytest.mark.parametrize(("which", "key"), [("ema", "ckpt.out_ema"), ("raw", "ckpt.out_online")])
def test_the_trainers_file_with_averaged_and_raw_weights(which, key):
    close(output(TINY, which), key)


def test_what_the_trainers_file_says_of_itself():
    model = load_upsampler(TINY)
    said = CONFIG["ckpt"]
    assert model.card.architecture == LATENT_UPSAMPLER.name
    assert model.network.config.num_heads == said["net_cfg"]["num_heads"]
    assert model.network.config.dim_head == said["net_cfg"]["dim_head"]
    assert model.noising_step == said["noising_step"]
    assert model.resize == "bilinear"
    assert model.card.latent_scale == pytest.approx(CONFIG["scale_factor"])
    assert model.notices == ()
    assert not model.has_difficulty


@pytest.mark.parametrize("prefix", ["", "model.net."])
def test_bare_weights_need_the_number_of_heads(tmp_path, prefix):
    stored = vectors()
    save_file({prefix + k: v for k, v in weights().items()}, tmp_path / "bare.safetensors")
    model = load_upsampler(tmp_path / "bare.safetensors", heads=CONFIG["net_cfg"]["num_heads"])
    with torch.no_grad():
        close(model.network(stored["unet.x"], stored["unet.t"], stored["unet.context"]), "unet.out")
    assert model.notices == ()
    guessed = load_upsampler(tmp_path / "bare.safetensors")
    assert "4 is assumed" in guessed.notices[0]
    with pytest.raises(InputError, match="5 attention heads"):
        load_upsampler(tmp_path / "bare.safetensors", heads=5)


def test_an_imported_one_is_the_same():
    made = import_model(TINY, "tiny-boost")
    assert made.model.card.task == "upscale"
    close(output("tiny-boost"), "ckpt.out_ema")
    assert inspect_model("tiny-boost").card.architecture == LATENT_UPSAMPLER.name
    assert inspect_model(TINY).card.sizes["noising_step"] == 400


def own_card() -> ModelCard:
    sizes = {**asdict(SMALL), "noising_step": 120, "resize": "bicubic"}
    return ModelCard("own", "Own", PATCH_UPSAMPLER.name, sizes, "ae-f4")


def test_our_own_folder(tmp_path):
    net = PatchUpsampler(SMALL)
    save_model(tmp_path / "own", own_card(), net.state_dict())
    model = load_upsampler(tmp_path / "own")
    assert model.has_difficulty
    assert model.network.config == SMALL
    assert (model.noising_step, model.resize) == (120, "bicubic")
    x, t = torch.randn(1, 4, 8, 8), torch.rand(1, 2, 2)
    with torch.no_grad():
        for mine, loaded in zip(net.eval()(x, t, x), model.network(x, t, x), strict=True):
            assert torch.equal(mine, loaded)
    assert inspect_model(tmp_path / "own").card.name == "own"
    with pytest.raises(InputError, match="enlarges images"):
        load_network(tmp_path / "own")


@pytest.mark.parametrize(
    ("changes", "match"),
    [({"noising_step": 1000}, "noising step"), ({"resize": "nearest"}, "resize")],
)
def test_an_impossible_card_is_refused(tmp_path, changes, match):
    card = own_card()
    card = replace(card, sizes={**card.sizes, **changes})
    save_model(tmp_path / "own", card, PatchUpsampler(SMALL).state_dict())
    with pytest.raises(InputError, match=match):
        load_upsampler(tmp_path / "own")


def test_other_models_are_no_upsamplers(tmp_path):
    with pytest.raises(InputError, match="is not an upsampler"):
        load_upsampler("ae-f4")
    save_file({"a.weight": torch.ones(2)}, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="of no known architecture"):
        load_upsampler(tmp_path / "other.safetensors")


def test_its_autoencoder():
    card = own_card()
    autoencoder = needed_autoencoder(card)
    assert (autoencoder.channels, autoencoder.factor) == (4, 4)
    with pytest.raises(InputError, match="8 channels"):
        needed_autoencoder(replace(card, sizes={"channels": 8}))
    with pytest.raises(InputError, match="names no autoencoder"):
        needed_autoencoder(replace(card, autoencoder=""))
    with pytest.raises(InputError, match="not installed"):
        needed_autoencoder(replace(card, autoencoder="sd-vae-ft-ema"))


@pytest.mark.parametrize(("key", "value"), [("scale_factor", "large"), ("noising_step", 1.5)])
def test_impossible_settings_of_a_trainer_are_refused(tmp_path, key, value):
    state = {f"model.net.{k}": v for k, v in weights().items()}
    torch.save({"state_dict": state, "hyper_parameters": {key: value}}, tmp_path / "a.ckpt")
    with pytest.raises(InputError, match="gives the"):
        load_upsampler(tmp_path / "a.ckpt")
