"""Inputs: a framed line of text with small buttons at its end, and a drop-down list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QWidget,
)

from pfstudio.ui import icons
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.paint import FocusRing, Hover, box, painter_of

HEIGHT = 34


class Field(Hover, QWidget):
    """A frame around a QLineEdit (`edit`) and the icon buttons that belong to it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.edit = QLineEdit()
        self.edit.setObjectName("bare")
        self.edit.setAccessibleName(name)
        self.edit.installEventFilter(self)
        self.setFocusProxy(self.edit)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(2, 2, 5, 2)
        self._row.setSpacing(1)
        self._row.addWidget(self.edit, 1)

    def add_button(self, icon: str, name: str) -> IconButton:
        """A small button at the end of the line."""
        button = IconButton(icon, name, side=24)
        self._row.addWidget(button)
        return button

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        focus = self.edit.hasFocus()
        fill = t.hover if self.underMouse() and self.isEnabled() else t.field
        place = QRectF(self.rect())
        box(painter_of(self), place, fill, t.focus if focus else t.border, t.radius)


class Combo(FocusRing, Hover, QComboBox):
    """A drop-down list that draws itself."""

    def __init__(self, name: str, height: int = HEIGHT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setItemDelegate(QStyledItemDelegate(self))  # the plain one ignores the style sheet

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:  # scrolling the panel must not change the choice on the way
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = painter_of(self)
        place = QRectF(self.rect())
        hover = self.underMouse() and self.isEnabled()
        box(painter, place, t.hover if hover else t.field, t.border, t.radius)
        painter.setFont(font())
        painter.setPen(t.text if self.isEnabled() else t.faint)
        line = self.rect().adjusted(11, 0, -30, 0)
        text = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, line.width()
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
        icons.draw(
            painter,
            "chevron-down",
            QRectF(place.right() - 25, place.center().y() - 8, 16, 16),
            t.muted,
        )
        self.draw_ring(painter)
