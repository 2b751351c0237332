"""A large canvas of latents that is computed part by part: cut, stacked and put together again."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pfstudio.core.tiling import WeightedTile
from pfstudio.flow.path import pool


class TileBlender:
    """Velocities and difficulties of tiles, put together to those of the canvas."""

    def __init__(self, canvas: Tensor, patch: int) -> None:
        """Nothing yet, for a canvas (1,C,h,w) with patches of `patch` latents a side."""
        self.patch = patch
        self._velocity = torch.zeros_like(canvas)
        self._weight = torch.zeros(canvas.shape[2:])
        self._difficulty = self._in_patches(self._weight)
        self._has_difficulty = False

    def add(
        self, batch: Sequence[WeightedTile], velocity: Tensor, difficulty: Tensor | None
    ) -> None:
        """Add tiles of one size: velocity (B,C,h,w), difficulty (B,n,m)."""
        for i, part in enumerate(batch):
            weight, where = torch.from_numpy(part.weight), slices_of(part)
            self._velocity[:, :, *where] += weight.to(velocity.device) * velocity[i : i + 1]
            self._weight[where] += weight
            if difficulty is not None:
                self._has_difficulty = True
                at = slices_of(part, self.patch)
                self._difficulty[at] += self._in_patches(weight) * difficulty[i].cpu()

    @property
    def velocity(self) -> Tensor:
        """(1,C,h,w); 0 where no part was."""
        return self._velocity / self._total().to(self._velocity.device)

    @property
    def difficulty(self) -> Tensor | None:
        """(n,m); None where the tiles had none."""
        if not self._has_difficulty:
            return None
        return self._difficulty / self._in_patches(self._total())

    @property
    def covered(self) -> Tensor:
        """(n,m) bool: patches of which every latent is in some part."""
        return pool(self._weight[None, None], self.patch, "min")[0] > 0

    def _total(self) -> Tensor:
        return torch.where(self._weight > 0, self._weight, 1.0)

    def _in_patches(self, weight: Tensor) -> Tensor:
        return pool(weight[None, None], self.patch)[0]


def shape_of(part: WeightedTile) -> tuple[int, int]:
    """(height, width) of a part."""
    return part.tile.height, part.tile.width


def slices_of(part: WeightedTile, unit: int = 1) -> tuple[slice, slice]:
    """Where a part lies, in pixels or in patches of `unit` pixels."""
    t = part.tile
    return (
        slice(t.top // unit, (t.top + t.height) // unit),
        slice(t.left // unit, (t.left + t.width) // unit),
    )


def stacked(canvas: Tensor, batch: Sequence[WeightedTile]) -> Tensor:
    """Parts (B,C,h,w) of one size of a canvas (1,C,H,W)."""
    return torch.cat([canvas[:, :, *slices_of(part)] for part in batch])


def stacked_map(values: Tensor, batch: Sequence[WeightedTile], patch: int) -> Tensor:
    """Parts (B,n,m) of one size of a map of patches (N,M)."""
    return torch.stack([values[slices_of(part, patch)] for part in batch])
