"""A stage, timeline and inspector over a finished made-up run, without a window around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from scripted_runner import make_images, make_trace

from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace import Trace
from pfstudio.ui import theme
from pfstudio.ui.inspector.inspector_view import InspectorView
from pfstudio.ui.player.player import Player
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.stage_view import StageView
from pfstudio.ui.timeline.timeline_view import TimelineView
from pfstudio.ui.view_models.paint import PaintModel
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.view_models.scan_path import ScanPathModel

REQUEST = GenerateRequest(model="m", sampler=DualLoop(steps=3, inner_steps=4))
CALLS = 12


@dataclass
class StageBench:
    """The views and what they share."""

    whole: QWidget
    run: RunModel
    paint: PaintModel
    player: Player
    stage: StageView
    timeline: TimelineView
    inspector: InspectorView
    trace: Trace
    images: np.ndarray
    qtbot: QtBot

    def settle(self) -> None:
        """Let the views refresh and paint."""
        for _ in range(4):
            QApplication.processEvents()

    def show_run(self) -> None:
        """Look at the finished run."""
        self.run.set_trace(self.trace, self.images, "made up")
        self.settle()


def make_bench(qtbot: QtBot, qapp: QApplication) -> StageBench:
    theme.apply(qapp, "dark")
    whole = QWidget()
    run, recipe = RunModel(whole), RecipeModel(whole)
    paint = PaintModel(recipe, whole)
    player = Player(run, whole)
    stage = StageView(run, paint, ScanPathModel(recipe, whole), player, whole)
    timeline = TimelineView(run, player, stage.colours, whole)
    inspector = InspectorView(run, player, whole)
    inspector.setFixedWidth(300)
    upper = QHBoxLayout()
    upper.addWidget(stage, 1)
    upper.addWidget(inspector)
    column = QVBoxLayout(whole)
    column.addLayout(upper, 1)
    column.addWidget(timeline)
    whole.resize(1240, 860)
    qtbot.addWidget(whole)
    whole.show()
    bench = StageBench(
        whole, run, paint, player, stage, timeline, inspector,
        make_trace(REQUEST, CALLS), make_images(REQUEST), qtbot,
    )  # fmt: skip
    bench.settle()
    return bench


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> StageBench:
    """Views that look at nothing yet."""
    return make_bench(qtbot, qapp)


@pytest.fixture
def seen(bench: StageBench) -> StageBench:
    """Views that look at a finished run, at its last call."""
    bench.show_run()
    return bench


def middle_of(canvas: ImageCanvas, row: int, column: int) -> QPoint:
    """The middle of a patch on a canvas, in its own coordinates."""
    centre = QPointF(canvas.placement().patch_rect(row, column).center())
    return (centre / canvas.devicePixelRatioF()).toPoint()


def colour_at(widget: QWidget, point: QPoint) -> QColor:
    """The colour that a widget shows at a point."""
    image: QImage = widget.grab().toImage()
    scale = image.devicePixelRatio()
    return image.pixelColor((QPointF(point) * scale).toPoint())


def drag(bench: StageBench, canvas: ImageCanvas, patches: list[tuple[int, int]]) -> None:
    """Press on the first patch, move over the others, release on the last."""
    points = [middle_of(canvas, *patch) for patch in patches]
    left = Qt.MouseButton.LeftButton
    bench.qtbot.mousePress(canvas, left, pos=points[0])
    for point in points[1:]:
        bench.qtbot.mouseMove(canvas, point)
    bench.qtbot.mouseRelease(canvas, left, pos=points[-1])
