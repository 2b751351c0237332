"""DepthFM's network: Stable Diffusion 2's U-Net on an image latent beside the state (AAAI 2025,
arXiv 2403.13788). Its parameters carry the names of the published checkpoint.

The published one starts from a network that learned to paint photos. A small one of our own has no
such start: with `image_features` it is given those of MobileNetV2, which learned to name photos.

Shapes: latents (B,C,H,W); tokens of a prompt (B or 1,N,K); times (B,) with 0 image and 1 depth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.depth import ATTENTION_MODES
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
from pfstudio.nn.layers import scaled_dot_product_attention
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.nn.unet import FIRST, GROUPS, Downsample, UNet, read_unet_sizes

IMAGE_ENCODER_FACTOR = 4  # side of a picture over that of its latent, for an image encoder
_FEATURE_LAYERS = (
    (3, 24),
    (6, 32),
    (13, 96),
    (17, 320),
)  # layers at 1/4 .. 1/32 of the side, channels
EMBEDDING = "empty_text_embedding"  # (1,N,K) tokens of the empty prompt, kept beside the weights
PUBLISHED_STEP = 400  # of the noising, of 1000
_PUBLISHED_HEADS, _PUBLISHED_PIXELS = 8, 512
_TOKENS = "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
_TRANSFORMER_EPS = 1e-6  # of the group norm at a transformer's entry; residual blocks have 1e-5


@dataclass(frozen=True)
class DepthUNetConfig:
    """Sizes; the defaults are the published DepthFM."""

    in_channels: int = 8  # state and image latent together
    out_channels: int = 4
    model_channels: int = 320
    channel_mult: tuple[int, ...] = (1, 2, 4, 4)  # width of each level, in model_channels
    num_res_blocks: int = 2
    attention_resolutions: tuple[int, ...] = (1, 2, 4)  # downsamplings at which there is attention
    num_heads: int = 8  # the same at every width; leaves no trace in the weights' shapes
    context_dim: int = 1024  # K, width of the tokens
    image_features: bool = (
        False  # of MobileNetV2, added at every level; latents are 1/4 of the picture
    )
    linear_skip: bool = False  # what goes in also reaches what comes out by a product alone

    def __post_init__(self) -> None:
        for name in ("channel_mult", "attention_resolutions"):  # cards give lists
            object.__setattr__(self, name, tuple(getattr(self, name)))
        widths = [self.model_channels * factor for factor in self.channel_mult]
        if not widths or any(width % GROUPS or width % self.num_heads for width in widths):
            raise InputError(
                f"A depth network cannot have the widths {widths} with {self.num_heads} heads.",
                f"Every width must be a multiple of {GROUPS} and of the number of heads.",
            )
        if self.image_features and len(widths) > len(_FEATURE_LAYERS):
            raise InputError(
                f"A depth network with image features has at most {len(_FEATURE_LAYERS)} levels."
            )

    @property
    def factor(self) -> int:
        """Both sides of a latent must be multiples of this."""
        return 2 ** (len(self.channel_mult) - 1)


def attention_scale(mode: str, tokens: int, head_width: int) -> float:
    """Factor of the logits of self-attention.

    "standard" is 1/sqrt(d), which the published code does where xformers is installed;
    "logscaled", sqrt(ln n / ln 4n / d), is what it does where that is missing.
    """
    if mode == "logscaled" and tokens > 1:
        return math.sqrt(math.log(tokens) / math.log(4 * tokens) / head_width)
    return 0.0 if mode == "logscaled" else head_width**-0.5


class TimestepResidualBlock(nn.Module):
    """Two normed convolutions; the time is added between them."""

    def __init__(self, channels: int, out_channels: int, embedding: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(GROUPS, channels),
            nn.SiLU(),
            nn.Conv2d(channels, out_channels, 3, padding=1),
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, out_channels))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(GROUPS, out_channels),
            nn.SiLU(),
            nn.Identity(),  # the published dropout of 0: it keeps the numbering of the names
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
        )
        same = channels == out_channels
        self.skip_connection = nn.Identity() if same else nn.Conv2d(channels, out_channels, 1)

    def forward(self, h: Tensor, emb: Tensor) -> Tensor:
        inner = self.in_layers(h) + self.emb_layers(emb)[:, :, None, None]
        return self.skip_connection(h) + self.out_layers(inner)


class ContextAttention(nn.Module):
    """Attention from (B,F,D) to (B or 1,N,K); without bias, except at the end."""

    def __init__(self, width: int, context: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context, width, bias=False)
        self.to_v = nn.Linear(context, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, width))

    def forward(self, h: Tensor, context: Tensor, mode: str = "standard") -> Tensor:
        q, k, v = self._split(self.to_q(h)), self.to_k(context), self.to_v(context)
        # One prompt for the whole batch: its keys and values are computed once and shared.
        k, v = (self._split(part).expand(len(h), -1, -1, -1) for part in (k, v))
        scale = attention_scale(mode, h.shape[1], q.shape[-1])
        mixed = scaled_dot_product_attention(q, k, v, scale=scale)
        return self.to_out(mixed.transpose(1, 2).flatten(2))

    def _split(self, values: Tensor) -> Tensor:
        return values.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class GatedLinear(nn.Module):
    """Value times GELU (erf form) of the gate; one product makes both."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * hidden)

    def forward(self, h: Tensor) -> Tensor:
        value, gate = self.proj(h).chunk(2, dim=-1)
        return value * F.gelu(gate)


