"""Nothing is lost silently: log file, hooks for uncaught exceptions, and the copyable report.

All of it stays on this machine: the log in the state folder, the report on the clipboard.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
import platform
import sys
import threading
import traceback
from collections import deque
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QtMsgType, qInstallMessageHandler, qVersion

from pfstudio.core.paths import state_folder
from pfstudio.ui.language import tr
from pfstudio.ui.notify import ERROR, WARNING, Notice, Notifier
from pfstudio.version import __version__

log = logging.getLogger("pfstudio")

LOG_NAME = "pfstudio.log"
CRASH_NAME = "crash.log"
KEPT_CRASHES = 5  # of earlier sessions
_STYLE = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
_recent: deque[str] = deque(maxlen=30)  # lines of the log: what ran lately


def report(notice: Notice) -> str:
    """Text for a bug report: what was told and what ran, without the user's name and folder."""
    lines = [*_about(), "", notice.text, notice.advice, "", notice.details]
    if _recent:
        lines += ["", "Log:", *_recent]
    return without_home("\n".join(lines).rstrip() + "\n")


def log_report(text: str) -> str:
    """Text for a bug report with lines of the log."""
    return without_home("\n".join([*_about(), "", text]))


def without_home(text: str) -> str:
    """The text without the user's folder, whose name is often theirs."""
    return text.replace(str(Path.home()), "~")


def _about() -> list[str]:
    return [
        f"Patch Forcing Studio {__version__}",
        f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}",
    ]


class _Recent(logging.Handler):
    """Remembers the last lines for the report."""

    def emit(self, record: logging.LogRecord) -> None:
        _recent.append(self.format(record))


class CrashHooks:
    """Sends every uncaught exception to the log and to the user; fatal signals to a crash file."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._handlers: list[logging.Handler] = []
        self._unwritable = ""  # why there is no log
        self._crashed = ""  # what the last session left behind
        self._crash_file: TextIO | None = None
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)

    def install(self) -> None:
        """Start; the log is in the state folder, where that can be written to."""
        try:
            self._open_files(state_folder())
        except OSError as error:
            self._unwritable = error.strerror or str(error)
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        sys.unraisablehook = self._unraisable
        qInstallMessageHandler(_qt_message)

    def tell(self) -> None:
        """Say what was found at the start; once there is a window that shows it."""
        if self._unwritable:
            text = tr("The log cannot be written to {folder} ({why}).",
                      folder=state_folder(), why=self._unwritable)  # fmt: skip
            self._notifier.say(text, level=WARNING)
        if self._crashed:
            text = tr("The program ended unexpectedly the last time.")
            advice = tr("Your results are kept. If it happens again, please send us the report.")
            self._notifier.post(Notice(WARNING, text, advice, self._crashed))

    def _open_files(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        written = logging.handlers.RotatingFileHandler(
            folder / LOG_NAME, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
        )
        self._handlers = [written, _Recent()]
        for handler in self._handlers:
            handler.setFormatter(logging.Formatter(_STYLE))
            logging.getLogger().addHandler(handler)
        log.setLevel(logging.INFO)
        self._crashed = _take_crash(folder)
        self._crash_file = (folder / CRASH_NAME).open("a", encoding="utf-8")
        faulthandler.enable(self._crash_file)

    def remove(self) -> None:
        """Put everything back as it was."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        qInstallMessageHandler(None)
        faulthandler.disable()
        if self._crash_file is not None:
            self._crash_file.close()
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, where: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, where)
            return
        details = "".join(traceback.format_exception(kind, error, where))
        log.error("uncaught exception\n%s", details)
        self._notifier.post(
            Notice(
                ERROR,
                tr("Something went wrong inside the program."),
                tr("Your work is kept. Please copy the report and send it to us."),
                details,
            )
        )

    def _uncaught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        log.error("unraisable exception in %r: %r", args.object, args.exc_value)


def _take_crash(folder: Path) -> str:
    """What a crash of an earlier session left, which is kept under another name; "": nothing."""
    path = folder / CRASH_NAME
    if not path.is_file() or not (left := path.read_text(encoding="utf-8", errors="replace")):
        return ""
    when = datetime.fromtimestamp(path.stat().st_mtime)
    with contextlib.suppress(OSError):  # on Windows another window may have it open
        path.rename(folder / f"crash-{when:%Y%m%d-%H%M%S}.log")
    for old in sorted(folder.glob("crash-*.log"))[:-KEPT_CRASHES]:
        old.unlink()
    return left


def _qt_message(kind: QtMsgType, context: object, text: str) -> None:
    levels = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}
    logging.getLogger("qt").log(levels.get(kind, logging.WARNING), text)
