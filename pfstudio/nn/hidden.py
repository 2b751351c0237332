"""What a call leaves beside its output: attention of a `Backbone`, hidden states of U-Nets.

The layers of a U-Net are its stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from torch import Tensor, nn

from pfstudio.nn.interface import Backbone
from pfstudio.nn.latent_upsampler import PatchUpsampler
from pfstudio.nn.unet import UNet


def stages(network: nn.Module) -> tuple[nn.Module, ...]:
    """What counts as a layer, in the order of a call: down, in the middle, and up again.

    Raises:
        TypeError: it is no U-Net.
    """
    if isinstance(network, UNet):
        return (*network.input_blocks, network.middle_block, *network.output_blocks)
    if isinstance(network, PatchUpsampler):
        levels = (*network.down_blocks, *reversed(network.up_blocks))
        return tuple(block for level in levels for block in level)
    raise TypeError(f"{type(network).__name__} has no stages.")


def captured(
    network: nn.Module, layers: Sequence[int]
) -> AbstractContextManager[dict[int, Tensor]]:
    """While this is open, every call leaves the hidden states of `layers`, from 1: (B,h,w,D)."""
    rows_first = isinstance(network, PatchUpsampler)  # its blocks have the channels last already

    def states(module: Any, given: tuple[Any, ...], out: Tensor) -> Tensor:
        return out if rows_first else out.permute(0, 2, 3, 1)

    return _leaving(states, stages(network), layers)


def attended(network: Backbone, layers: Sequence[int]) -> AbstractContextManager[dict[int, Tensor]]:
    """While this is open, every call leaves the self-attention of `layers`, from 1: (B,F,F).

    Averaged over heads, rows sum to 1; nothing where a network has none. The fused kernels do not
    tell their weights, so they are computed once more.
    """

    def weights(module: Any, given: tuple[Any, ...], out: Tensor) -> Tensor:
        found: Tensor = module.weights(*given[:-1])
        return found

    return _leaving(weights, network.self_attention, layers)


@contextmanager
def _leaving(
    told: Callable[[Any, tuple[Any, ...], Tensor], Tensor],
    modules: Sequence[nn.Module],
    layers: Sequence[int],
) -> Iterator[dict[int, Tensor]]:
    """Every call leaves what is told of those of the modules, from 1, that are `layers`."""
    found: dict[int, Tensor] = {}

    def keep(layer: int, module: nn.Module, given: tuple[Any, ...], out: Tensor) -> None:
        found[layer] = told(module, given, out)

    hook: Callable[..., None]
    handles = []
    for layer, module in enumerate(modules, 1):
        if layer in layers:
            hook = partial(keep, layer)
            handles.append(module.register_forward_hook(hook))
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
