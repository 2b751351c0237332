"""Promise: the threshold on the members' spread masks exactly the pixels above it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from depth_scene import drop, install_depth_card, write_scene
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from window_bench import Bench


def pixels(image: QImage) -> npt.NDArray[np.uint8]:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def test_confidence_masks_pixels(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    page, model = bench.window.page("depth"), bench.window.page("depth").model
    drop(page, write_scene(tmp_path, 5))
    bench.until(lambda: model.detail.values is not None)
    spread = model.detail.spread
    assert spread is not None
    plain = pixels(page.stage.depth_picture())
    panel = page.confidence
    assert not panel.mask_switch.isChecked()

    # A click on the histogram moves the line and masks what is above it.
    bench.qtbot.mouseClick(
        panel.histogram, Qt.MouseButton.LeftButton, pos=QPoint(panel.histogram.width() // 3, 50)
    )
    threshold = model.display.threshold(spread)
    assert 0 < threshold < spread.max()
    masked = pixels(page.stage.depth_picture())
    above = spread > threshold
    assert 0 < above.mean() < 1
    assert np.array_equal((masked != plain).any(axis=2), above)
    assert masked[above].max() < 100  # dark whatever the colours below: no meaning by hue alone
    assert panel.figures.text("Uncertain") == f"{100 * above.mean():.1f} % of all"
    assert panel.mask_switch.isChecked()

    # By keys: one step up masks no more than before.
    panel.histogram.setFocus()
    bench.qtbot.keyClick(panel.histogram, Qt.Key.Key_PageUp)
    assert model.display.threshold(spread) > threshold
    assert (spread > model.display.threshold(spread)).sum() <= above.sum()

    # Points in space leave the masked pixels out as well.
    page.stage.set_view("cloud")
    few = len(page.stage.cloud._cloud.points)
    bench.window.commands.action("depth.mask").trigger()
    assert not panel.mask_switch.isChecked()
    assert len(page.stage.cloud._cloud.points) == spread.size > few
    page.stage.set_view("side")
    assert np.array_equal(pixels(page.stage.depth_picture()), plain)


def test_one_member_has_no_spread(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    install_depth_card()
    bench = open_window()
    bench.window.open_page("depth")
    page, model = bench.window.page("depth"), bench.window.page("depth").model
    model.set(ensemble_size=1)
    drop(page, write_scene(tmp_path, 5))
    bench.until(lambda: model.detail.values is not None)
    assert "One member alone has no spread" in page.confidence.picture._words
    assert not page.confidence.histogram.isEnabled()
    page.confidence.mask_switch.click()
    assert page.confidence.figures.text("Uncertain") == "0.0 % of all"
