"""What every model that is ready to run tells of itself, whatever it does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Self

import torch
from torch import nn

from pfstudio.core.card import ModelCard
from pfstudio.engine.execution import ExecutionConfig, prepare_thread


class LoadedModel(ABC):
    """A model with its card, on the device and in the precision that were chosen.

    Attributes:
        lighter: loads the same model in bfloat16; None where nobody knows how.
    """

    lighter: Callable[[], Self] | None = None

    def __init__(self, card: ModelCard, execution: ExecutionConfig) -> None:
        self.card = card
        self.execution = execution

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def device(self) -> torch.device:
        return torch.device(self.execution.device)

    @property
    def precision(self) -> str:
        """E.g. "bfloat16"."""
        return self.execution.precision

    @property
    def threads(self) -> int:
        """Threads that one call uses."""
        return self.execution.threads or torch.get_num_threads()

    @property
    def bytes(self) -> int:
        """Memory of the weights."""
        return sum(p.numel() * p.element_size() for m in self.modules() for p in m.parameters())

    @abstractmethod
    def modules(self) -> Iterable[nn.Module]:
        """What holds weights."""

    def prepare_thread(self) -> None:
        """Make the calling thread compute as chosen (torch keeps some settings per thread)."""
        prepare_thread(self.execution)
