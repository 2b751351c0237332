"""The Depth page's widgets: pointer, line, cloud, tool bar; names, themes and small windows."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from depth_scene import drop, install_depth_card, log_depth_of, scene, write_scene
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtWidgets import QScrollBar, QWidget
from window_bench import Bench

from pfstudio.ui.depth.cloud import Cloud, Eye, draw_cloud, make_cloud, project
from pfstudio.ui.depth.cloud_view import CloudView, opengl_works
from pfstudio.ui.depth.paint import masked_picture
from pfstudio.ui.depth.profile import profile_along
from pfstudio.ui.files.find import find_pictures
from pfstudio.ui.files.rendering import Halves
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.theme import THEMES


@pytest.fixture
def result(open_window: Callable[..., Bench], tmp_path: Path) -> Bench:
    """A window whose Depth page shows a result."""
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    model = bench.window.page("depth").model
    drop(bench.window.page("depth"), write_scene(tmp_path, 6))
    bench.until(lambda: model.detail.values is not None and model.flow.missing() is None)
    return bench


# -- widgets that need no window ------------------------------------------------------------------


def test_a_profile_follows_the_line() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    profile = profile_along(((0, 0), (2, 0)), values, values / 10)
    assert profile.values.tolist() == [0, 4, 8]
    assert profile.spread.tolist() == pytest.approx([0, 0.4, 0.8])
    assert profile.length == 2
    diagonal = profile_along(((0, 0), (2, 3)), values, values)
    assert diagonal.values[[0, -1]].tolist() == [0, 11]
    assert len(profile_along(((1, 1), (1, 1)), values, values).values) == 2


def test_points_lie_where_the_camera_saw_them() -> None:
    picture, _ = scene(1)
    log_depth = log_depth_of("scene-1.png", picture.shape[:2])
    cloud = make_cloud(log_depth, picture, 10**6)
    assert len(cloud.points) == log_depth.size
    seen = project(cloud, Eye(), 640, 480)
    # From the front every pixel is where it was in the picture, up to one scale.
    columns = (seen.x - 320).reshape(log_depth.shape)
    rows = (seen.y - 240).reshape(log_depth.shape)
    assert np.allclose(np.diff(columns, axis=1), columns[0, 1] - columns[0, 0], atol=1e-2)
    assert np.allclose(np.diff(rows, axis=0), columns[0, 1] - columns[0, 0], atol=1e-2)
    assert seen.x.min() > 0
    assert seen.x.max() < 640
    # Nearer in the map is nearer to the eye.
    order = np.argsort(log_depth.ravel())
    assert (np.diff(seen.distance[order]) > -1e-5).all()


def test_fewer_points_and_masked_ones_left_out() -> None:
    picture, _ = scene(1)
    log_depth = log_depth_of("scene-1.png", picture.shape[:2])
    assert len(make_cloud(log_depth, picture, 1000).points) <= 1000
    kept = log_depth < 0
    cloud = make_cloud(log_depth, picture, 10**6, kept)
    assert len(cloud.points) == kept.sum()
    assert np.array_equal(cloud.colours, picture[kept])


def test_near_points_hide_far_ones() -> None:
    log_depth = np.zeros((40, 40), np.float32)
    log_depth[10:30, 10:30] = -1.0
    picture = np.full((40, 40, 3), (0, 0, 255), np.uint8)
    picture[10:30, 10:30] = (255, 0, 0)
    cloud = make_cloud(log_depth, picture, 10**6)
    front = draw_cloud(cloud, Eye(), 200, 200, (0, 0, 0))
    assert front[100, 100].tolist() == [255, 0, 0]
    turned = draw_cloud(cloud, Eye(yaw=40), 200, 200, (0, 0, 0))
    assert not np.array_equal(front, turned)
    behind = project(cloud, Eye(zoom=1.0, yaw=180), 200, 200)
    assert np.isfinite(behind.distance).any()


def test_surfaces_that_stretch_away_have_no_holes() -> None:
    """A floor seen from above: its far rows of points lie more than a point apart."""
    rows = np.linspace(2.0, 0.0, 120, dtype=np.float32)[:, None].repeat(120, axis=1)
    cloud = make_cloud(rows, np.full((120, 120, 3), 200, np.uint8), 10**6)
    drawn = draw_cloud(cloud, Eye(pitch=40), 500, 400, (0, 0, 0))[:, :, 0] > 0
    inner = [np.flatnonzero(column) for column in drawn.T[200:300]]
    holes = sum(int(np.ptp(rows)) + 1 - len(rows) for rows in inner if rows.size)
    assert sum(rows.size for rows in inner) > 5000
    assert holes == 0
    assert not drawn[:, :20].any()  # what is empty stays so


def test_near_points_cover_far_ones_in_whatever_order_they_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Against the plain way: at every pixel the nearest of all squares that reach it."""
    monkeypatch.setattr("pfstudio.ui.depth.cloud._WIDEST_HOLE", 0)
    rng = np.random.default_rng(2)
    points = rng.uniform(-0.5, 0.5, (300, 3)).astype(np.float32)
    colours = np.stack([np.arange(300) % 256, np.arange(300) // 256 + 1, np.full(300, 9)], axis=1)
    cloud = Cloud(points, colours.astype(np.uint8), 1.0, 0.05, (0.5, 0.5))
    at, side = project(cloud, Eye(yaw=15), 40, 40), 40
    expected = np.zeros((side, side, 3), np.uint8)
    nearest = np.full((side, side), np.inf)
    sides = np.clip(np.ceil(1.25 * at.side), 1, 5).astype(int)
    assert sides.min() < sides.max()
    for i in np.flatnonzero((at.x >= 0) & (at.x < side) & (at.y >= 0) & (at.y < side)):
        for row in range(int(at.y[i]), min(int(at.y[i]) + sides[i], side)):
            for column in range(int(at.x[i]), min(int(at.x[i]) + sides[i], side)):
                if at.distance[i] < nearest[row, column]:
                    nearest[row, column] = at.distance[i]
                    expected[row, column] = cloud.colours[i]
    drawn = draw_cloud(cloud, Eye(yaw=15), side, side, (0, 0, 0))
    np.testing.assert_array_equal(drawn, expected)


def test_the_eye_never_goes_over_the_top() -> None:
    eye = Eye().turned(0, 500).turned(350, 0).zoomed(1000)
    assert eye.pitch == 89
    assert eye.yaw == -10
    assert eye.zoom == 8
    matrix = Eye(33, 21).rotation()
    assert np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-6)
    assert math.isclose(float(np.linalg.det(matrix)), 1.0, abs_tol=1e-6)


def test_the_mask_covers_exactly_what_is_above() -> None:
    spread = np.linspace(0, 1, 48, dtype=np.float32).reshape(6, 8)
    plain = to_image(np.full((6, 8, 3), 250, np.uint8))
    masked = masked_picture(plain, spread, 0.5)
    for row in range(6):
        for column in range(8):
            dark = QColor(masked.pixel(column, row)).lightness() < 100
            assert dark == (spread[row, column] > 0.5)
    assert plain.pixel(7, 5) != masked.pixel(7, 5)  # the picture itself is as it was


def test_large_pictures_are_drawn_from_their_halves() -> None:
    rng = np.random.default_rng(0)
    image = to_image(rng.integers(0, 256, (300, 401, 3)).astype(np.uint8))
    halves = Halves(image)
    assert halves.at_least(300) is image
    assert halves.at_least(150).width() == 200
    assert halves.at_least(99).width() == 100
    assert halves.at_least(1).height() >= 1


def test_find_pictures_goes_into_folders(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/two.JPG", "one.png", ".hidden.png", "words.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in find_pictures([tmp_path])] == ["one.png", "two.JPG"]
    given = find_pictures([tmp_path / "words.txt", tmp_path / "b", tmp_path / "words.txt"])
    assert [path.name for path in given] == ["words.txt", "two.JPG"]
    assert find_pictures([tmp_path], lambda: True) == ()


# -- the page -------------------------------------------------------------------------------------


def test_a_drag_with_the_probe_draws_a_line(result: Bench) -> None:
    page = result.window.page("depth")
    canvas, marks = page.stage.pair.left, page.stage.pair.marks
    result.window.commands.action("tool.inspect").trigger()
    assert page.stage.bar.probe.isChecked()
    place = canvas.placement().rect
    start, end = place.center(), place.center() + QPoint(40, 20)
    result.qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    result.qtbot.mouseMove(canvas, end)
    result.qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    assert marks.line is not None
    (r0, c0), (r1, c1) = marks.line
    assert r1 > r0
    assert c1 > c0
    profile, values = (
        page.confidence.profile.profile,
        result.window.page("depth").model.detail.values,
    )
    assert profile is not None
    assert profile.values[0] == values[r0, c0]
    assert profile.values[-1] == values[r1, c1]
    # Without the probe a drag pans and leaves the line alone.
    result.window.commands.action("tool.inspect").trigger()
    before = marks.line
    result.qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    result.qtbot.mouseMove(canvas, end)
    result.qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    assert marks.line == before


def test_probe_and_line_by_keys(result: Bench) -> None:
    pair = result.window.page("depth").stage.pair
    canvas = pair.right
    canvas.setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    result.qtbot.keyClick(canvas, Qt.Key.Key_Right, control)
    first = pair.marks.pointer
    assert first == (48, 65)
    result.qtbot.keyClick(canvas, Qt.Key.Key_Return)
    result.qtbot.keyClick(canvas, Qt.Key.Key_Up)
    result.qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert pair.marks.line == (first, (47, 65))


def test_zoom_is_linked_and_fit_shows_everything(result: Bench) -> None:
    page = result.window.page("depth")
    pair = page.stage.pair
    page.stage.transform.zoom_at(3.0, (0.2, 0.7))
    widths = [canvas.placement().width for canvas in (pair.left, pair.right)]
    assert abs(widths[0] - widths[1]) <= 4  # one may have a pixel more, which is enlarged, too
    wide = pair.left.placement().width
    result.window.commands.action("view.fit").trigger()
    assert pair.left.placement().width < wide


def test_views_follow_their_keys(result: Bench) -> None:
    page = result.window.page("depth")
    pictures = {}
    for key, view in (("single", "side"), ("four", "wipe"), ("overlay", "overlay"),
                      ("compare", "cloud")):  # fmt: skip
        result.window.commands.action(f"view.{key}").trigger()
        assert page.stage.view.value == view
        assert page.stage.bar.views[page.stage.view].isChecked()
        result.qtbot.wait(30)
        pictures[view] = page.stage.grab().toImage()
    assert all(a != b for n, a in pictures.items() for m, b in pictures.items() if n != m)
    assert page.stage.pair.both.isVisible() is False


def test_the_wipe_line_can_be_dragged(result: Bench) -> None:
    stage = result.window.page("depth").stage
    stage.set_view("wipe")
    canvas = stage.pair.both
    before = canvas.share
    line = QPoint(round(canvas._line() / canvas.devicePixelRatioF()), 60)
    result.qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=line)
    result.qtbot.mouseMove(canvas, line + QPoint(60, 0))
    result.qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=line + QPoint(60, 0))
    assert canvas.share > before


