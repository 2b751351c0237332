"""Which patches stay in the routes of a network, for the strong and the weak prediction of a call.

Everything drawn depends on the picture's seed and the number of the call alone, so that a picture
does not depend on its batch, and a run that is taken up again goes on as it would have. B pictures
of n x m patches, R routes; two branches: strong, weak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.routes import Route, kept_tokens
from pfstudio.flow.path import pool
from pfstudio.flow.step import Prediction

BRANCHES = 2


class RecordedMasks(NamedTuple):
    """What a run that is taken up, or made like another one, begins with."""

    call: int = 0  # of the run, from 0: the number of the next one
    difficulty: Tensor | None = None  # (B,n,m) of the last call; None: unknown
    kept: Tensor | None = None  # (T,B,2,R,n,m) bool of the other run, instead of drawn ones
    frozen: Tensor | None = None  # (B,n,m) bool: patches that stand at time 1 from its start


@dataclass
class MaskSource:
    """What the rules with shares ask for the patches that stay, as long as a run lasts.

    `routes` are the network's, `seeds` the pictures' (B,); the rest is as in `RecordedMasks`.
    """

    routes: tuple[Route, ...]
    seeds: Sequence[int]
    call: int = 0
    difficulty: Tensor | None = None
    recorded: Tensor | None = None
    frozen: Tensor | None = None

    def times(self, t: Tensor) -> list[float]:
        """How far each picture is (B,), 0..1: the mean time of its patches that are not frozen."""
        if self.frozen is None or not bool(self.frozen.any()):
            return [float(time) for time in t.flatten(1).mean(dim=1)]
        moving = (~self.frozen).to(t)
        number = moving.flatten(1).sum(dim=1).clamp(min=1)
        return [float(time) for time in (t * moving).flatten(1).sum(dim=1) / number]

    def scores(self, masks: str, grid: tuple[int, int]) -> Tensor:
        """The patches with the highest scores (B,2,R,n*m) stay.

        Raises:
            InputError: the earlier run has fewer calls.
        """
        if self.recorded is not None:
            return self._recorded().float().flatten(3)
        if masks == "difficulty" and self.difficulty is not None:
            known = self.difficulty.flatten(1)[:, None, None]
            return known.expand(-1, BRANCHES, len(self.routes), -1)
        call = 0 if masks == "fixed" else self.call
        make = _blue_noise if masks == "blue-noise" else _uniform
        each = []
        for seed in self.seeds:
            independent = masks in ("fresh", "fixed")
            strong = make(seed, call, 0, len(self.routes), grid)
            weak = make(seed, call, 1, len(self.routes), grid) if independent else strong
            each.append(torch.stack([strong, weak]))
        return torch.stack(each)

    def counts(self, shares: Sequence[tuple[float, float]], tokens: int) -> list[tuple[int, ...]]:
        """Patches that stay in each branch and route, (B,2R), for shares (B,2) to be taken out."""
        if self.recorded is not None:
            return [tuple(one) for one in self._recorded().flatten(3).sum(3).flatten(1).tolist()]
        each = [(kept_tokens(tokens, share) for share in pair) for pair in shares]
        return [tuple(count for count in one for _ in self.routes) for one in each]

    def after(self, prediction: Prediction, patch_size: int) -> None:
        """A call was made."""
        self.call += 1
        if prediction.log_variance is not None:
            self.difficulty = pool(prediction.log_variance.exp(), patch_size).float().cpu()

    def _recorded(self) -> Tensor:
        assert self.recorded is not None
        if self.call >= len(self.recorded):
            raise InputError(
                f"The masks are those of a run of {len(self.recorded)} calls, and this run makes "
                "more.",
                "Choose the sampler and the steps of that run.",
            )
        return self.recorded[self.call]


def _generator(seed: int, call: int, branch: int) -> torch.Generator:
    """One for each picture, call and branch, far from the one that draws the picture's noise."""
    mixed = seed * 0x9E3779B97F4A7C15 + call * 0xBF58476D1CE4E5B9 + branch * 0x94D049BB133111EB + 1
    return torch.Generator().manual_seed(mixed % 2**63)


def _uniform(seed: int, call: int, branch: int, routes: int, grid: tuple[int, int]) -> Tensor:
    """Scores (R,n*m) without any order."""
    return torch.rand(routes, grid[0] * grid[1], generator=_generator(seed, call, branch))


def _blue_noise(seed: int, call: int, branch: int, routes: int, grid: tuple[int, int]) -> Tensor:
    """Scores (R,n*m) whose highest are spread evenly, however many: one order, moved at random."""
    generator, order = _generator(seed, call, branch), _spread_order(*grid)
    moved = []
    for _ in range(routes):
        rows, columns = (int(torch.randint(side, (), generator=generator)) for side in grid)
        moved.append(order.roll((rows, columns), (0, 1)).flatten())
    return torch.stack(moved)


@cache
def _spread_order(rows: int, columns: int) -> Tensor:
    """An order (n,m) float32 in which each patch is as far as possible from those with more.

    Void and cluster (Ulichney 1993), its filling phase: the next patch is where a sum of Gaussians
    around the chosen ones is lowest, with opposite edges touching.
    """

    def apart(side: int) -> Tensor:
        index = torch.arange(side, dtype=torch.float64)
        return torch.minimum(index, side - index)

    near = torch.exp(-(apart(rows)[:, None] ** 2 + apart(columns)[None] ** 2) / (2 * 1.5**2))
    # A tiny slope instead of chance where several are equally far.
    energy = torch.arange(rows * columns, dtype=torch.float64).view(rows, columns) * 1e-9
    order = torch.zeros(rows, columns)
    for place in range(rows * columns):
        row, column = divmod(int(energy.argmin()), columns)
        order[row, column] = rows * columns - place
        energy += near.roll((row, column), (0, 1))
        energy[row, column] = torch.inf
    return order
