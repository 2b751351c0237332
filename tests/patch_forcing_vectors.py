"""The published Patch Forcing system's stored vectors and the tiny models they belong to."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from pfstudio.nn.condition import ClassLabels, TextEmbeddings
from pfstudio.nn.dit import DiffusionTransformer
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer
from pfstudio.nn.repa import RepaConfig, RepaPatchForcingTransformer
from pfstudio.nn.text_patch_forcing import (
    TextDiffusionTransformer,
    TextPatchForcingConfig,
    TextPatchForcingTransformer,
)

FOLDER = Path(__file__).parent / "parity" / "patch_forcing"
FORWARD_TOLERANCE = 5e-6
SAMPLER_TOLERANCE = 2e-5


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def tensors(name: str) -> dict[str, Tensor]:
    """The tensors of a file, e.g. "samplers" or "dit/vectors"."""
    return load_file(FOLDER / f"{name}.safetensors")


def settings(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())


def _sizes(folder: str) -> dict[str, Any]:
    sizes = settings(f"{folder}config")["params"]
    del sizes["compile"]
    return sizes


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def main_model() -> PatchForcingTransformer:
    model = PatchForcingTransformer(PatchForcingConfig(**_sizes("")))
    model.load_state_dict(tensors("weights"))
    return model.eval()


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def baseline_model() -> DiffusionTransformer:
    model = DiffusionTransformer(PatchForcingConfig(**_sizes("dit/")))
    model.load_state_dict(tensors("dit/weights"))
    return model.eval()


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def repa_model() -> RepaPatchForcingTransformer:
    model = RepaPatchForcingTransformer(RepaConfig(**_sizes("repa/")))
    model.load_state_dict(tensors("repa/weights"))
    return model.eval()


# Published name of a size -> ours.
TEXT_SIZES = {
    "in_dim": "in_channels",
    "depth": "depth",
    "hidden_dim": "hidden_size",
    "head_dim": "head_dim",
    "mapping_dim": "mapping_dim",
    "mapping_depth": "mapping_depth",
    "patch_size": "patch_size",
    "txt_in_dim": "text_dim",
    "txt_refiner_dim": "refiner_dim",
    "txt_refiner_head_dim": "refiner_head_dim",
    "txt_refiner_depth": "refiner_depth",
}


def text_config(folder: str) -> TextPatchForcingConfig:
    sizes = {TEXT_SIZES[name]: value for name, value in _sizes(folder).items()}
    return TextPatchForcingConfig(input_size=8, **sizes)


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def text_model() -> TextPatchForcingTransformer:
    model = TextPatchForcingTransformer(text_config("t2i/"))
    model.load_state_dict(tensors("t2i/weights"))
    return model.eval()


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def text_baseline_model() -> TextDiffusionTransformer:
    model = TextDiffusionTransformer(text_config("dit_t2i/"))
    model.load_state_dict(tensors("dit_t2i/weights"))
    return model.eval()


def text(tokens: Tensor) -> TextEmbeddings:
    """Embeddings whose tokens are all attended, as the published code does."""
    return TextEmbeddings(tokens, torch.ones(tokens.shape[:2], dtype=torch.bool))


def as_map(times: Tensor, side: int = 8) -> Tensor:
    """Times (B,F) as a map (B,n,n)."""
    return times.unflatten(-1, (side, side))


def difference(value: Tensor, expected: Tensor) -> float:
    """Largest absolute difference of two tensors of the same shape."""
    assert value.shape == expected.shape
    return (value - expected).abs().max().item()


def predict(
    model: torch.nn.Module, x: Tensor, t: Tensor, y: Tensor, cache: ForwardCache | None = None
) -> tuple[Tensor, Tensor | None]:
    """Velocity and log-variance of a class-conditional network for labels y (B,)."""
    out = model(x, t, ClassLabels(y), cache=cache)
    return out.velocity, out.log_variance
