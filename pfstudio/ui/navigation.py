"""The rail at the left: one button per page that works, and Settings at the foot."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.ui import icons
from pfstudio.ui.language import tr
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.buttons import RadioGroup
from pfstudio.ui.widgets.labels import Surface
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import FocusRing, box, painter_of, write

SIDE = 56  # of a button


class RailButton(FocusRing, QPushButton):
    """Icon over text. A push button: Qt speaks of every tool button as a check box."""

    ring_radius = 10

    def __init__(self, key: str, text: str, icon: str) -> None:
        super().__init__(text)
        self.key = key
        self._icon = icon
        self.setAccessibleName(text)
        self.setFont(font("tiny"))
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def minimumSizeHint(self) -> QSize:
        return QSize(max(SIDE, self.fontMetrics().horizontalAdvance(self.text()) + 8), SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter, place = tokens(), painter_of(self), QRectF(self.rect())
        lit = self.isChecked() or self.underMouse()
        if self.isDown():
            box(painter, place, t.raised, "", self.ring_radius)
        elif self.isChecked():
            edge = t.focus if t.name == "high-contrast" else ""
            box(painter, place, t.field if t.name == "dark" else t.raised, edge, self.ring_radius)
        elif lit:
            box(painter, place, t.hover, "", self.ring_radius)
        colour = "text" if lit else "muted"
        drawing = QRectF(place.center().x() - 10, 9, 20, 20)
        icons.draw(painter, self._icon, drawing, getattr(t, colour))
        write(painter, place.adjusted(0, 32, 0, -6), self.text(), "tiny", colour)
        self.draw_ring(painter, self.ring_radius)


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
        widest = max(button.minimumSizeHint().width() for button in buttons)
        for button in buttons:
            button.setFixedSize(widest, SIDE)

    def set_current(self, key: str) -> None:
        """Light up a page's button."""
        self._buttons[key].setChecked(True)

    def _clicked(self, button: RailButton) -> None:
        self.chosen.emit(button.key)
