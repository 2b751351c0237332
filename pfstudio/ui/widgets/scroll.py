"""Layouts: emptied, and in a column that scrolls when it is too long; lists without a frame."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLayout,
    QListView,
    QScrollArea,
    QSizePolicy,
    QWidget,
)


class _Whole(QScrollArea):
    """Asks for the height of all that is inside, and no more."""

    def sizeHint(self) -> QSize:
        inside = self.widget()
        return inside.sizeHint() if inside is not None else super().sizeHint()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().viewportEvent(event)


def clear(layout: QLayout) -> None:
    """Take every widget out of a layout, and end it."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def scrolling(inside: QLayout, *, whole: bool = False) -> QScrollArea:
    """A scroll area around a layout. It takes no focus: what is inside does.

    `whole`: it takes the height of what is inside where there is room for it, and no more.
    """
    content = QWidget()
    content.setLayout(inside)
    area = _Whole() if whole else QScrollArea()
    if whole:
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def frameless(view: QListView) -> None:
    """Let a list stand on the page as it is: no frame, smooth scrolling up and down, no editing."""
    view.setFrameShape(QListView.Shape.NoFrame)
    view.setStyleSheet("QListView { background: transparent; border: 0; }")
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setMouseTracking(True)
