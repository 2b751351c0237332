"""The process that `pfstudio bench start` measures: the window, closed once it is painted."""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from pfstudio.ui.app import main as open_program
from pfstudio.ui.app import scripted_environment

if TYPE_CHECKING:  # the program imports it in its own time
    from pfstudio.ui.window import MainWindow


def open_until_painted(begin: float) -> int:
    """Open the window of a process that was started at `begin`, in seconds since the epoch.

    Prints a line of JSON right after the whole first paint, and closes the window.
    """
    scripted_environment()

    def watch(window: MainWindow) -> None:
        def told(torch: bool) -> None:
            seconds, cpu = time.time() - begin, time.process_time()
            print(json.dumps({"seconds": seconds, "cpu": cpu, "torch": torch}), flush=True)
            window.close()

        def painting() -> None:
            QTimer.singleShot(0, partial(told, "torch" in sys.modules))

        window.painted.connect(painting)

    return open_program([], watch)
