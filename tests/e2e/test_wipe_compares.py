"""Promise: a line wipes between before and after, and zoom and pan are one for all views."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from upscale_bench import UpscaleBench, open_upscale

__all__ = ["open_upscale"]
DARK, NEGATIVE = 60, 195  # of the lower right part, before and after


def upscaled(open_upscale: Callable[..., UpscaleBench]) -> UpscaleBench:
    bench = open_upscale()
    bench.take(bench.picture("a.png", (64, 48)))
    bench.run()
    bench.qtbot.wait(50)
    return bench


def shade(widget: QWidget, share: tuple[float, float]) -> int:
    """Red of the grabbed picture at a place given in shares of it."""
    place = widget.placement()
    image = widget.grab().toImage()
    x, y = place.x + share[0] * place.width, place.y + share[1] * place.height
    return QColor(image.pixel(QPoint(int(x), int(y)))).red()


def drag_line(bench: UpscaleBench, to: float) -> None:
    """Take the line where it is, and let it go at a share of the picture."""
    canvas = bench.page.stage.pair.both
    place, middle = canvas.placement(), canvas.height() // 2
    start = QPoint(place.x + round(canvas.share * place.width), middle)
    end = QPoint(place.x + round(to * place.width), middle)
    left = Qt.MouseButton.LeftButton
    bench.qtbot.mousePress(canvas, left, pos=start)
    bench.qtbot.mouseMove(canvas, end)
    bench.qtbot.mouseRelease(canvas, left, pos=end)


def test_the_line_shows_before_left_and_after_right(
    open_upscale: Callable[..., UpscaleBench],
) -> None:
    bench = upscaled(open_upscale)
    canvas = bench.page.stage.pair.both
    assert (shade(canvas, (0.3, 0.9)), shade(canvas, (0.7, 0.9))) == (DARK, NEGATIVE)
    drag_line(bench, 0.9)
    assert abs(canvas.share - 0.9) < 0.01
    assert (shade(canvas, (0.3, 0.9)), shade(canvas, (0.7, 0.9))) == (DARK, DARK)
    drag_line(bench, 0.1)
    assert (shade(canvas, (0.3, 0.9)), shade(canvas, (0.7, 0.9))) == (NEGATIVE, NEGATIVE)


def test_keys_move_the_line(open_upscale: Callable[..., UpscaleBench]) -> None:
    bench = upscaled(open_upscale)
    canvas = bench.page.stage.pair.both
    canvas.setFocus()
    bench.qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert abs(canvas.share - 0.52) < 1e-6
    bench.qtbot.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert abs(canvas.share - 0.42) < 1e-6
    assert canvas.accessibleDescription() == "The line is at 42 %"


def test_zoom_and_pan_are_linked(open_upscale: Callable[..., UpscaleBench]) -> None:
    bench = upscaled(open_upscale)
    stage = bench.page.stage
    stage.set_view("side")
    bench.qtbot.wait(50)
    left, right = stage.pair.left, stage.pair.right
    assert (shade(left, (0.9, 0.9)), shade(right, (0.9, 0.9))) == (DARK, NEGATIVE)
    at = QPointF(left.width() * 0.6, left.height() * 0.5)
    under = left.placement().share(at)
    wheel = QWheelEvent(at, left.mapToGlobal(at), QPoint(), QPoint(0, 960),
                        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(left, wheel)
    assert stage.transform.zoom > 3
    kept = left.placement().share(at)
    assert max(abs(a - b) for a, b in zip(under, kept, strict=True)) < 0.01
    # One above the other; one may be a pixel higher, and so one and a half pixels wider.
    assert abs(left.placement().width - right.placement().width) <= 1.5 * stage.transform.zoom
    before = right.placement().x
    button = Qt.MouseButton.LeftButton
    bench.qtbot.mousePress(left, button, pos=QPoint(60, 60))
    bench.qtbot.mouseMove(left, QPoint(100, 80))
    bench.qtbot.mouseRelease(left, button, pos=QPoint(100, 80))
    assert abs(right.placement().x - before - 40) <= 2
    bench.window.commands.action("view.fit").trigger()
    assert stage.transform.zoom == 1
    assert stage.zoom.text().endswith("%")


def test_before_is_squares_or_smooth(open_upscale: Callable[..., UpscaleBench]) -> None:
    """Across the edge of the bright part, nearest has two shades and bicubic has more."""
    bench = upscaled(open_upscale)
    stage, canvas = bench.page.stage, bench.page.stage.pair.both
    canvas.set_share(1.0)
    stage.transform.zoom_at(8, (0.5, 0.25))
    shades = {}
    for way in ("nearest", "bicubic"):
        stage.set_enlarging(way)
        bench.qtbot.wait(30)
        shades[way] = {shade(canvas, (0.5 + i / 640, 0.25)) for i in range(-10, 11)}
    assert shades["nearest"] == {200, DARK}
    assert len(shades["bicubic"]) > 4
