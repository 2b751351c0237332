"""Sizes of a U-Net (`nn/unet.py`), read off the shapes of its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

FIRST = "input_blocks.0.0.weight"  # (width, channels, 3, 3)


@dataclass(frozen=True)
class UNetSizes:
    """What every kind of U-Net here has."""

    model_channels: int
    channel_mult: tuple[int, ...]
    num_res_blocks: int
    attention_resolutions: tuple[int, ...]


def read_unet_sizes(tensors: Mapping[str, Tensor]) -> UNetSizes:
    """Sizes of the U-Net that these tensors belong to.

    Raises:
        KeyError, IndexError, ValueError or ZeroDivisionError: they belong to something else.
    """
    width = tensors[FIRST].shape[0]
    levels: list[tuple[int, bool, int]] = [(width, False, 0)]  # width, attention, blocks
    for index in range(1, len({k.split(".")[1] for k in tensors if k.startswith("input_")})):
        stage = f"input_blocks.{index}."
        if f"{stage}0.op.weight" in tensors:
            levels.append((levels[-1][0], False, 0))
            continue
        out = tensors[f"{stage}0.out_layers.3.weight"].shape[0]
        levels[-1] = (out, f"{stage}1.norm.weight" in tensors, levels[-1][2] + 1)
    return UNetSizes(
        width,
        tuple(level[0] // width for level in levels),
        levels[0][2],
        tuple(2**i for i, level in enumerate(levels) if level[1]),
    )
