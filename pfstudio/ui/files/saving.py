"""Saving results beside the window: one after another, and a notice about how it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from pfstudio.core.errors import PfstudioError
from pfstudio.ui.files.background import Background
from pfstudio.ui.language import tr
from pfstudio.ui.notify import ERROR, GOOD, WARNING, Notice, Notifier

Write = Callable[[], tuple[Path, ...]]  # writes one result and returns its files
Answer = tuple[Path, ...] | PfstudioError


class Saver(QObject):
    """Writes results one after another and says how it went."""

    def __init__(self, notifier: Notifier, parent: QObject) -> None:
        super().__init__(parent)
        self._notifier = notifier
        self._background = Background(tr("saving results"), self)
        self._left = 0

    @property
    def busy(self) -> bool:
        """Whether something is being written."""
        return self._background.busy

    @property
    def left(self) -> int:
        """How many results are not written yet."""
        return self._left

    def stop(self) -> None:
        """For closing the window: the result that is being written is finished, the rest is not."""
        self._background.stop()

    def save(self, writes: Sequence[Write]) -> None:
        """Write these results; what goes wrong with one is told and does not stop the others."""
        answers: list[Answer] = []
        self._left += len(writes)
        for write in writes:
            answer = partial(self._on_saved, len(writes), answers)
            self._background.ask(write, answer, answer)

    def _on_saved(self, total: int, answers: list[Answer], answer: Answer) -> None:
        answers.append(answer)
        self._left -= 1
        if len(answers) < total:
            return
        paths = [path for one in answers if isinstance(one, tuple) for path in one]
        errors = [one for one in answers if isinstance(one, PfstudioError)]
        if errors:
            sentence = str(errors[0])
            if total > 1:
                sentence = tr(
                    "{count} of {total} were not saved: {why}",
                    count=len(errors),
                    total=total,
                    why=errors[0],
                )
            details = "\n".join(str(error) for error in errors)
            level = WARNING if paths else ERROR
            self._notifier.post(Notice(level, sentence, errors[0].advice, details))
        if paths:
            name = paths[0].name if len(paths) == 1 else tr("%n files", "", len(paths))
            show = (tr("Show"), partial(_show_folder, paths[0].parent))
            where = tr("In {folder}.", folder=paths[0].parent)
            self._notifier.post(
                Notice(GOOD, tr("Saved {name}.", name=name), where, actions=(show,))
            )


def _show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
