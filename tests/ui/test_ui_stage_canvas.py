"""The canvas: where things are drawn, and what pointer and keys say."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from stage_bench import colour_at, middle_of
from test_ui_frame_theme import contrast

from pfstudio.core.paint import Paint
from pfstudio.core.trace import Role
from pfstudio.ui import theme
from pfstudio.ui.stage import patches
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.geometry import Placement, ViewTransform
from pfstudio.ui.stage.layers import Layers, to_image

CHECKS = np.zeros((4, 4, 3), np.uint8)
CHECKS[1, 2] = (250, 0, 0)
CHECKS[3, 0] = (0, 250, 0)


@pytest.fixture
def canvas(qtbot: QtBot, qapp: QApplication) -> ImageCanvas:
    theme.apply(qapp, "dark")
    made = ImageCanvas(ViewTransform(qapp), "Test")
    made.set_grid(4, 4)
    made.resize(317, 211)
    qtbot.addWidget(made)
    made.show()
    made.set_layers(Layers(map=to_image(CHECKS)))
    return made


def wheel(canvas: ImageCanvas, point: QPoint, delta: int) -> None:
    event = QWheelEvent(
        QPointF(point), canvas.mapToGlobal(QPointF(point)), QPoint(), QPoint(0, delta),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def test_a_map_fills_its_patches_with_hard_edges(canvas: ImageCanvas) -> None:
    shown = canvas.grab().toImage()
    place = canvas.placement()
    for row in range(4):
        for column in range(4):
            rect = place.patch_rect(row, column)
            expected = QColor(*(int(v) for v in CHECKS[row, column]))
            for corner in (rect.topLeft(), rect.bottomRight(), rect.center()):
                assert shown.pixelColor(corner) == expected, (row, column)


def test_patches_tile_the_picture_without_gaps() -> None:
    place = Placement(7, 3, 100, 61, rows=7, columns=9)
    assert place.patch_rect(0, 0).topLeft() == QPoint(7, 3)
    assert place.patch_rect(6, 8).bottomRight() == QPoint(106, 63)
    for column in range(8):
        left, right = place.patch_rect(2, column), place.patch_rect(2, column + 1)
        assert left.right() + 1 == right.left()


@pytest.mark.parametrize("zoom", [1.0, 2.7])
def test_the_patch_under_a_point_is_the_one_drawn_there(canvas: ImageCanvas, zoom: float) -> None:
    canvas.view.zoom_at(zoom, (0.4, 0.6))
    place = canvas.placement()
    for row in range(4):
        for column in range(4):
            centre = QPointF(place.patch_rect(row, column).center())
            assert place.patch_at(centre) == (row, column)
    assert place.patch_at(QPointF(place.x - 1, place.y)) is None


def test_the_wheel_zooms_at_the_pointer(canvas: ImageCanvas) -> None:
    point = middle_of(canvas, 1, 2)
    before = canvas.placement().share(QPointF(point))
    wheel(canvas, point, 240)
    assert canvas.view.zoom > 1.2
    after = canvas.placement().share(QPointF(point))
    assert after == pytest.approx(before, abs=0.01)
    wheel(canvas, point, -2400)
    assert (canvas.view.zoom, canvas.view.centre) == (1.0, (0.5, 0.5))


def test_zoom_and_pan_are_linked(canvas: ImageCanvas, qtbot: QtBot) -> None:
    other = ImageCanvas(canvas.view, "Other")
    other.resize(317, 211)
    other.set_grid(4, 4)
    qtbot.addWidget(other)
    wheel(canvas, middle_of(canvas, 0, 0), 500)
    assert other.placement() == canvas.placement()


def test_a_drag_pans_and_a_double_click_fits(canvas: ImageCanvas, qtbot: QtBot) -> None:
    canvas.view.zoom_at(4.0, (0.5, 0.5))
    before = canvas.placement().x
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(150, 100))
    qtbot.mouseMove(canvas, QPoint(180, 100))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(180, 100))
    assert canvas.placement().x == pytest.approx(before + 30, abs=1)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(150, 100))
    assert canvas.view.zoom == 1.0


def test_a_click_says_the_patch_and_a_drag_does_not(canvas: ImageCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.patch_clicked) as heard:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=middle_of(canvas, 3, 1))
    assert heard.args == [3, 1]
    with qtbot.assertNotEmitted(canvas.patch_clicked):
        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(150, 100))
        qtbot.mouseMove(canvas, QPoint(190, 100))
        qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(190, 100))


@pytest.mark.parametrize(
    ("key", "held", "expected"),
    [
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier, [0, -1]),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier, [1, 0]),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, [-1, 0]),
    ],
)
def test_arrow_keys_step_through_patches(
    canvas: ImageCanvas, qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier, expected: list[int]
) -> None:
    with qtbot.waitSignal(canvas.patch_stepped) as heard:
        qtbot.keyClick(canvas, key, held)
    assert heard.args == expected


def test_left_and_right_are_left_to_time(canvas: ImageCanvas, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(canvas.patch_stepped):
        qtbot.keyClick(canvas, Qt.Key.Key_Right)


def test_keys_zoom(canvas: ImageCanvas, qtbot: QtBot) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.zoom == pytest.approx(1.25)
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.view.zoom == 1.0


def test_opacity_mixes_map_and_picture(canvas: ImageCanvas) -> None:
    white = to_image(np.full((64, 64, 3), 255, np.uint8))
    canvas.set_layers(Layers(white, map=to_image(np.zeros_like(CHECKS)), opacity=0.25))
    assert colour_at(canvas, middle_of(canvas, 0, 0)).red() == pytest.approx(191, abs=2)


def test_roles_have_patterns_and_not_only_hues(canvas: ImageCanvas) -> None:
    roles = np.full((4, 4), Role.TOGETHER, np.uint8)
    roles[:, 2:] = Role.SLOW
    flat = to_image(np.full((4, 4, 3), 120, np.uint8))
    canvas.set_layers(Layers(map=flat, roles=roles))
    shown = canvas.grab().toImage()

    def shades(column: int) -> int:
        rect = canvas.placement().patch_rect(1, column)
        return len({shown.pixel(x, rect.center().y()) for x in range(rect.left(), rect.right())})

    assert shades(0) == 1
    assert shades(3) > 2


def test_painted_patches_show(canvas: ImageCanvas) -> None:
    before = canvas.grab().toImage()
    codes = np.zeros((4, 4), np.uint8)
    codes[2, 1] = Paint.FIXED
    canvas.set_paint(codes)
    after = canvas.grab().toImage()
    inside, outside = (canvas.placement().patch_rect(*at) for at in ((2, 1), (0, 3)))
    assert before.copy(inside) != after.copy(inside)
    assert before.copy(outside) == after.copy(outside)


def test_a_painted_picture_of_another_grid_is_left_out(canvas: ImageCanvas) -> None:
    before = canvas.grab().toImage()
    canvas.set_paint(np.full((8, 8), Paint.FIXED, np.uint8))
    assert canvas.grab().toImage() == before


def test_runs_of_equal_codes() -> None:
    codes = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]], np.uint8)
    assert list(patches.runs(codes, 1)) == [(0, 0, 2), (0, 3, 1), (2, 0, 4)]


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_the_frame_under_the_pointer_is_seen_on_every_shade(
    canvas: ImageCanvas, qtbot: QtBot, shade: int
) -> None:
    canvas.set_layers(Layers(map=to_image(np.full((4, 4, 3), shade, np.uint8))))
    patch = canvas.placement().patch_rect(1, 1)
    for place in (QPoint(1, 1), patch.center()):  # a move that is none would not be told
        qtbot.mouseMove(canvas, place)
    seen = [colour_at(canvas, QPoint(patch.left() + x, patch.center().y())) for x in range(3)]
    apart = [contrast(colour.name(), QColor(shade, shade, shade).name()) for colour in seen]
    assert max(apart) >= 3


def test_the_focus_ring_shows(canvas: ImageCanvas, qtbot: QtBot) -> None:
    canvas.clearFocus()
    before = canvas.grab().toImage()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(canvas.hasFocus)
    ring = QColor(theme.tokens().focus)
    assert canvas.grab().toImage() != before
    assert colour_at(canvas, QPoint(canvas.width() // 2, 0)) == ring


@pytest.mark.parametrize("name", sorted(theme.THEMES))
def test_a_theme_repaints_the_canvas(canvas: ImageCanvas, qapp: QApplication, name: str) -> None:
    canvas.grab()  # composed in the dark theme
    theme.apply(qapp, name)
    qapp.processEvents()
    assert colour_at(canvas, QPoint(2, 100)) == QColor(theme.THEMES[name].base)
