"""A tool bar whose buttons show only their drawings where there is little room."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from pfstudio.ui.widgets.buttons import Button

_SPACING, _TIGHT = 5, 3


class FittingBar(QFrame):
    """Fill its `row`; call `make_fit` when something in it appears or goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: dict[Button, str] = {}
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(8, 6, 8, 6)
        self.row.setSpacing(_SPACING)
        self.row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.make_fit()

    def make_fit(self) -> None:
        """Where there is little room, buttons show their drawings only: the last ones first."""
        buttons = [self.row.itemAt(place).widget() for place in range(self.row.count())]
        buttons = [button for button in buttons if isinstance(button, Button)]
        for button in buttons:
            if button.text():
                self._words[button] = button.text()
            button.setText(self._words[button])
        self.row.setSpacing(_SPACING)
        for button in reversed(buttons):
            self.row.invalidate()
            if self.row.minimumSize().width() <= self.width():
                return
            button.setText("")
        self.row.setSpacing(_TIGHT)
