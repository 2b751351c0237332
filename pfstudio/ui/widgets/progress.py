"""A thin bar that fills from left to right."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget


class ThinBar(QProgressBar):
    """Progress of the running job."""

    def __init__(self, name: str, width: int = 200, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTextVisible(False)
        self.setFixedSize(width, 5)

    def show_progress(self, done: int, total: int) -> None:
        """Set both. QProgressBar would paint at once, with all else that is due; this waits."""
        self.setUpdatesEnabled(False)
        self.setRange(0, max(1, total))
        self.setValue(done)
        self.setUpdatesEnabled(True)
