"""A small panel that opens beside a button and closes at the next click elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import box, painter_of
from pfstudio.ui.widgets.reading_order import ReadingOrder


class RoundMenu(QMenu):
    """A menu with the theme's rounded corners."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)


class Popover(ReadingOrder, QFrame):
    """Fill its layout, then call `open_above`."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(name)

    def open_above(self, anchor: QWidget) -> None:
        """Show it over a widget, right edges aligned."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(anchor.width(), 0))
        self.move(corner - QPoint(self.width(), self.height() + 6))
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt leaves the background of a translucent window to the window itself."""
        t = tokens()
        box(painter_of(self), QRectF(self.rect()), t.panel, t.border, 9)
