"""Write a trained network as a model: `model.safetensors` and `card.json` in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from pfstudio.core.card import ModelCard
from pfstudio.weights.store import save_model

# Tables and fixed frequencies: they cost nothing and would only be rounded.
_KEPT_PRECISE = ("pos_embed", ".freqs", "time_emb.weight")


def export_model(tensors: Mapping[str, Tensor], card: ModelCard, folder: Path) -> ModelCard:
    """Store the weights in half precision with their card, as `save_model`; returns that card."""
    stored = {
        name: value.detach().cpu().float()
        if name.endswith(_KEPT_PRECISE)
        else value.detach().cpu().half()
        for name, value in tensors.items()
    }
    return save_model(folder, card, stored)
