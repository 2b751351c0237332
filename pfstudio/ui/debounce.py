"""Things that may come often, done once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal


class Debouncer(QObject):
    """`due` once for any number of asks, before the next paint: so all changes share one paint.

    A timer of 0 ms would come after the paint that the first change caused.
    """

    due = Signal()
    _asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting = False
        self._asked.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def ask(self) -> None:
        """Tell `due` soon."""
        if not self._waiting:
            self._waiting = True
            self._asked.emit()

    def flush(self) -> None:
        """Tell now, if it was asked."""
        if self._waiting:
            self._tell()

    def _tell(self) -> None:
        if self._waiting:
            self._waiting = False
            self.due.emit()
