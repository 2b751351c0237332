"""The process that `pfstudio bench start` measures: the window, closed once it is painted."""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMainWindow

from pfstudio.ui.app import main as open_program
from pfstudio.ui.app import scripted_environment


class _FirstPaint(QObject):
    """An event filter: prints a line of JSON at the first painted window, and closes it."""

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
        seconds, cpu = time.time() - self._begin, time.process_time()
        print(json.dumps({"seconds": seconds, "cpu": cpu, "torch": self._torch}), flush=True)
        assert self._window is not None
        self._window.close()


def open_until_painted(begin: float) -> int:
    """Open the window of a process that was started at `begin`, in seconds since the epoch."""
    scripted_environment()
    app = QApplication(sys.argv[:1])
    app.installEventFilter(_FirstPaint(begin, app))
    return open_program([])
