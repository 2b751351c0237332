"""The text-conditional Patch Forcing transformer ("T2I") and its baseline.

"Denoising, Fast and Slow: Difficulty-Aware Adaptive Sampling for Image Generation" (CVPR 2026,
arXiv 2604.19141). Names of the weights are those of the published code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.nn.condition import Condition, TextEmbeddings
from pfstudio.nn.inputs import image_times, patch_grid, token_times
from pfstudio.nn.interface import Backbone, BlockSample, ComputedLayers, Output
from pfstudio.nn.layers import ModuleList, unpatchify
from pfstudio.nn.modulation import ForwardCache, Modulator, modulation
from pfstudio.nn.perturbation import Perturbation
from pfstudio.nn.text_layers import (
    RefinerLayer,
    RmsNorm,
    Rotation,
    TextBlock,
    TimeMapping,
    attention_weights,
    unit,
)
from pfstudio.nn.token_routing import KeptTokens, Router, TokenSelection

_SAMPLE_WORDS = 16  # tokens of a text while a block is measured


@dataclass(frozen=True)
class TextPatchForcingConfig:
    """Sizes of a text-conditional transformer; the defaults are the published 1.2B for 256 px."""

    in_channels: int = 4
    input_size: int = 32  # latent side of the training pictures; any other side can be computed
    patch_size: int = 2
    hidden_size: int = 1536
    depth: int = 28
    head_dim: int = 96
    mapping_dim: int = 384  # features of a time
    mapping_depth: int = 2
    text_dim: int = 2048  # of the text encoder
    refiner_dim: int = 1536
    refiner_head_dim: int = 128
    refiner_depth: int = 2
    predict_uncertainty: bool = True

    def __post_init__(self) -> None:
        if self.input_size % self.patch_size:
            raise InputError(
                f"The latent side {self.input_size} is no multiple of the patch {self.patch_size}."
            )
        for width, head, step in (
            (self.hidden_size, self.head_dim, 8),
            (self.refiner_dim, self.refiner_head_dim, 4),
        ):
            if width % head or head % step:
                raise InputError(
                    f"The width {width} must be a multiple of its heads' width {head}, and that "
                    f"of {step}."
                )
        if self.mapping_dim % 2:
            raise InputError(f"The time features must be an even number, not {self.mapping_dim}.")


def axial_positions(
    grid: tuple[int, int],
    patch_size: int,
    crop: tuple[int, int, int, int] | None = None,
) -> Tensor:
    """Centres (y,x) of the patches of a grid, on a canvas whose longer side spans -1..1: (F,2).

    Args:
        grid: patches (rows, columns).
        patch_size: latent pixels of a patch's side.
        crop: top, left, height and width, in latent pixels, of the picture that the grid was cut
            from; None: the grid is the whole picture.
    """
    height, width = (side * patch_size for side in grid)
    top, left, whole_height, whole_width = crop or (0, 0, height, width)
    cell = 2 / max(whole_height, whole_width)

    def centres(first: int, count: int, whole: int) -> Tensor:
        index = first + torch.arange(count, dtype=torch.float64)
        return ((index + 0.5 - whole / 2) * cell).view(-1, patch_size).mean(dim=1)

    y, x = centres(top, height, whole_height), centres(left, width, whole_width)
    return torch.stack(torch.meshgrid(y, x, indexing="ij"), dim=-1).flatten(0, 1).float()


class TextPatchForcingTransformer(Backbone):
    """Velocity and log-variance of a latent, conditioned on a text's embeddings.

    Its null condition is the empty text, which only a text encoder can embed.
    """

    config: TextPatchForcingConfig

    def __init__(self, config: TextPatchForcingConfig) -> None:
        super().__init__()
        self.config = config
        width, patch = config.hidden_size, config.patch_size**2
        self.t_embedder = TimeMapping(config.mapping_dim, config.mapping_depth)
        self.txt_proj = nn.Linear(config.text_dim, config.refiner_dim)
        self.txt_refiner = ModuleList(
            RefinerLayer(config.refiner_dim, config.refiner_head_dim)
            for _ in range(config.refiner_depth)
        )
        self.merge = PatchMerge(patch * config.in_channels, width)
        self.blocks = ModuleList(
            TextBlock(width, config.head_dim, config.refiner_dim, config.mapping_dim)
            for _ in range(config.depth)
        )
        self.split = PatchSplit(width, patch * (config.in_channels + config.predict_uncertainty))
        self._initialise()

    @property
    def attention_layers(self) -> int:
        return self.config.depth

    @property
    def self_attention(self) -> Sequence[nn.Module]:
        return [block.self_attn for block in self.blocks]

    @property
    def routable_layers(self) -> int:
        return self.config.depth

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Condition,
        *,
        capture: Sequence[int] = (),
        cache: ForwardCache | None = None,
        positions: Tensor | None = None,
        attention: int = 0,
        selection: TokenSelection | None = None,
        computed: ComputedLayers | None = None,
        perturbation: Perturbation | None = None,
    ) -> Output:
        """As `Backbone.forward`, with text embeddings.

        Args:
            attention: of how many pictures, the last of the batch, `Output.attention` is wanted;
                what skipped a layer attends to nothing there.
            positions: (F,2) or (B,F,2), where they are not those of a whole picture.
        """
        grid = patch_grid(x, self.config.in_channels, self.config.patch_size)
        text, no_label = self._text(condition, len(x)), t.new_zeros(len(x)).long()
        factors = modulation(self._modulator(), self._times(t, len(x), grid), no_label, cache)
        keys_values, mask = self._read(text, cache)
        rotations = self._rotations(grid, positions, cache)
        router = Router(selection, len(self.blocks), len(x))
        done, h = computed or ComputedLayers(0, self.merge(x, self.config.patch_size))
        hidden, tokens = {}, h.shape[1]
        queries: list[Tensor] | None = [] if attention else None
        computed_by: list[KeptTokens | None] = []
        for index, block in islice(enumerate(self.blocks, 1), done, None):
            if perturbation is not None and perturbation.skips(index):
                continue
            edit = None if perturbation is None else perturbation.edit(index)
            h = router.enter(index, h)
            k, v = keys_values[index - 1]
            angles = _kept_angles(rotations[index - 1], router.kept)
            parts = factors(index - 1, router.kept)
            h = block(h, parts, k, v, *angles, self.kernels, mask, queries, edit)
            computed_by.append(router.kept)
            h = router.leave(index, h)
            if index in capture:
                hidden[index] = router.whole(h)
        out = unpatchify(self.split(h), grid, self.config.patch_size).to(x.dtype)
        weights = None
        if queries is not None:
            keys = [k for k, _ in keys_values]
            weights = _attention(queries, keys, mask, attention, computed_by, tokens)
        if not self.config.predict_uncertainty:
            return Output(out, None, hidden, weights)
        return Output(out[:, :-1], out[:, -1:], hidden, weights)

    def prepare(self, cache: ForwardCache, times: Tensor, condition: Condition) -> None:
        """Modulate all times (K,) of a coming run into `cache` at once."""
        cache.prepare(self._modulator(), times, times.new_zeros(1).long())

    def block_sample(self, tokens: int, images: int = 1) -> BlockSample:
        c, generator = self.config, torch.Generator().manual_seed(0)
        block, heads = self.blocks[0], c.hidden_size // c.head_dim
        h = torch.randn(images, tokens, c.hidden_size, generator=generator)
        factors = 1 + 0.1 * torch.randn(3, 1, 1, c.hidden_size, generator=generator)
        k, v = torch.randn(2, images, _SAMPLE_WORDS, heads, c.head_dim, generator=generator)
        k = unit(k, block.cross_attn.scale.detach().float().cpu())
        where = axial_positions((1, tokens), c.patch_size)
        rotations = [
            part.pos_emb(where.to(part.pos_emb.freqs.device)).cpu()
            for part in (block.self_attn, block.cross_attn)
        ]
        sizes = f"text, width {c.hidden_size}, {heads} heads"
        return BlockSample(block, (h, factors, k, v), c.depth, heads, sizes, tuple(rotations))

    def _modulator(self) -> Modulator:
        """The time decides the factors of a block's three norms; the text has no say."""

        def factors(block: TextBlock, features: Tensor) -> list[Tensor]:
            norms = (block.self_attn.norm, block.cross_attn.norm, block.ff.norm)
            return [1 + norm.linear(features) for norm in norms]

        return Modulator(
            lambda t, y: self.t_embedder(t), [partial(factors, block) for block in self.blocks]
        )

    def _read(
        self, text: TextEmbeddings, cache: ForwardCache | None
    ) -> tuple[list[tuple[Tensor, Tensor]], Tensor | None]:
        """Keys and values of the refined text for each block, and the mask if there is padding."""

        def read() -> tuple[list[tuple[Tensor, Tensor]], Tensor | None]:
            mask = None if bool(text.mask.all()) else text.mask
            refined = self.txt_proj(text.tokens.to(self.txt_proj.weight.dtype))
            for layer in self.txt_refiner:
                refined = layer(refined, mask, self.kernels)
            cross = (block.cross_attn for block in self.blocks)
            return [layer.keys_values(refined, self.kernels) for layer in cross], mask

        if cache is None or torch.is_grad_enabled():
            return read()
        # Padding changes the last bits of what is read, though not what it says; kernels, too.
        key = (self.kernels, text.tokens.shape[1], *text.keys().tolist())
        return cache.remember("texts", key, read)

    def _rotations(
        self, grid: tuple[int, int], positions: Tensor | None, cache: ForwardCache | None
    ) -> list[tuple[Rotation, Rotation]]:
        """Rotary angles of each block's self-attention and cross-attention."""

        def rotations() -> list[tuple[Rotation, Rotation]]:
            where = (
                axial_positions(grid, self.config.patch_size) if positions is None else positions
            )
            where = where.to(self.merge.proj.weight.device)
            return [
                (block.self_attn.pos_emb(where), block.cross_attn.pos_emb(where))
                for block in self.blocks
            ]

        if cache is None or positions is not None:
            return rotations()
        return cache.remember("rotations", grid, rotations)

    def _text(self, condition: Condition, batch: int) -> TextEmbeddings:
        """The embeddings of each picture's text."""
        if not isinstance(condition, TextEmbeddings):
            raise InputError(f"This model takes texts, not conditions of kind {condition.kind}.")
        tokens, mask = condition.tokens, condition.mask
        if tokens.shape != (batch, mask.shape[1], self.config.text_dim) or len(mask) != batch:
            raise InputError(
                f"{batch} latents need {batch} texts of width {self.config.text_dim}, "
                f"not shape {tuple(tokens.shape)}."
            )
        return condition

    def _times(self, t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
        """The times as the tokens need them: (B,F)."""
        return token_times(t, batch, grid)

    def _initialise(self) -> None:
        """A fresh model predicts velocity 0 and log-variance 0; every layer starts as identity."""
        zero = ("out_proj", "down_proj", "norm.linear", "split.proj")
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear):
                if name.endswith(zero):
                    nn.init.zeros_(module.weight)
                else:
                    nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(self.txt_proj.bias)