class GatedFeedForward(nn.Module):
    """Gated hidden layer of four times the width."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            GatedLinear(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width)
        )

    def forward(self, h: Tensor) -> Tensor:
        return self.net(h)


class TransformerLayer(nn.Module):
    """Self-attention, attention to the prompt, feed-forward; each on a layer norm, each added."""

    def __init__(self, width: int, context: int, heads: int) -> None:
        super().__init__()
        self.attn1 = ContextAttention(width, width, heads)
        self.ff = GatedFeedForward(width)
        self.attn2 = ContextAttention(width, context, heads)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, h: Tensor, tokens: Tensor, mode: str) -> Tensor:
        normed = self.norm1(h)
        h = h + self.attn1(normed, normed, mode)
        h = h + self.attn2(self.norm2(h), tokens)
        return h + self.ff(self.norm3(h))


class SpatialTransformer(nn.Module):
    """One transformer layer over all pixels of a feature map (B,D,h,w), added to it."""

    def __init__(self, width: int, context: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=_TRANSFORMER_EPS)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList([TransformerLayer(width, context, heads)])
        self.proj_out = nn.Linear(width, width)

    def forward(self, x: Tensor, tokens: Tensor, mode: str) -> Tensor:
        h = self.proj_in(self.norm(x).flatten(2).transpose(1, 2))
        h = self.proj_out(self.transformer_blocks[0](h, tokens, mode))
        return x + h.transpose(1, 2).unflatten(2, x.shape[-2:])


class FeatureProjection(nn.Conv2d):
    """Adds one of the feature maps of the picture to a map of the same size."""

    def __init__(self, level: int, width: int) -> None:
        super().__init__(_FEATURE_LAYERS[level][1], width, 1)
        self.level = level


class ConditionalSequential(nn.ModuleList):
    """Layers in a row, each given what it asks for."""

    def forward(
        self, h: Tensor, emb: Tensor, tokens: Tensor, features: Sequence[Tensor], mode: str
    ) -> Tensor:
        for layer in self:
            if isinstance(layer, TimestepResidualBlock):
                h = layer(h, emb)
            elif isinstance(layer, SpatialTransformer):
                h = layer(h, tokens, mode)
            elif isinstance(layer, FeatureProjection):
                h = h + layer(features[layer.level])
            else:
                h = layer(h)
        return h


class DepthUNet(UNet):
    """Velocity of a noised image latent on its way to the latent of the depth map."""

    def __init__(self, config: DepthUNetConfig) -> None:
        super().__init__(
            ConditionalSequential,
            lambda channels, width: TimestepResidualBlock(
                channels, width, 4 * config.model_channels
            ),
            lambda width: SpatialTransformer(width, config.context_dim, config.num_heads),
            (config.in_channels, config.out_channels),
            config.model_channels,
            config.channel_mult,
            config.num_res_blocks,
            config.attention_resolutions,
        )
        self.config = config
        if config.image_features:
            self.image_encoder = MobileNetV2(head=False)
            entries = [
                stage for stage in self.input_blocks if isinstance(stage[0], nn.Conv2d | Downsample)
            ]
            widths = (config.channel_mult[0], *config.channel_mult)
            for level, (entry, factor) in enumerate(zip(entries, widths, strict=False)):
                entry.append(FeatureProjection(level, config.model_channels * factor))
        if config.linear_skip:
            self.linear_skip = nn.Conv2d(config.in_channels, config.out_channels, 1)

    def encode_image(self, picture: Tensor) -> tuple[Tensor, ...]:
        """Features of pictures (B,3,4H,4W) in -1..1; nothing without an image encoder."""
        if not self.config.image_features:
            return ()
        layers = tuple(layer for layer, _ in _FEATURE_LAYERS[: len(self.config.channel_mult)])
        return tuple(self.image_encoder.maps(picture.to(self.dtype), layers))

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        image: Tensor,
        tokens: Tensor,
        features: Sequence[Tensor] = (),
        mode: str = ATTENTION_MODES[0],
    ) -> Tensor:
        """Velocity (B,C,H,W) in float32.

        Args:
            x: state (B,C,H,W); both sides multiples of `config.factor`.
            t: times (B,) in [0,1].
            image: latent of the clean picture (B,C,H,W).
            tokens: embedding of the prompt (B or 1,N,K).
            features: from `encode_image`, for all members (1) or each of them (B).
            mode: of its self-attention, see `attention_scale`.
        """
        h = torch.cat([x, image], dim=1)
        found = self.evaluate(h, t, tokens.to(self.dtype), features, mode)
        return (
            found + self.linear_skip(h.to(self.dtype)).float() if self.config.linear_skip else found
        )


def _convert(tensors: Tensors, name: str) -> Tensors:
    found = without_prefix(tensors, FIRST)
    found.pop(EMBEDDING, None)
    return found


def _infer(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    """The number of heads leaves no trace in the shapes."""
    number = heads or whole(given.get("num_heads"))
    config = DepthUNetConfig(
        in_channels=tensors[FIRST].shape[1],
        out_channels=tensors["out.2.weight"].shape[0],
        **asdict(read_unet_sizes(tensors, given)),
        num_heads=number or _PUBLISHED_HEADS,
        context_dim=tensors[_TOKENS].shape[1],
        image_features="image_encoder.features.0.0.weight" in tensors,
        linear_skip="linear_skip.weight" in tensors,
    )
    values = {**asdict(config), "noising_step": given.get("noising_step", PUBLISHED_STEP)}
    return Sizes(values, () if number else assumed_heads(name, _PUBLISHED_HEADS))


DEPTH_FM = Architecture(
    name="depth-fm",
    task="depth",
    config=DepthUNetConfig,
    network=DepthUNet,
    recognise=lambda tensors: has_suffix(tensors, FIRST, _TOKENS),
    infer=_infer,
    channels="out_channels",
    convert=_convert,
    beside=(EMBEDDING,),
    pixels=lambda config: _PUBLISHED_PIXELS,
    licence="MIT; descends from Stable Diffusion 2.1 (CreativeML OpenRAIL++-M)",
    paper=(
        "DepthFM: Fast Monocular Depth Estimation with Flow Matching (AAAI 2025, arXiv 2403.13788)"
    ),
)
