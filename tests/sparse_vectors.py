"""The stored vectors of token routing and Sparse Guidance, and the tiny networks they belong to.

The published time runs from data (0) to noise (1) and its velocity points to the noise; ours are
the other way round.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from pfstudio.core.routes import Route
from pfstudio.nn.dit import DiffusionTransformer
from pfstudio.nn.patch_forcing import PatchForcingConfig
from pfstudio.nn.token_routing import TokenSelection

FOLDER = Path(__file__).parent / "parity" / "sparse_guidance"
CASES = ("single_route", "two_routes")
_SIZES = (
    "input_size", "patch_size", "in_channels", "hidden_size", "depth", "num_heads", "mlp_ratio",
    "num_classes",
)  # fmt: skip


@cache
def settings(case: str) -> dict[str, Any]:
    return json.loads((FOLDER / case / "config.json").read_text(encoding="utf-8"))


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def vectors(case: str) -> dict[str, Tensor]:
    return load_file(FOLDER / case / "tensors.safetensors")


@cache
@torch.inference_mode(False)
def network(case: str, weights: str = "weights") -> DiffusionTransformer:
    config = settings(case)
    made = DiffusionTransformer(PatchForcingConfig(**{name: config[name] for name in _SIZES}))
    made.load_state_dict(load_file(FOLDER / case / f"{weights}.safetensors"))
    return made.eval()


def write_training_file(path: Path, case: str) -> Path:
    """As TREAD's training loop writes them: the averaged weights are the good ones."""
    own = network(case).state_dict()
    kept = {
        "model_state_dict": {f"model.{name}": 2 * value for name, value in own.items()},
        "ema_state_dict": {f"module.model.{name}": value for name, value in own.items()},
        "optimizer_state_dict": {"state": {}, "param_groups": []},
        "step": 10,
    }
    torch.save(kept, path)
    return path


def routes(case: str, share: float | None = None) -> tuple[Route, ...]:
    """The published ones count blocks from 0."""
    return tuple(
        Route(
            one["start_layer_idx"] + 1,
            one["end_layer_idx"] + 1,
            one["selection_ratio"] if share is None else share,
        )
        for one in settings(case)["routes"]
    )


def selection(case: str, prefix: str, step: int | None = None) -> TokenSelection:
    """The stored tokens, e.g. of "routed_0.3", or of a step of "rf.keep_ids_strong"."""
    own = routes(case)
    kept = [vectors(case)[f"{prefix}.route{r}"] for r in range(len(own))]
    return TokenSelection(own, tuple(ids if step is None else ids[step] for ids in kept))


def difference(value: Tensor, expected: Tensor) -> float:
    """Largest difference, relative where numbers are above 1."""
    assert value.shape == expected.shape
    return float((value - expected).abs().max() / expected.abs().max().clamp(min=1))
