"""Text networks from bare tensors, and what their files do not say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from pfstudio.core.errors import InputError
from pfstudio.nn.registry import find_architecture
from pfstudio.nn.text_patch_forcing import TextPatchForcingConfig
from pfstudio.weights.load import load_network
from pfstudio.weights.store import save_model

SIZES = TextPatchForcingConfig(
    4, 32, 2, hidden_size=32, depth=2, head_dim=16, mapping_dim=8, mapping_depth=1,
    text_dim=12, refiner_dim=32, refiner_head_dim=16, refiner_depth=1,
)  # fmt: skip


def tensors(kind: str) -> dict[str, torch.Tensor]:
    network = find_architecture(kind).network(SIZES)
    return {name: value.clone() for name, value in network.state_dict().items()}


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("text-patch-forcing", ["latents' side; 32"]),
        ("text-dit", ["patch size; 2", "latents' side; 32"]),
    ],
)
def test_bare_weights_tell_what_was_assumed(tmp_path: Path, kind: str, missing: list[str]) -> None:
    save_file(tensors(kind), tmp_path / "bare.safetensors")
    loaded = load_network(tmp_path / "bare.safetensors")
    assert loaded.card.architecture == kind
    assert loaded.card.sizes["text_dim"] == 12
    said = [notice for notice in loaded.notices if "assumed" in notice]
    assert said == [f"bare.safetensors does not say its {what} is assumed." for what in missing]


def test_heads_of_a_network_that_tells_them_cannot_be_chosen(tmp_path: Path) -> None:
    kind = "text-patch-forcing"
    save_file(tensors(kind), tmp_path / "bare.safetensors")
    card = load_network(tmp_path / "bare.safetensors").card
    save_model(tmp_path / "a", card, tensors(kind))
    with pytest.raises(InputError, match="heads of a cannot be chosen") as caught:
        load_network(tmp_path / "a", heads=4)
    assert "Leave their number out" in caught.value.advice
    assert load_network(tmp_path / "a").card.sizes == card.sizes
