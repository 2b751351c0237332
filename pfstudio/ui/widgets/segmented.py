"""A row (or two) of choices of which exactly one is on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import FocusRing, Hover, box, painter_of


class _Segment(FocusRing, Hover, QAbstractButton):
    def __init__(self, key: str, text: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.key = key
        self.setText(text)
        self.setAccessibleName(f"{name}: {text}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(font()).horizontalAdvance(self.text()) + 14, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        t = tokens()
        ink = t.faint
        if self.isEnabled():
            ink = t.text if self.isChecked() or self.underMouse() else t.muted
        if self.isChecked():
            edge = t.focus if t.name == "high-contrast" else ""
            box(painter, QRectF(self.rect()), t.raised, edge, 5)
        painter.setFont(font())
        painter.setPen(ink)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        self.draw_ring(painter, 5)


class Segmented(QWidget):
    """Choices side by side, `columns` to a row; `execution(key)` when the user picks one."""

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        options: Sequence[tuple[str, str]],
        *,
        columns: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._segments: dict[str, _Segment] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(3, 3, 3, 3)
        grid.setSpacing(2)
        columns = columns or len(options)
        for i, (key, text) in enumerate(options):
            segment = _Segment(key, text, name, self)
            self._segments[key] = segment
            self._group.addButton(segment)
            grid.addWidget(segment, i // columns, i % columns)
            grid.setColumnStretch(i % columns, 1)
        self._group.buttonClicked.connect(self._clicked)

    def _clicked(self, segment: QAbstractButton) -> None:
        assert isinstance(segment, _Segment)
        self.chosen.emit(segment.key)

    def key(self) -> str:
        """The choice that is on."""
        on = self._group.checkedButton()
        return on.key if isinstance(on, _Segment) else ""

    def set_key(self, key: str) -> None:
        """Turn one choice on, silently."""
        self._segments[key].setChecked(True)

    def segment(self, key: str) -> QAbstractButton:
        """The button of a choice."""
        return self._segments[key]

    def set_usable(self, key: str, usable: bool, reason: str = "") -> None:
        """Enable a choice, or disable it and say why in its tip."""
        self._segments[key].setEnabled(usable)
        self._segments[key].setToolTip(reason)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        box(painter_of(self), QRectF(self.rect()), t.field, t.border, t.radius)