def _kept_angles(
    angles: tuple[Rotation, Rotation], kept: KeptTokens | None
) -> tuple[Rotation, Rotation]:
    """Rotary angles of the tokens that a block computes."""
    if kept is None:
        return angles
    own, cross = (
        kept.of_all_pictures(one) if one.ndim == 4 else torch.stack([kept.of(part) for part in one])
        for one in angles
    )
    return own, cross


def _attention(
    queries: list[Tensor],
    keys: list[Tensor],
    mask: Tensor | None,
    last: int,
    computed_by: list[KeptTokens | None],
    tokens: int,
) -> Tensor:
    """What the `last` pictures of a batch attend to in every layer: (last,layers,F,L)."""
    if all(kept is None for kept in computed_by):  # of all layers at once: these are tiny products
        q, k = (torch.stack([layer[-last:] for layer in part]) for part in (queries, keys))
        return attention_weights(q, k, None if mask is None else mask[-last:]).transpose(0, 1)
    layers = []
    for q, k, kept in zip(queries, keys, computed_by, strict=True):
        weights = attention_weights(q, k, mask)
        if kept is not None:
            nothing = weights.new_zeros(len(weights), tokens, weights.shape[2])
            weights = kept.put(nothing, weights)
        layers.append(weights[-last:])
    return torch.stack(layers, dim=1)


