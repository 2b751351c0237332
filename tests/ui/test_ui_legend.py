"""What the tints of the role view mean, also where there are many of them and little room."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from stage_bench import make_bench

from pfstudio.core.colour import ROLE_COLOURS
from pfstudio.core.trace import Role
from pfstudio.ui.stage.colour_bar import _limit
from pfstudio.ui.stage.views import View


@pytest.mark.parametrize("height", [860, 620])
def test_every_role_is_explained(qtbot: QtBot, qapp: QApplication, height: int) -> None:
    bench = make_bench(qtbot, qapp)
    bench.whole.resize(1240, height)
    bench.trace.role[:, 0] = (np.arange(bench.trace.role[0, 0].size) % len(Role)).reshape(
        bench.trace.role[0, 0].shape
    )
    bench.show_run()
    (panel,) = [panel for panel in bench.stage.four if panel.view is View.ROLE]
    legend = panel.legend
    assert panel.canvas.rect().contains(legend.geometry())
    image = legend.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    bottoms = []
    for role in Role:
        swatch = np.argwhere((pixels == ROLE_COLOURS[role]).all(axis=2))
        assert len(swatch) >= 6, role
        bottoms.append(int(swatch[:, 0].max()))
    assert bottoms == sorted(bottoms)
    assert min(np.diff(bottoms)) >= 20  # a line of words between
    assert image.height() - bottoms[-1] >= 14  # and below the last one


def test_small_limits_are_not_told_as_nothing() -> None:
    assert [_limit(value, 2) for value in (0, 0.0034, -0.0034, 0.26, 4.456)] == [
        "0.00", "0.003", "−0.003", "0.26", "4.46",
    ]  # fmt: skip
