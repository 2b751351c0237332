"""Networks that turn the latent of an enlarged picture into that of a sharp one, by flow matching.

Two of them: the U-Net of "Boosting Latent Diffusion with Flow Matching" (ECCV 2024, arXiv
2312.07360) exactly as published, and our own, purely convolutional, with one time per patch.

Latents (B,C,h,w); the state x runs from the noised latent (time 0) to the sharp one (time 1); the
context is the clean latent of the enlarged picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import (
    Architecture,
    Sizes,
    Tensors,
    assumed_heads,
    has_suffix,
    whole,
    without_prefix,
)
from pfstudio.nn.layers import (
    LAYER_NORM_EPS,
    ModuleList,
    TimeEmbedding,
    scaled_dot_product_attention,
)
from pfstudio.nn.unet import FIRST, GROUPS, UNet, read_unet_sizes

PUBLISHED_STEP, PUBLISHED_RESIZE = 400, "bilinear"  # of the noising, of 999; of the pixels
_ATTENTION = "middle_block.1.qkv.weight"
_DIM_HEAD, _HEADS = 64, 4  # heads are taken to be so wide, or so many where that is uneven


@dataclass(frozen=True)
class LatentUpsamplerConfig:
    """Sizes of the published network; the defaults are its released configuration."""

    channels: int = 4  # C
    model_channels: int = 128
    channel_mult: tuple[int, ...] = (1, 2, 4, 8)  # width of each level, in model_channels
    num_res_blocks: int = 3
    attention_resolutions: tuple[int, ...] = (8,)  # downsamplings at which there is attention
    num_heads: int = 4
    dim_head: int = 64

    def __post_init__(self) -> None:
        for name in ("channel_mult", "attention_resolutions"):  # cards give lists
            object.__setattr__(self, name, tuple(getattr(self, name)))
        widths = [self.model_channels * factor for factor in self.channel_mult]
        if not widths or any(width % GROUPS for width in widths):
            raise InputError(
                f"An upsampler cannot have the widths {widths}.",
                f"Every width must be a multiple of {GROUPS}.",
            )

    @property
    def factor(self) -> int:
        """Both sides of a latent must be multiples of this."""
        return 2 ** (len(self.channel_mult) - 1)


class ScaleShiftBlock(nn.Module):
    """Two normed convolutions; the time scales and shifts what the second norm gives."""

    def __init__(self, channels: int, out_channels: int, embedding: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(GROUPS, channels),
            nn.SiLU(),
            nn.Conv2d(channels, out_channels, 3, padding=1),
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, 2 * out_channels))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(GROUPS, out_channels),
            nn.SiLU(),
            nn.Identity(),  # the published dropout of 0: it keeps the numbering of the names
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
        )
        same = channels == out_channels
        self.skip_connection = nn.Identity() if same else nn.Conv2d(channels, out_channels, 1)

    def forward(self, h: Tensor, emb: Tensor) -> Tensor:
        scale, shift = self.emb_layers(emb)[:, :, None, None].chunk(2, dim=1)
        norm, *rest = self.out_layers
        inner = torch.addcmul(shift, norm(self.in_layers(h)), 1 + scale)
        for layer in rest:
            inner = layer(inner)
        return self.skip_connection(h) + inner


class RowMajorAttention(nn.Module):
    """The published attention, whose tokens are no pixels.

    The projection (B,3Hd,L) is read row by row as (B,H,L,3d) without the transpose that would make
    a token a pixel, and the result (B,H,L,d) likewise as (B,Hd,L). What mixes with what therefore
    depends on the size of the latent; the weights were trained at 128 x 128.
    """

    def __init__(self, width: int, heads: int, dim_head: int) -> None:
        super().__init__()
        self.heads, self.dim_head = heads, dim_head
        self.norm = nn.GroupNorm(GROUPS, width)
        self.qkv = nn.Conv1d(width, 3 * heads * dim_head, 1)
        self.proj_out = nn.Conv1d(heads * dim_head, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        batch, (height, width) = len(x), x.shape[-2:]
        projected = self.qkv(self.norm(x).flatten(2)).contiguous()
        read = projected.view(batch, self.heads, height * width, 3 * self.dim_head)
        mixed = scaled_dot_product_attention(*read.chunk(3, dim=-1))
        written = mixed.contiguous().view(batch, self.heads * self.dim_head, height * width)
        return x + self.proj_out(written).unflatten(2, (height, width))


class TimestepSequential(nn.ModuleList):
    """Layers in a row; residual blocks are given the time."""

    def forward(self, h: Tensor, emb: Tensor) -> Tensor:
        for layer in self:
            h = layer(h, emb) if isinstance(layer, ScaleShiftBlock) else layer(h)
        return h


class LatentUpsampler(UNet):
    """The published U-Net, with its parameters' names."""

    def __init__(self, config: LatentUpsamplerConfig) -> None:
        super().__init__(
            TimestepSequential,
            lambda channels, width: ScaleShiftBlock(channels, width, 4 * config.model_channels),
            lambda width: RowMajorAttention(width, config.num_heads, config.dim_head),
            (2 * config.channels, config.channels),
            config.model_channels,
            config.channel_mult,
            config.num_res_blocks,
            config.attention_resolutions,
        )
        self.config = config

    def forward(self, x: Tensor, t: Tensor, context: Tensor) -> Tensor:
        """Velocity (B,C,h,w) in float32.

        Args:
            x: state (B,C,h,w); both sides multiples of `config.factor`.
            t: times (B,) in [0,1].
            context: clean latent of the enlarged picture (B,C,h,w).
        """
        return self.evaluate(torch.cat([x, context], dim=1), t)


