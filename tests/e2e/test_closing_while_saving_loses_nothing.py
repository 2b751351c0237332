"""Promise: closing during Save all asks first, and then finishes if told to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from depth_scene import install_depth_card
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from window_bench import Bench

from pfstudio.core.errors import RunError

COUNT = 6


def slowly(go: threading.Event, path: Path) -> tuple[Path, ...]:
    """Write a result once it may."""
    go.wait(10)
    if path.stem == "2":
        raise RunError("A result could not be saved (the stick was pulled out).")
    path.write_bytes(b"depth")
    return (path,)


def click(bench: Bench, text: str) -> None:
    bench.qtbot.wait(20)  # until the bar is laid out
    buttons = bench.window.notices.findChildren(QAbstractButton)
    (button,) = [one for one in buttons if one.isVisible() and one.text() == text]
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_closing_while_saving_loses_nothing(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    go = threading.Event()
    paths = [tmp_path / f"{number}.npy" for number in range(COUNT)]
    bench.window.page("depth").saver.save([partial(slowly, go, path) for path in paths])
    assert not bench.window.close()
    assert bench.window.isVisible()
    assert bench.said() == [f"{COUNT} depth maps are still to be saved."]
    click(bench, "Close when finished")
    go.set()
    bench.until(lambda: not bench.window.isVisible())
    assert [path.exists() for path in paths] == [path.stem != "2" for path in paths]
    assert any("1 of 6 were not saved: A result could not be saved" in w for w in bench.said())
