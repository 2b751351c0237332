"""Two pictures of one place: how they lie beside each other."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from pfstudio.ui.files.pair import PairMode, PairView
from pfstudio.ui.stage.geometry import ViewTransform


def test_landscape_pictures_lie_one_above_the_other(qtbot: QtBot) -> None:
    pair = PairView("Image", "Depth", ViewTransform())
    qtbot.addWidget(pair)
    pair.resize(700, 560)
    pair.show()
    pair.set_size(180, 320)
    qtbot.waitUntil(lambda: pair.right.y() > pair.left.y())
    assert pair.left.x() == pair.right.x() == 0
    assert pair.left.width() == pair.right.width() == 700
    heads = [head.y() for head in pair.heads]
    assert heads[0] < pair.left.y() < heads[1] < pair.right.y()
    stacked = pair.left.placement().width

    pair.set_size(320, 180)  # a portrait
    qtbot.waitUntil(lambda: pair.right.x() > pair.left.x())
    assert pair.left.y() == pair.right.y()
    assert abs(pair.left.width() - pair.right.width()) <= 1

    pair.set_size(180, 320)
    pair.resize(1400, 400)  # so wide that they are larger side by side
    qtbot.waitUntil(lambda: pair.right.x() > pair.left.x())
    pair.resize(700, 560)
    qtbot.waitUntil(lambda: pair.right.y() > pair.left.y())
    assert abs(pair.left.placement().width - stacked) <= 1
    pair.set_mode(PairMode.WIPE.value)
    qtbot.waitUntil(pair.both.isVisible)
    assert not pair.left.isVisible()
    assert pair.heads[0].y() == pair.heads[1].y()
    qtbot.waitUntil(lambda: pair.both.height() > 500)
