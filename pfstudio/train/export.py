"""Write a trained network as a shipped model: `model.safetensors` and `card.json` in one folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.files import replacing, write_text
from pfstudio.weights.cards import described

# Tables and fixed frequencies: they cost nothing and would only be rounded.
_KEPT_PRECISE = ("pos_embed", ".freqs", "time_emb.weight")


def export_model(
    tensors: Mapping[str, Tensor],
    card: ModelCard,
    folder: Path,
    dtype: torch.dtype = torch.float16,
) -> ModelCard:
    """Store the weights in half precision and the card with their checksum; returns that card.

    Each file replaces its predecessor as a whole, weights first.

    Raises:
        RunError: the folder cannot be written.
        InputError: a path in the way is not a folder.
    """
    stored = {
        name: value.detach()
        .cpu()
        .to(torch.float32 if name.endswith(_KEPT_PRECISE) else dtype)
        .contiguous()
        for name, value in tensors.items()
    }
    data = save(stored, metadata={"pfstudio": card.architecture})
    with replacing(folder / WEIGHTS_NAME) as temporary:
        temporary.write_bytes(data)
    sealed = replace(described(card), sha256=hashlib.sha256(data).hexdigest())
    write_text(folder / CARD_NAME, sealed.to_json())
    return sealed
