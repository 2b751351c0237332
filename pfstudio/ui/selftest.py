"""The part of `pfstudio selftest` that needs the window."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pfstudio.core.errors import RunError

_COLOURS = 32  # a painted page has far more


def show_pages() -> str:
    """Open the window without a screen, with its engine and every page; what was shown.

    For a process of its own: it sets folders, and Qt ends the process where it cannot start.

    Raises:
        RunError: a page stayed empty, or something went wrong meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="pfstudio-selftest-") as folder:
        for name in ("CONFIG", "STATE", "PICTURES"):  # the user's own stay as they are
            os.environ[f"PFSTUDIO_{name}"] = str(Path(folder) / name.lower())
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from pfstudio.ui.app import environment

        environment()
        from PySide6.QtCore import qVersion
        from PySide6.QtGui import QImage
        from PySide6.QtWidgets import QApplication

        from pfstudio.ui import theme
        from pfstudio.ui.script import Waiter
        from pfstudio.ui.window import MainWindow

        app = QApplication.instance() or QApplication([])
        theme.apply(app, "dark")
        window = MainWindow()
        waiter = Waiter(window.notifier)
        try:
            window.show()
            window.start()
            waiter.until(lambda: window.jobs.engine.ready, "the engine", 120)
            for key in window.pages:
                window.open_page(key)
                waiter.settle()
                page = window.stack.currentWidget().grab().toImage()
                page = page.convertToFormat(QImage.Format.Format_RGB32)
                if len(set(memoryview(page.constBits()).cast("I"))) < _COLOURS:
                    raise RunError(f"The page {key!r} of the window stayed empty.")
        finally:
            window.close()
        return f"{len(window.pages)} pages ({', '.join(window.pages)}), Qt {qVersion()}"
