"""The rail at the left: one button per page that works, and Settings at the foot."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from pfstudio.ui import icons
from pfstudio.ui.language import tr
from pfstudio.ui.theme import font
from pfstudio.ui.widgets.buttons import RadioGroup
from pfstudio.ui.widgets.labels import Surface
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import FocusRing

SIDE = 56  # of a button


class RailButton(FocusRing, QToolButton):
    """Icon over text."""

    ring_radius = 10

    def __init__(self, key: str, text: str, icon: str) -> None:
        super().__init__()
        self.key = key
        self.setText(text)
        self.setAccessibleName(text)
        self.setIcon(icons.icon(icon))
        self.setIconSize(QSize(20, 20))
        self.setFont(font("tiny"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)


class NavigationRail(Surface):
    """`chosen(key)` when the user picks a page."""

    chosen = Signal(str)
    settings_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("base", parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(tr("Pages"))
        self._group = RadioGroup(self)
        self._group.buttonClicked.connect(self._clicked)
        self._buttons: dict[str, RailButton] = {}
        self._column = fill(QVBoxLayout(self), None, margins=(6, 9, 6, 9), spacing=4)
        self.settings = RailButton("settings", tr("Settings"), "settings")
        self.settings.clicked.connect(self.settings_asked)
        self._column.addWidget(self.settings)
        self._widen()

    def add(self, key: str, text: str, icon: str) -> None:
        """Show one more page."""
        button = RailButton(key, text, icon)
        self._buttons[key] = button
        self._group.add(button)
        self._column.insertWidget(len(self._buttons) - 1, button)
        self._widen()

    def _widen(self) -> None:
        """Make all buttons as wide as the longest word needs."""
        buttons = (*self._buttons.values(), self.settings)
        words = max(one.fontMetrics().horizontalAdvance(one.text()) for one in buttons)
        for button in buttons:
            button.setFixedSize(QSize(max(SIDE, words + 8), SIDE))

    def set_current(self, key: str) -> None:
        """Light up a page's button."""
        self._buttons[key].setChecked(True)

    def _clicked(self, button: RailButton) -> None:
        self.chosen.emit(button.key)
