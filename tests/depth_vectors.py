"""The stored inputs and outputs of the published DepthFM, and its tiny networks."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from pfstudio.nn.depth_unet import DepthUNet, DepthUNetConfig
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.build import load_strictly
from pfstudio.weights.load import load_autoencoder

FOLDER = Path(__file__).parent / "parity" / "depthfm"
CONFIG: dict[str, Any] = json.loads((FOLDER / "config.json").read_text())
EMBEDDING = "empty_text_embedding"


@functools.cache
def vectors() -> dict[str, Tensor]:
    return load_file(FOLDER / "vectors.safetensors")


def weights() -> dict[str, Tensor]:
    return {k: v.float() for k, v in load_file(FOLDER / "weights.safetensors").items()}


def config_of(hparams: dict[str, Any]) -> DepthUNetConfig:
    names = DepthUNetConfig.__dataclass_fields__
    return DepthUNetConfig(**{key: value for key, value in hparams.items() if key in names})


def network() -> DepthUNet:
    unet = DepthUNet(config_of(CONFIG["ldm_hparams"]))
    load_strictly(unet, weights(), "weights")
    return unet


def write_autoencoder(folder: Path) -> Path:
    """The tiny autoencoder as a diffusers folder."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    tensors = {k: v.float() for k, v in load_file(FOLDER / "vae.safetensors").items()}
    save_file(tensors, folder / "diffusion_pytorch_model.safetensors")
    about = {"_class_name": "AutoencoderKL", **CONFIG["vae"]}
    (folder / "config.json").write_text(json.dumps(about))
    return folder


def autoencoder(folder: Path) -> Autoencoder:
    return load_autoencoder(str(write_autoencoder(folder)))


def close(ours: Any, name: str) -> None:
    """Within the published tolerance of a stored tensor."""
    stored = vectors()[name].float()
    ours = torch.as_tensor(np.asarray(ours)).float()
    limits = CONFIG["recommended_tolerance"]
    torch.testing.assert_close(ours, stored, atol=limits["atol"], rtol=limits["rtol"])
