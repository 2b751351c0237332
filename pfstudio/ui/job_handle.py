"""A request on its way through the queue, as who submitted it sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from pfstudio.core.request_json import Request


class JobHandle(QObject):
    """One request in the queue of `Jobs`. The last signal is `ended` or `removed`."""

    began = Signal()  # its turn has come
    returned = Signal()  # the worker took another job before it: it waits again
    started = Signal(object)  # Started
    progress = Signal(list)  # list[Progress], all of one kind of detail
    preview = Signal(object)  # Preview
    ended = Signal(object)  # Final
    removed = Signal()  # taken out of the queue before its turn, by whomever

    def __init__(
        self, request: Request, cancel: Callable[[JobHandle], None], *, restored: bool = False
    ) -> None:
        super().__init__()
        self._cancel = cancel
        self.request: Any = request  # of the class of its kind
        self.restored = restored  # left by an earlier session
        self.job: int | None = None  # the worker's number; None: not handed over
        self.running = False  # whether its turn has come, and it has not ended

    def cancel(self) -> None:
        """Stop it if it runs; take it out of the queue if it waits."""
        self._cancel(self)
