"""What can be had from the network, as data. Nothing is fetched unless the user asks for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pfstudio.core.catalogue import CatalogueEntry, RemoteFile
from pfstudio.core.paths import shipped
from pfstudio.nn.architecture import Architecture
from pfstudio.nn.depth_unet import DEPTH_FM, PUBLISHED_STEP, DepthUNetConfig
from pfstudio.nn.patch_forcing import PATCH_FORCING
from pfstudio.nn.zigma_architectures import TEXT_ZIGMA, ZIGMA

SD_AUTOENCODER = "sd-vae-ft-ema"
SD_CHANNELS = 4
SD_LATENT_SCALE = 0.18215  # latents of Stable Diffusion 1 and 2: encoded mean times this
HUB = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")  # or a mirror of it


def _pft(
    size: str, hidden_size: int, depth: int, about_bytes: int, parameters: str
) -> CatalogueEntry:
    file = f"pft-{size}_step400k_ema.ckpt"
    return CatalogueEntry(
        name=f"pft-{size}",
        title=f"PFT-{size.upper()}, ImageNet 256 px",
        files=(RemoteFile(f"https://ommer-lab.com/files/pft/{file}", file, about_bytes),),
        architecture=PATCH_FORCING.name,
        licence=PATCH_FORCING.licence,
        non_commercial=True,
        paper=PATCH_FORCING.paper,
        sizes={"hidden_size": hidden_size, "depth": depth, "num_classes": 1000},
        note=f"{parameters} parameters, 1000 classes; needs the autoencoder {SD_AUTOENCODER}",
    )


def _hub(repository: str, name: str, about_bytes: int) -> RemoteFile:
    """A file of a repository on the Hugging Face hub."""
    return RemoteFile(f"{HUB}/{repository}/resolve/main/{name}", name, about_bytes)


def _diffusers(repository: str, about_bytes: int) -> tuple[RemoteFile, ...]:
    return (
        _hub(repository, "config.json", 1_000),
        _hub(repository, "diffusion_pytorch_model.safetensors", about_bytes),
    )


def _zigma(
    file: str, title: str, architecture: Architecture, about_bytes: int, parameters: str
) -> CatalogueEntry:
    note = f"{parameters} parameters; needs the autoencoder {SD_AUTOENCODER}"
    if architecture.text_encoder:
        note += f" and the text encoder {architecture.text_encoder}"
    return CatalogueEntry(
        name=f"zigma-{title.split(',')[0].lower().replace(' ', '-')}",
        title=f"ZigMa, {title}",
        files=(_hub("taohu/zigma", file, about_bytes),),
        architecture=architecture.name,
        licence=architecture.licence,
        paper=architecture.paper,
        note=note,
    )


CATALOGUE: tuple[CatalogueEntry, ...] = (
    _pft("b", 768, 12, 522_000_000, "131 million"),
    _pft("xl", 1152, 28, 2_700_000_000, "675 million"),
    CatalogueEntry(
        name=SD_AUTOENCODER,
        title="Stable Diffusion autoencoder (ft-EMA)",
        files=_diffusers("stabilityai/sd-vae-ft-ema", 335_000_000),
        architecture="autoencoder-diffusers",
        licence="MIT",
        note="turns the latents of the published models into images",
    ),
    CatalogueEntry(
        name="depthfm",
        title="DepthFM v1",
        files=(
            RemoteFile(
                "https://ommer-lab.com/files/depthfm/depthfm-v1.ckpt",
                "depthfm-v1.ckpt",
                3_464_000_000,
            ),
        ),
        architecture=DEPTH_FM.name,
        licence=DEPTH_FM.licence,
        paper=DEPTH_FM.paper,
        sizes={**asdict(DepthUNetConfig()), "noising_step": PUBLISHED_STEP},
        note=f"estimates the depth of images; needs the autoencoder {SD_AUTOENCODER}",
    ),
    _zigma("faceshq1024_0090000.pt", "faces, 1024 px", ZIGMA, 2_140_000_000, "134 million"),
    _zigma("landscape1024_0210000.pt", "landscapes, 1024 px", ZIGMA, 2_140_000_000, "134 million"),
    _zigma("churches256_0280000.pt", "churches, 256 px", ZIGMA, 2_150_000_000, "135 million"),
    _zigma(
        "zigzagN8_b1_pe2_coco14_bs48_0400000.pt",
        "text, 256 px",
        TEXT_ZIGMA,
        3_450_000_000,
        "216 million",
    ),
    CatalogueEntry(
        name="taesd",
        title="TAESD, a tiny decoder for fast previews",
        files=_diffusers("madebyollin/taesd", 9_800_000),
        architecture="autoencoder-tiny",
        licence="MIT",
        note="previews of the published models",
    ),
)


def find_entry(name: str) -> CatalogueEntry | None:
    """The catalogue's entry of this name."""
    return next((entry for entry in CATALOGUE if entry.name == name), None)


def recognise(architecture: str, sizes: Mapping[str, Any]) -> CatalogueEntry | None:
    """The published model of this architecture and these sizes."""
    found = (
        entry
        for entry in CATALOGUE
        if entry.architecture == architecture
        and entry.sizes
        and all(sizes.get(key) == value for key, value in entry.sizes.items())
    )
    return next(found, None)


def imagenet_classes() -> tuple[str, ...]:
    """Names of the 1000 ImageNet-1k classes, by index."""
    text = shipped("resources", "classes", "imagenet.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())
