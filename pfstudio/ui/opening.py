"""Files that come from outside the window: the command line, later starts, the desktop."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QFileOpenEvent

from pfstudio.core.application import TRACE_SUFFIXES
from pfstudio.core.errors import InputError
from pfstudio.core.metadata import PICTURE_FORMATS, has_recipe, read_notes
from pfstudio.ui.model_opener import is_checkpoint
from pfstudio.ui.window import MainWindow

if TYPE_CHECKING:
    from pfstudio.ui.single_instance import LaterStarts


class FileOpener(QObject):
    """Opens files on the page that they are for; as an event filter, those that macOS sends."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._server: LaterStarts | None = None

    @Slot()
    def listen(self) -> None:
        """Take the files of later starts from now on."""
        from pfstudio.ui.single_instance import LaterStarts  # late: the window starts without it

        self._server = LaterStarts(self.open_in_front, self)
        self._server.listen()

    def stop(self) -> None:
        """The window is closed: let later starts open their own."""
        if self._server is not None:
            self._server.stop()

    def open(self, paths: Sequence[Path]) -> None:
        """Models, traces and what was generated open where they belong, the rest on this page."""
        window, rest = self._window, []
        for path in paths:
            if is_checkpoint(path):
                window.models.open(path)
            elif is_ours(path):
                window.open_path(path)
            else:
                rest.append(path)
        if rest:
            window.send_files(window.page_key, rest)

    def open_in_front(self, paths: Sequence[Path], token: str = "") -> None:
        """Open files, and raise the window; `token` is what Wayland wants to see for it."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # where Qt looks for it
        window.raise_()
        window.activateWindow()
        self.open(paths)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.open_in_front([Path(event.file())])
            return True
        return False


def is_ours(path: Path) -> bool:
    """Whether a file is a trace, a recipe, or a picture with one."""
    suffix = path.suffix.lower()
    if suffix not in PICTURE_FORMATS:
        return suffix in (*TRACE_SUFFIXES, ".json")
    try:
        return has_recipe(read_notes(path))
    except InputError:
        return False  # whoever opens it says what is wrong
