"""The settings dialog: every setting has its place, and a measurement is told in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from small_models import install_small_model
from window_bench import Bench

from pfstudio.core.execution import Execution, MachineSpeed
from pfstudio.core.parameters import parameters_of
from pfstudio.core.settings import Settings, load_settings
from pfstudio.engine import measurement
from pfstudio.ui.notify import Notifier
from pfstudio.ui.settings_dialog import COMPUTING, LOOK, REST, SettingsDialog
from pfstudio.ui.view_models.settings import SettingsModel


@pytest.fixture
def dialog(open_window: Callable[..., Bench]) -> SettingsDialog:
    bench = open_window()
    QTest.mouseClick(bench.window.rail.settings, Qt.MouseButton.LeftButton)
    (shown,) = bench.window.findChildren(SettingsDialog)
    bench.until(shown.isVisible)
    return shown


def test_every_setting_has_its_place() -> None:
    placed = [name for _, names in (LOOK, COMPUTING, REST) for name in names]
    assert sorted(placed) == sorted(about.name for about in parameters_of(Settings))


def test_a_click_is_applied_and_stored(dialog: SettingsDialog) -> None:
    QTest.mouseClick(dialog.forms[2].control("offline"), Qt.MouseButton.LeftButton)
    assert load_settings()[0].offline


def test_what_another_window_stored_stays(own_folders: object) -> None:
    here, there = SettingsModel(Notifier()), SettingsModel(Notifier())
    heard: list[Settings] = []
    here.changed.connect(heard.append)
    there.set(offline=True)
    here.set(theme="light")
    stored, _ = load_settings()
    assert (stored.offline, stored.theme) == (True, "light")
    assert heard == [stored]
    here.set(offline=False)
    assert not load_settings()[0].offline


def test_devices_that_are_absent_are_grey(open_window: Callable[..., Bench]) -> None:
    bench = open_window(start=False)
    QTest.mouseClick(bench.window.rail.settings, Qt.MouseButton.LeftButton)
    (shown,) = bench.window.findChildren(SettingsDialog)
    devices = shown.forms[1].control("device")
    assert devices.segment("cuda").isEnabled()  # nobody knows yet
    bench.window.start()
    bench.until(lambda: bench.window.jobs.engine.ready)
    usable = {kind: devices.segment(kind).isEnabled() for kind in ("auto", "cpu", "cuda", "mps")}
    assert usable == {"auto": True, "cpu": True, "cuda": False, "mps": False}
    assert devices.segment("cuda").toolTip() == "This machine has none"
    shown.close()
    bench.runner.device_kinds = ("cuda", "cpu")
    QTest.mouseClick(bench.window.rail.settings, Qt.MouseButton.LeftButton)
    (shown,) = (one for one in bench.window.findChildren(SettingsDialog) if one.isVisible())
    assert shown.forms[1].control("device").segment("cuda").isEnabled()
    shown.close()


def test_what_was_measured_is_told_in_words(
    dialog: SettingsDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    auto = Execution("cpu", "bfloat16", threads=2)
    seconds = (("float32", 0.0141), ("bfloat16", 0.0072))
    found = MachineSpeed("small", auto, seconds, busy=False)
    monkeypatch.setattr(measurement, "measure_machine", lambda: found)
    QTest.mouseClick(dialog.measure, Qt.MouseButton.LeftButton)
    assert not dialog.measure.isEnabled()
    qtbot.waitUntil(dialog.measure.isEnabled, timeout=10_000)
    assert dialog.found.text() == (
        "For one image, auto chooses CPU, bfloat16, 2 threads. "
        "A call of small takes 14.1 ms in float32, 7.2 ms in bfloat16 on this processor."
    )
    dialog.close()


def test_the_measurement_times_both_precisions() -> None:
    install_small_model()
    found = measurement.measure_machine()
    assert found.model == "small"
    assert [precision for precision, _ in found.seconds] == ["float32", "bfloat16"]
    assert all(0 < seconds < 1 for _, seconds in found.seconds)
    assert found.auto.dtype in dict(found.seconds)
