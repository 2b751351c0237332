"""What a generator is conditioned on while it trains: classes, or captions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.nn.condition import (
    ClassLabels,
    Condition,
    TextEmbeddings,
    Unconditional,
    concatenate,
)
from pfstudio.train.captions import CaptionEmbeddings

SAMPLES = 8  # sample pictures where the recipe names none


class Conditions(Protocol):
    """Conditions of pictures, which are known by the labels of the training set."""

    def draw(self, labels: Tensor, generator: torch.Generator) -> Condition:
        """For one training step; labels (B,)."""
        ...

    def fixed(self, labels: Tensor) -> Condition:
        """For validation: the same at every call; labels (B,)."""
        ...

    def named(self, names: tuple[str, ...]) -> Condition:
        """Of sample pictures, by the names in the recipe."""
        ...

    def default_names(self) -> tuple[str, ...]:
        """Names for sample pictures where the recipe gives none."""
        ...

    def null(self, count: int, device: torch.device) -> Condition | None:
        """What guidance leads away from where the network itself names nothing."""
        ...


class NoConditions:
    """Of a network that takes none."""

    def draw(self, labels: Tensor, generator: torch.Generator) -> Condition:
        return Unconditional(len(labels))

    def fixed(self, labels: Tensor) -> Condition:
        return Unconditional(len(labels))

    def named(self, names: tuple[str, ...]) -> Condition:
        return Unconditional(len(names))

    def default_names(self) -> tuple[str, ...]:
        return ("",) * SAMPLES

    def null(self, count: int, device: torch.device) -> None:
        return None


@dataclass(frozen=True)
class ClassConditions:
    """The labels are classes; the network itself drops some while it trains."""

    classes: tuple[str, ...]

    def draw(self, labels: Tensor, generator: torch.Generator) -> Condition:
        return ClassLabels(labels)

    def fixed(self, labels: Tensor) -> Condition:
        return ClassLabels(labels)

    def named(self, names: tuple[str, ...]) -> Condition:
        for name in names:
            if name not in self.classes:
                raise InputError(
                    f"The recipe's report.grid_classes names {name!r}, which is no class."
                )
        return ClassLabels(torch.tensor([self.classes.index(name) for name in names]))

    def default_names(self) -> tuple[str, ...]:
        return self.classes[:SAMPLES]

    def null(self, count: int, device: torch.device) -> None:
        return None


@dataclass(frozen=True)
class CaptionConditions:
    """The labels are pictures, each with several captions, some of which become the empty text."""

    embeddings: CaptionEmbeddings
    prompts: dict[str, TextEmbeddings]  # of the sample pictures, one each
    dropout: float

    def draw(self, labels: Tensor, generator: torch.Generator) -> Condition:
        return self.embeddings.draw(labels, self.dropout, generator)

    def fixed(self, labels: Tensor) -> Condition:
        return self.embeddings.plainest(labels)

    def named(self, names: tuple[str, ...]) -> Condition:
        every: list[Condition] = [self.prompts[name] for name in names]
        return reduce(concatenate, every)

    def default_names(self) -> tuple[str, ...]:
        return tuple(self.prompts)

    def null(self, count: int, device: torch.device) -> Condition:
        return self.embeddings.empty(count).to(device)
