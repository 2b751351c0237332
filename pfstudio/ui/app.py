"""`pfstudio` without a verb, and `pfstudio-gui`: open the window."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.core.application import APP_ID, APP_NAME
from pfstudio.ui import screen
from pfstudio.ui.window_lock import WindowLock

if TYPE_CHECKING:
    from pfstudio.ui.window import MainWindow

NEW_WINDOW = "--new-window"


def environment() -> None:
    """What must be set before torch or Qt are imported."""
    # Threads of OpenMP that spin while they wait freeze a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if sys.platform == "darwin":
        os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")


def has_screen() -> bool:
    """Whether a window can be shown; a platform that the user chose is believed."""
    named = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    return not sys.platform.startswith("linux") or any(map(os.environ.get, named))


def scripted_environment() -> None:
    """As `environment`, for what drives the window itself: it needs no screen."""
    environment()
    if not has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def main(
    arguments: Sequence[str] | None = None,
    watch: Callable[[MainWindow], object] = lambda window: None,
) -> int:
    """Open the window, or raise the one that is open, with the files named in `arguments`.

    Args:
        watch: gets the window before it is shown.

    Returns:
        The exit code.
    """
    environment()
    args = _parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    missing = next((path for path in args.files if not path.exists()), None)
    if missing is not None:
        return _refuse(f"{missing} is not there: check its name.")
    if problem := screen.problem():
        return _refuse(problem)
    window_lock = WindowLock()
    first = window_lock.take()
    if not first and not args.new_window:
        from pfstudio.ui.single_instance import hand_over

        if hand_over(args.files):
            return 0
    try:
        return _run(args.files, first, watch)
    finally:
        window_lock.release()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pfstudio", allow_abbrev=False)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument(NEW_WINDOW, action="store_true")
    return parser


def _refuse(sentence: str) -> int:
    print(f"pfstudio: {sentence}", file=sys.stderr)
    return 2


def _run(files: Sequence[Path], first: bool, watch: Callable[[MainWindow], object]) -> int:
    """The window, until it is closed; the `first` one takes the files of later starts."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from pfstudio.ui.worker import GuiCollector

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    collector = GuiCollector()
    collector.start()  # first: collecting what the imports below make would be a tenth of the start

    from pfstudio.ui import icons, theme
    from pfstudio.ui.errors import CrashHooks
    from pfstudio.ui.notify import Notifier
    from pfstudio.ui.opening import FileOpener
    from pfstudio.ui.window import MainWindow

    app.setApplicationName(APP_NAME)
    app.setDesktopFileName(APP_ID)
    _tell_windows()
    theme.follow("system")
    app.setWindowIcon(icons.app_icon())
    notifier = Notifier()
    hooks = CrashHooks(notifier)
    hooks.install()
    window = MainWindow(notifier=notifier)
    hooks.tell()
    window.jobs.bridge.ready.connect(collector.settle)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Torch is imported once the window has been painted.
    window.painted.connect(window.start, Qt.ConnectionType.QueuedConnection)
    opener = FileOpener(window)
    if sys.platform == "darwin":
        app.installEventFilter(opener)
    if first:
        window.painted.connect(opener.listen, Qt.ConnectionType.QueuedConnection)
    watch(window)
    window.show()
    opener.open(files)
    code = app.exec()
    opener.stop()
    collector.stop()
    hooks.remove()
    if window.jobs.engine.abandoned:
        os._exit(code)  # a worker that would not stop must not keep the process alive
    return code


def _tell_windows() -> None:
    """One button in the taskbar, which would else be that of Python."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)


if __name__ == "__main__":
    sys.exit(main())
