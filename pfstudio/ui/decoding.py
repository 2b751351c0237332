"""Asks the worker what latents show; each client has a slot of its own there."""

from __future__ import annotations

import itertools
from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.jobs import Decoded
from pfstudio.core.request_json import Request
from pfstudio.ui.jobs import Jobs

_NUMBERS = itertools.count()


class Decoding(QObject):
    """One client. Of its asks the latest is always answered, an earlier one perhaps."""

    decoded = Signal(object)  # Decoded

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._client = next(_NUMBERS)
        self._open: tuple[Request, Hashable, npt.NDArray[np.float16]] | None = None
        jobs.bridge.decoded.connect(self._on_decoded)
        jobs.bridge.ready.connect(self._send)

    def ask(self, request: Request, key: Hashable, latents: npt.NDArray[np.float16]) -> None:
        """Ask what latents of a run of this request show; a worker that is not there is awaited."""
        self._open = (request, key, latents)
        self._send()

    @Slot(object)
    def _send(self, _: object = None) -> None:
        if self._open is not None and self._jobs.runner is not None:
            self._jobs.runner.decode(self._client, *self._open)

    @Slot(object)
    def _on_decoded(self, answer: Decoded) -> None:
        if answer.client == self._client:
            if self._open is not None and answer.key == self._open[1]:
                self._open = None
            self.decoded.emit(answer)
