"""What a network tells of a call beside its prediction: attention to words, and what scans did.

B pictures, n x m patches, F = n*m. Of each picture only the first pass of a call that reads its own
condition is listened to: what guidance leads away from is read by other rows, or in other passes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core.scan_maps import RECORDED
from pfstudio.core.words import words_of
from pfstudio.nn.condition import Condition
from pfstudio.nn.interface import Output


class CallMaps(ABC):
    """Asks the passes of a run for maps (B,layers,...), and keeps those of the last call."""

    def __init__(self, own: Condition, last: Tensor) -> None:
        """`last` is what calls tell whose passes do not read all pictures' own conditions."""
        self._keys, self._last = own.keys(), last
        self._every = torch.arange(len(self._keys), device=self._keys.device)
        self._asked = self._every  # pictures of the pass that is going on
        self._heard = torch.zeros_like(self._every, dtype=torch.bool)  # in this call

    @abstractmethod
    def options(self, condition: Condition, pictures: Tensor | None) -> dict[str, Any]:
        """Further arguments of the network for a pass; `pictures` (K,) as for `_wanted`."""

    @abstractmethod
    def keep(self, out: Output) -> None:
        """Remember what a pass gave."""

    def _wanted(self, condition: Condition, pictures: Tensor | None) -> int:
        """How many pictures, the last ones of a pass, read their own condition: all K, or none.

        Args:
            pictures: places (K,) in the batch of those that the pass is about; None: all B.
        """
        # The keys of no condition at all are on the CPU, wherever the network is.
        self._asked = self._every if pictures is None else pictures.to(self._every.device)
        if self._heard[self._asked].any():
            return 0
        images = len(self._asked)
        own = len(condition) >= images
        own = own and torch.equal(condition[-images:].keys(), self._keys[self._asked])
        return images if own else 0

    def _keep(self, maps: Tensor | None) -> None:
        if maps is None:
            return
        self._heard[self._asked] = True
        if len(maps) == len(self._every):
            self._last = maps
            return
        if self._last.shape[1:] != maps.shape[1:]:  # texts are padded to other lengths at first
            self._last = maps.new_zeros(len(self._every), *maps.shape[1:])
        self._last = self._last.to(maps).index_copy(0, self._asked.to(maps.device), maps)


class WordMaps(CallMaps):
    """Which words of its prompt each patch attends to; the first W words."""

    def __init__(
        self, own: Condition, of_words: Tensor, layers: int, grid: tuple[int, int]
    ) -> None:
        """`of_words` (B,L,W) is 1 where a token is part of a word."""
        self._of_words, self._grid = of_words, grid
        tokens = of_words.shape[1]
        super().__init__(own, of_words.new_zeros(len(own), layers, grid[0] * grid[1], tokens))

    def options(self, condition: Condition, pictures: Tensor | None) -> dict[str, Any]:
        return {"attention": self._wanted(condition, pictures)}

    def keep(self, out: Output) -> None:
        self._keep(out.attention)

    def maps(self) -> npt.NDArray[np.float16]:
        """Share of each patch's attention that each word has: (B,layers,n,m,W).

        The rest of 1 is attention to punctuation and to the tokens that mark the ends.
        """
        self._heard.zero_()
        length = self._of_words.shape[1]  # beyond it is padding
        shares = self._last[..., :length] @ self._of_words[:, None]
        return shares.unflatten(2, self._grid).to(torch.float16).cpu().numpy()


class ScanMaps(CallMaps):
    """What the scan of each layer does to each patch."""

    def __init__(self, own: Condition, layers: int, grid: tuple[int, int]) -> None:
        self._grid = grid
        super().__init__(own, torch.zeros(len(own), layers, RECORDED, grid[0] * grid[1]))

    def options(self, condition: Condition, pictures: Tensor | None) -> dict[str, Any]:
        return {"record": self._wanted(condition, pictures)}

    def keep(self, out: Output) -> None:
        self._keep(out.scans)

    def maps(self) -> npt.NDArray[np.float16]:
        """Records of `core.scan_maps`: (B,layers,G+2,n,m)."""
        self._heard.zero_()
        return self._last.unflatten(3, self._grid).to(torch.float16).cpu().numpy()


def tokens_of_words(
    prompts: Sequence[str], offsets: Sequence[Sequence[tuple[int, int]]], words: int
) -> Tensor:
    """Which tokens are part of which words: (B,L,`words`) of 0 and 1.

    Args:
        offsets: characters start .. end of each token in its prompt; (0,0) for tokens without
            text. Some tokenizers count the space before a word, so the last character decides.
    """
    part = torch.zeros(len(prompts), max(map(len, offsets)), words)
    for row, (prompt, places) in enumerate(zip(prompts, offsets, strict=True)):
        found = words_of(prompt)[:words]
        ends = [word.end for word in found]
        for token, (start, end) in enumerate(places):
            index = bisect_left(ends, end)  # of the first word that does not end before
            if start < end and index < len(found) and found[index].start < end:
                part[row, token, index] = 1
    return part
