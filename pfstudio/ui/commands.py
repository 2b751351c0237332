"""Everything the user can do, as data: menus, buttons, shortcuts and the overview come from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QMenuBar, QWidget

from pfstudio.ui.view_models.settings import SettingsModel
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.popover import RoundMenu

MENUS = ("File", "Edit", "View", "Run", "Tools", "Help")


@dataclass(frozen=True)
class Command:
    """One thing the user can do. `enabled` and `checked` are asked at every refresh."""

    id: str  # e.g. "run.generate"
    text: str
    run: Callable[[], None]
    menu: str  # one of MENUS
    shortcut: str = ""  # as shipped; the user may change it
    enabled: Callable[[], bool] | None = None
    checked: Callable[[], bool] | None = None
    section: bool = False  # a line before it in its menu
    pages: tuple[str, ...] = ()  # the only pages where it does something; empty: everywhere


class Commands(QObject):
    """The registry; owns one QAction per command."""

    changed = Signal()  # commands were added

    def __init__(self, window: QWidget, settings: SettingsModel) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self.all: dict[str, Command] = {}
        self._variants: dict[tuple[str, str], Command] = {}
        self._actions: dict[str, QAction] = {}
        self.page = ""
        settings.changed.connect(self._apply_shortcuts)

    def add(self, *commands: Command) -> None:
        """Register commands; their ids must be new."""
        for command in commands:
            assert command.id not in self.all, command.id
            assert command.menu in MENUS, command.menu
            self.all[command.id] = command
            action = QAction(command.text, self._window)
            action.setCheckable(command.checked is not None)
            action.setShortcut(QKeySequence(self.shortcut(command.id)))
            action.triggered.connect(partial(self._run, command.id))
            self._window.addAction(action)
            self._actions[command.id] = action
        self.refresh()
        self.changed.emit()

    def _run(self, command_id: str, _: bool = False) -> None:
        self._now(command_id).run()
        self.refresh()

    def on_page(
        self, page: str, command_id: str, run: Callable[[], None], *, text: str = "",
        enabled: Callable[[], bool] | None = None, checked: Callable[[], bool] | None = None,
    ) -> None:  # fmt: skip
        """Let a command that exists do something else while a page is open, by the same keys."""
        of = self.all[command_id]
        self._variants[page, command_id] = replace(
            of, text=text or of.text, run=run, enabled=enabled, checked=checked, pages=()
        )

    def set_page(self, page: str) -> None:
        """Tell which page is open."""
        self.page = page
        self.refresh()

    def _now(self, command_id: str) -> Command:
        """The command as it is on the open page."""
        return self._variants.get((self.page, command_id), self.all[command_id])

    def action(self, command_id: str) -> QAction:
        """The QAction of a command."""
        return self._actions[command_id]

    def shortcut(self, command_id: str) -> str:
        """The shortcut in force, as portable text; "" for none."""
        own = self._settings.shortcut(command_id)
        return self.all[command_id].shortcut if own is None else own

    def holder(self, keys: str) -> Command | None:
        """The command that has this shortcut now."""
        wanted = QKeySequence(keys)
        held = (c for c in self.all.values() if QKeySequence(self.shortcut(c.id)) == wanted)
        return next(held, None) if keys else None

    @Slot()
    def refresh(self) -> None:
        """Ask every command whether it can run now."""
        for command_id in self.all:
            action, command = self._actions[command_id], self._now(command_id)
            here = not command.pages or not self.page or self.page in command.pages
            action.setEnabled(here and (command.enabled is None or command.enabled()))
            if command.checked is not None:
                action.setChecked(command.checked())
            if action.text() != command.text:
                action.setText(command.text)

    @Slot(object)
    def _apply_shortcuts(self, _: object) -> None:
        for command_id, action in self._actions.items():
            action.setShortcut(QKeySequence(self.shortcut(command_id)))
        self.refresh()

    def fill(self, bar: QMenuBar) -> None:
        """Write the menus anew."""
        for entry in bar.actions():
            entry.menu().deleteLater()
        bar.clear()
        for title in MENUS:
            inside = [c for c in self.all.values() if c.menu == title]
            if not inside:
                continue
            menu = RoundMenu(title, bar)
            menu.aboutToShow.connect(self.refresh)
            for command in inside:
                if command.section:
                    menu.addSeparator()
                menu.addAction(self._actions[command.id])
            bar.addMenu(menu)

    def bind(self, button: QAbstractButton, command_id: str, *, hint: bool = False) -> None:
        """Let a button run a command: enabled with it, its shortcut in the tip (and the hint)."""
        _Binding(self, button, command_id, hint)


class _Binding(QObject):
    """Keeps a button in step with its action; belongs to the button."""

    def __init__(
        self, commands: Commands, button: QAbstractButton, command_id: str, hint: bool
    ) -> None:
        super().__init__(button)
        self._button = button
        self._hint = hint
        self._action = commands.action(command_id)
        self._action.changed.connect(self._follow)
        button.setCheckable(self._action.isCheckable())
        button.clicked.connect(self._action.trigger)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        action, button = self._action, self._button
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        button.setEnabled(action.isEnabled())
        if action.isCheckable():
            button.setChecked(action.isChecked())
        name = button.accessibleName() or action.text()
        button.setToolTip(f"{name}  ({keys})" if keys else name)
        if self._hint and isinstance(button, Button):
            button.set_hint(keys.replace("Return", "↵").replace("+", " "))