class PatchMerge(nn.Module):
    """(B,C,H,W) -> (B,F,D) by one linear map; features of a patch are (row, column, channel)."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Linear(features, width, bias=False)

    def forward(self, x: Tensor, patch_size: int) -> Tensor:
        patches = F.pixel_unshuffle(x, patch_size)  # channels as (channel, row, column)
        patches = patches.unflatten(1, (x.shape[1], -1)).transpose(1, 2).flatten(1, 2)
        return self.proj(patches.flatten(2).transpose(1, 2).to(self.proj.weight.dtype))


class PatchSplit(nn.Module):
    """Norm and the linear map to the features (row, column, channel) of each patch."""

    def __init__(self, width: int, features: int) -> None:
        super().__init__()
        self.norm = RmsNorm(width)
        self.proj = nn.Linear(width, features, bias=False)

    def forward(self, h: Tensor) -> Tensor:
        return self.proj(self.norm(h))


class TextDiffusionTransformer(TextPatchForcingTransformer):
    """The baseline: one time per image, no difficulty head.

    `forward` takes the time as (B,) or as the map (B,n,m), which then has to be uniform.
    """

    def __init__(self, config: TextPatchForcingConfig) -> None:
        super().__init__(replace(config, predict_uncertainty=False))

    def _times(self, t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
        """The time of each image: (B,1)."""
        return image_times(t, batch, grid)
