"""What a picture is conditioned on, as a network sees it: a class, a text, or nothing.

Each kind holds one condition for each picture of a batch of B.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

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
        """Equal for equal embeddings: (B,) int64, a sum of each picture's bits with odd weights."""
        bits = self.tokens.float().contiguous().view(torch.int32).long().flatten(1)
        weights = torch.arange(1, 2 * bits.shape[1], 2, device=bits.device) * 0x9E3779B1
        return (bits * weights).sum(dim=1) ^ (self.mask.long().sum(dim=1) << 40)


@dataclass(frozen=True)
class Unconditional:
    """Nothing, for `batch` pictures."""

    kind: ClassVar[str] = "none"
    batch: int

    def __len__(self) -> int:
        return self.batch

    def __getitem__(self, index: Index) -> Self:
        return type(self)(len(torch.empty(self.batch)[_batch(index)]))

    def to(self, device: torch.device | str) -> Self:
        return self

    def keys(self) -> Tensor:
        """All alike: (B,) int64."""
        return torch.zeros(self.batch, dtype=torch.int64)


Condition = ClassLabels | TextEmbeddings | Unconditional
Kind = TypeVar("Kind", ClassLabels, TextEmbeddings, Unconditional)


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


def _batch(index: Index) -> Index:
    """A single picture is a batch of one."""
    return slice(index, index + 1 or None) if isinstance(index, int) else index
