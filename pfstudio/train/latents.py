"""Latents of a training set: encoded once by the generator's autoencoder, then kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pfstudio.core.files import replacing
from pfstudio.train.data import PictureSet, TrainingData, fitted, to_unit

_AT_ONCE = 64
Encode = Callable[[Tensor], Tensor]  # pictures (B,3,H,W) in -1..1 -> scaled latents (B,C,h,w)


@dataclass(frozen=True)
class LatentSet:
    """Scaled latents with their labels: classes, or the numbers of captioned pictures."""

    latents: Tensor  # (N,C,h,w) float32
    labels: Tensor  # (N,) int64

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class LatentData:
    """Training latents (mirrored copies included) and validation latents."""

    train: LatentSet
    test: LatentSet


def mirrorable(labels: Tensor, classes: tuple[str, ...], directional: tuple[str, ...]) -> Tensor:
    """Which pictures (N,) bool may be mirrored: those whose class name has no directional word."""
    allowed = torch.tensor(
        [not any(word.lower() in name.lower() for word in directional) for name in classes]
    )
    return allowed[labels]


def encode_all(pictures: Tensor, encode: Encode) -> Tensor:
    """Latents of uint8 pictures (N,3,H,W)."""
    return torch.cat([encode(to_unit(part)).float().cpu() for part in pictures.split(_AT_ONCE)])


def encode_data(data: TrainingData, side: int, may_flip: Tensor, encode: Encode) -> LatentData:
    """Latents of both parts; the training part gets mirrored copies of those that may (N,) bool."""
    train = _encoded(data.train, side, encode)
    if bool(may_flip.any()):
        mirrored = encode_all(fitted(data.train, side)[may_flip].flip(-1), encode)
        train = LatentSet(
            torch.cat([train.latents, mirrored]), torch.cat([train.labels, train.labels[may_flip]])
        )
    return LatentData(train, _encoded(data.test, side, encode))


def _encoded(pictures: PictureSet, side: int, encode: Encode) -> LatentSet:
    return LatentSet(encode_all(fitted(pictures, side), encode), pictures.labels)


def save_latents(path: Path, data: LatentData) -> None:
    """Keep latents, as float16."""
    tensors = {
        f"{part}.{what}": (value.half() if what == "latents" else value).clone()
        for part, held in (("train", data.train), ("test", data.test))
        for what, value in (("latents", held.latents), ("labels", held.labels))
    }
    with replacing(path) as temporary:
        save_file(tensors, temporary)


def load_latents(path: Path) -> LatentData | None:
    """What `save_latents` kept; None if it is missing or damaged, so that it is made again."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            train, test = (
                LatentSet(
                    file.get_tensor(f"{part}.latents").float(), file.get_tensor(f"{part}.labels")
                )
                for part in ("train", "test")
            )
    except (SafetensorError, OSError):
        return None
    return LatentData(train, test)
