"""The one voice to the user: whoever has something to say posts a Notice; the window shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from pfstudio.core.errors import PfstudioError

INFO, GOOD, WARNING, ERROR = "info", "good", "warning", "error"


@dataclass(frozen=True)
class Notice:
    """One plain sentence, what to do about it, and the details for a report."""

    level: str  # INFO, GOOD, WARNING or ERROR
    text: str
    advice: str = ""
    details: str = ""
    actions: tuple[tuple[str, Callable[[], None]], ...] = ()  # (button text, what it does)


class Notifier(QObject):
    """Takes notices from any thread; `posted` reaches the window in the GUI thread."""

    posted = Signal(object)  # Notice

    def post(self, notice: Notice) -> None:
        """Say something."""
        self.posted.emit(notice)

    def say(self, text: str, *, level: str = INFO, advice: str = "") -> None:
        """Say a sentence."""
        self.post(Notice(level, text, advice))

    def error(self, error: PfstudioError) -> None:
        """Say what went wrong in the words that the error brings along."""
        self.post(Notice(ERROR, str(error), error.advice))
