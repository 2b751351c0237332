"""Where Qt would end the process, a sentence says what is missing."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from pfstudio.ui import screen

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="screens of Linux")


@linux
def test_a_screen_that_does_not_answer_is_a_sentence() -> None:
    """Which of the two it is depends on the libraries of this machine."""
    environment = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM",)}
    environment |= {"DISPLAY": ":9999", "WAYLAND_DISPLAY": ""}
    command = [sys.executable, "-m", "pfstudio.ui.app"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "does not answer" in done.stderr or "which is not installed" in done.stderr


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
