"""What is done to some blocks of a transformer, so that it predicts worse on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

# Self-attention of queries and values (B,heads,F,d), given what attends plainly with other queries
# to the same keys and values: (B,heads,F,d).
AttentionEdit = Callable[[Tensor, Tensor, Callable[[Tensor], Tensor]], Tensor]


@dataclass(frozen=True)
class Perturbation:
    """Blocks, from 1, with another self-attention, or that are left out."""

    blocks: tuple[int, ...]
    attention: AttentionEdit | None  # None: the blocks are left out

    def skips(self, block: int) -> bool:
        """Whether a block is left out."""
        return self.attention is None and block in self.blocks

    def edit(self, block: int) -> AttentionEdit | None:
        """What a block does in place of its self-attention."""
        return self.attention if block in self.blocks else None


def see_only_itself(q: Tensor, v: Tensor, attend: Callable[[Tensor], Tensor]) -> Tensor:
    """Attention whose map is the identity."""
    return v


def blurred_queries(grid: tuple[int, int], blur: float) -> AttentionEdit:
    """Attention of queries that are blurred over the grid, with weights that add up to 1.

    Args:
        blur: standard deviation of the Gaussian in patches; 0: all get the mean query.
    """

    def edit(q: Tensor, v: Tensor, attend: Callable[[Tensor], Tensor]) -> Tensor:
        if not blur:
            return attend(q.mean(dim=2, keepdim=True).expand_as(q))
        rows, columns = (_blur_matrix(side, blur).to(q) for side in grid)
        square = q.unflatten(2, grid)
        blurred = torch.einsum("ij,bhjkd,lk->bhild", rows, square, columns)
        return attend(blurred.flatten(2, 3))

    return edit


def _blur_matrix(side: int, blur: float) -> Tensor:
    """(side,side): each row is a Gaussian around its place, cut off at the edges."""
    apart = torch.arange(side)[:, None] - torch.arange(side)
    weights = torch.exp(-(apart**2) / (2 * blur**2))
    return weights / weights.sum(dim=1, keepdim=True)
