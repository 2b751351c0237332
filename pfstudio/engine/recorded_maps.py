"""Which maps beside the prediction a run records, and what its calls tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pfstudio.core.conditions import PictureCondition, Prompt
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.scan_maps import RECORDED
from pfstudio.core.words import most_words
from pfstudio.engine.call_maps import CallMaps, ScanMaps, WordMaps, tokens_of_words
from pfstudio.engine.model import Model

_MOST_BYTES = 2**29  # of one kind; beyond this it is not recorded
Halfs = npt.NDArray[np.float16]


class RecordedMaps:
    """The maps that a request asks for, as far as its model tells them.

    Attributes:
        notices: sentences about what cannot be recorded.
    """

    def __init__(
        self, model: Model, request: GenerateRequest, nfe: int, grid: tuple[int, int]
    ) -> None:
        self._grid, self.notices = grid, list[str]()
        self._patch_bytes = 2 * nfe * request.images * grid[0] * grid[1]
        network, words = model.network, 0
        if request.word_maps and (words := most_words(request.conditions)):
            words = min(words, model.text_encoder.max_tokens)  # it reads no more
        self._words = 0  # of the longest prompt, if they are recorded
        if words:
            if not network.attention_layers:
                self.notices.append(f"{model.name} cannot tell which words its patches attend to.")
            elif self._fits(network.attention_layers * words):
                self._words = words
            else:
                self.notices.append("This run is too large to record its word maps.")
        self._scans = request.scan_maps and network.scan_layers > 0
        if self._scans and not self._fits(network.scan_layers * RECORDED):
            self._scans = False
            self.notices.append("This run is too large to record its scan maps.")
        self._of_words: WordMaps | None = None
        self._of_scans: ScanMaps | None = None

    def _fits(self, of_patch: int) -> bool:
        """Whether so many numbers of every patch and call are not too many."""
        return self._patch_bytes * of_patch <= _MOST_BYTES

    def begin(self, model: Model, conditions: Sequence[PictureCondition]) -> list[CallMaps]:
        """What the calls of a batch are to tell."""
        own, _ = model.encode_conditions(conditions)
        if self._words:
            texts = [one.text for one in conditions if isinstance(one, Prompt)]
            offsets = model.text_encoder(texts).offsets
            of_words = tokens_of_words(texts, offsets, self._words).to(model.device)
            layers = model.network.attention_layers
            self._of_words = WordMaps(own, of_words, layers, self._grid)
        if self._scans:
            self._of_scans = ScanMaps(own, model.network.scan_layers, self._grid)
        return [one for one in (self._of_words, self._of_scans) if one is not None]

    def words(self) -> Halfs | None:
        """Of the last call: (B,layers,n,m,W); None: not recorded."""
        return None if self._of_words is None else self._of_words.maps()

    def scans(self) -> Halfs | None:
        """Of the last call: (B,layers,G+2,n,m); None: not recorded."""
        return None if self._of_scans is None else self._of_scans.maps()