def test_the_cloud_turns_under_the_mouse(result: Bench) -> None:
    stage = result.window.page("depth").stage
    stage.set_view("cloud")
    view = stage.cloud
    assert isinstance(view, CloudView)  # offscreen there is no OpenGL
    assert not opengl_works()
    front = view.image()
    centre = view.rect().center()
    result.qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=centre)
    result.qtbot.mouseMove(view, centre + QPoint(50, 10))
    result.qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=centre + QPoint(50, 10))
    assert view.eye.yaw == pytest.approx(20)
    assert view.image() != front
    result.until(lambda: not view._coarse)
    result.qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert view.eye.yaw == pytest.approx(15)
    result.qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.eye.zoom > 1
    result.window.commands.action("view.fit").trigger()
    assert view.eye == Eye()


def test_a_locked_range_stays(result: Bench, tmp_path: Path) -> None:
    window = result.window
    page, model = window.page("depth"), window.page("depth").model
    model.display.set(clip=5.0)
    locked = model.display.limits(model.detail.small_values)
    page.stage.lock_range()
    assert model.display.settings.locked == locked
    assert page.stage.bar.range.key() == "locked"
    drop(page, write_scene(tmp_path, 9))
    result.until(lambda: len(model.finished()) == 2)
    model.files.choose(model.files.items[1])
    result.until(lambda: model.detail.small_values is not None)
    assert model.display.limits(model.detail.small_values) == locked


