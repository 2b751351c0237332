"""Everything the user can do, as data: menus, buttons, shortcuts and the overview come from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from pfstudio.ui.debounce import Debouncer
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.view_models.settings import SettingsModel
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.paint import FocusRing
from pfstudio.ui.widgets.popover import RoundMenu

_WATCHED = (FocusRing, QLineEdit, QPlainTextEdit, QTextEdit)  # while they have the focus
_FIELD_KEYS = (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_X, Qt.Key.Key_Z)
MENUS = (
    QT_TR_NOOP("File"),
    QT_TR_NOOP("Edit"),
    QT_TR_NOOP("View"),
    QT_TR_NOOP("Run"),
    QT_TR_NOOP("Tools"),
    QT_TR_NOOP("Help"),
)


def _nothing() -> None:
    """No page is open that does it."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Command:
    """One thing the user can do. `enabled` and `checked` are asked at every refresh.

    A page may give a command that exists another meaning while it is open: it then needs only the
    id and what is different.
    """

    id: str  # e.g. "run.generate"
    text: str = ""
    run: Callable[[], object] = _nothing
    menu: str = ""  # one of MENUS
    shortcut: str = ""  # as shipped; the user may change it
    enabled: Callable[[], bool] | None = None
    checked: Callable[[], bool] | None = None
    section: bool = False  # a line before it in its menu
    page: str = ""  # the only page where it does something; "": everywhere
    place: int = 0  # -1: before the rest of its menu, 1: after it, whatever is added later

    @classmethod
    def declared(
        cls, id: str, text: str, menu: str, shortcut: str = "", *, checkable: bool = False,
        section: bool = False,
    ) -> Command:  # fmt: skip
        """One that only pages give a meaning to."""
        checked = _never if checkable else None
        return cls(id, text, _nothing, menu, shortcut, _never, checked, section)


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
        self._unbound: dict[str, list[tuple[QAbstractButton, bool]]] = {}  # by id of the command
        self.page = ""
        self._debouncer = Debouncer(self)
        self._debouncer.due.connect(self.refresh)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)
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
            for button, hint in self._unbound.pop(command.id, []):
                button.show()
                self.bind(button, command.id, hint=hint)
        self.refresh()
        self.changed.emit()

    def _run(self, command_id: str, _: bool = False) -> None:
        self._now(command_id).run()
        self.refresh()

    def add_page(self, page: str, commands: Iterable[Command]) -> None:
        """Register what a page does; what exists already it does by the same keys."""
        own: list[Command] = []
        for command in commands:
            if command.menu and command.id not in self.all:
                own.append(replace(command, page=page))
            else:
                self._variants[page, command.id] = command
        self.add(*own)

    def set_page(self, page: str) -> None:
        """Tell which page is open."""
        self.page = page
        self.refresh()

    def _now(self, command_id: str) -> Command:
        """The command as it is on the open page; without a text where that is as everywhere."""
        return self._variants.get((self.page, command_id), self.all[command_id])

    def action(self, command_id: str) -> QAction:
        """The QAction of a command, as it is now."""
        self._debouncer.flush()
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
    def refresh_soon(self) -> None:
        """As `refresh`, once for all that changes in this turn of the event loop."""
        self._debouncer.ask()

    @Slot()
    def refresh(self) -> None:
        """Ask every command whether it can run now."""
        for command_id in self.all:
            action, command = self._actions[command_id], self._now(command_id)
            here = not command.page or self.page in ("", command.page)
            action.setEnabled(here and (command.enabled is None or command.enabled()))
            if command.checked is not None:
                action.setChecked(command.checked())
            text = command.text or self.all[command_id].text
            if action.text() != text:
                action.setText(text)

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
            inside.sort(key=lambda command: command.place)
            if not inside:
                continue
            menu = RoundMenu(tr(title), bar)
            menu.aboutToShow.connect(self.refresh)
            for command in inside:
                if command.section:
                    menu.addSeparator()
                menu.addAction(self._actions[command.id])
            bar.addMenu(menu)

    @Slot(QWidget, QWidget)
    def _on_focus(self, old: QWidget | None, now: QWidget | None) -> None:
        if isinstance(old, _WATCHED):
            old.removeEventFilter(self)
        if isinstance(now, _WATCHED):
            now.installEventFilter(self)

    def eventFilter(self, focused: QObject, event: QEvent) -> bool:
        """Say whether a key is for what has the focus or for a shortcut.

        Controls take what presses or moves them. Fields give up shortcuts such as Ctrl+E: to Qt
        it ends the line.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if isinstance(focused, FocusRing):
                event.setAccepted(focused.wants_key(event))
                return True
            held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            letter = Qt.Key.Key_A <= event.key() <= Qt.Key.Key_Z
            if held and letter and event.key() not in _FIELD_KEYS:
                event.ignore()
                return True
        return super().eventFilter(focused, event)

    def bind(self, button: QAbstractButton, command_id: str, *, hint: bool = False) -> None:
        """Let a button run a command: enabled with it, its shortcut in the tip (and the hint).

        As long as there is no such command, the button is hidden.
        """
        if command_id in self._actions:
            _Binding(self, button, command_id, hint)
        else:
            button.hide()
            self._unbound.setdefault(command_id, []).append((button, hint))


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
