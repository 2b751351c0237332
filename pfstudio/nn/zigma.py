"""The zigzag Mamba networks: scans along changing paths where a transformer has attention.

"ZigMa: A DiT-style Zigzag Mamba Diffusion Model" (ECCV 2024, arXiv 2403.13802). The cost is linear
in the number of tokens. Names of the weights are those of the published checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.core.scan_paths import ScanPath, check_scan, inverse, scan_paths
from pfstudio.nn.condition import ClassLabels, Condition, TextEmbeddings, Unconditional
from pfstudio.nn.inputs import image_times, patch_grid, token_times
from pfstudio.nn.interface import Backbone, Output
from pfstudio.nn.layers import (
    LAYER_NORM_EPS,
    LabelEmbedding,
    ModuleList,
    PatchEmbedding,
    TimeEmbedding,
    position_table,
    resample_positions,
    unpatchify,
)
from pfstudio.nn.mamba import WHOLE, Cut, DecayGroups, KeysValues, ScanRecords, ZigMaBlock
from pfstudio.nn.modulation import ForwardCache, ModulationOf, Modulator, modulation

POSITIONS = ("learned", "sincos", "none")
TIME_SCALE = 1000.0
Text = tuple[list[KeysValues], Tensor | None]


@dataclass(frozen=True)
class ZigMaConfig:
    """Sizes; the defaults are those of the published models for 256 px."""

    in_channels: int = 4
    input_size: int = 32  # latent side that it is made for
    patch_size: int = 1
    hidden_size: int = 768
    depth: int = 24
    scan: str = "zigzagN8"  # see core.scan_paths
    positions: str = "learned"

    def __post_init__(self) -> None:
        if self.input_size % self.patch_size:
            raise InputError(
                f"The latent side {self.input_size} is no multiple of the patch {self.patch_size}."
            )
        if self.positions not in POSITIONS:
            raise InputError(
                f"There are no positions {self.positions!r}.", f"Known: {', '.join(POSITIONS)}."
            )
        if self.positions == "sincos" and self.hidden_size % 4:
            raise InputError(f"The width {self.hidden_size} must be a multiple of 4.")
        self._check_scan()

    def _check_scan(self) -> None:
        check_scan(self.scan)


@dataclass(frozen=True)
class ClassZigMaConfig(ZigMaConfig):
    """Sizes of a class-conditional one; the published ones were trained without a null class."""

    num_classes: int = 1000
    class_dropout_prob: float = 0.0  # 0: there is no null class, so no guidance


@dataclass(frozen=True)
class PatchForcingZigMaConfig(ClassZigMaConfig):
    """Sizes of one with a time for each patch and a difficulty channel."""

    class_dropout_prob: float = 0.1
    predict_uncertainty: bool = True


@dataclass(frozen=True)
class TextZigMaConfig(ZigMaConfig):
    """Sizes of a text-conditional one."""

    text_dim: int = 768


class ZigMa(Backbone):
    """Velocity of a latent, unconditional, with one time per image.

    The tokens stay in the order of the scan from layer to layer, since everything but the scan
    looks at each token alone: one gather a layer.
    """

    config: ZigMaConfig
    text = False

    def __init__(self, config: ZigMaConfig) -> None:
        super().__init__()
        self.config = config
        width, side = config.hidden_size, config.input_size // config.patch_size
        self.x_embedder = PatchEmbedding(config.in_channels, width, config.patch_size)
        self.t_embedder = TimeEmbedding(width)
        self._add_condition()
        if config.positions == "sincos":
            table = position_table(side, side, width)
            self.pos_embed = nn.Parameter(table, requires_grad=False)
        elif config.positions == "learned":
            self.pos_embed = nn.Parameter(torch.zeros(1, self._places(), width))
            nn.init.normal_(self.pos_embed, std=0.02)
        bidirectional = config.scan == "v2"
        self.blocks = ModuleList(
            ZigMaBlock(width, config.depth, bidirectional, self.text) for _ in range(config.depth)
        )
        self.norm_f = nn.RMSNorm(width, eps=1e-5)
        self.final_layer = nn.ModuleDict(
            {"linear": nn.Linear(width, config.patch_size**2 * self._channels())}
        )
        nn.init.normal_(self.t_embedder.mlp.get_parameter("0.weight"), std=0.02)
        nn.init.normal_(self.t_embedder.mlp.get_parameter("2.weight"), std=0.02)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Condition,
        *,
        capture: Sequence[int] = (),
        cache: ForwardCache | None = None,
        scan: str = "",
        record: int = 0,
    ) -> Output:
        """As `Backbone.forward`; for `scan` and `record` see `Backbone.scan_layers`."""
        grid = patch_grid(x, self.config.in_channels, self.config.patch_size)
        times = self._times(t, len(x), grid)
        parts, text = self._told(times, condition, len(x), cache)
        h = self._embed(x, grid, cache)
        turns = _turns(scan or self.config.scan, self.config.depth, grid, str(h.device))
        records = ScanRecords(record, self._decay_groups(cache)) if record else None
        out, hidden = self._layers(h, parts, text, turns, capture, records)
        velocity = unpatchify(out, grid, self.config.patch_size).to(x.dtype)
        channels = self.config.in_channels
        variance = velocity[:, channels:] if velocity.shape[1] > channels else None
        scans = None
        if records is not None:
            each = zip(records.layers, turns.back, strict=True)
            scans = torch.stack([record[..., back] for record, back in each], dim=1)
        return Output(velocity[:, :channels], variance, hidden, scans=scans)

    @property
    def scan_layers(self) -> int:
        return self.config.depth

    def extended(self, height: int, width: int) -> bool:
        """Whether a latent of this size needs resampled positions (never trained)."""
        trained = (self.config.input_size, self.config.input_size)
        return self.config.positions != "none" and (height, width) != trained

    def prepare(self, cache: ForwardCache, times: Tensor, condition: Condition) -> None:
        """Modulate all pairs of times (K,) and labels of a coming run into `cache` at once."""
        cache.prepare(self._modulator(), times, torch.unique(self._labels(condition)))

    def _layers(
        self,
        h: Tensor,
        parts: ModulationOf,
        text: Text | None,
        turns: Turns,
        capture: Sequence[int],
        records: ScanRecords | None,
    ) -> tuple[Tensor, dict[int, Tensor]]:
        """Tokens (B,F,D) -> features of the patches (B,F,p*p*channels), and hidden states."""
        stream, branch, hidden = h.float(), None, dict[int, Tensor]()
        for index, block in enumerate(self.blocks):
            if branch is not None:
                stream = stream + branch
            turn = turns.between[index]
            stream = stream if turn is None else stream[:, turn]
            path = turns.paths[index]
            told = [part if part.shape[1] == 1 else part[:, path] for part in parts(index, None)]
            of_text = None if text is None else (text[0][index], text[1])
            branch = block(stream, told, self.kernels, turns.cuts[index], of_text, records)
            if index + 1 in capture:
                hidden[index + 1] = (stream + branch)[:, turns.back[index]]
        assert branch is not None  # depth > 0
        out = self.norm_f((stream + branch).to(self.norm_f.weight.dtype))
        out = F.layer_norm(out, out.shape[-1:], eps=LAYER_NORM_EPS)
        return self.final_layer["linear"](out)[:, turns.back[-1]], hidden

    def _decay_groups(self, cache: ForwardCache | None) -> list[DecayGroups]:
        def find() -> list[DecayGroups]:
            return [block.mixer.decay_groups() for block in self.blocks]

        return find() if cache is None else cache.remember("decay groups", "", find)

    def _embed(self, x: Tensor, grid: tuple[int, int], cache: ForwardCache | None) -> Tensor:
        """Patch embedding of x (B,C,H,W) plus positions: (B,F,D)."""
        h: Tensor = self.x_embedder(x.to(self.x_embedder.proj.weight.dtype))
        if self.config.positions == "none":
            return h
        positions: Tensor = self.pos_embed
        if self.extended(*x.shape[-2:]):
            stretch = partial(resample_positions, positions, grid)
            positions = stretch() if cache is None else cache.remember("positions", grid, stretch)
        return h + positions

    def _told(
        self, times: Tensor, condition: Condition, batch: int, cache: ForwardCache | None
    ) -> tuple[ModulationOf, Text | None]:
        """Modulations by time and condition, and what the layers attend to."""
        if len(condition) != batch:
            raise InputError(f"{batch} latents need {batch} conditions, not {len(condition)}.")
        labels = self._labels(condition).to(times.device)
        return modulation(self._modulator(), times, labels, cache), None

    def _modulator(self) -> Modulator:
        return Modulator(
            lambda t, y: F.silu(self.t_embedder(TIME_SCALE * t.float()) + self._condition(y)),
            [block.modulation for block in self.blocks],
        )

    def _times(self, t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
        """The time of each image: (B,1)."""
        return image_times(t, batch, grid)

    def _channels(self) -> int:
        return self.config.in_channels

    def _places(self) -> int:
        """Tokens that a table of positions is for."""
        return (self.config.input_size // self.config.patch_size) ** 2

    def _add_condition(self) -> None:
        """Add the layers that read a condition."""

    def _condition(self, labels: Tensor) -> Tensor | float:
        """What conditions of these labels add to the features of the time."""
        return 0.0

    def _labels(self, condition: Condition) -> Tensor:
        """Numbers that tell conditions apart: (B,)."""
        if not isinstance(condition, Unconditional):
            raise InputError(f"This model takes no conditions, not even a {condition.kind}.")
        return condition.keys()


class ClassZigMa(ZigMa):
    """Velocity of a latent of a class, with one time per image."""

    config: ClassZigMaConfig

    def null_condition(self, batch: int) -> ClassLabels | None:
        if self.config.class_dropout_prob == 0:
            return None
        device = self.y_embedder.embedding_table.weight.device
        return ClassLabels(torch.full((batch,), self.config.num_classes, device=device))

    def _add_condition(self) -> None:
        config = self.config
        dropout = config.class_dropout_prob
        self.y_embedder = LabelEmbedding(config.num_classes, config.hidden_size, dropout)
        nn.init.normal_(self.y_embedder.embedding_table.weight, std=0.02)

    def _condition(self, labels: Tensor) -> Tensor:
        return self.y_embedder(labels)

    def _labels(self, condition: Condition) -> Tensor:
        if not isinstance(condition, ClassLabels):
            raise InputError(f"This model takes classes, not conditions of kind {condition.kind}.")
        return condition.labels


class PatchForcingZigMa(ClassZigMa):
    """Velocity and log-variance of a latent whose patches may each have their own time.

    Patch Forcing (see `nn.patch_forcing`) on this network: nobody published one. A fresh one
    predicts velocity 0 and log-variance 0.
    """

    config: PatchForcingZigMaConfig

    def __init__(self, config: PatchForcingZigMaConfig) -> None:
        super().__init__(config)
        nn.init.zeros_(self.final_layer["linear"].get_parameter("weight"))
        nn.init.zeros_(self.final_layer["linear"].get_parameter("bias"))

    def _times(self, t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
        """The time of each token: (B,F)."""
        return token_times(t, batch, grid)

    def _channels(self) -> int:
        return self.config.in_channels + self.config.predict_uncertainty


class TextZigMa(ZigMa):
    """Velocity of a latent that a text describes, with one time per image.

    It was never trained without a text, so there is no guidance.
    """

    config: TextZigMaConfig
    text = True

    def prepare(self, cache: ForwardCache, times: Tensor, condition: Condition) -> None:
        """Nothing is shared between times, since the text decides as well."""

    def _add_condition(self) -> None:
        self.y_embedder = nn.Linear(self.config.text_dim, self.config.hidden_size)

    def _told(
        self, times: Tensor, condition: Condition, batch: int, cache: ForwardCache | None
    ) -> tuple[ModulationOf, Text | None]:
        if not isinstance(condition, TextEmbeddings):
            raise InputError(f"This model takes text, not conditions of kind {condition.kind}.")
        if len(condition) != batch:
            raise InputError(f"{batch} latents need {batch} texts, not {len(condition)}.")
        read = partial(self._read, condition)
        if cache is None or torch.is_grad_enabled():
            mean, text = read()
        else:
            key = (condition.tokens.shape[1], *condition.keys().tolist())  # bits depend on padding
            mean, text = cache.remember("texts", key, read)
        features = F.silu(self.t_embedder(TIME_SCALE * times.float()) + mean)
        layers = self._modulator().layers
        return (lambda index, kept: layers[index](features)), text

    def _read(self, condition: TextEmbeddings) -> tuple[Tensor, Text]:
        """The mean (B,1,D) of a projected text, and its keys and values for each layer."""
        mask = condition.mask
        projected = self.y_embedder(condition.tokens.to(self.y_embedder.weight.dtype))
        weights = (mask / mask.sum(dim=1, keepdim=True).clamp(min=1)).to(projected.dtype)
        mean = torch.einsum("bt,btd->bd", weights, projected)[:, None]
        keys_values = [block.msa.keys_values(projected) for block in self.blocks]
        return mean, (keys_values, None if bool(mask.all()) else mask)


@dataclass(frozen=True)
class Turns:
    """How tokens get from the order of one layer's scan into that of the next."""

    paths: list[Tensor]  # of each layer (F,)
    between: list[Tensor | None]  # gathers what is in the order of the layer before; None: same
    back: list[Tensor]  # gathers what is in a layer's order into that of the patches
    cuts: list[Cut]


def turns_of(walks: Sequence[ScanPath], cuts: list[Cut], device: str) -> Turns:
    """Along the paths of all layers."""
    known: dict[bytes, Any] = {}

    def on_device(path: ScanPath) -> Tensor:
        return known.setdefault(path.tobytes(), torch.from_numpy(path.copy()).to(device))

    before = np.arange(len(walks[0]))
    between: list[Tensor | None] = []
    for walk in walks:
        same = np.array_equal(walk, before)
        between.append(None if same else on_device(inverse(before)[walk]))
        before = walk
    paths, back = map(on_device, walks), map(on_device, map(inverse, walks))
    return Turns(list(paths), between, list(back), cuts)


@lru_cache(maxsize=8)
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def _turns(scan: str, depth: int, grid: tuple[int, int], device: str) -> Turns:
    return turns_of(scan_paths(scan, depth, *grid), [WHOLE] * depth, device)
