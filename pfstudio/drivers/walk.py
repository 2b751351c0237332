"""The pictures of a first walk through the window, driven by the mouse and keys of a newcomer.

    python -m pfstudio.drivers.walk FOLDER

Leaves FOLDER/walk-1-open.webp and so on, for the README.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from pfstudio.drivers.waiter import Waiter
from pfstudio.drivers.window import run_in_folder, start_with_model
from pfstudio.ui.export.dialog import ExportDialog
from pfstudio.ui.jobs import Phase
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.ui.window import MainWindow

SIZE, WIDTH = (1280, 800), 960  # of the window, and of a picture, in pixels
REST = 1.5  # seconds, for pictures that are decoded meanwhile
LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Walk:
    """Open, generate, scrub, paint, branch, compare, save."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self._window, self._folder, self._count = window, folder, 0
        self._page = window.page("generate")
        self._waiter = Waiter(window.notifier)

    def run(self) -> None:
        """All steps."""
        page, model = self._page, self._page.model
        self._waiter.settle()
        self._grab("open")
        start_with_model(self._window, self._waiter)
        before = model.run.data
        QTest.mouseClick(page.generate, LEFT)
        self._until_begun(before)
        self._waiter.until(lambda: model.run.done > 0.6 * model.run.data.expected, "calls", 300)
        self._grab("generate")
        self._until_ended()
        self._at(page.timeline.raster, 0.35, 0.5)
        self._grab("scrub")
        QTest.keyClick(self._window, Qt.Key.Key_S)
        self._stroke(page.stage.four[0].canvas)
        self._grab("paint")
        QTest.keyClick(self._window, Qt.Key.Key_B, CONTROL | SHIFT)
        self._grab("branch")
        QTest.keyClick(self._window, Qt.Key.Key_I)
        before = model.run.data
        QTest.keyClick(self._window, Qt.Key.Key_Return, CONTROL)
        self._until_begun(before)
        self._until_ended()
        QTest.keyClick(self._window, Qt.Key.Key_P, CONTROL | ALT)
        self._grab("compare")
        QTest.keyClick(self._window, Qt.Key.Key_S, CONTROL)
        self._waiter.until(lambda: self._dialog() is not None, "the dialog")
        self._name_file()
        self._grab("save")
        if (dialog := self._dialog()) is not None:
            dialog.reject()

    def _dialog(self) -> ExportDialog | None:
        return next(iter(self._window.findChildren(ExportDialog)), None)

    def _name_file(self) -> None:
        """Type over the suggested name, which has the focus."""
        if (dialog := self._dialog()) is not None:
            QTest.keyClicks(dialog.path, "~/Pictures/apple.png")

    def _until_begun(self, before: RunData | None) -> None:
        """Until another run is shown than `before`; a short one may have ended by then."""
        run = self._page.model.run
        self._waiter.until(lambda: run.data is not None and run.data is not before, "the run", 120)

    def _until_ended(self) -> None:
        jobs = self._page.model.jobs
        self._waiter.until(lambda: jobs.phase is Phase.IDLE, "the end of the run", 300)

    def _at(self, widget: QWidget, across: float, down: float) -> None:
        where = QPoint(round(across * widget.width()), round(down * widget.height()))
        QTest.mouseClick(widget, LEFT, pos=where)

    def _stroke(self, canvas: QWidget) -> None:
        """A short stroke over the middle."""
        middle, step = canvas.rect().center(), canvas.height() // 10
        QTest.mousePress(canvas, LEFT, pos=middle - QPoint(2 * step, 0))
        for place in range(-2, 3):
            QTest.mouseMove(canvas, middle + QPoint(place * step, abs(place) * step // 2))
        QTest.mouseRelease(canvas, LEFT, pos=middle + QPoint(2 * step, step))

    def _grab(self, name: str) -> None:
        """The window, with the dialog that lies over it."""
        self._waiter.rest(REST)
        self._waiter.settle()
        image = self._window.grab().toImage()
        if (dialog := self._dialog()) is not None:
            painter = QPainter(image)
            corner = self._window.rect().center() - dialog.rect().center()
            painter.drawPixmap(corner, dialog.grab())
            painter.setPen(tokens().border)  # as window managers set it off
            painter.drawRect(dialog.rect().translated(corner))
            painter.end()
        image = image.convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
        pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
        self._count += 1
        path = self._folder / f"walk-{self._count}-{name}.webp"
        size = (WIDTH, round(WIDTH * image.height() / image.width()))
        picture = Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)
        picture.save(path, quality=82, method=6)
        print(path, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the walk; returns the exit code."""

    def script(window: MainWindow, folder: Path) -> None:
        Walk(window, folder).run()

    return run_in_folder("walk", arguments, SIZE, script)


if __name__ == "__main__":
    sys.exit(main())
