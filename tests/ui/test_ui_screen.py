"""Where Qt would end the process, a sentence says what is missing."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pfstudio.ui import screen

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="screens of Linux")


def opened(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    environment |= {"DISPLAY": "", "WAYLAND_DISPLAY": ""} | variables
    command = [sys.executable, "-m", "pfstudio.ui.app"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@linux
@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_screen_that_does_not_answer_is_a_sentence(variable: str) -> None:
    """Which of the two it is depends on the libraries of this machine."""
    done = opened(**{variable: ":9999"})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert f"{variable} names does not answer" in done.stderr or "not installed" in done.stderr


@linux
def test_a_screen_that_is_silent_for_ever_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    try:
        for library in ("client", "cursor", "egl"):
            ctypes.CDLL(f"libwayland-{library}.so.{1 if library == 'egl' else 0}")
    except OSError:
        pytest.skip("no Wayland on this machine")
    monkeypatch.setattr(screen, "_PATIENCE", 0.2)
    monkeypatch.setenv("QT_QPA_PLATFORM", "wayland-egl")
    monkeypatch.setenv("WAYLAND_DISPLAY", str(tmp_path / "silent"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "silent"))
        server.listen()
        assert "WAYLAND_DISPLAY names does not answer" in screen.problem()


@linux
def test_a_platform_that_qt_has_not_is_a_sentence() -> None:
    done = opened(QT_QPA_PLATFORM="bananas")
    assert done.returncode == 2
    assert done.stderr.startswith("pfstudio: Qt has no platform 'bananas'")


@linux
def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise OSError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(ctypes, "CDLL", fail)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert screen.problem().startswith("The window needs libEGL.so.1, which is not installed.")
    assert "apt install libegl1)" in screen.problem()


@linux
def test_a_platform_that_works_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert screen.problem() == ""


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libGL.so.1", "libgl1"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ],
)
def test_packages_of_libraries(library: str, package: str) -> None:
    assert screen.debian_package(library) == package
