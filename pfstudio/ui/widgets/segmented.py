"""A row (or two) of choices of which exactly one is on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from pfstudio.ui.widgets.buttons import RadioGroup
from pfstudio.ui.widgets.paint import FocusRing

PANEL = 266  # logical pixels inside a panel at the left


class Segment(FocusRing, QPushButton):
    """One of the choices."""

    ring_radius = 5

    def __init__(self, key: str, text: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.key = key
        self.setText(text)
        self.setAccessibleName(f"{name}: {text}")
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(26)


class Segmented(QFrame):
    """Choices side by side, `columns` to a row; `chosen(key)` when the user picks one."""

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        options: Sequence[tuple[str, str]],
        *,
        columns: int = 0,
        room: float = PANEL,
        parent: QWidget | None = None,
    ) -> None:
        """Make it; `room`: logical pixels that it may take: long words go into fewer columns."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = RadioGroup(self)
        self._segments: dict[str, Segment] = {}
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(2, 2, 2, 2)
        grid.setSpacing(2)
        for key, text in options:
            self._segments[key] = segment = Segment(key, text, name, self)
            self._group.add(segment)
        columns = columns or len(options)
        widest = max(self.fontMetrics().horizontalAdvance(text) for _, text in options)
        while columns > 1 and columns * (widest + 6) + 2 > room:
            columns -= 1
        for i, segment in enumerate(self._segments.values()):
            grid.addWidget(segment, i // columns, i % columns)
            grid.setColumnStretch(i % columns, 1)
        self._group.buttonClicked.connect(self._clicked)

    def _clicked(self, segment: Segment) -> None:
        self.chosen.emit(segment.key)

    def key(self) -> str:
        """The choice that is on."""
        return next((key for key, one in self._segments.items() if one.isChecked()), "")

    def set_key(self, key: str) -> None:
        """Turn one choice on, silently."""
        self._segments[key].setChecked(True)

    def segment(self, key: str) -> QAbstractButton:
        """The button of a choice."""
        return self._segments[key]

    def set_offered(self, key: str, offered: bool) -> None:
        """Show a choice of a single row, or do without it and its room."""
        segment = self._segments[key]
        segment.setVisible(offered)
        self._grid.setColumnStretch(list(self._segments).index(key), int(offered))

    def set_usable(self, key: str, usable: bool, reason: str = "") -> None:
        """Enable a choice, or disable it and say why in its tip."""
        segment = self._segments[key]
        segment.setEnabled(usable)
        if segment.toolTip() != reason:  # Qt would tell it all the same, which takes long
            segment.setToolTip(reason)
