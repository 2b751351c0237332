"""Inputs: a line of text with small buttons at its end, and drop-down lists."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QWidget,
)

from pfstudio.ui import icons
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import FocusRing, painter_of

HEIGHT = 34
OPEN_MODEL = "\0open"  # key of the entry of a list of models that opens another


def holds_files(data: QMimeData) -> bool:
    """Whether something dropped or copied is for the page, though Qt offers file names as text."""
    return data.hasUrls() or (data.hasImage() and not data.hasText())


def pastes_files(event: QEvent) -> bool:
    """Whether a key is about to paste files into a text: the window's own Paste opens them."""
    return (
        isinstance(event, QKeyEvent)
        and event.type() == QEvent.Type.ShortcutOverride
        and event.matches(QKeySequence.StandardKey.Paste)
        and holds_files(QGuiApplication.clipboard().mimeData())
    )


class Field(QLineEdit):
    """A line of text; icon buttons that belong to it stand at its end."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(name)
        self._row = fill(QHBoxLayout(self), None, margins=(2, 2, 5, 2), spacing=1)

    def event(self, event: QEvent) -> bool:
        if pastes_files(event):
            event.ignore()
            return False
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_files(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def add_button(self, icon: str, name: str) -> IconButton:
        """A small button at the end of the line."""
        button = IconButton(icon, name, side=24)
        self._row.addWidget(button)
        self.setTextMargins(0, 0, 25 * (self._row.count() - 1), 0)
        return button


class Combo(FocusRing, QComboBox):
    """A drop-down list."""

    def __init__(self, name: str, height: int = HEIGHT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFixedHeight(height)
        self.setMinimumWidth(80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setItemDelegate(QStyledItemDelegate(self))  # the plain one ignores the style sheet

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        room, right = self.width() - 41, Qt.TextElideMode.ElideRight
        option.currentText = self.fontMetrics().elidedText(option.currentText, right, room)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:  # scrolling the panel must not change the choice on the way
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        arrow = QRectF(self.width() - 25, self.height() / 2 - 8, 16, 16)
        icons.draw(painter_of(self), "chevron-down", arrow, tokens().muted)


class DropDown(Combo):
    """A list of choices (key, text), like `Segmented`; `chosen(key)` when the user picks one."""

    chosen = Signal(str)

    def __init__(
        self, name: str, options: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent=parent)
        for key, text in options:
            self.addItem(text, key)
        self.setMaxVisibleItems(self.count())
        self.activated.connect(lambda row: self.chosen.emit(self.itemData(row)))

    def key(self) -> str:
        """The choice that is on."""
        key: str = self.currentData()
        return key

    def set_key(self, key: str) -> None:
        """Turn a choice on, silently."""
        self.setCurrentIndex(self.findData(key))

    def set_usable(self, key: str, usable: bool, about: str = "") -> None:
        """Enable a choice, or disable it; its tip says what it is, or why it cannot be."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(self.findData(key))
        item.setEnabled(usable)
        item.setToolTip(about)
