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

    def setValue(self, value: int) -> None:
        """QProgressBar paints at once, and everything else that is due with it; this waits."""
        self.setUpdatesEnabled(False)
        super().setValue(value)
        self.setUpdatesEnabled(True)
