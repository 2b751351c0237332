"""A thin bar that fills from left to right."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import box, painter_of


class ThinBar(QProgressBar):
    """Progress of the running job; a QProgressBar to screen readers."""

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

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = painter_of(self)
        box(painter, QRectF(self.rect()), t.track, "", 2.5)
        share = self.value() / max(1, self.maximum())
        if share > 0:
            box(painter, QRectF(0, 0, max(5.0, share * self.width()), 5), t.accent, "", 2.5)
