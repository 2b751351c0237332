"""The window of a process that started first, and what a later start is for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from scripted_runner import make_trace
from window_bench import Bench

import pfstudio
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.trace_file import write_trace
from pfstudio.ui.opening import FileOpener
from pfstudio.ui.window_lock import WindowLock


@pytest.fixture
def first(open_window: Callable[..., Bench]) -> Iterator[Bench]:
    """It holds the lock and listens, as `pfstudio` does."""
    window_lock = WindowLock()
    assert window_lock.take()
    bench = open_window()
    opener = FileOpener(bench.window)
    opener.listen()
    yield bench
    opener.stop()
    window_lock.release()


def start(command: Sequence[str], folder: Path, qtbot: QtBot) -> int:
    """Run a command in a folder while the window goes on; its exit code."""
    root = str(Path(pfstudio.__file__).parents[1])
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": root})
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=60_000)
    return process.returncode


def save_trace(path: Path) -> Path:
    """A trace with seed 4."""
    write_trace(make_trace(GenerateRequest(model="emoji", seed=4), 4), path)
    return path
