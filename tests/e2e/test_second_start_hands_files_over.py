"""Promise: a second start hands its files to the window that is open, and raises it."""

from __future__ import annotations

import sys
from pathlib import Path

from first_window import first, save_trace, start
from pytestqt.qtbot import QtBot
from window_bench import Bench

__all__ = ["first"]
PROGRAM = (sys.executable, "-m", "pfstudio")


def test_second_start_hands_files_over(first: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    save_trace(tmp_path / "run.pftrace")
    window = first.window
    window.open_page("depth")
    window.showMinimized()
    assert start((*PROGRAM, "run.pftrace"), tmp_path, qtbot) == 0
    data = first.page.run.data
    assert data is not None
    assert data.request.seed == 4
    assert window.page_key == "generate"
    assert not window.isMinimized()


def test_a_second_start_without_files_raises_the_window(
    first: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    first.window.showMinimized()
    assert start(PROGRAM, tmp_path, qtbot) == 0
    assert not first.window.isMinimized()
