"""The class-conditional Patch Forcing transformer.

"Denoising, Fast and Slow: Difficulty-Aware Adaptive Sampling for Image Generation" (CVPR 2026,
arXiv 2604.19141). Names of the weights are those of the published checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Architecture, Sizes, Tensors, assumed_heads, whole
from pfstudio.nn.condition import ClassLabels, Condition
from pfstudio.nn.inputs import patch_grid, token_times
from pfstudio.nn.interface import Backbone, BlockSample, ComputedLayers, Output
from pfstudio.nn.layers import (
    Block,
    FinalLayer,
    LabelEmbedding,
    PatchEmbedding,
    TimeEmbedding,
    position_table,
    resample_positions,
    unpatchify,
)
from pfstudio.nn.modulation import (
    ForwardCache,
    Modulator,
    adaptive_norm,
    modulation,
)
from pfstudio.nn.perturbation import Perturbation
from pfstudio.nn.token_routing import Router, TokenSelection

PAPER = (
    "Denoising, Fast and Slow: Difficulty-Aware Adaptive Sampling for Image Generation "
    "(CVPR 2026, arXiv 2604.19141)"
)
LICENCE = "LMU licence: personal and scientific, non-commercial research use, with attribution"
AUTOENCODER_FACTOR = 8  # pixels of a latent pixel, of what was published
_HEADS = {192: 3, 384: 6, 768: 12, 1024: 16, 1152: 16}  # the published family of sizes


@dataclass(frozen=True)
class PatchForcingConfig:
    """Sizes of a Patch Forcing transformer; the defaults are PFT-B for 256 px."""

    in_channels: int = 4
    input_size: int = 32  # latent side that the position table is made for
    patch_size: int = 2
    hidden_size: int = 768
    depth: int = 12
    num_heads: int = 12
    mlp_ratio: float = 4.0
    num_classes: int = 1000
    class_dropout_prob: float = 0.1  # 0: there is no null class, so no guidance
    predict_uncertainty: bool = True

    def __post_init__(self) -> None:
        if self.input_size % self.patch_size:
            raise InputError(
                f"The latent side {self.input_size} is no multiple of the patch {self.patch_size}."
            )
        if self.hidden_size % self.num_heads or self.hidden_size % 4:
            raise InputError(
                f"The width {self.hidden_size} must be a multiple of 4 and of the "
                f"{self.num_heads} heads."
            )


class PatchForcingTransformer(Backbone):
    """Velocity and log-variance of a latent whose patches may each have their own time."""

    def __init__(self, config: PatchForcingConfig) -> None:
        super().__init__()
        self.config = config
        width, side = config.hidden_size, config.input_size // config.patch_size
        channels = config.in_channels + config.predict_uncertainty
        self.x_embedder = PatchEmbedding(config.in_channels, width, config.patch_size)
        self.t_embedder = TimeEmbedding(width)
        self.y_embedder = LabelEmbedding(config.num_classes, width, config.class_dropout_prob)
        self.pos_embed = nn.Parameter(position_table(side, side, width), requires_grad=False)
        self.blocks = nn.ModuleList(
            Block(width, config.num_heads, config.mlp_ratio) for _ in range(config.depth)
        )
        self.final_layer = FinalLayer(width, config.patch_size**2 * channels)
        self._initialise()

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Condition,
        *,
        capture: Sequence[int] = (),
        cache: ForwardCache | None = None,
        selection: TokenSelection | None = None,
        computed: ComputedLayers | None = None,
        perturbation: Perturbation | None = None,
    ) -> Output:
        """As `Backbone.forward`, with class labels.

        Without a cache every token is modulated on its own, as in the published code and as
        training with distinct times needs. A cache (inference only) makes each distinct (time,
        label) be modulated once; the result is the same.
        """
        grid = patch_grid(x, self.config.in_channels, self.config.patch_size)
        labels = self._labels(condition, len(x))
        parts = modulation(self._modulator(), self._times(t, len(x), grid), labels, cache)
        router = Router(selection, len(self.blocks), len(x))
        done, h = computed or ComputedLayers(0, self._embed(x, grid, cache))
        hidden = {}
        for index, block in islice(enumerate(self.blocks, 1), done, None):
            if perturbation is not None and perturbation.skips(index):
                continue
            edit = None if perturbation is None else perturbation.edit(index)
            h = router.enter(index, h)
            h = block(h, parts(index - 1, router.kept), self.kernels, edit)
            h = router.leave(index, h)
            if index in capture:
                hidden[index] = router.whole(h)
        tokens = self.final_layer(h, parts(len(self.blocks), None))
        return Output(*self._split(tokens, grid, x.dtype), hidden)

    @property
    def self_attention(self) -> Sequence[nn.Module]:
        return [block.get_submodule("attn") for block in self.blocks]

    @property
    def routable_layers(self) -> int:
        return self.config.depth

    @property
    def null_label(self) -> int | None:
        """The label that stands for no class, or None if the model was trained without it."""
        return self.config.num_classes if self.config.class_dropout_prob > 0 else None

    def null_condition(self, batch: int) -> ClassLabels | None:
        null = self.null_label
        device = self.pos_embed.device
        return None if null is None else ClassLabels(torch.full((batch,), null, device=device))

    def prepare(self, cache: ForwardCache, times: Tensor, condition: Condition) -> None:
        """Modulate all pairs of times (K,) and labels of a coming run into `cache` at once."""
        labels = torch.unique(self._labels(condition, len(condition)))
        cache.prepare(self._modulator(), times, labels)

    def block_sample(self, tokens: int, images: int = 1) -> BlockSample:
        c, generator = self.config, torch.Generator().manual_seed(0)
        h = torch.randn(images, tokens, c.hidden_size, generator=generator)
        modulation = torch.randn(6, 1, 1, c.hidden_size, generator=generator)
        sizes = f"width {c.hidden_size}, {c.num_heads} heads, x{c.mlp_ratio:g}"
        return BlockSample(self.blocks[0], (h, modulation), c.depth, c.num_heads, sizes)

    def extended(self, height: int, width: int) -> bool:
        """Whether a latent of this size needs a resampled position table (never trained)."""
        return (height, width) != (self.config.input_size, self.config.input_size)

    def _modulator(self) -> Modulator:
        layers = (layer.adaLN_modulation[1] for layer in (*self.blocks, self.final_layer))
        return Modulator(
            lambda t, y: F.silu(self.t_embedder(t) + self.y_embedder(y)),
            [partial(adaptive_norm, layer) for layer in layers],
        )

    def _embed(self, x: Tensor, grid: tuple[int, int], cache: ForwardCache | None = None) -> Tensor:
        """Patch embedding of x (B,C,H,W) plus positions: (B,F,D)."""
        positions: Tensor = self.pos_embed
        if self.extended(*x.shape[-2:]):
            stretch = partial(resample_positions, positions, grid)
            positions = stretch() if cache is None else cache.remember("positions", grid, stretch)
        return self.x_embedder(x.to(self.x_embedder.proj.weight.dtype)) + positions

    def _split(
        self, tokens: Tensor, grid: tuple[int, int], dtype: torch.dtype
    ) -> tuple[Tensor, Tensor | None]:
        out = unpatchify(tokens, grid, self.config.patch_size).to(dtype)
        if not self.config.predict_uncertainty:
            return out, None
        return out[:, :-1], out[:, -1:]

    def _labels(self, condition: Condition, batch: int) -> Tensor:
        """The class of each picture: (B,)."""
        if not isinstance(condition, ClassLabels):
            raise InputError(f"This model takes classes, not conditions of kind {condition.kind}.")
        if tuple(condition.labels.shape) != (batch,):
            raise InputError(
                f"{batch} latents need {batch} labels, not shape {tuple(condition.labels.shape)}."
            )
        return condition.labels

    def _times(self, t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
        """The times as the tokens need them: (B,F)."""
        return token_times(t, batch, grid)

    def _initialise(self) -> None:
        """Published initialisation: a fresh model predicts velocity 0 and log-variance 0."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.xavier_uniform_(self.x_embedder.proj.weight.data.flatten(1))
        nn.init.zeros_(self.x_embedder.proj.get_parameter("bias"))
        nn.init.normal_(self.y_embedder.embedding_table.weight, std=0.02)
        nn.init.normal_(self.t_embedder.mlp.get_parameter("0.weight"), std=0.02)
        nn.init.normal_(self.t_embedder.mlp.get_parameter("2.weight"), std=0.02)
        for module in (*self.blocks, self.final_layer):
            nn.init.zeros_(module.adaLN_modulation[1].weight)
        nn.init.zeros_(self.final_layer.linear.weight)


