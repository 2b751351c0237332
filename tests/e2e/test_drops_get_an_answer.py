"""Promise: whatever is dropped gets one answer: it opens, or a sentence says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from depth_scene import drop, install_depth_card
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from window_bench import Bench, install_text_model

from pfstudio.core import image_io
from pfstudio.ui.recipe.prompt_field import PromptField
from pfstudio.ui.restore_dialog import RestoreDialog


def pictures(folder: Path, count: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.fromarray(np.full((32, 32, 3), number, np.uint8)).save(path)
    return paths


def drop_data(bench: Bench, data: QMimeData, place: QWidget | None = None) -> None:
    left, none, copy = (
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    )  # fmt: skip
    page = place or bench.window.page("generate")
    QApplication.sendEvent(page, QDragEnterEvent(QPoint(9, 9), copy, data, left, none))
    QApplication.sendEvent(page, QDropEvent(QPointF(9, 9), copy, data, left, none))


def pastes(field: QWidget) -> bool:
    """Whether Ctrl+V is the field's, and not the window's."""
    kind, held = QKeyEvent.Type.ShortcutOverride, Qt.KeyboardModifier.ControlModifier
    event = QKeyEvent(kind, Qt.Key.Key_V, held)
    event.ignore()
    QApplication.sendEvent(field, event)
    return event.isAccepted()


def click(bench: Bench, text: str) -> None:
    bench.qtbot.wait(20)  # until the bar is laid out
    buttons = bench.window.notices.findChildren(QAbstractButton)
    (button,) = [one for one in buttons if one.isVisible() and one.text() == text]
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def files(folder: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in pictures(folder, 1)])
    return data


def writing(open_window: Callable[..., Bench]) -> tuple[Bench, PromptField]:
    """A window with a model that takes prompts."""
    install_text_model()
    bench = open_window()
    bench.page.recipe.set_model("little-writer")
    return bench, bench.window.page("generate").recipe.prompt


def test_a_file_dropped_on_the_prompt_is_no_prompt(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    (bench, prompt), data = writing(open_window), files(tmp_path)
    for field in (prompt.text.viewport(), prompt.negative):
        drop_data(bench, data, field)
        (dialog,) = bench.window.findChildren(RestoreDialog)
        dialog.reject()
        dialog.setParent(None)
    assert bench.page.recipe.request.prompt == ""
    assert prompt.negative.text() == ""


def test_a_file_pasted_into_the_prompt_is_the_pages(
    open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    (_, prompt), clipboard = writing(open_window), QApplication.clipboard()
    for field in (prompt.text, prompt.negative):
        clipboard.setText("a fox")
        assert pastes(field)
        clipboard.setMimeData(files(tmp_path))
        assert not pastes(field)
    clipboard.clear()


def test_five_files_are_one_question(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    install_depth_card()
    bench = open_window()
    drop(bench.window, *pictures(tmp_path / "five", 5))
    assert len(bench.notices) == 1
    assert not bench.window.findChildren(RestoreDialog)
    click(bench, "Estimate depth of all")
    bench.until(lambda: bench.window.page_key == "depth")
    bench.until(lambda: len(bench.window.page("depth").model.files.items) == 5)
    bench.until(lambda: not bench.window.page("depth").model.busy)


def test_a_folder_is_answered(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    bench = open_window()
    drop(bench.window, pictures(tmp_path / "holiday", 2)[0].parent)
    assert bench.said() == ["The folder holiday cannot be opened at once here."]


def test_an_address_is_answered(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/cat.png")])
    drop_data(bench, data)
    assert bench.said() == ["https://example.org/cat.png is on the web, not on this machine."]
    assert bench.notices[0].advice == "Save the image first, then drop its file."


def test_an_image_without_a_file_is_taken(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    data = QMimeData()
    image = QImage(32, 32, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.red)
    data.setImageData(image)
    drop_data(bench, data)
    (dialog,) = bench.window.findChildren(RestoreDialog)
    dialog.reject()


def test_a_start_image_that_is_too_large_is_told(
    open_window: Callable[..., Bench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = open_window()
    (path,) = pictures(tmp_path, 1)
    monkeypatch.setattr(image_io, "MOST_PIXELS", 100)
    drop(bench.window, path)
    bench.until(lambda: bool(bench.notices))
    assert bench.said()[0].startswith("0.png would unpack to more than")
    assert not bench.page.recipe.request.image_file
