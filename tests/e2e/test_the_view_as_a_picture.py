"""Promise: what is looked at can be copied, and saved as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from full_disk import FullDisk, full_disk
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from window_bench import Bench

from pfstudio.core.errors import InputError, RunError
from pfstudio.ui.files.find import paths_in
from pfstudio.ui.view_picture import write_view

__all__ = ["full_disk"]
CONTROL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def test_the_view_is_copied_with_its_colour_bars(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate()
    bench.until_calls(6)
    stage = bench.window.page("generate").stage
    QTest.qWait(50)  # until the last call is drawn
    QTest.keyClick(bench.window, Qt.Key.Key_C, CONTROL_ALT)
    copied = QGuiApplication.clipboard().image().convertToFormat(QImage.Format.Format_RGB32)
    seen = stage.views().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert copied.size() == seen.size() == stage.views().size() * stage.devicePixelRatioF()
    assert copied == seen
    bar = stage.four[1].bar
    place = bar.mapTo(stage.views(), bar.rect().center())
    colours = {copied.pixelColor(place.x(), place.y() + by).name() for by in range(-40, 40, 8)}
    assert len(colours) > 5  # the gradient of the difficulty's colour bar
    assert "Copied the view." in bench.said()


def test_the_view_is_saved_under_a_free_name(
    open_window: Callable[..., Bench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = open_window()
    (tmp_path / "mine.png").write_bytes(b"of another day")
    answer = (str(tmp_path / "mine"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    QTest.keyClick(bench.window, Qt.Key.Key_S, CONTROL_ALT)
    assert (
        QImage(str(tmp_path / "mine-2.png")).size()
        == bench.window.page("generate").view_widget().size()
    )
    assert (tmp_path / "mine.png").read_bytes() == b"of another day"
    answer = (str(tmp_path / "mine.xyz"), "")
    QTest.keyClick(bench.window, Qt.Key.Key_S, CONTROL_ALT)
    assert "does not end in .png" in bench.said()[-1]


@pytest.mark.parametrize("name", ["view.png", "view.jpg"])
def test_a_full_disk_is_told_and_leaves_the_picture_before(
    qapp: object, tmp_path: Path, full_disk: FullDisk, name: str
) -> None:
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    write_view(image, tmp_path / name)
    before = (tmp_path / name).read_bytes()
    with full_disk(len(before) - 1), pytest.raises(RunError, match="could not be written"):
        write_view(image, tmp_path / name)
    assert (tmp_path / name).read_bytes() == before


def test_a_pasted_picture_that_does_not_fit_on_the_disk_is_told(
    qapp: object, full_disk: FullDisk
) -> None:
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    pasted = QMimeData()
    pasted.setImageData(image)
    (kept,) = paths_in(pasted)
    assert QImage(str(kept)).size() == image.size()
    with full_disk(kept.stat().st_size - 1), pytest.raises(InputError, match="cannot be kept"):
        paths_in(pasted)
