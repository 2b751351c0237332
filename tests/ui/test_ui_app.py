"""Machines without a screen: the window says so, scripts go on without one."""

from __future__ import annotations

import os
import sys

import pytest

from pfstudio.ui import app


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, "")


def test_the_window_without_a_screen_is_a_sentence(
    no_screen: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("pfstudio: There is no screen to open the window on")
    assert len(said.splitlines()) == 1


def test_scripts_draw_offscreen_then(no_screen: None) -> None:
    app.scripted_environment()
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_scripts_use_a_screen_that_is_there(
    no_screen: None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, ":0")
    app.scripted_environment()
    assert os.environ["QT_QPA_PLATFORM"] == ""
    assert app.has_screen()


def test_a_chosen_platform_is_believed(no_screen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "vnc")
    assert app.has_screen()


def test_other_systems_always_have_a_screen(
    no_screen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert app.has_screen()
