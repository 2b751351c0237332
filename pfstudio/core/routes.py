"""Routes: blocks of a network that some of the tokens skip (TREAD, ICCV 2025, arXiv 2501.04765).

Blocks count from 1. A share is that of the tokens which are taken out; TREAD calls it "selection
ratio".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import CheckedSettings, field_in

MAX_SHARE = 0.99


@dataclass(frozen=True)
class Route(CheckedSettings):
    """The blocks `start` .. `end`, both included, work on all but a share of the tokens."""

    start: int = field_in(1, 1, 10_000)
    end: int = field_in(1, 1, 10_000)
    share: float = field_in(0.5, 0.0, MAX_SHARE)  # that it was trained with

    def __str__(self) -> str:
        """E.g. "50 % of the patches skip blocks 3 to 9"."""
        blocks = f"block {self.start}" if self.start == self.end else self._blocks()
        return f"{self.share:.0%} of the patches skip {blocks}".replace("%", " %")

    def _blocks(self) -> str:
        return f"blocks {self.start} to {self.end}"


def check_routes(routes: Sequence[Route], blocks: int) -> None:
    """See that routes follow each other inside a network of this many blocks.

    Raises:
        InputError: they do not.
    """
    for route in routes:
        if not route.start <= route.end <= blocks:
            raise InputError(
                f"A route from block {route.start} to block {route.end} does not fit {blocks} "
                "blocks.",
                f"Choose blocks between 1 and {blocks}, the first one first.",
            )
    for before, after in pairwise(routes):
        if after.start <= before.end:
            raise InputError(
                f"The route from block {after.start} begins before the one up to block "
                f"{before.end} ends.",
                "List routes that do not overlap, in order.",
            )


def kept_tokens(tokens: int, share: float) -> int:
    """How many of the tokens stay in a route: an exact count, at least 1."""
    return max(1, tokens - int(tokens * share))


def tokens_of_blocks(
    tokens: int, blocks: int, routes: Sequence[Route], kept: Sequence[int]
) -> list[int]:
    """Tokens of a picture that each block computes, (blocks,), of which each route keeps some."""
    counts = [tokens] * blocks
    for route, count in zip(routes, kept, strict=True):
        counts[route.start - 1 : route.end] = [count] * (route.end - route.start + 1)
    return counts


def shared_blocks(routes: Sequence[Route]) -> int:
    """Blocks before the first route: calls that differ in what they keep alone agree on them."""
    return routes[0].start - 1 if routes else 0
