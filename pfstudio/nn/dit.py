"""The baseline diffusion transformer (DiT/SiT): one time per image, no difficulty head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from pfstudio.nn.architecture import Sizes, Tensors
from pfstudio.nn.condition import Condition
from pfstudio.nn.inputs import image_times
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.patch_forcing import (
    PATCH_FORCING,
    PatchForcingConfig,
    PatchForcingTransformer,
    infer_sizes,
    is_transformer,
)


@dataclass(frozen=True)
class DiffusionConfig(PatchForcingConfig):
    """Sizes of the baseline, and the direction that it was trained in."""

    # Time 0 is the image and the velocity points to the noise, as in TREAD; else as everywhere here
    reversed_time: bool = False


class DiffusionTransformer(PatchForcingTransformer):
    """The same network as Patch Forcing with one time per image and the velocity alone.

    `forward` takes the time as (B,) or as the map (B,n,m) that is used everywhere, which then has
    to be uniform, and predicts no log-variance. Times and velocity are ours, whatever the direction
    that the weights were trained in.
    """

    config: DiffusionConfig

    def __init__(self, config: PatchForcingConfig) -> None:
        super().__init__(DiffusionConfig(**{**asdict(config), "predict_uncertainty": False}))

    def prepare(self, cache: ForwardCache, times: Tensor, condition: Condition) -> None:
        super().prepare(cache, self._own(times), condition)

    def _times(self, t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
        """The time of each image: (B,1)."""
        return self._own(image_times(t, batch, grid))

    def _own(self, times: Tensor) -> Tensor:
        """Times in the direction of the weights."""
        return 1 - times if self.config.reversed_time else times

    def _split(
        self, tokens: Tensor, grid: tuple[int, int], dtype: torch.dtype
    ) -> tuple[Tensor, Tensor | None]:
        velocity, none = super()._split(tokens, grid, dtype)
        return -velocity if self.config.reversed_time else velocity, none


def _infer(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    """The direction leaves no trace in the weights."""
    sizes = infer_sizes(tensors, given, name, heads)
    return replace(
        sizes, values={**sizes.values, "reversed_time": given.get("reversed_time") is True}
    )


def _recognise(tensors: Tensors) -> bool:
    """The last layer has no rows for a log-variance."""
    if not is_transformer(tensors):
        return False
    patch = tensors["x_embedder.proj.weight"].shape[1:].numel()
    return tensors["final_layer.linear.weight"].shape[0] == patch


DIT = replace(
    PATCH_FORCING,
    name="dit",
    config=DiffusionConfig,
    infer=_infer,
    network=DiffusionTransformer,
    recognise=_recognise,
    time="uniform",
    has_difficulty=lambda config: False,
)
