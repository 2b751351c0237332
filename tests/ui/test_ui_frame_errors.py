"""Errors: the log, the hooks, the report, and what the window shows."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_bench import Bench, Recorder

from pfstudio.core.paths import state_folder
from pfstudio.ui.errors import CRASH_NAME, KEPT_CRASHES, LOG_NAME, CrashHooks, report
from pfstudio.ui.log_dialog import LogDialog
from pfstudio.ui.notify import ERROR, WARNING, Notice
from pfstudio.ui.widgets.labels import shortened


@pytest.fixture
def told(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    recorder = Recorder()
    hooks = CrashHooks(recorder)
    hooks.install()
    yield recorder
    hooks.remove()


def test_an_uncaught_exception_is_logged_and_told(
    told: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ValueError("three is not four")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    notice = told.notices[0]
    assert (notice.level, notice.text) == (ERROR, "Something went wrong inside the program.")
    assert "three is not four" in notice.details
    assert "three is not four" in (state_folder() / LOG_NAME).read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_threads_report_too(told: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert "in a thread" in told.notices[0].details


def test_the_hooks_are_put_back(qapp: QApplication) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    hooks = CrashHooks(Recorder())
    hooks.install()
    assert sys.excepthook != before[0]
    hooks.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def test_what_a_crash_left_is_kept_and_told_once(qapp: QApplication) -> None:
    crash = state_folder() / CRASH_NAME
    crash.parent.mkdir(parents=True, exist_ok=True)
    crash.write_text("Fatal Python error: Segmentation fault\n", encoding="utf-8")
    told: list[list[Notice]] = []
    for _ in range(2):
        recorder = Recorder()
        hooks = CrashHooks(recorder)
        hooks.install()
        hooks.tell()
        hooks.remove()
        told.append(recorder.notices)
    (notice,), nothing = told
    assert nothing == []
    assert notice.text == "The program ended unexpectedly the last time."
    assert "Segmentation fault" in report(notice)
    (kept,) = state_folder().glob("crash-*.log")
    assert "Segmentation fault" in kept.read_text(encoding="utf-8")


def test_only_the_latest_crashes_are_kept(qapp: QApplication) -> None:
    state_folder().mkdir(parents=True, exist_ok=True)
    for day in range(1, 10):
        (state_folder() / f"crash-2026010{day}-000000.log").write_text("old")
    (state_folder() / CRASH_NAME).write_text("new")
    hooks = CrashHooks(Recorder())
    hooks.install()
    hooks.remove()
    kept = sorted(path.name for path in state_folder().glob("crash-*.log"))
    assert len(kept) == KEPT_CRASHES
    assert kept[0] == "crash-20260106-000000.log"


def test_the_report_says_what_ran(told: Recorder) -> None:
    logging.getLogger("pfstudio.engine").info("job 7: %s", Path.home() / "model")
    text = report(Notice(ERROR, "It broke."))
    assert "Log:" in text
    assert f"job 7: {Path('~') / 'model'}" in text


def test_the_log_is_shown_searched_and_copied(
    told: Recorder, open_window: Callable[..., Bench]
) -> None:
    bench = open_window()
    bench.generate(steps=2)
    bench.until(lambda: bool(bench.runner.finished))
    logging.getLogger("pfstudio.test").info("one line to find")
    logging.getLogger("pfstudio.test").warning("a warning")
    bench.window.commands.action("help.log").trigger()
    (dialog,) = bench.window.findChildren(LogDialog)
    bench.until(dialog.isVisible)
    assert "one line to find" in dialog.text.toPlainText()
    QTest.keyClicks(dialog.search, "a WARN")
    assert "a warning" in dialog.text.toPlainText()
    assert "one line to find" not in dialog.text.toPlainText()
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert "Patch Forcing Studio" in QApplication.clipboard().text()
    assert "a warning" in QApplication.clipboard().text()
    dialog.search.clear()
    logging.getLogger("pfstudio.test").info("it goes on")
    bench.until(lambda: "it goes on" in dialog.text.toPlainText())
    dialog.close()


def test_the_report_names_versions_but_not_the_user() -> None:
    home = str(Path.home())
    text = report(Notice(ERROR, "It broke.", "Try again.", f"File {home}/secret/x.py"))
    assert "It broke." in text
    assert "Python" in text
    assert home not in text
    assert "~/secret/x.py" in text


def test_a_broken_engine_is_told_and_can_be_started_again(
    open_window: Callable[..., Bench], caplog: pytest.LogCaptureFixture
) -> None:
    bench = open_window()
    bench.generate(steps=2)
    bench.until(lambda: len(bench.runner.finished) == 1 and bench.page.run.data is not None)
    shown = bench.page.run.data.job
    bench.runner.failures = ["not a Failed"]  # makes the runner itself raise
    bench.generate(steps=2, seed=1)
    bench.until(lambda: "The engine stopped unexpectedly." in bench.said())
    notice = next(n for n in bench.notices if n.text.startswith("The engine stopped"))
    assert "Traceback" in notice.details
    bench.until(lambda: not bench.window.jobs.engine.running)
    dict(notice.actions)["Start again"]()
    bench.until(lambda: bench.window.jobs.engine.ready)
    bench.generate(steps=2, seed=3)
    bench.until(lambda: bool(bench.runner.finished))
    bench.until(lambda: bench.page.run.data.request.seed == 3)
    assert bench.page.run.data.job > shown + 1  # two workers never give one number


def test_notices_do_not_repeat(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bar = bench.window.notices
    for _ in range(3):
        bench.window.notifier.say("The same again.", level=WARNING)
    assert [notice.text for notice in bar.shown()] == ["The same again."]
    bench.window.notifier.say("Another.", level=WARNING)
    assert [notice.text for notice in bar.shown()] == ["The same again.", "Another."]


def test_what_is_said_in_passing_goes_by_itself_and_errors_stay(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window()
    status = bench.window.status
    status._silence.setInterval(30)
    bench.window.notifier.say("Just so you know.")
    bench.window.notifier.say("This is bad.", level=ERROR)
    assert status.said.whole == "Just so you know."
    assert [notice.text for notice in bench.window.notices.shown()] == ["This is bad."]
    bench.until(lambda: not status.said.whole)
    assert bench.window.notices.isVisible()


def test_long_names_lose_their_middle() -> None:
    name = f"{'a' * 40}{'b' * 40}{'c' * 40}.png"
    assert shortened(f"{name} is bad.") == f"{'a' * 22}…{'c' * 18}.png is bad."
    assert shortened("short.png is bad.") == "short.png is bad."
