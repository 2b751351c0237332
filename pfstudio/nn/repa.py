"""The REPA variant of Patch Forcing: a projector towards the features of a pretrained encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Sizes, Tensors, whole
from pfstudio.nn.patch_forcing import (
    PATCH_FORCING,
    PatchForcingConfig,
    PatchForcingTransformer,
    infer_sizes,
    is_transformer,
)


@dataclass(frozen=True)
class RepaConfig(PatchForcingConfig):
    """Sizes of the REPA variant: a projector on the tokens after block `encoder_depth`, from 1."""

    z_dim: int = 768
    encoder_depth: int = 8
    projector_dim: int = 2048

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.encoder_depth <= self.depth:
            raise InputError(
                f"The projector's block {self.encoder_depth} must lie between 1 and {self.depth}."
            )


def make_projector(inputs: int, width: int, outputs: int) -> nn.Sequential:
    """Three layers from tokens (B,F,inputs) to features (B,F,outputs), freshly initialised."""
    layers = nn.Sequential(
        nn.Linear(inputs, width),
        nn.SiLU(),
        nn.Linear(width, width),
        nn.SiLU(),
        nn.Linear(width, outputs),
    )
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return layers


class RepaPatchForcingTransformer(PatchForcingTransformer):
    """Patch Forcing with a projector towards the features of a pretrained encoder (REPA).

    `projector` maps the tokens after block `encoder_depth` (`Output.hidden`) to features
    (B,F,z_dim). It serves training only; `forward` leaves it out.
    """

    config: RepaConfig

    def __init__(self, config: RepaConfig) -> None:
        super().__init__(config)
        self.projector = make_projector(config.hidden_size, config.projector_dim, config.z_dim)


def _infer(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    """The block of the projector leaves no trace in the shapes."""
    sizes = infer_sizes(tensors, given, name, heads)
    projector = {
        "projector_dim": tensors["projector.0.weight"].shape[0],
        "z_dim": tensors["projector.4.weight"].shape[0],
        "encoder_depth": whole(given.get("encoder_depth")) or min(8, sizes.values["depth"]),
    }
    return replace(sizes, values=sizes.values | projector)


PATCH_FORCING_REPA = replace(
    PATCH_FORCING,
    name="patch-forcing-repa",
    config=RepaConfig,
    network=RepaPatchForcingTransformer,
    recognise=lambda tensors: is_transformer(tensors) and "projector.0.weight" in tensors,
    infer=_infer,
)
