"""Published autoencoders give the stored results from every layout they are published in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.nn.autoencoder import AutoencoderConfig
from pfstudio.nn.autoencoder import VariationalAutoencoder as SmallAutoencoder
from pfstudio.nn.diffusers_autoencoders import to_diffusers
from pfstudio.weights.autoencoders import (
    LinearPreview,
    OwnAutoencoder,
    PublishedAutoencoder,
    TinyAutoencoder,
    VariationalAutoencoder,
)
from pfstudio.weights.load import load_autoencoder
from pfstudio.weights.store import import_model, save_model

GENERATOR = ModelCard(
    "g", "G", "patch-forcing", {"in_channels": 4, "input_size": 8}, "", 0.18215, pixels=64
)


def close(value: Tensor, expected: Tensor) -> None:
    """The stored vectors' own tolerance."""
    assert value.shape == expected.shape
    assert bool(((value - expected).abs() <= 1e-4 + 1e-3 * expected.abs()).all())


@pytest.fixture
def vectors(parity: Path) -> dict[str, Tensor]:
    return load_file(parity / "fm_boosting" / "vectors.safetensors")


@pytest.fixture
def compvis(parity: Path) -> dict[str, Tensor]:
    """A KL autoencoder under CompVis's names."""
    return load_file(parity / "fm_boosting" / "autoencoder.safetensors")


def check(autoencoder: VariationalAutoencoder, vectors: dict[str, Tensor]) -> None:
    assert (autoencoder.factor, autoencoder.channels) == (4, 4)
    image = vectors["ae.image_u8"][None].float() / 127.5 - 1
    close(autoencoder.encode(image), vectors["ae.latent"])
    close(autoencoder.decode(vectors["ae.decode_in"]), vectors["ae.decode_out"])


def before_2023(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """diffusers' old names of the attention projections, as stabilityai published them."""
    old = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}
    renamed = {}
    for key, value in tensors.items():
        for new, name in old.items():
            key = key.replace(new, name)
        renamed[key] = value
    return renamed


@pytest.mark.parametrize(
    "layout", ["flat", "whole", "ckpt", "whole.ckpt", "diffusers", "before 2023"]
)
def test_a_single_file_of_every_layout(
    tmp_path: Path, compvis: dict[str, Tensor], vectors: dict[str, Tensor], layout: str
) -> None:
    path = tmp_path / ("x.ckpt" if layout.endswith("ckpt") else "x.safetensors")
    tensors = {key: value.float() for key, value in compvis.items()}
    if layout == "ckpt":
        torch.save({"state_dict": {**tensors, "loss.logvar": torch.zeros(())}, "epoch": 1}, path)
    elif layout.startswith("whole"):  # as Stable Diffusion is published, beside its U-Net
        whole = {f"first_stage_model.{key}": value for key, value in tensors.items()}
        for name in ("input_blocks.0.0", "middle_block.1.transformer_blocks.0.attn2.to_k"):
            whole[f"model.diffusion_model.{name}.weight"] = torch.zeros(2)
        if layout == "whole":
            save_file(whole, path)
        else:
            torch.save({"state_dict": whole}, path)
    else:
        if layout != "flat":
            tensors = to_diffusers(tensors, "x")
        save_file(before_2023(tensors) if layout == "before 2023" else tensors, path)
    autoencoder = load_autoencoder(str(path))
    assert isinstance(autoencoder, PublishedAutoencoder)
    check(autoencoder, vectors)


def test_the_key_map_is_the_verified_one(parity: Path, compvis: dict[str, Tensor]) -> None:
    verified = json.loads((parity / "fm_boosting" / "kl_key_map.json").read_text())
    renamed = to_diffusers(compvis, "x")
    assert renamed.keys() == set(verified.values())
    for old, new in verified.items():
        assert torch.equal(renamed[new].flatten().float(), compvis[old].flatten().float()), old


