"""The overview of all shortcuts, which is their editor as well."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from pfstudio.ui.commands import MENUS, Command, Commands, modifiers_only, portable
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.view_models.settings import SettingsModel
from pfstudio.ui.widgets.buttons import Button, IconButton
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.labels import heading, label, set_ink
from pfstudio.ui.widgets.paint import FocusRing, Hover, box, painter_of
from pfstudio.ui.widgets.scroll import scrolling


class KeyButton(FocusRing, Hover, QAbstractButton):
    """Shows a shortcut; pressed, it takes the next keys. `pressed_keys(text)`; "" removes."""

    pressed_keys = Signal(str)

    def __init__(self, name: str, keys: str) -> None:
        super().__init__()
        self.keys = keys
        self._waiting = False
        self.setAccessibleName(f"Shortcut of {name}")
        self.setToolTip("Click, then press the new keys; Backspace removes the shortcut")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(QSize(150, 26))
        self.clicked.connect(self._wait)

    @Slot()
    def _wait(self) -> None:
        self._waiting = True
        self.setFocus()
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._waiting:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and self._waiting:
            self._take(event)
            return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if modifiers_only(event.key()):
            return
        self._waiting = False
        self.update()
        if event.key() == Qt.Key.Key_Backspace:
            self.pressed_keys.emit("")
        elif event.key() != Qt.Key.Key_Escape:
            self.pressed_keys.emit(portable(QKeySequence(event.keyCombination())))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._waiting = False
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = painter_of(self)
        edge = t.focus if self._waiting else t.border
        box(painter, QRectF(self.rect()), t.hover if self.underMouse() else t.field, edge, 6)
        native = QKeySequence(self.keys).toString(QKeySequence.SequenceFormat.NativeText)
        text = "press keys …" if self._waiting else native or "none"
        painter.setFont(font("small"))
        painter.setPen(t.text if self.keys and not self._waiting else t.muted)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        self.draw_ring(painter, 6)


class ShortcutsDialog(QDialog):
    """All commands with their keys. `fixed` are keys that belong to a view: (what, keys)."""

    def __init__(
        self,
        commands: Commands,
        settings: SettingsModel,
        fixed: Sequence[tuple[str, str]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(520, 640)
        self._commands = commands
        self._settings = settings
        self._rows: list[tuple[str, QWidget]] = []
        self.keys: dict[str, KeyButton] = {}
        search = Field("Search")
        search.setPlaceholderText("Search")
        search.textChanged.connect(self._filter)
        self.message = label("", "small", "warn", wrap=True)
        inside = QVBoxLayout()
        inside.setContentsMargins(20, 4, 20, 16)
        inside.setSpacing(4)
        for title in MENUS:
            self._add_group(inside, title, [c for c in commands.all.values() if c.menu == title])
        if fixed:
            inside.addSpacing(8)
            inside.addWidget(heading("On the stage"))
            for what, keys in fixed:
                self._add_row(inside, what, label(keys, "small", "muted"))
        inside.addStretch()
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 0, 20, 16)
        foot.addWidget(self.message, 1)
        close = Button("Close")
        close.clicked.connect(self.accept)
        foot.addWidget(close)
        top = QVBoxLayout()
        top.setContentsMargins(20, 16, 20, 4)
        top.addWidget(search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(scrolling(inside), 1)
        column.addLayout(foot)

    def _add_group(self, inside: QVBoxLayout, title: str, commands: list[Command]) -> None:
        if not commands:
            return
        inside.addSpacing(8)
        inside.addWidget(heading(title))
        for command in commands:
            name = command.text.removesuffix(" …")
            keys = KeyButton(name, self._commands.shortcut(command.id))
            keys.pressed_keys.connect(partial(self.set_keys, command.id))
            self.keys[command.id] = keys
            reset = IconButton("undo", f"Shipped shortcut of {name}", side=24)
            reset.clicked.connect(partial(self.reset, command.id))
            self._add_row(inside, name, keys, reset)

    def _add_row(self, inside: QVBoxLayout, name: str, *parts: QWidget) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 1, 0, 1)
        line.addWidget(label(name))
        line.addStretch()
        for part in parts:
            line.addWidget(part)
        inside.addWidget(row)
        self._rows.append((name.casefold(), row))

    def set_keys(self, command_id: str, keys: str) -> None:
        """Give a command these keys, unless another has them."""
        holder = self._commands.holder(keys)
        if holder is not None and holder.id != command_id:
            set_ink(self.message, "warn")
            self.message.setText(f"{keys} already belongs to {holder.text}.")
            return
        shipped = self._commands.all[command_id].shortcut
        self._settings.set_shortcut(command_id, None if keys == shipped else keys)
        self._show(command_id)

    def reset(self, command_id: str, _: bool = False) -> None:
        """Go back to the shipped keys."""
        self.set_keys(command_id, self._commands.all[command_id].shortcut)

    def _show(self, command_id: str) -> None:
        self.message.setText("")
        self.keys[command_id].keys = self._commands.shortcut(command_id)
        self.keys[command_id].update()

    @Slot(str)
    def _filter(self, text: str) -> None:
        for name, row in self._rows:
            row.setVisible(text.casefold() in name)
