"""What the trainer asks of the thing that it trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.flow.time_samplers import TIME_SAMPLERS, TimeSampler
from pfstudio.train.config import TrainingConfig
from pfstudio.train.state import ORDER, TrainingProgress, step_generator

Network = TypeVar("Network", bound=nn.Module)
Figures = tuple[tuple[str, float], ...]  # (name, value), in a fixed order: columns of a log


@dataclass(frozen=True)
class StepLoss:
    """The loss of one step. `second` trains the task's discriminator, where it has one."""

    total: Tensor
    figures: tuple[tuple[str, Tensor], ...]
    second: Tensor | None = None


class TrainingTask(Protocol):
    """A network with its data, its objective and its measures.

    Attributes:
        network: what is trained and exported.
        second: a discriminator with an optimiser of its own, or None.
        projector: what trains by the same loss and is not exported, or None.
        average: a copy of the network that is kept at its averaged weights, or None.
    """

    @property
    def network(self) -> nn.Module: ...

    @property
    def second(self) -> nn.Module | None: ...

    @property
    def projector(self) -> nn.Module | None: ...

    @property
    def average(self) -> nn.Module | None: ...

    def loss(self, network: nn.Module, step: int, process: int, processes: int) -> StepLoss:
        """The loss of one step (from 0) on this process's share of the batch.

        Args:
            network: `self.network`, perhaps wrapped for several processes.
            step: decides, with the process, everything random.
            process: of this one, 0 .. processes-1.
            processes: how many share the batch.
        """
        ...

    def validate(self, network: nn.Module) -> Figures:
        """Measure averaged weights on held-out pictures."""
        ...

    def grid(self, network: nn.Module) -> npt.NDArray[np.uint8]:
        """Pictures (H,W,3) that show where the training is."""
        ...

    def card(self, network: nn.Module, progress: TrainingProgress) -> ModelCard:
        """The card of the exported model, without its checksum."""
        ...


def batch_indices(step: int, batch: int, count: int, seed: int) -> Tensor:
    """Which of `count` examples the whole batch of a step (from 0) takes, (batch,) int64.

    Every epoch is a permutation of its own; a batch may reach into the next epoch.
    """
    parts: list[Tensor] = []
    position, end = step * batch, (step + 1) * batch
    while position < end:
        epoch, offset = divmod(position, count)
        order = torch.randperm(count, generator=step_generator(seed, epoch, 0, ORDER))
        parts.append(order[offset : offset + end - position])
        position += len(parts[-1])
    return torch.cat(parts)


def time_sampler(name: str, options: dict[str, float]) -> TimeSampler:
    """A recipe's way of drawing time maps.

    Raises:
        InputError: unknown, or with options that it does not have.
    """
    kind = TIME_SAMPLERS.get(name)
    if kind is None:
        raise InputError(
            f"The recipe cannot be used: there is no time sampler {name!r}.",
            f"Known: {', '.join(TIME_SAMPLERS)}.",
        )
    try:
        return kind(**options)
    except TypeError as error:
        raise InputError(f"The recipe cannot be used: {name}: {error}.") from error


def build_network(
    network: Callable[[Any], Network],
    config: Any,
    sizes: Mapping[str, Any],
    of_data: Mapping[str, int],
) -> Network:
    """A fresh network.

    Args:
        config: its sizes, a dataclass.
        sizes: what the recipe's [model] says of them.
        of_data: what follows from the data.

    Raises:
        InputError: sizes that are unknown, that no such network can have, or that contradict the
            data.
    """
    known = [field.name for field in fields(config)]
    if unknown := sizes.keys() - set(known):
        raise InputError(
            f"The recipe cannot be used: model.{min(unknown)} is unknown "
            f"(known: {', '.join(known)})."
        )
    for name, needed in of_data.items():
        if sizes.get(name, needed) != needed:
            raise InputError(
                f"The recipe cannot be used: model.{name} is {sizes[name]}, and the data needs "
                f"{needed}.",
                "Leave it out: it follows from the data.",
            )
    try:
        return network(config(**{**of_data, **sizes}))
    except (TypeError, ValueError, ArithmeticError, LookupError, RuntimeError) as error:
        raise InputError(
            f"The recipe cannot be used: no network has the sizes of [model] ({error})."
        ) from error


def describe_training(recipe: TrainingConfig, progress: TrainingProgress) -> str:
    """How a model came to be, for its card."""
    routes = "".join(f" {route}." for route in recipe.training.routes)
    shared = f" by {progress.processes} processes" if progress.processes > 1 else ""
    return (
        f"{progress.step} steps of {recipe.training.batch} in {progress.seconds / 60:.0f} minutes"
        f"{shared}, "
        f"learning rate {recipe.training.learning_rate:g}, {recipe.training.precision}, "
        f"moving average {recipe.training.ema:g}.{routes}"
    )
