"""What a picture is conditioned on, as a network sees it: a class, a text, or nothing.

Each kind holds one condition for each picture of a batch of B.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from torch import Tensor

from pfstudio.core.errors import InputError

Index = int | slice | Tensor  # of pictures, or a mask (B,) of those to keep


@dataclass(frozen=True)
class ClassLabels:
    """Class numbers; a network with guidance keeps one more for "no class"."""

    kind: ClassVar[str] = "class"
    labels: Tensor  # (B,) int64

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Index) -> Self:
        return type(self)(self.labels[_batch(index)])

    def to(self, device: torch.device | str) -> Self:
        return type(self)(self.labels.to(device))

    def keys(self) -> Tensor:
        """What caches tell pictures apart by: (B,) int64."""
        return self.labels


@dataclass(frozen=True)
class TextEmbeddings:
    """Last hidden states of a text encoder, padded to one length L."""

    kind: ClassVar[str] = "text"
    tokens: Tensor  # (B,L,D)
    mask: Tensor  # (B,L) bool: False is padding

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, index: Index) -> Self:
        index = _batch(index)
        return type(self)(self.tokens[index], self.mask[index])

    def to(self, device: torch.device | str) -> Self:
        return type(self)(self.tokens.to(device), self.mask.to(device))

    def keys(self) -> Tensor:
        """A hash of what is not padding, so however far texts are padded: (B,) int64."""
        tokens = self.tokens.float().masked_fill(~self.mask[..., None], 0.0) + 0.0  # no -0
        bits = tokens.contiguous().view(torch.int32).long()
        words = torch.cat([bits, self.mask[..., None].long()], dim=-1).flatten(1)
        return (words * _scattered(words.shape[1], words.device)).sum(dim=1)


@dataclass(frozen=True)
class Unconditional:
    """Nothing, for `batch` pictures."""

    kind: ClassVar[str] = "none"
    batch: int

    def __len__(self) -> int:
        return self.batch

    def __getitem__(self, index: Index) -> Self:
        index = _batch(index)
        if isinstance(index, Tensor):  # on any device
            return type(self)(int(index.sum()) if index.dtype == torch.bool else len(index))
        assert isinstance(index, slice)
        return type(self)(len(range(self.batch)[index]))

    def to(self, device: torch.device | str) -> Self:
        return self

    def keys(self) -> Tensor:
        """All alike: (B,) int64."""
        return torch.zeros(self.batch, dtype=torch.int64)


Condition = ClassLabels | TextEmbeddings | Unconditional


def concatenate(first: Condition, second: Condition) -> Condition:
    """Conditions of two batches as one; texts are padded to the longer length.

    Raises:
        InputError: they are of two kinds.
    """
    if isinstance(first, ClassLabels) and isinstance(second, ClassLabels):
        return ClassLabels(torch.cat([first.labels, second.labels]))
    if isinstance(first, TextEmbeddings) and isinstance(second, TextEmbeddings):
        length = max(first.tokens.shape[1], second.tokens.shape[1])
        parts = [_padded(part, length) for part in (first, second)]
        return TextEmbeddings(
            torch.cat([part.tokens for part in parts]), torch.cat([part.mask for part in parts])
        )
    if isinstance(first, Unconditional) and isinstance(second, Unconditional):
        return Unconditional(first.batch + second.batch)
    raise InputError(f"Conditions of two kinds cannot be mixed: {first.kind} and {second.kind}.")


def _padded(text: TextEmbeddings, length: int) -> TextEmbeddings:
    missing = length - text.tokens.shape[1]
    if not missing:
        return text
    tokens = torch.nn.functional.pad(text.tokens, (0, 0, 0, missing))
    return TextEmbeddings(tokens, torch.nn.functional.pad(text.mask, (0, missing)))


def _scattered(count: int, device: torch.device) -> Tensor:
    """The numbers 1 .. count, each scattered over 64 bits (as in splitmix64, Steele et al. 2014):
    (count,) int64. Weights in a row would let small changes of two numbers cancel out."""
    z = torch.arange(1, count + 1, device=device) * -0x61C8864680B583EB
    z = (z ^ (z >> 30)) * -0x40A7B892E31B1A47
    z = (z ^ (z >> 27)) * -0x6B2FB644ECCEEE15
    return z ^ (z >> 31)


def _batch(index: Index) -> Index:
    """A single picture is a batch of one."""
    return slice(index, index + 1 or None) if isinstance(index, int) else index
