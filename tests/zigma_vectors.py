"""The published ZigMa's stored vectors (tests/parity/zigma/README.md)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

FOLDER = Path(__file__).parent / "parity" / "zigma"
FORWARD_TOLERANCE = 2e-5


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def tensors(name: str) -> dict[str, Tensor]:
    """The tensors of a file, e.g. "transport" or "zigzag8_uncond/tensors"."""
    return load_file(FOLDER / f"{name}.safetensors")


def settings(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def difference(a: Tensor, b: Tensor) -> float:
    """Largest difference, relative to the largest value above 1, as the vectors state it."""
    assert a.shape == b.shape
    return float((a.double() - b.double()).abs().max() / b.double().abs().max().clamp(min=1))
