"""Promise: F1 opens the user guide, whose links work without a network."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication
from window_bench import Bench

from pfstudio.ui.guide import GuideDialog


def test_help_opens_offline(open_window: Callable[..., Bench], qapp: QApplication) -> None:
    bench = open_window()
    bench.window.commands.action("help.guide").trigger()
    (guide,) = bench.window.findChildren(GuideDialog)
    bench.until(guide.isVisible)
    assert "Patch Forcing Studio" in guide.browser.toPlainText()
    assert not guide.back.isEnabled()
    guide.browser.follow(QUrl("library.md"))
    assert "Stars and notes" in guide.browser.toPlainText()
    guide.back.click()
    assert "Patch Forcing Studio" in guide.browser.toPlainText()
    guide.browser.follow(QUrl("decisions/index.md"))
    assert "Decisions" in guide.browser.toPlainText()
    guide.contents.click()
    assert guide.browser.source().fileName() == "index.md"
    guide.close()