def test_a_diffusers_folder(tmp_path: Path, parity: Path) -> None:
    config = json.loads((parity / "depthfm" / "config.json").read_text())["vae"]
    tensors = {k: v.float() for k, v in load_file(parity / "depthfm" / "vae.safetensors").items()}
    folder = tmp_path / "vae"
    folder.mkdir()
    save_file(tensors, folder / "diffusion_pytorch_model.safetensors")
    (folder / "config.json").write_text(json.dumps({"_class_name": "AutoencoderKL", **config}))
    stored = load_file(parity / "depthfm" / "vectors.safetensors")
    image = stored["vae.image_u8"][None].double() / 127.5 - 1
    for path in (folder, folder / "diffusion_pytorch_model.safetensors"):
        autoencoder = load_autoencoder(str(path))
        close(autoencoder.encode(image.float()), stored["vae.latent"])
        close(autoencoder.decode(stored["vae.decode_in"]), stored["vae.decode_out"])
    # Without its config the grouping of its 16 channels is unknown.
    bare = tmp_path / "bare.safetensors"
    save_file(tensors, bare)
    with pytest.raises(InputError, match="grouped"):
        load_autoencoder(str(bare))
    # Installed, it is the same.
    made = import_model(folder, "depth-vae")
    assert made.model.card.latent_scale == 0.18215
    autoencoder = load_autoencoder("depth-vae")
    close(autoencoder.encode(image.float()), stored["vae.latent"])


def test_a_converted_compvis_file_is_found_by_its_generator(
    tmp_path: Path, compvis: dict[str, Tensor], vectors: dict[str, Tensor]
) -> None:
    torch.save({"state_dict": compvis}, tmp_path / "sd_ae.ckpt")
    import_model(tmp_path / "sd_ae.ckpt", "sd-vae-ft-ema")
    autoencoder = load_autoencoder(replace(GENERATOR, autoencoder="sd-vae-ft-ema"))
    check(autoencoder, vectors)
    assert autoencoder.notices == ()


def tiny(tmp_path: Path) -> Any:
    """A random AutoencoderTiny in a diffusers folder, and diffusers' own object."""
    from diffusers import AutoencoderTiny

    torch.manual_seed(0)
    widths = (8, 8, 8)
    network = AutoencoderTiny(
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        num_encoder_blocks=(1, 1, 1),
        num_decoder_blocks=(1, 1, 1),
    ).eval()
    network.save_pretrained(tmp_path / "tiny")
    return network


def test_autoencoder_tiny_knows_the_scaled_latents(
    tmp_path: Path, compvis: dict[str, Tensor], vectors: dict[str, Tensor]
) -> None:
    network = tiny(tmp_path)
    autoencoder = load_autoencoder(str(tmp_path / "tiny"))
    assert isinstance(autoencoder, TinyAutoencoder)
    assert autoencoder.factor == 4
    image = vectors["ae.image_u8"][None].float() / 127.5 - 1
    with torch.no_grad():
        close(autoencoder.encode(image), network.encode(image).latents)
        latents = vectors["ae.latent"]
        picture = network.decode(latents).sample
        close(autoencoder.decode(latents), picture)
    # Named by a generator it is not scaled twice ...
    import_model(tmp_path / "tiny", "taesd")
    close(load_autoencoder(replace(GENERATOR, autoencoder="taesd")).decode(latents), picture)
    # ... and it makes the previews of the large one.
    save_file({k: v.float() for k, v in compvis.items()}, tmp_path / "kl.safetensors")
    large = load_autoencoder(replace(GENERATOR, autoencoder=str(tmp_path / "kl.safetensors")))
    close(large.preview(latents), picture)
    check(large, vectors)


def test_without_a_tiny_decoder_previews_are_linear(
    tmp_path: Path, compvis: dict[str, Tensor], vectors: dict[str, Tensor]
) -> None:
    save_file({k: v.float() for k, v in compvis.items()}, tmp_path / "kl.safetensors")
    picture = load_autoencoder(str(tmp_path / "kl.safetensors")).preview(vectors["ae.latent"])
    assert picture.shape == (1, 3, 32, 48)
    assert bool((picture.abs() <= 1).all())


