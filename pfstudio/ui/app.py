"""`pfstudio` without arguments, and `pfstudio-gui`: open the window."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pfstudio.ui.screen import screen_problem


def environment() -> None:
    """What must be set before torch or Qt are imported."""
    # Threads of OpenMP that spin while they wait freeze a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # downloads are asked for, never a surprise
    if sys.platform == "darwin":
        os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")


def scripted_environment() -> None:
    """As `environment`, for what drives the window itself: it needs no screen."""
    environment()
    if screen_problem():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window, with the files named in `arguments`; returns the exit code."""
    environment()
    if problem := screen_problem():
        print(f"pfstudio: {problem}", file=sys.stderr)
        return 2
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from pfstudio.ui import icons, theme
    from pfstudio.ui.errors import CrashHooks
    from pfstudio.ui.notify import Notifier
    from pfstudio.ui.window import MainWindow
    from pfstudio.ui.worker import GuiCollector

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Patch Forcing Studio")
    app.setDesktopFileName("io.github.patch_forcing_studio")
    theme.follow("system")
    app.setWindowIcon(icons.app_icon())
    notifier = Notifier()
    hooks = CrashHooks(notifier)
    hooks.install()
    window = MainWindow(notifier=notifier)
    collector = GuiCollector()
    collector.start()
    window.jobs.bridge.ready.connect(collector.settle)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Torch is imported once the window has been painted.
    window.painted.connect(window.start, Qt.ConnectionType.QueuedConnection)
    window.show()
    names = sys.argv[1:] if arguments is None else arguments
    for name in names:
        window.open_path(Path(name))
    code = app.exec()
    collector.stop()
    hooks.remove()
    if window.jobs.engine.abandoned:
        os._exit(code)  # a worker that would not stop must not keep the process alive
    return code


if __name__ == "__main__":
    sys.exit(main())
