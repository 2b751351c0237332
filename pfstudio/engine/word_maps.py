"""Which words of its prompt each patch attends to, call by call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core.words import words_of
from pfstudio.nn.condition import Condition, TextEmbeddings
from pfstudio.nn.interface import Output


class WordMaps:
    """Keeps the cross-attention of the first pass of a call that read the pictures' own prompts.

    B pictures, n x m patches, W words of the longest prompt. What guidance leads away from is
    read by other rows of a call, which are not looked at.
    """

    def __init__(
        self, own: TextEmbeddings, of_words: Tensor, layers: int, grid: tuple[int, int]
    ) -> None:
        """`of_words` (B,L,W) is 1 where a token is part of a word."""
        self._keys, self._of_words, self._grid = own.keys(), of_words, grid
        self._heard = False  # in this call
        self._last = of_words.new_zeros(len(own), layers, grid[0] * grid[1], of_words.shape[1])

    def wanted(self, condition: Condition) -> int:
        """How many pictures, the last ones of a call, read their own prompt: all B, or none."""
        if self._heard:
            return 0
        images = len(self._keys)
        own = len(condition) >= images and torch.equal(condition[-images:].keys(), self._keys)
        return images if own else 0

    def keep(self, out: Output) -> None:
        """Remember what a call gave."""
        if out.attention is not None:
            self._last, self._heard = out.attention, True

    def maps(self) -> npt.NDArray[np.float16]:
        """Share of each patch's attention that each word has: (B,layers,n,m,W).

        The rest of 1 is attention to punctuation and to the tokens that mark the ends.
        """
        self._heard = False
        length = self._of_words.shape[1]  # beyond it is padding
        shares = self._last[..., :length] @ self._of_words[:, None]
        return shares.unflatten(2, self._grid).to(torch.float16).cpu().numpy()


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
        for index, word in enumerate(words_of(prompt)):
            for token, (start, end) in enumerate(places):
                part[row, token, index] = start < end and word.start < end <= word.end
    return part
