"""The decoded pictures that an export needs from the worker, a few calls at a time."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.errors import RunError
from pfstudio.core.events import Bytes
from pfstudio.core.jobs import Decoded
from pfstudio.ui.decoding import Decoding
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.language import tr
from pfstudio.ui.view_models.run_data import RunData

BATCH = 8  # calls decoded in one ask


class PictureCollector(QObject):
    """Collects the predictions of one picture of a run at given calls."""

    progressed = Signal(int, int)  # pictures at hand, pictures wanted
    collected = Signal(object)  # dict[int, (H,W,3)] by call
    failed = Signal(object)  # RunError

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decoding = Decoding(jobs, self)
        self._round = 0  # number of the latest ask
        self._data: RunData | None = None
        self._image = 0
        self._missing: list[int] = []
        self._found: dict[int, Bytes] = {}
        self._decoding.decoded.connect(self._on_decoded)

    def start(self, data: RunData, image: int, calls: tuple[int, ...]) -> None:
        """Collect these calls; calls whose latents were not kept are left out."""
        self._data, self._image, self._found = data, image, {}
        self._missing = []
        for call in calls:
            if data.is_decoded(call, image):
                picture = data.prediction(call, image)
                assert picture is not None
                self._found[call] = picture.pixels
            elif data.prediction_latents(call, image) is not None:
                self._missing.append(call)
        self._ask()

    def stop(self) -> None:
        """Forget it."""
        self._data = None

    def _ask(self) -> None:
        data = self._data
        if data is None:
            return
        self.progressed.emit(len(self._found), len(self._found) + len(self._missing))
        if not self._missing:
            found, self._data = self._found, None
            self.collected.emit(found)
            return
        latents = [data.prediction_latents(call, self._image) for call in self._missing[:BATCH]]
        stack = np.stack([latent for latent in latents if latent is not None])
        self._round += 1
        self._decoding.ask(data.request, self._round, stack)

    @Slot(object)
    def _on_decoded(self, answer: Decoded) -> None:
        if self._data is None or answer.key != self._round:  # of an export that was stopped
            return
        if answer.values is None:
            self.stop()
            self.failed.emit(
                RunError(tr("The images of this run could not be decoded."), answer.problem)
            )
            return
        count = len(answer.values)
        for call, pixels in zip(self._missing[:count], answer.values, strict=True):
            self._found[call] = pixels
        self._missing = self._missing[count:]
        self._ask()
