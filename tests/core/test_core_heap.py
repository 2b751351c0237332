"""Freed memory goes back to the system, where the C library can do that."""

from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace

import pytest

from pfstudio.core import heap


def test_the_c_library_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=asked.append))
    heap.give_back()
    assert asked == [0]


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_other_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    heap.give_back()
