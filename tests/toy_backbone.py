"""A backbone that the program does not know: one time per picture, conditioned on text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Architecture, Sizes, Tensors
from pfstudio.nn.condition import Condition, TextEmbeddings
from pfstudio.nn.interface import Backbone, Output
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.registry import ARCHITECTURES


@dataclass(frozen=True)
class ToyConfig:
    """Sizes."""

    in_channels: int = 4
    input_size: int = 8
    patch_size: int = 2
    text_dim: int = 6
    depth: int = 2


class ToyBackbone(Backbone):
    """Convolutions, after each of which the mean embedding of the text is added."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.config = config
        c = config.in_channels
        self.toy = nn.ModuleList(nn.Conv2d(c, c, 3, padding=1) for _ in range(config.depth))
        self.text = nn.Linear(config.text_dim, c)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Condition,
        *,
        capture: Sequence[int] = (),
        cache: ForwardCache | None = None,
    ) -> Output:
        if not isinstance(condition, TextEmbeddings):
            raise InputError(f"This model takes text, not conditions of kind {condition.kind}.")
        if not bool((t == t[:, :1, :1]).all()):
            raise InputError("This model knows only one time per image.")
        dtype = self.text.weight.dtype
        count = condition.mask.sum(dim=1, keepdim=True).clamp(min=1)
        words = (condition.tokens * condition.mask[..., None]).sum(dim=1) / count
        told = (self.text(words.to(dtype)) + t[:, :1, 0].to(dtype))[:, :, None, None]
        h, hidden = x.to(dtype), {}
        for index, layer in enumerate(self.toy, 1):
            h = layer(h) + told
            if index in capture:
                hidden[index] = h.flatten(2).transpose(1, 2)
        return Output(h.to(x.dtype), hidden=hidden)

    def null_condition(self, batch: int) -> TextEmbeddings:
        tokens = torch.zeros(batch, 1, self.config.text_dim)
        return TextEmbeddings(tokens, torch.ones(batch, 1, dtype=torch.bool))


def _infer(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    channels, text = tensors["text.weight"].shape
    depth = len([key for key in tensors if key.startswith("toy.") and key.endswith(".weight")])
    values = {"in_channels": channels, "text_dim": text, "depth": depth}
    return Sizes(values, (f"{name} does not say for which side it was made; 8 is assumed.",))


TOY = Architecture(
    name="toy",
    task="generate",
    config=ToyConfig,
    network=ToyBackbone,
    recognise=lambda tensors: "toy.0.weight" in tensors,
    infer=_infer,
    channels="in_channels",
    condition="text",
    layers=lambda config: config.depth,
    flops=lambda config, tokens: 18.0 * tokens * config.depth * config.in_channels**2,
    activation_bytes=lambda config, tokens, size: 8 * tokens * config.in_channels * size,
    pixels=lambda config: 8 * config.input_size,
    paper="A toy (2026)",
)


def toy_network(config: ToyConfig | None = None) -> ToyBackbone:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return ToyBackbone(config or ToyConfig()).eval()


@contextmanager
def registered(architecture: Architecture = TOY) -> Iterator[None]:
    """The program knows it inside."""
    ARCHITECTURES[architecture.name] = architecture
    try:
        yield
    finally:
        del ARCHITECTURES[architecture.name]
