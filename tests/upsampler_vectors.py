"""The stored outputs of the published upsampler, and small networks made of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from pfstudio.nn.latent_upsampler import LatentUpsampler, LatentUpsamplerConfig

FOLDER = Path(__file__).parent / "parity" / "fm_boosting"
CONFIG = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
ATOL, RTOL = CONFIG["recommended_tolerance"]["atol"], CONFIG["recommended_tolerance"]["rtol"]


@cache
def vectors() -> dict[str, torch.Tensor]:
    return load_file(FOLDER / "vectors.safetensors")


@cache
def weights() -> dict[str, torch.Tensor]:
    return {k: v.float() for k, v in load_file(FOLDER / "weights.safetensors").items()}


def config_of(said: dict[str, Any]) -> LatentUpsamplerConfig:
    return LatentUpsamplerConfig(
        channels=said["out_channels"],
        model_channels=said["model_channels"],
        channel_mult=said["channel_mult"],
        num_res_blocks=said["num_res_blocks"],
        attention_resolutions=said["attention_resolutions"],
        num_heads=said["num_heads"],
        dim_head=said["dim_head"],
    )


def network() -> LatentUpsampler:
    unet = LatentUpsampler(config_of(CONFIG["net_cfg"]))
    unet.load_state_dict(weights())
    return unet.eval()


def close(value: torch.Tensor, key: str, atol: float = ATOL) -> None:
    wanted = vectors()[key].float()
    assert value.shape == wanted.shape
    worst = ((value - wanted).abs() - RTOL * wanted.abs()).max()
    assert worst <= atol, f"{key}: off by {worst:.2e}"
