"""A large canvas of latents that is computed part by part: cut, stacked and put together again."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.windows import Part
from pfstudio.flow.asking import Answer, Ask
from pfstudio.flow.path import pool


class Sums:
    """Puts the answers of parts together."""

    def __init__(self, ask: Ask, patch: int) -> None:
        self.ask, self.patch = ask, patch
        self.velocity = torch.zeros_like(ask.state)
        self.weight = torch.zeros(ask.state.shape[2:])
        self.difficulty = torch.zeros(ask.time.shape)
        self.has_difficulty = False

    def times(self, batch: tuple[Part, ...]) -> Tensor:
        maps = [self.ask.time[slices_of(part, self.patch)] for part in batch]
        return torch.stack(maps).to(self.velocity.device)

    def add(self, batch: tuple[Part, ...], velocity: Tensor, difficulty: Tensor | None) -> None:
        for i, part in enumerate(batch):
            weight, where = torch.from_numpy(part.weight), slices_of(part)
            self.velocity[:, :, *where] += weight.to(velocity.device) * velocity[i : i + 1]
            self.weight[where] += weight
            if difficulty is not None:
                patches = pool(weight[None, None], self.patch)[0]
                self.has_difficulty = True
                self.difficulty[slices_of(part, self.patch)] += patches * difficulty[i].cpu()

    def answer(self) -> Answer:
        total = torch.where(self.weight > 0, self.weight, 1.0)
        velocity = self.velocity / total.to(self.velocity.device)
        if not self.has_difficulty:
            return Answer(velocity)
        return Answer(velocity, self.difficulty / pool(total[None, None], self.patch)[0])

    def time_so_far(self) -> Tensor:
        done = pool(self.weight[None, None], self.patch, "min")[0] > 0
        return torch.where(done & self.ask.wanted, self.ask.then, self.ask.time)


def shape_of(part: Part) -> tuple[int, int]:
    """(height, width) of a part."""
    return part.tile.height, part.tile.width


def slices_of(part: Part, unit: int = 1) -> tuple[slice, slice]:
    """Where a part lies, in pixels or in patches of `unit` pixels."""
    t = part.tile
    return (
        slice(t.top // unit, (t.top + t.height) // unit),
        slice(t.left // unit, (t.left + t.width) // unit),
    )


def stacked(canvas: Tensor, batch: tuple[Part, ...]) -> Tensor:
    """Parts (B,C,h,w) of one size of a canvas (1,C,H,W)."""
    return torch.cat([canvas[:, :, *slices_of(part)] for part in batch])
