"""The rail at the left: one button per page that works, and Settings at the foot."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from pfstudio.ui import icons
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.labels import Surface
from pfstudio.ui.widgets.paint import FocusRing, Hover, box, painter_of

WIDTH = 68


class RailButton(FocusRing, Hover, QAbstractButton):
    """Icon over text."""

    def __init__(self, key: str, text: str, icon: str) -> None:
        super().__init__()
        self.key = key
        self.setText(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(QSize(56, 56))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._icon = icon

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = painter_of(self)
        lit = self.isChecked() or self.underMouse()
        if self.isChecked():
            edge = t.focus if t.name == "high-contrast" else ""
            box(painter, QRectF(self.rect()), t.raised if t.name != "dark" else t.field, edge, 10)
        elif self.underMouse():
            box(painter, QRectF(self.rect()), t.hover, "", 10)
        ink = t.text if lit else t.muted
        icons.draw(painter, self._icon, QRectF(18, 9, 20, 20), ink)
        painter.setFont(font("tiny"))
        painter.setPen(ink)
        painter.drawText(QRectF(0, 32, 56, 18), Qt.AlignmentFlag.AlignCenter, self.text())
        self.draw_ring(painter, 10)


class NavigationRail(Surface):
    """`chosen(key)` when the user picks a page."""

    chosen = Signal(str)
    settings_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("base", parent=parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Pages")
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._clicked)
        self._buttons: dict[str, RailButton] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 9, 6, 9)
        self._column.setSpacing(4)
        self._column.addStretch()
        self.settings = RailButton("settings", "Settings", "settings")
        self.settings.clicked.connect(self.settings_asked)
        self._column.addWidget(self.settings)

    def add(self, key: str, text: str, icon: str) -> None:
        """Show one more page."""
        button = RailButton(key, text, icon)
        button.setCheckable(True)
        self._buttons[key] = button
        self._group.addButton(button)
        self._column.insertWidget(len(self._buttons) - 1, button)

    def set_current(self, key: str) -> None:
        """Light up a page's button."""
        self._buttons[key].setChecked(True)

    def _clicked(self, button: QAbstractButton) -> None:
        assert isinstance(button, RailButton)
        self.chosen.emit(button.key)
