"""Nothing is lost silently: log file, hooks for uncaught exceptions, and the copyable report."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import platform
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QtMsgType, qInstallMessageHandler, qVersion

from pfstudio.core.paths import state_folder
from pfstudio.ui.notify import ERROR, Notice, Notifier
from pfstudio.version import __version__

log = logging.getLogger("pfstudio")

LOG_NAME = "pfstudio.log"
CRASH_NAME = "crash.log"


def report(notice: Notice) -> str:
    """Text for a bug report: no user name, no folder of the user, nothing that was not shown."""
    lines = [
        f"Patch Forcing Studio {__version__}",
        f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}",
        "",
        notice.text,
        notice.advice,
        "",
        notice.details,
    ]
    text = "\n".join(lines).rstrip() + "\n"
    return text.replace(str(Path.home()), "~")


class CrashHooks:
    """Sends every uncaught exception to the log and to the user; fatal signals to a crash file."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._handler: logging.Handler | None = None
        self._crash_file: TextIO | None = None
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)

    def install(self) -> None:
        """Start; the log is in the state folder."""
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        self._handler = logging.handlers.RotatingFileHandler(
            folder / LOG_NAME, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
        )
        style = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
        self._handler.setFormatter(logging.Formatter(style))
        logging.getLogger().addHandler(self._handler)
        log.setLevel(logging.INFO)
        self._crash_file = (folder / CRASH_NAME).open("w", encoding="utf-8")
        faulthandler.enable(self._crash_file)
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        sys.unraisablehook = self._unraisable
        qInstallMessageHandler(_qt_message)

    def remove(self) -> None:
        """Put everything back as it was."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        qInstallMessageHandler(None)
        faulthandler.disable()
        if self._crash_file is not None:
            self._crash_file.close()
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()

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
                "Something went wrong inside the program.",
                "Your work is kept. Please copy the report and send it to us.",
                details,
            )
        )

    def _uncaught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        log.error("unraisable exception in %r: %r", args.object, args.exc_value)


def _qt_message(kind: QtMsgType, context: object, text: str) -> None:
    levels = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}
    logging.getLogger("qt").log(levels.get(kind, logging.WARNING), text)
