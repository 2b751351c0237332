"""Machines without a screen: the window says so, scripts go on without one."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pfstudio.ui import app, screen

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="X11 and Wayland are Linux's")


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(screen, "LIBRARIES", {})
    monkeypatch.setattr(screen, "X11_LIBRARIES", {})
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, "")


@pytest.fixture
def wayland(no_screen: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A desktop that answers."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with socket.socket(socket.AF_UNIX) as desktop:
        desktop.bind(str(tmp_path / "wayland-0"))
        desktop.listen()
        yield


def test_the_window_without_a_screen_is_a_sentence(
    no_screen: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("pfstudio: There is no screen to open the window on")
    assert len(said.splitlines()) == 1


@LINUX
def test_a_display_that_does_not_answer_is_a_sentence() -> None:
    """In a process of its own: Qt would end it."""
    if ctypes.util.find_library("xcb") is None:
        pytest.skip("libxcb is not installed")
    code = "from pfstudio.ui import app, screen; screen.X11_LIBRARIES = {}; exit(app.main([]))"
    wanted = {"DISPLAY": ":987", "QT_QPA_PLATFORM": "", "WAYLAND_DISPLAY": "not-there"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **wanted}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("pfstudio: The screen :987 (DISPLAY) does not answer. Log in")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("libraries", ["LIBRARIES", "X11_LIBRARIES"])
def test_a_missing_library_is_named_with_its_package(
    libraries: str, no_screen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(screen, libraries, {"libnot-there.so.9": "libnot-there9"})
    said = screen.screen_problem()
    assert "needs the library libnot-there.so.9" in said
    assert "apt install libnot-there9" in said


@LINUX
def test_wayland_needs_nothing_of_x11(wayland: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "X11_LIBRARIES", {"libnot-there.so.9": "libnot-there9"})
    assert screen.screen_problem() == ""


@LINUX
def test_scripts_use_a_screen_that_is_there(wayland: None) -> None:
    app.scripted_environment()
    assert os.environ["QT_QPA_PLATFORM"] == ""


def test_scripts_draw_offscreen_without_one(no_screen: None) -> None:
    app.scripted_environment()
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


def test_a_chosen_platform_is_believed(no_screen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "vnc")
    assert screen.screen_problem() == ""


def test_other_systems_always_have_a_screen(
    no_screen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", None)
    assert screen.screen_problem() == ""
