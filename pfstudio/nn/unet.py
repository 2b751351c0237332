"""The U-Net that the published networks share (guided diffusion's): its blocks' order and names.

Shapes: feature maps (B,D,h,w); times (B,).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.nn.architecture import whole
from pfstudio.nn.layers import ModuleList, time_features

GROUPS = 32
FIRST = "input_blocks.0.0.weight"  # of its tensors: (width, channels, 3, 3)


class Downsample(nn.Module):
    """Half the sides by a convolution with stride 2."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, h: Tensor) -> Tensor:
        return self.op(h)


class Upsample(nn.Module):
    """Twice the sides: nearest neighbours, then a convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, h: Tensor) -> Tensor:
        return self.conv(F.interpolate(h, scale_factor=2, mode="nearest"))


class UNet(nn.Module):
    """Levels of residual blocks, down and up again with skips; attention where a level has it."""

    def __init__(
        self,
        stage: Callable[[Iterable[nn.Module]], nn.ModuleList],
        block: Callable[[int, int], nn.Module],
        attend: Callable[[int], nn.Module],
        channels: tuple[int, int],
        width: int,
        factors: tuple[int, ...],
        blocks: int,
        attention: tuple[int, ...],
    ) -> None:
        """Build it.

        Args:
            stage: makes a row of layers that is called with what `evaluate` is given.
            block: makes a residual block of these widths.
            attend: makes an attention of this width.
            channels: of what goes in and of what comes out.
            width: of the first level; each level has it times its factor.
            blocks: residual blocks of a level on the way down; one more on the way up.
            attention: downsamplings at which there is attention.
        """
        super().__init__()
        self.width = width
        self.time_embed = nn.Sequential(
            nn.Linear(width, 4 * width), nn.SiLU(), nn.Linear(4 * width, 4 * width)
        )

        def one(came: int, level: int) -> nn.ModuleList:
            layers = [block(came, width * factors[level])]
            if 2**level in attention:
                layers.append(attend(width * factors[level]))
            return stage(layers)

        self.input_blocks = ModuleList([stage([nn.Conv2d(channels[0], width, 3, padding=1)])])
        skips = [width]
        for level, factor in enumerate(factors):
            for _ in range(blocks):
                self.input_blocks.append(one(skips[-1], level))
                skips.append(width * factor)
            if level < len(factors) - 1:
                self.input_blocks.append(stage([Downsample(skips[-1])]))
                skips.append(skips[-1])
        now = skips[-1]
        self.middle_block = stage([block(now, now), attend(now), block(now, now)])
        self.output_blocks: ModuleList[nn.ModuleList] = ModuleList()
        for level, factor in reversed(list(enumerate(factors))):
            for index in range(blocks + 1):
                layers = one(now + skips.pop(), level)
                now = width * factor
                if level > 0 and index == blocks:
                    layers.append(Upsample(now))
                self.output_blocks.append(layers)
        self.out = nn.Sequential(
            nn.GroupNorm(GROUPS, now), nn.SiLU(), nn.Conv2d(now, channels[1], 3, padding=1)
        )

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights."""
        return cast(Tensor, self.time_embed[0].weight).dtype

    def evaluate(self, h: Tensor, t: Tensor, *given: Any) -> Tensor:
        """What comes out (B,C,h,w), in float32; every stage is called with (h, time, *given)."""
        emb = self.time_embed(time_features(t, self.width).to(self.dtype))
        h = h.to(self.dtype)
        skips = []
        for stage in self.input_blocks:
            h = stage(h, emb, *given)
            skips.append(h)
        h = self.middle_block(h, emb, *given)
        for stage in self.output_blocks:
            h = stage(torch.cat([h, skips.pop()], dim=1), emb, *given)
        return self.out(h).float()


@dataclass(frozen=True)
class UNetSizes:
    """What every kind of U-Net here has."""

    model_channels: int
    channel_mult: tuple[int, ...]
    num_res_blocks: int
    attention_resolutions: tuple[int, ...]


def read_unet_sizes(tensors: Mapping[str, Tensor], given: Mapping[str, Any]) -> UNetSizes:
    """Sizes of the U-Net that these tensors belong to: what its file says, else what they show.

    All of them show on the way up, where every level has at least one block.

    Raises:
        KeyError, IndexError, ValueError or ZeroDivisionError: they belong to something else.
    """
    width = tensors[FIRST].shape[0]
    downs = sum(k.startswith("input_blocks.") and k.endswith(".0.op.weight") for k in tensors)
    stages = len({k.split(".")[1] for k in tensors if k.startswith("output_blocks.")})
    each = stages // (downs + 1)
    ups = [range(k * each, (k + 1) * each) for k in reversed(range(downs + 1))]
    last = (f"output_blocks.{numbers[-1]}.0.out_layers.3.weight" for numbers in ups)
    shown = UNetSizes(
        width,
        tuple(tensors[name].shape[0] // width for name in last),
        each - 1,
        tuple(
            2**level
            for level, numbers in enumerate(ups)
            if any(f"output_blocks.{k}.1.norm.weight" in tensors for k in numbers)
        ),
    )
    said: dict[str, Any] = {
        "model_channels": whole(given.get("model_channels")),
        "num_res_blocks": whole(given.get("num_res_blocks")),
        "channel_mult": _wholes(given.get("channel_mult")),
        "attention_resolutions": tuple(sorted(_wholes(given.get("attention_resolutions")))),
    }
    return replace(shown, **{name: value for name, value in said.items() if value})


def _wholes(value: Any) -> tuple[int, ...]:
    """Positive whole numbers, else none: files may hold anything."""
    every = tuple(value) if isinstance(value, list | tuple) else ()
    return every if all(whole(one) for one in every) else ()
