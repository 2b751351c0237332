"""Wait for what happens in a window, instead of for time to pass."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from pfstudio.core.errors import RunError
from pfstudio.ui.notify import ERROR, Notice, Notifier

POLL_MS = 20


class Waiter(QObject):
    """Runs the event loop until a condition holds; an error told to the user ends the script."""

    def __init__(self, notifier: Notifier) -> None:
        super().__init__()
        self._trouble: Notice | None = None
        self._loop = QEventLoop(self)
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._look)
        self._condition: Callable[[], bool] = bool
        self._end = 0.0
        notifier.posted.connect(self._on_notice)

    def _on_notice(self, notice: Notice) -> None:
        if notice.level == ERROR:
            self._trouble = notice

    def until(self, condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
        """Wait for `condition`.

        Raises:
            RunError: it did not come true in time, or something went wrong meanwhile.
        """
        self.hope(condition, seconds)
        if not condition():
            raise RunError(f"Waited {seconds:.0f} s in vain for {what}.")

    def hope(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait for `condition`, and go on without it after `seconds`.

        Raises:
            RunError: something went wrong meanwhile.
        """
        self._condition, self._end = condition, monotonic() + seconds
        if not condition():
            self._poll.start()
            self._loop.exec()
            self._poll.stop()
        if self._trouble is not None:
            raise RunError(self._trouble.text, self._trouble.advice)

    def _look(self) -> None:
        if self._condition() or self._trouble is not None or monotonic() > self._end:
            self._loop.quit()

    def rest(self, seconds: float) -> None:
        """Only run the event loop for so long: unlike waiting for a condition, that costs nothing.

        Raises:
            RunError: something went wrong meanwhile.
        """
        QTimer.singleShot(round(1000 * seconds), self._loop.quit)
        self._loop.exec()
        if self._trouble is not None:
            raise RunError(self._trouble.text, self._trouble.advice)

    def settle(self) -> None:
        """Let everything that was scheduled happen: refreshes, layouts, paints."""
        for _ in range(3):
            QApplication.sendPostedEvents()
            QApplication.processEvents()
