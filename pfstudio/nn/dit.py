"""The baseline diffusion transformer (DiT/SiT): one time per image, no difficulty head."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Tensors
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
        if tuple(t.shape) == (batch,):
            return t[:, None]
        times = super()._times(t, batch, grid)
        if not bool((times == times[:, :1]).all()):
            raise InputError(
                "This model knows only one time per picture, but its patches have different times.",
                "Use the euler or heun sampler without painted patches, or a Patch Forcing model.",
            )
        return times[:, :1]


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
