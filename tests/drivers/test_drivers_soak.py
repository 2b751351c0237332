"""The soak run in small, and the script that drives windows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from small_models import install_small_model

from pfstudio.core import models
from pfstudio.core.errors import RunError
from pfstudio.drivers.soak import Count, Soak, soak
from pfstudio.drivers.waiter import Waiter
from pfstudio.ui.notify import ERROR, Notice, Notifier


def test_a_few_cycles_leave_nothing_behind(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        models, "shipped", lambda *parts: tmp_path
    )  # a text encoder's 90 MB leave holes
    for name in ("small", "small-too"):
        install_small_model(name)
    result = soak(cycles=3, switches=2, warm_up=10)  # both models are loaded before
    assert result.before.widgets > 100
    assert result.leaks == ()


def test_what_counts_as_a_leak() -> None:
    before = Count(threads=1, timers=8, widgets=300, memory_mb=400)
    assert Soak(1, 1, before, replace(before, memory_mb=449)).leaks == ()
    assert Soak(1, 1, before, replace(before, widgets=290)).leaks == ()
    worse = Count(threads=2, timers=9, widgets=303, memory_mb=451)
    assert Soak(1, 1, before, worse).leaks == (
        "1 threads more", "1 timers more", "3 widgets more", "51 MB more",
    )  # fmt: skip


def test_waiting_ends_with_what_the_user_was_told(qapp: QApplication) -> None:
    notifier = Notifier()
    waiter = Waiter(notifier)
    with pytest.raises(RunError, match="in vain for the sun"):
        waiter.until(lambda: False, "the sun", 0.05)
    notifier.post(Notice(ERROR, "The disk is full."))
    with pytest.raises(RunError, match="The disk is full"):
        waiter.until(lambda: False, "anything", 5)


def test_waiting_sees_what_happens(qapp: QApplication) -> None:
    notifier = Notifier()
    said: list[Notice] = []
    notifier.posted.connect(said.append)
    from PySide6.QtCore import QTimer

    QTimer.singleShot(20, notifier, lambda: notifier.say("hello"))
    Waiter(notifier).until(lambda: bool(said), "a word", 5)
    assert said[0].text == "hello"
