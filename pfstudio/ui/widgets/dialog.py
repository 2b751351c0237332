"""Windows beside the main one, and how large a window may be on its screen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QWidget

from pfstudio.ui.widgets.reading_order import ReadingOrder

FRAME = QSize(16, 48)  # what a window manager puts around a window, at most


def fitting(size: QSize, widget: QWidget) -> QSize:
    """A size for a window, or what the screen has room for inside the frame, if that is less."""
    return size.boundedTo(widget.screen().availableSize() - FRAME)


class Dialog(ReadingOrder, QDialog):
    """A window that is gone once it is closed."""

    def __init__(
        self, title: str, parent: QWidget | None, size: tuple[int, int] | None = None
    ) -> None:
        """Make it.

        Args:
            title: of the window.
            parent: the window that it belongs to.
            size: width and height at first, where the screen has room; None: as its contents ask.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if size is not None:
            self.resize(fitting(QSize(*size), self))
