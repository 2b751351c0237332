"""The class-conditional Patch Forcing transformer and its REPA variant.

"Denoising, Fast and Slow: Difficulty-Aware Adaptive Sampling for Image Generation" (CVPR 2026,
arXiv 2604.19141). Names of the weights are those of the published checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.nn.condition import ClassLabels, Condition
from pfstudio.nn.interface import Backbone, BlockSample, Output
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
from pfstudio.nn.modulation import ForwardCache, ModulationOf, per_token


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


@dataclass(frozen=True)
class RepaConfig(PatchForcingConfig):
    """Sizes of the REPA variant: a projector on the tokens after block `encoder_depth`, from 1."""

    z_dim: int = 768
    encoder_depth: int = 8
    projector_dim: int = 2048

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.encoder_depth <= self.depth:
            raise InputError(
                f"The projector's block {self.encoder_depth} must lie between 1 and {self.depth}."
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
    ) -> Output:
        """As `Backbone.forward`, with class labels.

        Without a cache every token is modulated on its own, as in the published code and as
        training with distinct times needs. A cache (inference only) makes each distinct (time,
        label) be modulated once; the result is the same.
        """
        grid, labels = self._grid(x), self._labels(condition, len(x))
        modulation = self._modulation(self._times(t, len(x), grid), labels, cache)
        h = self._embed(x, grid, cache)
        hidden = {}
        for index, block in enumerate(self.blocks):
            h = block(h, modulation(index), self.kernels)
            if index + 1 in capture:
                hidden[index + 1] = h
        tokens = self.final_layer(h, modulation(len(self.blocks)))
        return Output(*self._split(tokens, grid, x.dtype), hidden)

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
        cache.prepare(self._modulations(), self._condition, times, labels)

    def block_sample(self, tokens: int) -> BlockSample:
        c, generator = self.config, torch.Generator().manual_seed(0)
        h = torch.randn(1, tokens, c.hidden_size, generator=generator)
        modulation = torch.randn(6, 1, 1, c.hidden_size, generator=generator)
        sizes = f"width {c.hidden_size}, {c.num_heads} heads, x{c.mlp_ratio:g}"
        return BlockSample(self.blocks[0], (h, modulation), c.depth, c.num_heads, sizes)

    def extended(self, height: int, width: int) -> bool:
        """Whether a latent of this size needs a resampled position table (never trained)."""
        return (height, width) != (self.config.input_size, self.config.input_size)

    def _condition(self, t: Tensor, y: Tensor) -> Tensor:
        """Embedding of times (...) and labels (...) that broadcast against them: (...,D)."""
        return self.t_embedder(t) + self.y_embedder(y)

    def _modulations(self) -> list[nn.Linear]:
        return [layer.adaLN_modulation[1] for layer in (*self.blocks, self.final_layer)]

    def _modulation(self, t: Tensor, y: Tensor, cache: ForwardCache | None) -> ModulationOf:
        """Modulations at times t (B,F|1) and labels y (B,)."""
        layers = self._modulations()
        if cache is not None and not torch.is_grad_enabled():
            shared = cache.modulation(layers, self._condition, t, y)
            if shared is not None:
                return shared
        return per_token(layers, self._condition(t, y[:, None]))

    def _embed(self, x: Tensor, grid: tuple[int, int], cache: ForwardCache | None = None) -> Tensor:
        """Patch embedding of x (B,C,H,W) plus positions: (B,F,D)."""
        positions = self.pos_embed
        if self.extended(*x.shape[-2:]):
            if cache is None:
                positions = resample_positions(positions, grid)
            else:
                positions = cache.positions(positions, grid)
        return self.x_embedder(x.to(self.x_embedder.proj.weight.dtype)) + positions

    def _split(
        self, tokens: Tensor, grid: tuple[int, int], dtype: torch.dtype
    ) -> tuple[Tensor, Tensor | None]:
        out = unpatchify(tokens, grid, self.config.patch_size).to(dtype)
        if not self.config.predict_uncertainty:
            return out, None
        return out[:, :-1], out[:, -1:]

    def _grid(self, x: Tensor) -> tuple[int, int]:
        """Patches (rows, columns) of a latent."""
        _, channels, height, width = x.shape
        p = self.config.patch_size
        if channels != self.config.in_channels:
            raise InputError(
                f"The latent has {channels} channels, the model needs {self.config.in_channels}."
            )
        if height % p or width % p:
            raise InputError(
                f"A latent of {height} x {width} cannot be cut into {p} x {p} patches."
            )
        return height // p, width // p

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
        if tuple(t.shape) != (batch, *grid):
            raise InputError(
                f"The times must have shape {(batch, *grid)}, one for each patch, "
                f"not {tuple(t.shape)}."
            )
        return t.flatten(1)

    def _initialise(self) -> None:
        """Published initialisation: a fresh model predicts velocity 0 and log-variance 0."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.xavier_uniform_(self.x_embedder.proj.weight.data.flatten(1))
        nn.init.zeros_(self.x_embedder.proj.bias)
        nn.init.normal_(self.y_embedder.embedding_table.weight, std=0.02)
        nn.init.normal_(self.t_embedder.mlp[0].weight, std=0.02)
        nn.init.normal_(self.t_embedder.mlp[2].weight, std=0.02)
        for module in (*self.blocks, self.final_layer):
            nn.init.zeros_(module.adaLN_modulation[1].weight)
        nn.init.zeros_(self.final_layer.linear.weight)


class RepaPatchForcingTransformer(PatchForcingTransformer):
    """Patch Forcing with a projector towards the features of a pretrained encoder (REPA).

    `projector` maps the tokens after block `encoder_depth` (`Output.hidden`) to features
    (B,F,z_dim). It serves training only; `forward` leaves it out.
    """

    config: RepaConfig

    def __init__(self, config: RepaConfig) -> None:
        super().__init__(config)
        self.projector = nn.Sequential(
            nn.Linear(config.hidden_size, config.projector_dim),
            nn.SiLU(),
            nn.Linear(config.projector_dim, config.projector_dim),
            nn.SiLU(),
            nn.Linear(config.projector_dim, config.z_dim),
        )
        for layer in self.projector[::2]:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
