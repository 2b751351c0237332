"""The part of `pfstudio selftest` that needs the window."""

from __future__ import annotations

import os

from PySide6.QtCore import qVersion
from PySide6.QtGui import QImage

from pfstudio.core.errors import RunError
from pfstudio.drivers.waiter import Waiter
from pfstudio.drivers.window import own_folders, scripted_window, start_engine

_COLOURS = 32  # a painted page has far more


def show_pages() -> str:
    """Open the window without a screen, with its engine and every page; what was shown.

    For a process of its own: it sets folders, and Qt ends the process where it cannot start.

    Raises:
        RunError: a page stayed empty, or something went wrong meanwhile.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with own_folders(), scripted_window() as window:
        waiter = Waiter(window.notifier)
        window.show()
        start_engine(window, waiter)
        for key in window.pages:
            window.open_page(key)
            waiter.settle()
            page = window.page(key).grab().toImage()
            page = page.convertToFormat(QImage.Format.Format_RGB32)
            if len(set(memoryview(page.constBits()).cast("I"))) < _COLOURS:
                raise RunError(f"The page {key!r} of the window stayed empty.")
        return f"{len(window.pages)} pages ({', '.join(window.pages)}), Qt {qVersion()}"
