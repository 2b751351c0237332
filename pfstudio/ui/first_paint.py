"""Notes when the window was painted for the first time, then closes it."""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QMainWindow


class FirstPaint(QObject):
    """An event filter for the application; prints one line of JSON."""

    def __init__(self, begin: float, parent: QObject) -> None:
        super().__init__(parent)
        self._begin = begin
        self._window: QMainWindow | None = None
        self._torch = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            self._window is None
            and event.type() == QEvent.Type.Paint
            and isinstance(watched, QMainWindow)
        ):
            self._window = watched
            self._torch = "torch" in sys.modules
            QTimer.singleShot(0, self._painted)
        return False

    @Slot()
    def _painted(self) -> None:
        """Right after the whole first paint."""
        answer = {
            "seconds": time.time() - self._begin,
            "cpu": time.process_time(),
            "torch": self._torch,
        }
        print(json.dumps(answer), flush=True)
        assert self._window is not None
        self._window.close()
