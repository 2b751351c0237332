"""While a run is followed only what changes is painted; the screen still shows all of it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QImage, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from scripted_runner import GRID, step_of
from stage_bench import CALLS, REQUEST, StageBench, make_bench

from pfstudio.core.events import Started
from pfstudio.core.generation import Generated


@pytest.fixture
def live(qtbot: QtBot, qapp: QApplication) -> StageBench:
    bench = make_bench(qtbot, qapp)
    bench.run.begin(Started(1, CALLS, 1, GRID, "cpu", "float32", 1), REQUEST, "made up")
    bench.settle()
    return bench


def calls(bench: StageBench, first: int, last: int) -> None:
    bench.run.append([step_of(1, bench.trace, call) for call in range(first, last)])
    bench.settle()


def pixels(pixmap: QPixmap) -> np.ndarray:
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGB32)
    shape = (image.height(), image.bytesPerLine() // 4, 4)
    return np.array(image.constBits(), np.uint8).reshape(shape)[:, : image.width(), :3].astype(int)


def assert_nothing_is_stale(bench: StageBench) -> None:
    """What is on the screen is what painting everything anew would show.

    Columns of the raster that were painted by themselves may end a pixel earlier or later.
    """
    screen = pixels(bench.whole.screen().grabWindow(bench.whole.winId()))
    apart = np.abs(screen - pixels(bench.whole.grab())).max(axis=2)
    rows, columns = np.nonzero(apart > 2)
    raster = bench.timeline.raster
    top = raster.mapTo(bench.whole, QPoint(0, 0)).y()
    assert len(set(columns)) <= CALLS
    assert not ((rows < top) | (rows >= top + raster.height())).any()


class Painted(QObject):
    """Notes which widgets were painted, and how many pixels of them."""

    def __init__(self) -> None:
        super().__init__()
        self.areas: dict[QWidget, int] = {}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QPaintEvent) and isinstance(watched, QWidget):
            area = sum(rect.width() * rect.height() for rect in event.region())
            self.areas[watched] = self.areas.get(watched, 0) + area
        return False


def test_the_screen_is_up_to_date_after_every_settling(live: StageBench) -> None:
    for first, last in ((0, 1), (1, 4), (4, 5), (5, 9)):
        calls(live, first, last)
        live.run.set_preview(last - 1, live.images)
        live.run.refresh_slow()
        live.settle()
        assert_nothing_is_stale(live)
    live.run.set_call(3)
    live.settle()
    assert_nothing_is_stale(live)
    calls(live, 9, CALLS)
    live.run.finish(Generated(live.images, live.trace))
    live.settle()
    assert_nothing_is_stale(live)
    live.run.set_call(5)
    live.settle()
    assert_nothing_is_stale(live)


def test_a_call_repaints_maps_and_one_column(live: StageBench, qapp: QApplication) -> None:
    calls(live, 0, 4)
    live.run.refresh_slow()
    live.settle()
    painted = Painted()
    qapp.installEventFilter(painted)
    calls(live, 4, 5)
    qapp.removeEventFilter(painted)
    maps = [panel.canvas for panel in live.stage.four[1:3]]
    assert all(canvas in painted.areas for canvas in maps)
    raster = live.timeline.raster
    assert 0 < painted.areas[raster] < 0.4 * raster.width() * raster.height()
    quiet = (live.whole, live.stage, live.inspector, live.timeline, live.timeline.strip,
             live.inspector.curves, live.inspector.histogram)  # fmt: skip
    assert not [widget for widget in quiet if widget in painted.areas]
    live.run.refresh_slow()
    live.settle()
    assert live.inspector.run_table.text("NFE") == f"5 / {CALLS}"