def test_a_click_on_the_strip_goes_there(result: Bench) -> None:
    flow, strip = (
        result.window.page("depth").model.flow,
        result.window.page("depth").stage.flow_bar.strip,
    )
    assert strip.slots() == flow.done == 4
    result.qtbot.mouseClick(
        strip, Qt.MouseButton.LeftButton, pos=strip._place(1).center().toPoint()
    )
    assert flow.call == 1
    assert strip.accessibleDescription() == "call 1 of 2, first member"
    result.qtbot.keyClick(strip, Qt.Key.Key_End)
    assert flow.at_result


def nameless(root: QWidget) -> list[str]:
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or not widget.isVisibleTo(root):
            continue
        face = QAccessible.queryAccessibleInterface(widget)
        named = face is not None and face.text(QAccessible.Text.Name).strip()
        if not named and widget.focusProxy() is None and not isinstance(widget, QScrollBar):
            found.append(type(widget).__name__)
    return found


def test_every_control_has_a_name_and_can_be_reached(result: Bench) -> None:
    page, window = result.window.page("depth"), result.window
    for view in ("side", "wipe", "overlay", "cloud"):
        page.stage.set_view(view)
        assert nameless(page) == []
    window.activateWindow()
    reached: list[QWidget | None] = []
    window.rail.settings.setFocus()
    for _ in range(200):
        window.focusNextChild()
        reached.append(window.focusWidget())
        if reached[-1] is window.rail.settings:
            break
    for widget in (page.recipe.files.drop, page.recipe.files.list, page.recipe.model, page.estimate,
                   page.stage.bar.fit, page.stage.cloud, page.stage.flow_bar.strip,
                   page.confidence.histogram, page.save):  # fmt: skip
        assert widget in reached or not widget.isEnabled(), widget.accessibleName()
    item = window.page("depth").model.files.index(0)
    text = item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert text.startswith("scene-6.png, 128 × 96 · done")


