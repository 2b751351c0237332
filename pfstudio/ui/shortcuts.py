"""The overview of all shortcuts, which is their editor as well."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from pfstudio.ui.commands import MENUS, Commands
from pfstudio.ui.language import tr
from pfstudio.ui.theme import font
from pfstudio.ui.view_models.settings import SettingsModel
from pfstudio.ui.widgets.buttons import Button, IconButton
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.labels import heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import scrolling


class KeyField(QKeySequenceEdit):
    """A shortcut: the next keys pressed in it are the new one, Backspace removes it."""

    def __init__(self, name: str, keys: str) -> None:
        super().__init__(QKeySequence(keys))
        self.setMaximumSequenceLength(1)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Shortcut of {name}", name=name))
        self.setToolTip(tr("Click, then press the new keys; Backspace removes the shortcut"))
        self.setFixedSize(150, 26)
        (line,) = self.findChildren(QLineEdit)
        line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line.setPlaceholderText(tr("none"))
        line.setFont(font("small"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
        elif event.key() == Qt.Key.Key_Backspace:
            self.clear()
            self.editingFinished.emit()
        else:
            super().keyPressEvent(event)


class ShortcutsDialog(Dialog):
    """All commands with their keys. `fixed` are keys that belong to a view: (what, keys)."""

    def __init__(
        self,
        commands: Commands,
        settings: SettingsModel,
        fixed: Sequence[tuple[str, str]],
        parent: QWidget,
    ) -> None:
        super().__init__(tr("Keyboard shortcuts"), parent, (520, 640))
        self._commands = commands
        self._settings = settings
        self._rows: list[tuple[str, QWidget]] = []
        self.keys: dict[str, KeyField] = {}
        search = Field(tr("Search"))
        search.setPlaceholderText(tr("Search"))
        search.textChanged.connect(self._filter)
        self.message = label("", "small", "warn", wrap=True)
        inside = fill(QVBoxLayout(), margins=(20, 4, 20, 16), spacing=4)
        for title in MENUS:
            _add_heading(inside, tr(title))
            for command in commands.all.values():
                if command.menu == title:
                    self._add_command(inside, command.id, command.text.removesuffix("…"))
        if fixed:
            _add_heading(inside, tr("On the stage"))
            for what, keys in fixed:
                self._add_row(inside, tr(what), label(tr(keys), "small", "muted"))
        inside.addStretch()
        close = Button(tr("Close"))
        close.clicked.connect(self.accept)
        top = fill(QHBoxLayout(), search, margins=(20, 16, 20, 4))
        foot = fill(QHBoxLayout(), (self.message, 1), close, margins=(20, 0, 20, 16), spacing=-1)
        fill(QVBoxLayout(self), top, (scrolling(inside), 1), foot, spacing=-1)

    def _add_command(self, inside: QVBoxLayout, command_id: str, name: str) -> None:
        keys = self.keys[command_id] = KeyField(name, self._commands.shortcut(command_id))
        keys.editingFinished.connect(partial(self._keys_pressed, command_id))
        reset = IconButton("undo", tr("Default shortcut of {name}", name=name), side=24)
        reset.clicked.connect(partial(self.reset, command_id))
        self._add_row(inside, name, keys, reset)

    def _add_row(self, inside: QVBoxLayout, name: str, *parts: QWidget) -> None:
        row = QWidget()
        fill(QHBoxLayout(row), label(name), None, *parts, margins=(0, 1, 0, 1), spacing=-1)
        inside.addWidget(row)
        self._rows.append((name.casefold(), row))

    def set_keys(self, command_id: str, keys: str) -> None:
        """Give a command these keys, unless another has them."""
        holder = self._commands.holder(keys)
        if holder is not None and holder.id != command_id:
            self.message.setText(
                tr("{keys} already belongs to {what}.", keys=keys, what=holder.text)
            )
        else:
            self.message.setText("")
            shipped = self._commands.all[command_id].shortcut
            self._settings.set_shortcut(command_id, None if keys == shipped else keys)
        self.keys[command_id].setKeySequence(self._commands.shortcut(command_id))

    def _keys_pressed(self, command_id: str) -> None:
        self.set_keys(command_id, self.keys[command_id].keySequence().toString())

    def reset(self, command_id: str, _: bool = False) -> None:
        """Go back to the shipped keys."""
        self.set_keys(command_id, self._commands.all[command_id].shortcut)

    @Slot(str)
    def _filter(self, text: str) -> None:
        for name, row in self._rows:
            row.setVisible(text.casefold() in name)


def _add_heading(inside: QVBoxLayout, title: str) -> None:
    inside.addSpacing(8)
    inside.addWidget(heading(title))
