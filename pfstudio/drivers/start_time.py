"""How long the program takes to start: processes of their own, until the first painted window."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMainWindow

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import RunError


@dataclass(frozen=True)
class Starts:
    """From the start of the process to the first painted window."""

    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]  # of the process until then: what a busy machine does not change
    torch_imported: bool  # before the window was painted

    def __str__(self) -> str:
        torch = "imported before it" if self.torch_imported else "not imported before it"
        runs = ", ".join(f"{value:.2f}" for value in self.seconds)
        return (
            f"window visible   {statistics.median(self.seconds):.2f} s (median of {runs}), "
            f"{statistics.median(self.cpu_seconds):.2f} s of processor time; torch {torch}"
        )


def measure_starts(count: int) -> Starts:
    """Start the program `count` times, after one start that warms the disk.

    Raises:
        RunError: the window did not come up.
    """
    with tempfile.TemporaryDirectory(prefix="pfstudio-bench-") as folder:
        answers = [_start_once(folder) for _ in range(count + 1)][1:]
    return Starts(
        tuple(answer["seconds"] for answer in answers),
        tuple(answer["cpu"] for answer in answers),
        any(answer["torch"] for answer in answers),
    )


def _start_once(folder: str) -> dict[str, float]:
    environment = {**os.environ, "PFSTUDIO_CONFIG": folder, "PFSTUDIO_STATE": folder}
    done = subprocess.run(
        [sys.executable, "-m", "pfstudio.drivers.start_time", repr(time.time())],
        env=environment,
        capture_output=True,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RunError(f"The window did not open: {reason}")
    answer: dict[str, float] = parse_json(lines[0])
    return answer


class _FirstPaint(QObject):
    """An event filter: prints a line of JSON at the first painted window, and closes it."""

    def __init__(self, begin: float, parent: QObject) -> None:
        super().__init__(parent)
        self._begin = begin
        self._window: QMainWindow | None = None
        self._torch = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            self._window is None
            and event.type() == QEvent.Type.Paint
            and isinstance(watched, QMainWindow)
        ):
            self._window = watched
            self._torch = "torch" in sys.modules
            QTimer.singleShot(0, self._painted)
        return False

    @Slot()
    def _painted(self) -> None:
        """Right after the whole first paint."""
        seconds, cpu = time.time() - self._begin, time.process_time()
        print(json.dumps({"seconds": seconds, "cpu": cpu, "torch": self._torch}), flush=True)
        assert self._window is not None
        self._window.close()


def main() -> int:
    """The started process; it is told when it was started, in seconds since the epoch."""
    from pfstudio.ui.app import main as open_program
    from pfstudio.ui.app import scripted_environment

    scripted_environment()
    app = QApplication(sys.argv[:1])
    app.installEventFilter(_FirstPaint(float(sys.argv[1]), app))
    return open_program([])


if __name__ == "__main__":
    sys.exit(main())