@pytest.mark.parametrize("name", ["light", "high-contrast"])
def test_surfaces_follow_the_theme(name: str, result: Bench) -> None:
    window, page = result.window, result.window.page("depth")
    window.settings.set(theme=name)
    t = THEMES[name]

    def colour(widget: QWidget, x: int, y: int) -> str:
        return widget.grab().toImage().pixelColor(x, y).name()

    assert colour(page.recipe, 2, 2) == t.panel
    assert colour(page.stage.pair.left, 2, 2) == t.base
    assert colour(page.stage.flow_bar, 3, 3) == t.panel
    page.stage.set_view("cloud")
    assert colour(page.stage.cloud, 2, 2) == t.base


def test_a_small_window_hides_nothing(result: Bench) -> None:
    window, page = result.window, result.window.page("depth")
    window.resize(1280, 720)
    result.qtbot.wait(50)
    inside = window.rect()
    for widget in (
        page.estimate,
        page.save,
        page.stage.bar.fit,
        page.stage.flow_bar.transport.buttons["last"],
    ):
        corner = widget.mapTo(window, QPointF(widget.width(), widget.height()).toPoint())
        assert inside.contains(corner), widget.accessibleName()
    bar = page.stage.bar
    for choice in (bar.quantity, bar.range, bar.table):
        assert choice.width() >= choice.sizeHint().width() - 4


def test_the_line_stays_on_another_picture_of_the_same_size(result: Bench, tmp_path: Path) -> None:
    page, model = result.window.page("depth"), result.window.page("depth").model
    other = write_scene(tmp_path, 11)
    small = write_scene(tmp_path, 12, (30, 50))
    drop(page, other, small)
    result.until(lambda: len(model.finished()) == 3)
    model.files.choose(model.files.items[0])
    result.until(lambda: model.detail.values is not None)
    page.stage.pair.set_line(((5, 5), (90, 120)))
    model.files.step(1)
    assert model.files.chosen is model.files.items[1]
    result.until(lambda: model.detail.values is not None)
    profile = page.confidence.profile.profile
    assert profile is not None
    assert profile.values[-1] == model.detail.values[90, 120]
    model.files.step(1)
    result.until(lambda: model.detail.values is not None)
    assert page.stage.pair.marks.line is None
    assert page.confidence.profile.profile is None
