"""Later starts: what they send, what becomes of nonsense, and of a window that does not answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pfstudio.core.paths import state_folder
from pfstudio.ui import app, single_instance
from pfstudio.ui.opening import FileOpener
from pfstudio.ui.single_instance import LaterStarts, hand_over
from pfstudio.ui.window_lock import WindowLock

Opened = list[tuple[list[Path], str]]


@pytest.fixture
def opened(qapp: QApplication) -> Iterator[Opened]:
    """What a window that listens was given."""
    found: Opened = []
    parent = QObject()
    state_folder().mkdir(parents=True)
    server = LaterStarts(lambda files, token: found.append((files, token)), parent)
    server.listen()
    yield found
    server.stop()


def handed_over(qtbot: QtBot, *names: str) -> bool:
    """`hand_over` in another process, while this one is the window's."""
    code = (
        "import sys; from pathlib import Path; from pfstudio.ui.single_instance import hand_over; "
        "sys.exit(not hand_over([Path(name) for name in sys.argv[1:]], patience=30))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, *names])
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=40_000)
    return process.returncode == 0


def test_files_arrive_with_full_paths_and_the_token(
    opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "let me")
    strange = os.fsdecode(b"/tmp/\xff\xfe end\n.png")
    assert handed_over(qtbot, "here.png", strange)
    assert opened == [([Path.cwd() / "here.png", Path(strange)], "let me")]


@pytest.mark.parametrize("sent", [b"nonsense\n", b"[]\n", b'{"files": [3], "token": ""}\n'])
def test_nonsense_is_refused(
    opened: Opened, qtbot: QtBot, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    socket = QLocalSocket()
    socket.connectToServer(single_instance._address())
    socket.write(sent)
    disconnected = QLocalSocket.LocalSocketState.UnconnectedState
    qtbot.waitUntil(lambda: socket.state() is disconnected)
    assert opened == []
    assert "was not understood" in caplog.text


def test_endless_messages_are_cut_off(
    opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "_MOST_BYTES", 1000)
    socket = QLocalSocket()
    socket.connectToServer(single_instance._address())
    socket.write(b"x" * 5000)
    disconnected = QLocalSocket.LocalSocketState.UnconnectedState
    qtbot.waitUntil(lambda: socket.state() is disconnected)
    assert opened == []


def test_what_a_crash_left_is_no_hindrance(qapp: QApplication, qtbot: QtBot) -> None:
    state_folder().mkdir(parents=True)
    (state_folder() / single_instance.SOCKET_NAME).touch()
    parent, found = QObject(), []
    server = LaterStarts(lambda files, token: found.append(files), parent)
    server.listen()
    assert handed_over(qtbot)
    assert found == [[]]
    server.stop()
    assert not (state_folder() / single_instance.SOCKET_NAME).exists()


def test_a_window_that_does_not_answer_is_not_waited_for(qapp: QApplication) -> None:
    assert not hand_over([], patience=0.3)


def test_one_process_has_the_lock() -> None:
    one, other = WindowLock(), WindowLock()
    assert one.take()
    assert not other.take()
    one.release()
    assert other.take()
    other.release()


@pytest.mark.parametrize(
    ("arguments", "taken", "handed"),
    [
        ([], False, None), (["a.png"], True, ["a.png"]), (["--new-window", "a.png"], True, None),
    ],
)  # fmt: skip
def test_which_starts_open_a_window(
    arguments: list[str],
    taken: bool,
    handed: list[str] | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.png").touch()
    given: list[list[str]] = []
    ran: list[bool] = []
    monkeypatch.setattr(
        single_instance, "hand_over", lambda p: given.append(list(map(str, p))) or 1
    )
    monkeypatch.setattr(app, "_run", lambda files, first, watch: ran.append(first) or 0)
    other = WindowLock()
    if taken:
        assert other.take()
    assert app.main(arguments) == 0
    assert given == ([] if handed is None else [handed])
    assert ran == ([] if handed is not None else [not taken])
    other.release()


def test_a_file_that_is_not_there_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["gone.png"]) == 2
    assert capsys.readouterr().err == "pfstudio: gone.png is not there: check its name.\n"


def test_files_that_macos_sends_are_opened(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[list[Path]] = []
    monkeypatch.setattr(FileOpener, "open_in_front", lambda self, paths: found.append(paths))
    monkeypatch.setattr(FileOpener, "__init__", lambda self: QObject.__init__(self))
    opener = FileOpener()
    qapp.installEventFilter(opener)
    QApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(tmp_path / "x.pftrace"))))
    assert found == [[tmp_path / "x.pftrace"]]
    qapp.removeEventFilter(opener)
