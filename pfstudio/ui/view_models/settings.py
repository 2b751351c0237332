"""The settings as the window sees them: applied and stored at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from pfstudio.core.errors import PfstudioError
from pfstudio.core.settings import load_settings, save_settings
from pfstudio.ui.notify import WARNING, Notifier


class SettingsModel(QObject):
    """Holds the Settings; every change is announced and written."""

    changed = Signal(object)  # Settings

    def __init__(self, notifier: Notifier, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notifier = notifier
        self.settings, self._notice = load_settings()
        self._stored = self.settings  # as the file has them, as far as known

    def announce(self) -> None:
        """Tell everybody what is set, and the user if something in the file was unusable."""
        if self._notice:
            self._notifier.say(self._notice, level=WARNING)
        self.changed.emit(self.settings)

    def set(self, **values: Any) -> None:
        """Change settings, and store them with what others stored meanwhile.

        Raises:
            InputError: a value is out of its range.
        """
        stored, unusable = load_settings()
        then = vars(self._stored)
        theirs = {} if unusable else {n: v for n, v in vars(stored).items() if v != then[n]}
        self.settings = replace(self.settings, **(theirs | values))
        try:
            save_settings(self.settings)
            self._stored = self.settings
        except PfstudioError as error:
            self._notifier.error(error)
        self.changed.emit(self.settings)

    def shortcut(self, command: str) -> str | None:
        """The user's own shortcut of a command; None: as shipped."""
        return dict(self.settings.shortcuts).get(command)

    def set_shortcut(self, command: str, keys: str | None) -> None:
        """Give a command another shortcut; None goes back to the shipped one."""
        shortcuts = dict(self.settings.shortcuts)
        shortcuts.pop(command, None)
        if keys is not None:
            shortcuts[command] = keys
        self.set(shortcuts=tuple(sorted(shortcuts.items())))
