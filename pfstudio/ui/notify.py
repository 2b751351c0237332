"""The one voice to the user: whoever has something to say posts a Notice; the window shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from pfstudio.core.errors import PfstudioError
from pfstudio.ui.language import tr_sentence

INFO, GOOD, WARNING, ERROR = "info", "good", "warning", "error"


@dataclass(frozen=True)
class Notice:
    """One plain sentence, what to do about it, and the details for a report."""

    level: str  # INFO, GOOD, WARNING or ERROR
    text: str
    advice: str = ""
    details: str = ""
    actions: tuple[tuple[str, Callable[[], object]], ...] = ()  # (button text, what it does)
    page: str = ""  # key of the only page that it concerns

    @property
    def needs_answer(self) -> bool:
        """Whether it is a problem or a choice, not just said in passing."""
        return self.level in (WARNING, ERROR) or (self.level == INFO and bool(self.actions))


class Notifier(QObject):
    """Takes notices from any thread; `posted` reaches the window in the GUI thread."""

    posted = Signal(object)  # Notice

    def post(self, notice: Notice) -> None:
        """Say something; what was worded below the window is translated here."""
        self.posted.emit(
            replace(notice, text=tr_sentence(notice.text), advice=tr_sentence(notice.advice))
        )

    def say(self, text: str, *, level: str = INFO, advice: str = "") -> None:
        """Say a sentence."""
        self.post(Notice(level, text, advice))

    def of_page(self, page: str) -> Notifier:
        """What is said through it concerns this page."""
        return _PageNotifier(self, page)

    def error(self, error: PfstudioError) -> None:
        """Say what went wrong in the words that the error brings along."""
        self.post(Notice(ERROR, str(error), error.advice))


class _PageNotifier(Notifier):
    def __init__(self, window: Notifier, page: str) -> None:
        super().__init__(window)
        self._window, self._page = window, page

    def post(self, notice: Notice) -> None:
        self._window.post(replace(notice, page=self._page))
