"""What every test gets: its own folders, one thread, and no stray complaints or threads."""

from __future__ import annotations

import os

# Before torch or Qt are imported by any test module.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ["QT_ENABLE_HIGHDPI_SCALING"] = "1"
os.environ["LC_ALL"] = "C.UTF-8"  # of the window too, where it follows the system

import gc
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

FOLDERS = ("CONFIG", "DATA", "CACHE", "STATE", "PICTURES")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="store the images of tests/golden anew"
    )
    parser.addoption(
        "--damaged-files", type=int, default=20_000, help="how many tests/slow/test_fuzz.py reads"
    )


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees or touches the user's files."""
    home = tmp_path_factory.mktemp("home")
    for name in FOLDERS:
        monkeypatch.setenv(f"PFSTUDIO_{name}", str(home / name.lower()))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits until its files are on the disk: no test pulls the plug."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture(autouse=True)
def no_stray_log_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """A logged error fails the test, unless the test asks for `caplog` and looks at it itself."""
    complaints = _Complaints()
    logging.getLogger().addHandler(complaints)
    yield
    logging.getLogger().removeHandler(complaints)
    if "caplog" not in request.fixturenames:
        assert not complaints.lines, f"errors were logged: {complaints.lines}"


@pytest.fixture(autouse=True)
def collect_between_tests() -> Iterator[None]:
    """As in the program (`GuiCollector`): collecting on a worker's thread may destroy widgets."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_in_front() -> None:
    """A popup or modal dialog that a test before left open would keep the mouse from this one, and
    a pointer that it left over the middle of a window would rest on what this one shows there."""
    if widgets := sys.modules.get("PySide6.QtWidgets"):
        for window in widgets.QApplication.topLevelWidgets():
            if window.isVisible():
                window.hide()
        if widgets.QApplication.instance() is not None:
            sys.modules["PySide6.QtGui"].QCursor.setPos(0, 0)


@pytest.fixture(autouse=True)
def no_dangling_threads() -> Iterator[None]:
    """A thread that a test started must end with it."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.daemon]
    for thread in left:
        thread.join(timeout=5)
    left = [t for t in left if t.is_alive()]
    assert not left, f"threads still running: {left}"


@pytest.fixture
def parity() -> Path:
    """The stored inputs and outputs of the published systems."""
    return Path(__file__).parent / "parity"


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application, in English."""
    from pfstudio.ui import language

    language.use("en")
    return qapp
