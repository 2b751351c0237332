"""A large canvas of latents that is computed tile by tile: cut, stacked and put together again."""

from __future__ import annotations

import torch
from torch import Tensor

from pfstudio.core.tiling import WeightedTile
from pfstudio.flow.ode import OdeEvaluation, OdeResult
from pfstudio.flow.path import pool


class TileBlender:
    """Puts the answers of tiles together."""

    def __init__(self, evaluation: OdeEvaluation, patch: int) -> None:
        self.evaluation, self.patch = evaluation, patch
        self.velocity = torch.zeros_like(evaluation.state)
        self.weight = torch.zeros(evaluation.state.shape[2:])
        self.difficulty = torch.zeros(evaluation.time.shape)
        self.has_difficulty = False

    def times(self, batch: tuple[WeightedTile, ...]) -> Tensor:
        maps = [self.evaluation.time[slices_of(weighted, self.patch)] for weighted in batch]
        return torch.stack(maps).to(self.velocity.device)

    def add(
        self, batch: tuple[WeightedTile, ...], velocity: Tensor, difficulty: Tensor | None
    ) -> None:
        for i, weighted in enumerate(batch):
            weight, where = torch.from_numpy(weighted.weight), slices_of(weighted)
            self.velocity[:, :, *where] += weight.to(velocity.device) * velocity[i : i + 1]
            self.weight[where] += weight
            if difficulty is not None:
                patches = pool(weight[None, None], self.patch)[0]
                self.has_difficulty = True
                self.difficulty[slices_of(weighted, self.patch)] += patches * difficulty[i].cpu()

    def answer(self) -> OdeResult:
        total = torch.where(self.weight > 0, self.weight, 1.0)
        velocity = self.velocity / total.to(self.velocity.device)
        if not self.has_difficulty:
            return OdeResult(velocity)
        return OdeResult(velocity, self.difficulty / pool(total[None, None], self.patch)[0])

    def time_so_far(self) -> Tensor:
        done = pool(self.weight[None, None], self.patch, "min")[0] > 0
        return torch.where(
            done & self.evaluation.wanted, self.evaluation.then, self.evaluation.time
        )


def shape_of(weighted: WeightedTile) -> tuple[int, int]:
    """(height, width) of a tile."""
    return weighted.tile.height, weighted.tile.width


def slices_of(weighted: WeightedTile, unit: int = 1) -> tuple[slice, slice]:
    """Where a tile lies, in pixels or in patches of `unit` pixels."""
    t = weighted.tile
    return (
        slice(t.top // unit, (t.top + t.height) // unit),
        slice(t.left // unit, (t.left + t.width) // unit),
    )


def stacked(canvas: Tensor, batch: tuple[WeightedTile, ...]) -> Tensor:
    """Tiles (B,C,h,w) of one size of a canvas (1,C,H,W)."""
    return torch.cat([canvas[:, :, *slices_of(weighted)] for weighted in batch])
