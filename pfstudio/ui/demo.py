"""The window on a machine without a screen: a scripted tour that leaves pictures and a video.

    python -m pfstudio.ui.demo FOLDER

It is the very same window as `pfstudio` opens, driven through its own models and commands.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pfstudio.core.errors import PfstudioError

SIZE = (1600, 1000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tour; returns the exit code."""
    names = sys.argv[1:] if arguments is None else list(arguments)
    if len(names) != 1 or names[0].startswith("-"):
        print("usage: python -m pfstudio.ui.demo FOLDER", file=sys.stderr)
        return 2
    folder = Path(names[0]).resolve()
    with tempfile.TemporaryDirectory(prefix="pfstudio-demo-") as scratch:
        _own_folders(Path(scratch), folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _run(folder)
        except OSError as error:
            print(f"pfstudio: {folder} cannot be written ({error.strerror}).", file=sys.stderr)
            return 1
        except PfstudioError as error:
            print(f"pfstudio: {error} {error.advice}".rstrip(), file=sys.stderr)
            return error.exit_code
    return 0


def _own_folders(scratch: Path, folder: Path) -> None:
    """The user's settings, queue and recipe are neither read nor changed."""
    os.environ["PFSTUDIO_CONFIG"] = str(scratch / "config")
    os.environ["PFSTUDIO_STATE"] = str(scratch / "state")
    os.environ["PFSTUDIO_PICTURES"] = str(folder / "results")


def _run(folder: Path) -> None:
    from pfstudio.ui.app import scripted_environment

    scripted_environment()
    from PySide6.QtWidgets import QApplication

    from pfstudio.ui import theme
    from pfstudio.ui.tour import Tour
    from pfstudio.ui.window import MainWindow
    from pfstudio.ui.worker import GuiCollector

    app = QApplication.instance() or QApplication(sys.argv[:1])
    theme.apply(app, "dark")
    window = MainWindow()
    collector = GuiCollector()
    collector.start()
    window.jobs.bridge.ready.connect(collector.settle)
    try:
        window.resize(*SIZE)
        window.show()
        Tour(window, folder).run()
    finally:
        window.close()
        collector.stop()


if __name__ == "__main__":
    sys.exit(main())
