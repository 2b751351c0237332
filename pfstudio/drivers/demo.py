"""The window on a machine without a screen: a scripted tour that leaves pictures and a video.

    python -m pfstudio.drivers.demo FOLDER

It is the very same window as `pfstudio` opens, driven through its own models and commands.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from pfstudio.drivers.tour import Tour
from pfstudio.drivers.window import run_in_folder
from pfstudio.ui.window import MainWindow

SIZE = (1600, 1000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tour; returns the exit code."""

    def script(window: MainWindow, folder: Path) -> None:
        Tour(window, folder).run()

    return run_in_folder("demo", arguments, SIZE, script, keep_results=True)


if __name__ == "__main__":
    sys.exit(main())