def test_our_own_autoencoder_applies_scale_and_shift(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = AutoencoderConfig(4, (8, 8), (1, 1), (1, 1), 8)
    network = SmallAutoencoder(config).eval()
    card = ModelCard(
        "ae", "AE", "autoencoder-kl", {"latent_channels": 4, "widths": [8, 8],
        "encoder_blocks": [1, 1], "decoder_blocks": [1, 1], "preview_width": 8}, "", 2.0, 0.5,
    )  # fmt: skip
    save_model(tmp_path / "ae", card, network.state_dict())
    autoencoder = load_autoencoder(str(tmp_path / "ae"))
    assert isinstance(autoencoder, OwnAutoencoder)
    image = torch.rand(2, 3, 16, 24) * 2 - 1
    with torch.no_grad():
        mean = network.encode(image).mean
        latents = autoencoder.encode(image)
        close(latents, (mean - 0.5) * 2.0)
        close(autoencoder.decode(latents), network.decode(mean))
        close(autoencoder.preview(latents), network.preview(mean))
    # A generator's card decides about its own latents.
    other = load_autoencoder(replace(GENERATOR, autoencoder=str(tmp_path / "ae"), latent_scale=3.0))
    close(other.encode(image), mean * 3.0)
    # Half precision in, float32 out.
    assert autoencoder.to(torch.bfloat16).decode(latents).dtype == torch.float32
    with pytest.raises(InputError, match="multiples of 4"):
        other.encode(image[..., :-1])


def test_a_missing_autoencoder_gives_a_rough_preview_and_says_so() -> None:
    autoencoder = load_autoencoder(replace(GENERATOR, autoencoder="sd-vae-ft-ema"))
    assert isinstance(autoencoder, LinearPreview)
    assert autoencoder.factor == 8
    assert "pfstudio models download sd-vae-ft-ema" in autoencoder.notices[0]
    latents = torch.randn(2, 4, 8, 8)
    picture = autoencoder.decode(latents)
    assert picture.shape == (2, 3, 64, 64)
    assert torch.equal(autoencoder.preview(latents), picture)
    assert picture.std() > 0.05  # shows something of the latents
    with pytest.raises(InputError, match="No autoencoder"):
        autoencoder.encode(picture)
    nothing = load_autoencoder(replace(GENERATOR, sizes={"in_channels": 2}))
    assert nothing.decode(torch.randn(1, 2, 4, 4)).shape == (1, 3, 32, 32)


def test_an_autoencoder_of_other_channels_is_told(
    tmp_path: Path, compvis: dict[str, Tensor]
) -> None:
    save_file(compvis, tmp_path / "kl.safetensors")
    card = replace(
        GENERATOR, sizes={"in_channels": 16}, autoencoder=str(tmp_path / "kl.safetensors")
    )
    with pytest.raises(InputError, match="works on latents of 16 channels"):
        load_autoencoder(card)


def test_generators_and_autoencoders_are_not_mixed_up(
    tmp_path: Path, parity: Path, compvis: dict[str, Tensor]
) -> None:
    from pfstudio.weights.load import load_network

    with pytest.raises(InputError, match="is not an autoencoder"):
        load_autoencoder(str(parity / "patch_forcing/ckpt/step000010_ema_model.ckpt"))
    save_file(compvis, tmp_path / "kl.safetensors")
    with pytest.raises(InputError, match="not a generator: it turns latents into images"):
        load_network(tmp_path / "kl.safetensors")


def test_damaged_autoencoders_are_told(tmp_path: Path, compvis: dict[str, Tensor]) -> None:
    del compvis["decoder.conv_out.weight"]
    save_file(compvis, tmp_path / "kl.safetensors")
    with pytest.raises(InputError, match="not a whole checkpoint of autoencoder-diffusers"):
        load_autoencoder(str(tmp_path / "kl.safetensors"))
    folder = tmp_path / "folder"
    folder.mkdir()
    save_file(compvis, folder / "diffusion_pytorch_model.safetensors")
    for text in ("{", "[1]", '{"_class_name": "AutoencoderDC"}', '{"block_out_channels": [7]}'):
        (folder / "config.json").write_text(text)
        with pytest.raises(InputError):
            load_autoencoder(str(folder))