def is_transformer(tensors: Tensors) -> bool:
    """Whether these belong to this network, its baseline or its variant."""
    return {
        "x_embedder.proj.weight",
        "y_embedder.embedding_table.weight",
        "final_layer.linear.weight",
    } <= tensors.keys()


def infer_sizes(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    """Sizes of the network, its baseline or its variant.

    The number of heads and whether the last label is the null class leave no trace in the shapes:
    they come from `heads`, else from `given`, else from the published family.

    Raises:
        InputError: the last layer is that of neither.
    """
    width, channels, patch, _ = tensors["x_embedder.proj.weight"].shape
    rows = tensors["final_layer.linear.weight"].shape[0]
    labels = tensors["y_embedder.embedding_table.weight"].shape[0]
    if rows not in (patch**2 * (channels + 1), patch**2 * channels):
        raise InputError(
            f"The last layer of {name} has {rows} rows, which fits neither Patch Forcing "
            f"({patch**2 * (channels + 1)}) nor its baseline ({patch**2 * channels})."
        )
    number = heads or whole(given.get("num_heads"))
    classes = labels if given.get("class_dropout_prob") == 0 else labels - 1
    values = {
        "in_channels": channels,
        "input_size": math.isqrt(tensors["pos_embed"].shape[1]) * patch,
        "patch_size": patch,
        "hidden_size": width,
        "depth": 1 + max(int(k.split(".")[1]) for k in tensors if k.startswith("blocks.")),
        "num_heads": number or likely_heads(width),
        "mlp_ratio": tensors["blocks.0.mlp.fc1.weight"].shape[0] / width,
        "num_classes": classes,
        "class_dropout_prob": 0.1 if classes < labels else 0.0,
        "predict_uncertainty": rows == patch**2 * (channels + 1),
    }
    return Sizes(values, () if number else assumed_heads(name, likely_heads(width)))


def likely_heads(width: int) -> int:
    """Heads of a transformer of this width where nobody says: 12 for 768, 16 for 1024 and 1152.

    Other widths get heads of 64 features where that comes out even, else the most heads up to 16
    that divide the width.
    """
    if width in _HEADS:
        return _HEADS[width]
    if width % 64 == 0:
        return width // 64
    return max(heads for heads in range(1, 17) if width % heads == 0)


def flops(config: PatchForcingConfig, tokens: int, blocks: Sequence[int] | None = None) -> float:
    """Operations of one pass of one picture, two per multiply-add.

    `blocks` are the tokens of each block that is computed; None is all in every block.

    Modulations are left out: at inference they are computed once per distinct time and label, which
    is less than 1 % of a call.
    """
    width, patch = config.hidden_size, config.patch_size**2
    products = (4 + 2 * config.mlp_ratio) * width**2
    counts = [tokens] * config.depth if blocks is None else blocks
    inside = sum(count * (products + 2 * count * width) for count in counts)  # then attention
    ends = tokens * patch * width * (2 * config.in_channels + config.predict_uncertainty)
    return 2.0 * (inside + ends)


def activation_bytes(config: PatchForcingConfig, tokens: int, number_bytes: int) -> int:
    """Memory that one pass of one picture fills at its peak, roughly and rather too much."""
    width = config.hidden_size
    activations = tokens * width * (6 + 2 * config.mlp_ratio)  # stream, norms, qkv, feed-forward
    attention = config.num_heads * tokens**2 * 2
    return int((activations + attention) * number_bytes)


PATCH_FORCING = Architecture(
    name="patch-forcing",
    task="generate",
    config=PatchForcingConfig,
    network=PatchForcingTransformer,
    recognise=is_transformer,
    infer=infer_sizes,
    channels="in_channels",
    time="per patch",
    has_difficulty=lambda config: config.predict_uncertainty,
    condition="class",
    has_null_condition=lambda config: config.class_dropout_prob > 0,
    layers=lambda config: config.depth,
    routable=lambda config: config.depth,
    flops=flops,
    activation_bytes=activation_bytes,
    pixels=lambda config: config.input_size * AUTOENCODER_FACTOR,
    licence=LICENCE,
    non_commercial=True,
    paper=PAPER,
)
