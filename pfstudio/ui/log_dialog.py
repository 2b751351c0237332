"""The log, to read, to search and to copy."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from pfstudio.core.paths import state_folder
from pfstudio.ui.errors import LOG_NAME, log_report, without_home
from pfstudio.ui.language import tr
from pfstudio.ui.theme import font
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill

MOST = 300_000  # bytes that are read of its end
LOOK_MS = 1000


class LogDialog(Dialog):
    """Follows the log as it is written; older files of it lie in the same folder."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Log"), parent, (900, 620))
        self._lines: list[str] = []
        self.search = Field(tr("Search the log"))
        self.search.setPlaceholderText(tr("Search the log"))
        self.search.setClearButtonEnabled(True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Log"))
        self.text.setFont(font("small"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.copy = Button(tr("Copy report"), "copy")
        folder = Button(tr("Show in folder"), "folder")
        close = Button(tr("Close"))
        self.search.textChanged.connect(self._show)
        self.copy.clicked.connect(self._copy)
        folder.clicked.connect(_open_folder)
        close.clicked.connect(self.accept)
        note = label(tr("It stays on this machine."), "small", "muted")
        foot = fill(QHBoxLayout(), note, None, self.copy, folder, close, spacing=8)
        fill(
            QVBoxLayout(self), self.search, (self.text, 1), foot,
            margins=(18, 18, 18, 18), spacing=10,
        )  # fmt: skip
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self._read)
        self._looking.start()
        self._read()

    @Slot()
    def _read(self) -> None:
        lines = _end_of(state_folder() / LOG_NAME)
        if lines != self._lines:
            self._lines = lines
            self._show()

    @Slot()
    def _show(self) -> None:
        """The lines with the words that are looked for; the end stays in view if it was."""
        wanted = self.search.text().casefold()
        bar = self.text.verticalScrollBar()
        at_end, place = bar.value() == bar.maximum(), bar.value()
        self.text.setPlainText("\n".join(one for one in self._lines if wanted in one.casefold()))
        bar.setValue(bar.maximum() if at_end else place)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(log_report(self.text.toPlainText()))


def _open_folder(_: bool = False) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(state_folder())))


def _end_of(path: Path) -> list[str]:
    """The last lines of a file; none if it cannot be read."""
    try:
        with path.open("rb") as file:
            start = max(0, path.stat().st_size - MOST)
            file.seek(start)
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    lines = without_home(text).splitlines()
    return lines[1:] if start else lines
