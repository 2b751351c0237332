"""A program that opens the window, types a seed and chooses a layout, and goes on until killed."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from scripted_runner import ScriptedRunner

from pfstudio.ui import theme, window


def main(seed: str) -> None:
    """Type it, say so, and stay."""
    app = QApplication([])
    theme.apply(app, "dark")
    window.KEEP_MS = 300
    shown = window.MainWindow(ScriptedRunner)
    shown.resize(1400, 800)
    shown.show()
    shown.activateWindow()
    QTest.qWaitForWindowActive(shown)
    shown.start()
    field = shown.page("generate").recipe.seed
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, seed)
    QTest.keyClick(field, Qt.Key.Key_Tab)
    QTest.keyClick(shown, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    print("typed", flush=True)
    app.exec()


if __name__ == "__main__":
    main(sys.argv[1])
