"""The baseline diffusion transformer (DiT/SiT): one time per image, no difficulty head."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from pfstudio.nn.architecture import Tensors
from pfstudio.nn.inputs import image_times
from pfstudio.nn.patch_forcing import (
    PATCH_FORCING,
    PatchForcingConfig,
    PatchForcingTransformer,
    is_transformer,
)


class DiffusionTransformer(PatchForcingTransformer):
    """The same network as Patch Forcing with one time per image and the velocity alone.

    `forward` takes the time as (B,) or as the map (B,n,m) that is used everywhere, which then has
    to be uniform, and predicts no log-variance.
    """

    def __init__(self, config: PatchForcingConfig) -> None:
        super().__init__(replace(config, predict_uncertainty=False))

    def _times(self, t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
        """The time of each image: (B,1)."""
        return image_times(t, batch, grid)


def _recognise(tensors: Tensors) -> bool:
    """The last layer has no rows for a log-variance."""
    if not is_transformer(tensors):
        return False
    patch = tensors["x_embedder.proj.weight"].shape[1:].numel()
    return tensors["final_layer.linear.weight"].shape[0] == patch


DIT = replace(
    PATCH_FORCING,
    name="dit",
    network=DiffusionTransformer,
    recognise=_recognise,
    time="uniform",
    has_difficulty=lambda config: False,
)
