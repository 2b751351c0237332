"""Gets the decoded pictures that an export needs from the worker, a few calls at a time."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from pfstudio.core.errors import RunError
from pfstudio.core.events import Bytes
from pfstudio.core.jobs import Decoded
from pfstudio.core.requests import GenerateRequest
from pfstudio.ui.bridge import EngineBridge
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.ui.worker import Engine

BATCH = 8  # calls decoded in one ask
REPEAT_MS = 3000  # an ask may lose against a newer one: ask again
REPEATS = 20
_NO_JOB = -(2**31)  # a number that no run has


class PictureCollector(QObject):
    """Collects the predictions of one picture of a run at given calls."""

    progressed = Signal(int, int)  # pictures at hand, pictures wanted
    collected = Signal(object)  # dict[int, (H,W,3)] by call
    failed = Signal(object)  # RunError

    def __init__(self, engine: Engine, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._round = 0
        self._data: RunData | None = None
        self._image = 0
        self._missing: list[int] = []
        self._found: dict[int, Bytes] = {}
        self._left = REPEATS
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REPEAT_MS)
        self._timer.timeout.connect(self._again)
        bridge.decoded.connect(self._on_decoded)

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
        self._ask(fresh=True)

    def stop(self) -> None:
        """Forget it."""
        self._data = None
        self._timer.stop()

    def _ask(self, *, fresh: bool) -> None:
        if self._data is None:
            return
        total = len(self._found) + len(self._missing)
        self.progressed.emit(len(self._found), total)
        if not self._missing:
            found, self._data = self._found, None
            self._timer.stop()
            self.collected.emit(found)
            return
        if fresh:
            self._left = REPEATS
            self._round += 1
        latents = [
            self._data.prediction_latents(call, self._image) for call in self._missing[:BATCH]
        ]
        stack = np.stack([latent for latent in latents if latent is not None])
        self._timer.start()
        self._engine.decode(self._data.request, (_NO_JOB, self._round), stack)

    @Slot()
    def _again(self) -> None:
        self._left -= 1
        if self._left > 0:
            self._ask(fresh=False)
            return
        self.stop()
        self.failed.emit(
            RunError("The pictures of this run could not be decoded.", "Is its model installed?")
        )

    @Slot(object)
    def _on_decoded(self, answer: Decoded) -> None:
        if self._data is None or not isinstance(answer.request, GenerateRequest):
            return
        if answer.key != (_NO_JOB, self._round):  # another ask took the place of ours: once more
            self._ask(fresh=False)
            return
        count = len(answer.values)
        for call, pixels in zip(self._missing[:count], answer.values, strict=True):
            self._found[call] = pixels
        self._missing = self._missing[count:]
        self._ask(fresh=True)
