"""The Features page over the real engine: dropped images, clicks, scribbles, races, figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import drop, opened
from small_models import install_small_depth_model, install_small_model

from pfstudio.core.classify import ClassifyRequest, ClassifyStep
from pfstudio.core.clustering import NO_LABEL, attention_groups
from pfstudio.core.feature_maps import cosine_similarity
from pfstudio.core.features import CONTEXT_SHARES, CONTEXT_TIME
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.core.trace_file import write_trace
from pfstudio.engine.api import features, run
from pfstudio.engine.model import load
from pfstudio.ui.features import calibration_view, maps
from pfstudio.ui.features.maps import GROUP_COLOURS, Grouping, MapKind, Place
from pfstudio.ui.features.model import MATRIX_TIMES, Tab
from pfstudio.ui.pages.features_page import FeaturesPage
from pfstudio.ui.pages.generate_page import GeneratePage
from pfstudio.ui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    install_small_model()
    install_small_depth_model()
    for window in opened(qtbot, qapp):
        window.open_page("features")
        yield window


def picture(folder: Path, seed: int) -> Path:
    """Left half and right half differ."""
    pixels = np.random.default_rng(seed).integers(0, 60, (32, 32, 3), np.uint8)
    pixels[:, 16:] += 180
    path = folder / f"{seed}.png"
    Image.fromarray(pixels).save(path)
    return path


def shown(window: MainWindow, qtbot: QtBot, folder: Path, count: int = 2) -> FeaturesPage:
    """The page with pictures that were dropped on the window, and what the model holds of them."""
    page = window.page("features")
    assert isinstance(page, FeaturesPage)
    page.model.set_request(model="small")
    for seed in range(count):
        drop(window, picture(folder, seed))
    qtbot.waitUntil(lambda: settled(page, count), timeout=60_000)
    return page


def settled(page: FeaturesPage, count: int) -> bool:
    known = page.model.matrix
    return not page.model.busy and known is not None and len(known.pictures) == count


def choose(page: FeaturesPage, tab: Tab) -> None:
    QTest.mouseClick(page.tabs.segment(tab.name), LEFT)


def click(page: FeaturesPage, place: Place, row: int = 0) -> None:
    point: QPointF = page.stage.centre(place, row)
    QTest.mouseClick(page.stage, LEFT, pos=point.toPoint())


def drag(page: FeaturesPage, places: list[Place]) -> None:
    points = [page.stage.centre(place, 0).toPoint() for place in places]
    QTest.mousePress(page.stage, LEFT, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(page.stage, point)
    QTest.mouseRelease(page.stage, LEFT, pos=points[-1])


def test_generators_come_first(window: MainWindow) -> None:
    page = window.page("features")
    tasks = [model.card.task for model in page.model.models]
    assert tasks == sorted(tasks, key=("generate", "depth", "upscale").index)
    assert page.model.model.card.task == "generate"


def test_the_matrix_shows_every_layer_at_every_time(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown(window, qtbot, tmp_path)
    assert page.model.layers == (1, 2)
    cell = page.matrix.cell(2, MATRIX_TIMES.index(0.3)).center().toPoint()
    QTest.mouseClick(page.matrix, LEFT, pos=cell)
    assert (page.model.layer, page.model.time) == (2, 0.3)
    before = page.model.map()
    QTest.keyClick(page.matrix, Qt.Key.Key_Down)
    QTest.keyClick(page.matrix, Qt.Key.Key_Left)
    assert (page.model.layer, page.model.time) == (1, 0.5)
    assert not page.model.busy  # all of this was known
    assert not np.array_equal(page.model.map(), before)
    choose(page, Tab.MAP)
    QTest.mouseClick(page.panel.kind.segment(MapKind.ERROR.name), LEFT)
    assert page.model.kind is MapKind.ERROR
    assert page.model.map() is not None


def test_time_is_scrubbed_between_the_rows(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown(window, qtbot, tmp_path)
    before = page.model.map()
    page.panel.time.setFocus()
    QTest.keyClick(page.panel.time, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: not page.model.busy, timeout=20_000)
    assert page.model.time == 0.65
    assert page.model.features is not None
    assert page.model.features.times == (0.65,)
    assert not np.array_equal(page.model.map(), before)
    for _ in range(4):  # faster than the model: the last wish counts
        QTest.keyClick(page.panel.time, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: not page.model.busy, timeout=20_000)
    assert page.model.features.times == (0.45,)


def test_click_shows_similarity(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown(window, qtbot, tmp_path)
    choose(page, Tab.MATCH)
    click(page, Place(0, 1, 2))
    values = page.model.values
    assert page.model.place == Place(0, 1, 2)
    assert values is not None
    similar = cosine_similarity(values[0, 1, 2][None], values[1].reshape(16, -1))[0]
    (match,) = page.model.matches()
    assert (match.place.row * 4 + match.place.column) == similar.argmax()
    assert f"similarity {similar.max():.2f}" in page.stage.accessibleDescription()
    picked = page.stage.grab().toImage()
    QTest.keyClick(page.stage, Qt.Key.Key_Right)
    assert page.model.place == Place(0, 1, 3)
    assert page.stage.grab().toImage() != picked


def test_a_painted_mask_is_found_in_the_other_image(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown(window, qtbot, tmp_path)
    choose(page, Tab.MATCH)
    QTest.mouseClick(page.panel.marking.segment("mask"), LEFT)
    drag(page, [Place(0, row, 0) for row in range(4)])
    assert page.model.mask is not None
    assert page.model.mask[:, 0].all()
    assert not page.model.mask[:, 1:].any()
    shown_map = page.model.map()
    assert shown_map is not None
    on = (shown_map == GROUP_COLOURS[1]).all(axis=-1)
    np.testing.assert_array_equal(on[0], page.model.mask)
    assert on[1].any()
    QTest.mouseClick(page.panel.clear, LEFT)
    assert page.model.mask is None


def test_scribble_segments(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown(window, qtbot, tmp_path)
    QTest.mouseClick(page.panel.noise.segment("clean"), LEFT)
    qtbot.waitUntil(lambda: settled(page, 2), timeout=60_000)
    choose(page, Tab.SEGMENT)
    QTest.mouseClick(page.panel.grouping.segment(Grouping.SCRIBBLES.name), LEFT)
    click(page, Place(0, 0, 0))
    QTest.mouseClick(page.panel.labels.segment("1"), LEFT)
    drag(page, [Place(0, 1, 3), Place(0, 2, 3)])  # over the bright half
    scribbles, values = page.model.scribbles, page.model.values
    assert scribbles is not None
    assert values is not None
    assert (scribbles != NO_LABEL).sum() == 3
    labels = page.model.labels(values)
    assert (labels[0, 0, 0], labels[0, 1, 3], labels[0, 2, 3]) == (0, 1, 1)
    assert (labels[:, :, :2] == 0).mean() > 0.7  # the dark half, in both pictures
    assert (labels[:, :, 2:] == 1).mean() > 0.7
    np.testing.assert_array_equal(page.model.map(), GROUP_COLOURS[labels])


def test_attention_is_shown_and_grouped(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown(window, qtbot, tmp_path)
    QTest.mouseClick(page.panel.kind.segment(MapKind.ATTENTION.name), LEFT)
    click(page, Place(1, 2, 3))
    looked = page.model.attention[1, 2, 3].reshape(4, 4).astype(np.float32)
    expected = maps.scalar_colours(np.stack([np.zeros((4, 4), np.float32), looked]))
    np.testing.assert_array_equal(page.model.map(), expected)
    choose(page, Tab.SEGMENT)
    QTest.mouseClick(page.panel.grouping.segment(Grouping.ATTENTION.name), LEFT)
    labels = page.model.labels(page.model.values)
    own = page.model.attention[1].reshape(16, 16)
    np.testing.assert_array_equal(labels[1].ravel(), attention_groups(own, 4))
    np.testing.assert_array_equal(page.model.map(), GROUP_COLOURS[labels])
    page.model.set_request(model="small-depth")
    qtbot.waitUntil(lambda: settled(page, 2), timeout=60_000)
    assert not page.panel.grouping.segment(Grouping.ATTENTION.name).isEnabled()
    assert page.model.map() is None


def test_calibration_of_own_picture(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown(window, qtbot, tmp_path, 1)
    choose(page, Tab.CALIBRATION)
    found = page.model.calibration()
    matrix = page.model.matrix
    assert found is not None
    assert matrix is not None
    assert found.patches == 16 * len(MATRIX_TIMES)
    assert found.ratio == pytest.approx(matrix.error.mean() / matrix.difficulty.mean(), rel=1e-4)
    assert page.calibration.figures.text() == calibration_view.figures_text(found)
    assert page.calibration.figures.isVisible()
    page.model.set_request(model="small-depth")
    qtbot.waitUntil(lambda: settled(page, 1), timeout=60_000)
    assert "predicts no error" in page.calibration.reliability.words()


def test_more_context_is_asked_for_where_it_is_looked_at(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown(window, qtbot, tmp_path, 2)
    assert page.experiment.curve is None
    choose(page, Tab.CALIBRATION)
    qtbot.waitUntil(lambda: page.experiment.curve is not None, timeout=60_000)
    qtbot.waitUntil(lambda: settled(page, 2), timeout=60_000)
    found = features(
        load("small"), page.model.files, layers=(1,), times=(CONTEXT_TIME,),
        context_shares=CONTEXT_SHARES,
    ).context  # fmt: skip
    assert found is not None
    assert page.experiment.curve.shares == CONTEXT_SHARES
    np.testing.assert_allclose(page.experiment.curve.variance, found.variance, rtol=1e-4)
    (shares, error, _), (_, variance, _) = page.calibration.context._curves
    assert tuple(shares) == CONTEXT_SHARES
    np.testing.assert_allclose(variance, found.variance, rtol=1e-4)
    np.testing.assert_allclose(error, found.error, rtol=1e-4)
    drop(window, picture(tmp_path, 7))  # another folder: the curve is asked for anew
    assert page.experiment.curve is None
    qtbot.waitUntil(lambda: page.experiment.curve is not None, timeout=60_000)


def test_a_scrub_leaves_the_rest_of_the_window_alone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown(window, qtbot, tmp_path, 1)
    qtbot.waitUntil(lambda: page.matrix._marked is not None, timeout=10_000)
    generate = window.page("generate")
    assert isinstance(generate, GeneratePage)
    strips: list[int] = []
    generate.model.run.slow_refresh.connect(lambda: strips.append(1))
    painted: list[int] = []

    class Watch(QObject):
        def eventFilter(self, widget: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() is QEvent.Type.Paint:
                painted.append(1)
            return False

    page.model.set_time(0.34)  # between two rows: the mark is drawn around the whole column
    qtbot.waitUntil(lambda: page.model.features is not None, timeout=60_000)
    qtbot.wait(50)
    watch = Watch()
    page.matrix.installEventFilter(watch)
    page.model.set_time(0.36)
    qtbot.waitUntil(lambda: page.model.features is not None, timeout=60_000)
    qtbot.wait(50)
    assert (strips, painted) == ([], [])


def test_race_names_class(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown(window, qtbot, tmp_path, 1)
    assert not page.panel.start.isVisible()
    choose(page, Tab.RACE)
    race, view = page.race, page.race_view
    seen: list[ClassifyStep] = []
    race.changed.connect(lambda: seen.append(race.step) if race.step else None)
    qtbot.waitUntil(page.panel.start.isEnabled)
    QTest.mouseClick(page.panel.start, LEFT)
    assert page.panel.stop.isVisible()
    qtbot.waitUntil(lambda: not race.busy, timeout=120_000)

    # It is what the same question gives without a window.
    known = run(ClassifyRequest(str(page.model.files[0])), load("small")).result
    assert [one.index for one in race.shown] == [one.index for one in known.standings]
    names = [race.name(one) for one in known.standings]
    assert names[0] in view.verdict.text()
    samples = [step.sample for step in seen]
    assert samples == sorted(samples)
    assert len(set(samples)) > 3  # it was seen while it went on
    assert f"1. {names[0]} leads" in view.bars.accessibleDescription()

    # The evidence against any other class is a click or a key away.
    np.testing.assert_allclose(race.evidence, known.evidence[1], atol=1e-3)
    before = view.stage.grab().toImage()
    QTest.mouseClick(view.bars, LEFT, pos=view.bars.row(3).center().toPoint())
    assert names[3] in view.legend.text()
    assert view.stage.grab().toImage() != before
    QTest.keyClick(view.bars, Qt.Key.Key_Up)
    np.testing.assert_allclose(race.evidence, known.evidence[2], atol=1e-3)

    # Another model makes it worthless, and this one has no classes.
    page.model.set_request(model="small-depth")
    assert not race.shown
    assert "no classes" in race.words()
    qtbot.waitUntil(lambda: not page.panel.start.isEnabled())


def test_other_models_and_noises(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown(window, qtbot, tmp_path)
    QTest.mouseClick(page.panel.noise.segment("context"), LEFT)
    qtbot.waitUntil(lambda: settled(page, 2), timeout=60_000)
    assert page.model.matrix.request.noise == "context"
    QTest.mouseClick(page.panel.noise.segment("clean"), LEFT)
    qtbot.waitUntil(lambda: settled(page, 2), timeout=60_000)
    assert page.model.matrix.times == (1.0,)
    assert not page.panel.time.isEnabled()
    assert page.model.map() is not None
    page.model.set_request(model="small-depth")
    qtbot.waitUntil(lambda: settled(page, 2), timeout=60_000)
    assert len(page.model.layers) > 2
    assert not page.panel.noise.segment("context").isEnabled()


def test_a_layer_with_another_grid_forgets_marks(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown(window, qtbot, tmp_path)
    page.model.set_request(model="small-depth")
    qtbot.waitUntil(lambda: settled(page, 2), timeout=60_000)
    choose(page, Tab.MATCH)
    for masking in (False, True):
        page.model.set_view(masking=masking)
        grids = set()
        for layer in page.model.layers:
            page.model.set_layer(layer)
            rows, columns = page.model.values.shape[1:3]
            grids.add((rows, columns))
            if page.model.place is None:
                click(page, Place(0, rows - 1, columns - 1))
            assert page.model.map().shape[:3] == (2, rows, columns)
        assert len(grids) > 1


def test_a_stopped_race_says_so_and_may_be_run_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown(window, qtbot, tmp_path, 1)
    choose(page, Tab.RACE)
    qtbot.waitUntil(page.panel.start.isEnabled)
    QTest.mouseClick(page.panel.start, LEFT)
    qtbot.waitUntil(lambda: page.race.step is not None, timeout=60_000)
    drop(window, picture(tmp_path, 1))  # what is known of the first stays while it races
    assert page.model.matrix is None
    assert page.race.picture is not None
    QTest.mouseClick(page.panel.stop, LEFT)
    qtbot.waitUntil(lambda: not page.race.busy, timeout=60_000)
    assert page.race.verdict().startswith("Stopped: ")
    qtbot.waitUntil(lambda: settled(page, 2), timeout=60_000)  # the other job went on
    assert page.panel.start.isEnabled()


def test_stopped_features_are_asked_for_again_with_the_same_file(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = window.page("features")
    page.model.set_request(model="small")
    drop(window, picture(tmp_path, 0))
    page.stop()
    qtbot.waitUntil(lambda: not page.model.busy, timeout=60_000)
    assert page.model.matrix is None
    drop(window, picture(tmp_path, 0))
    qtbot.waitUntil(lambda: settled(page, 1), timeout=60_000)


def test_a_run_is_looked_at_at_a_time_of_its_own(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page, model, file = window.page("features"), load("small"), tmp_path / "run.pftrace"
    asked = GenerateRequest("small", sampler=Euler(6))
    write_trace(run(asked, model).result.trace, file)
    page.model.set_request(model="small")
    drop(window, file)
    qtbot.waitUntil(lambda: settled(page, 1), timeout=60_000)
    assert page.model.time in page.model.matrix.times
    page.model.set_request(model="small-depth")  # which made no such run
    with qtbot.waitSignal(page.model.failed, timeout=60_000) as failed:
        pass
    assert failed.args[0].message == "That is a run of small, not of small-depth."


def test_a_picture_that_cannot_be_read_is_named(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = window.page("features")
    page.model.set_request(model="small")
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    drop(window, bad)
    notices = window.notifier.notices
    qtbot.waitUntil(lambda: any("bad.png" in one.text for one in notices), timeout=60_000)
    page.model.remove_file(0)
    drop(window, picture(tmp_path, 1))
    qtbot.waitUntil(lambda: settled(page, 1), timeout=60_000)


@pytest.mark.parametrize("how", [Grouping.K_MEANS, Grouping.SPECTRAL])
def test_many_places_are_grouped_as_well(how: Grouping) -> None:
    """More than are clustered: the others join the most similar of those."""
    truth = np.zeros((2, 40, 40), np.intp)
    truth[:, :, 10:] = 1
    own = np.array([[1.0, 0, 0], [0, 1, 0]])[1 - truth]
    values = own + 0.05 * np.random.default_rng(0).normal(size=own.shape)
    assert truth.size > maps.MOST_GROUPED
    found = maps.groups(values.astype(np.float16), how, 2, np.full(truth.shape, NO_LABEL))
    assert np.array_equal(found, 1 - truth)  # the larger group comes first
