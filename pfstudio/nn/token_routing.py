"""Token routing: inside a route the blocks compute only some of the tokens (TREAD, ICCV 2025,
arXiv 2501.04765).

The others skip those blocks and come back after them as they were before. Routing has no weights,
so a routed network's file is that of the dense one. B pictures of F tokens, K of them kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.routes import Route, check_routes, kept_tokens, tokens_of_blocks


@dataclass(frozen=True)
class TokenSelection:
    """Which tokens each route keeps. The order of the indices does not matter."""

    routes: tuple[Route, ...]
    kept: tuple[Tensor, ...]  # of each route: (B,K) int64

    @classmethod
    def of_masks(cls, routes: tuple[Route, ...], masks: Tensor) -> TokenSelection:
        """From masks (B,R,F) bool, one for each of R routes; True is kept.

        Raises:
            InputError: other routes, or pictures that keep different numbers of tokens.
        """
        if masks.shape[1] != len(routes):
            raise InputError(f"There are {masks.shape[1]} masks for {len(routes)} routes.")
        counts = masks.sum(dim=2)
        if not bool(((counts == counts[:1]) & (counts > 0)).all()):
            raise InputError("Each image of a batch must keep the same number of patches.")
        order = masks.to(torch.uint8).argsort(dim=2, descending=True, stable=True)
        kept = [order[:, r, : int(count)] for r, count in enumerate(counts[0])]
        return cls(routes, tuple(kept))

    @classmethod
    def of_scores(
        cls, routes: tuple[Route, ...], scores: Tensor, counts: Sequence[int]
    ) -> TokenSelection:
        """In each route, so many tokens with the highest scores (B,R,F)."""
        kept = [scores[:, r].topk(count, dim=1).indices for r, count in enumerate(counts)]
        return cls(routes, tuple(indices.sort(dim=1).values for indices in kept))

    def to(self, device: torch.device | str) -> TokenSelection:
        return TokenSelection(self.routes, tuple(kept.to(device) for kept in self.kept))

    def masks(self, tokens: int) -> Tensor:
        """The same as masks (B,R,F) bool; True is kept."""
        none = torch.zeros(len(self.kept[0]), tokens, dtype=torch.bool, device=self.kept[0].device)
        return torch.stack([none.scatter(1, indices, True) for indices in self.kept], dim=1)

    def tokens_of_blocks(self, tokens: int, blocks: int) -> list[int]:
        """Tokens of a picture that each block computes, (blocks,)."""
        kept = [indices.shape[1] for indices in self.kept]
        return tokens_of_blocks(tokens, blocks, self.routes, kept)


def random_selection(
    routes: tuple[Route, ...], batch: int, tokens: int, generator: torch.Generator
) -> TokenSelection:
    """Uniformly random tokens, drawn anew for every picture and route, as TREAD trains."""
    scores = torch.rand(batch, len(routes), tokens, generator=generator)
    counts = [kept_tokens(tokens, route.share) for route in routes]
    return TokenSelection.of_scores(routes, scores, counts)


class KeptTokens:
    """The kept tokens of one route, to be taken out of tensors and put back."""

    def __init__(self, indices: Tensor, tokens: int) -> None:
        """`indices` (B,K) of F `tokens`."""
        self._shape = indices.shape
        first = torch.arange(len(indices), device=indices.device)[:, None] * tokens
        self._rows = (indices + first).flatten()
        self._indices = indices

    def of(self, x: Tensor) -> Tensor:
        """(B,F,...) -> (B,K,...); what all tokens share, (B,1,...), stays as it is."""
        if x.shape[1] == 1:
            return x
        return x.flatten(0, 1).index_select(0, self._rows).unflatten(0, self._shape)

    def of_all_pictures(self, x: Tensor) -> Tensor:
        """What all pictures share, (A,F,...) -> (A,B,K,...)."""
        return x.index_select(1, self._indices.flatten()).unflatten(1, self._shape)

    def put(self, x: Tensor, kept: Tensor) -> Tensor:
        """x (B,F,...) with the kept rows (B,K,...) replaced."""
        whole = x.flatten(0, 1).index_copy(0, self._rows, kept.flatten(0, 1).to(x.dtype))
        return whole.unflatten(0, x.shape[:2])


class Router:
    """Takes the tokens of one call through the routes of a network; blocks count from 1."""

    def __init__(self, selection: TokenSelection | None, blocks: int, batch: int) -> None:
        """
        Raises:
            InputError: routes that do not fit the network, or masks of another batch.
        """
        self.kept: KeptTokens | None = None  # of the route that the last block was in
        self._routes: dict[int, tuple[Route, Tensor]] = {}
        self._skipped: Tensor | None = None  # all tokens (B,F,D) as they entered the route
        self._end = 0
        if selection is None:
            return
        check_routes(selection.routes, blocks)
        if len(selection.kept) != len(selection.routes) or any(
            len(kept) != batch for kept in selection.kept
        ):
            raise InputError("The masks of the routes do not fit this batch.")
        pairs = zip(selection.routes, selection.kept, strict=True)
        self._routes = {route.start: (route, kept) for route, kept in pairs}

    def enter(self, block: int, h: Tensor) -> Tensor:
        """Tokens before a block: (B,F,D) -> those that it computes."""
        route, indices = self._routes.get(block, (None, None))
        if route is None or indices is None or indices.shape[1] == h.shape[1]:
            return h
        self.kept, self._skipped = KeptTokens(indices, h.shape[1]), h
        self._end = route.end
        return self.kept.of(h)

    def leave(self, block: int, h: Tensor) -> Tensor:
        """Tokens after a block; (B,F,D) again where a route ends."""
        if self.kept is None or block < self._end:
            return h
        h = self.whole(h)
        self.kept = self._skipped = None
        return h

    def whole(self, h: Tensor) -> Tensor:
        """All tokens (B,F,D), those that were skipped as they entered the route."""
        if self.kept is None or self._skipped is None:
            return h
        return self.kept.put(self._skipped, h)