@dataclass(frozen=True)
class PatchUpsamplerConfig:
    """Sizes of our own network. A level has half the side of the one before it."""

    channels: int = 4  # C
    patch: int = 4  # side of a patch in latent pixels: what has one time and one difficulty
    widths: tuple[int, ...] = (64, 128, 192)
    blocks: tuple[int, ...] = (2, 2, 3)  # on the way down and, but for the last, up again
    embedding: int = 128  # features of a time

    def __post_init__(self) -> None:
        for name in ("widths", "blocks"):  # JSON gives lists
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if len(self.widths) != len(self.blocks) or self.patch % 2 ** (len(self.widths) - 1):
            raise InputError(
                f"An upsampler cannot have the widths {self.widths}, the blocks {self.blocks} and "
                f"patches of {self.patch}.",
                "Give as many blocks as widths; the deepest level must divide a patch.",
            )

    @property
    def factor(self) -> int:
        """Both sides of a latent must be multiples of this."""
        return self.patch

    @property
    def reach(self) -> int:
        """Latent pixels beyond which nothing has influence, rounded up to whole patches.

        A tile that starts at a whole patch and has a margin of this agrees with the whole latent.
        """
        last = len(self.blocks) - 1
        there_and_back = (count * (2 - (k == last)) << k for k, count in enumerate(self.blocks))
        radius = 2 + sum(there_and_back) + (1 << last) - 1  # 2: the first and the last convolution
        return -(-radius // self.patch) * self.patch


class PatchBlock(nn.Module):
    """A convolution to twice the width and back, on a norm of each pixel; starts as identity.

    Channels last: h (B,H,W,D), emb (B,n,m,E).
    """

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.modulation = nn.Linear(embedding, 2 * width)
        self.wide = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.narrow = nn.Linear(2 * width, width)
        for layer in (self.modulation, self.narrow):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, h: Tensor, emb: Tensor) -> Tensor:
        (rows, columns), size = emb.shape[1:3], h.shape
        scale, shift = self.modulation(emb)[:, :, None, :, None].chunk(2, dim=-1)
        normed = F.layer_norm(h, h.shape[-1:], eps=LAYER_NORM_EPS).to(scale.dtype)
        patches = normed.view(size[0], rows, size[1] // rows, columns, size[2] // columns, -1)
        spread = torch.addcmul(shift, patches, 1 + scale).view(size)
        wide = self.wide(spread.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return h + self.narrow(F.silu(wide))


def _rescale(layer: nn.Module, h: Tensor) -> Tensor:
    """Apply a convolution to (B,H,W,D)."""
    return layer(h.permute(0, 3, 1, 2)).permute(0, 2, 3, 1).contiguous()


class PatchUpsampler(nn.Module):
    """Our own U-Net: only convolutions, no norm over space, so that tiles agree; a clock per patch.

    Each residual block is scaled and shifted by the time of the patch that a pixel lies in.
    """

    def __init__(self, config: PatchUpsamplerConfig) -> None:
        super().__init__()
        self.config = config
        widths, blocks, embedding = config.widths, config.blocks, config.embedding
        self.time = TimeEmbedding(embedding)
        self.into = nn.Conv2d(2 * config.channels, widths[0], 3, padding=1)
        self.down_blocks = ModuleList(
            ModuleList(PatchBlock(width, embedding) for _ in range(count))
            for width, count in zip(widths, blocks, strict=True)
        )
        pairs = list(pairwise(widths))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairs)
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairs)
        self.up_blocks = ModuleList(
            ModuleList(PatchBlock(width, embedding) for _ in range(count))
            for width, count in zip(widths[:-1], blocks[:-1], strict=True)
        )
        self.out = nn.Conv2d(widths[0], config.channels, 3, padding=1)
        self.difficulty = nn.Sequential(
            nn.Linear(widths[0], widths[0]), nn.SiLU(), nn.Linear(widths[0], 1)
        )

    def forward(self, x: Tensor, t: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Velocity (B,C,h,w) and log-variance (B,n,m) of its error, both in float32.

        Args:
            x: state (B,C,h,w); both sides multiples of `config.patch`.
            t: times (B,n,m) in [0,1], one a patch.
            context: clean latent of the enlarged picture (B,C,h,w).
        """
        emb = F.silu(self.time(t))
        state = torch.cat([x, context], dim=1).to(self.into.weight.dtype)
        h = self.into(state.contiguous(memory_format=torch.channels_last)).permute(0, 2, 3, 1)
        skips: list[Tensor] = []
        for level, blocks in enumerate(self.down_blocks):
            if level:
                skips.append(h)
                h = _rescale(self.down[level - 1], h)
            for block in blocks:
                h = block(h, emb)
        for level in reversed(range(len(skips))):
            h = skips[level] + _rescale(self.up[level], h)
            for block in self.up_blocks[level]:
                h = block(h, emb)
        h = F.silu(F.layer_norm(h, h.shape[-1:], eps=LAYER_NORM_EPS))
        batch, rows, columns = t.shape
        side = self.config.patch
        pooled = h.view(batch, rows, side, columns, side, -1).mean(dim=(2, 4))
        velocity = self.out(h.permute(0, 3, 1, 2))
        return velocity.float().contiguous(), self.difficulty(pooled).squeeze(-1).float()


def _infer(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    """The number of heads leaves no trace in the shapes."""
    inner = tensors[_ATTENTION].shape[0] // 3
    guess = _HEADS if inner % _DIM_HEAD else inner // _DIM_HEAD
    told = heads or whole(given.get("num_heads"))
    number = told or guess
    if inner % number:
        raise InputError(f"{name} cannot have {number} attention heads: its width is {inner}.")
    config = LatentUpsamplerConfig(
        channels=tensors["out.2.weight"].shape[0],
        **asdict(read_unet_sizes(tensors, given)),
        num_heads=number,
        dim_head=inner // number,
    )
    step = given.get("noising_step", PUBLISHED_STEP)
    values = {**asdict(config), "noising_step": step, "resize": PUBLISHED_RESIZE}
    return Sizes(values, () if told else assumed_heads(name, guess))


LATENT_UPSAMPLER = Architecture(
    name="latent-upsampler",
    task="upscale",
    config=LatentUpsamplerConfig,
    network=LatentUpsampler,
    recognise=lambda tensors: has_suffix(tensors, FIRST, _ATTENTION),
    infer=_infer,
    channels="channels",
    convert=lambda tensors, name: without_prefix(tensors, FIRST),
    pixels=lambda config: 1024,
    paper="Boosting Latent Diffusion with Flow Matching (ECCV 2024, arXiv 2312.07360)",
)


def _infer_patch(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    raise InputError(
        f"{name} holds an upsampler of this program, but not its sizes.",
        "Choose the folder with its card.json.",
    )


PATCH_UPSAMPLER = Architecture(
    name="patch-upsampler",
    task="upscale",
    config=PatchUpsamplerConfig,
    network=PatchUpsampler,
    recognise=lambda tensors: (
        {"into.weight", "down_blocks.0.0.modulation.weight"} <= tensors.keys()
    ),
    infer=_infer_patch,
    channels="channels",
    time="per patch",
    has_difficulty=lambda config: True,
    paper=LATENT_UPSAMPLER.paper,
)
