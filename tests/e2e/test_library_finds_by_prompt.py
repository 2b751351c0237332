"""Promise: what was ever made is found again by a word of its prompt, and can be gone on from."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from library_results import save_results
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from scripted_runner import make_images, make_trace
from window_bench import Bench

from pfstudio.core.conditions import labels
from pfstudio.core.events import Cancelled
from pfstudio.core.library import MARKS_NAME, Kind, Library, read_marks
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.library.grid import LibraryGrid
from pfstudio.ui.pages.library_page import LibraryPage

PROMPTS = ("a red fox", "an owl at night", "a rocket", "a fox in the snow")


def place(grid: LibraryGrid, row: int) -> QPoint:
    return grid.visualRect(grid.model().index(row, 0)).center()


def open_library(bench: Bench, count: int) -> LibraryPage:
    QTest.keyClick(bench.window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    page = bench.window.page("library")
    assert isinstance(page, LibraryPage)
    bench.until(lambda: page.model.list.rowCount() == count)
    return page


def typing_a_note(open_window: Callable[..., Bench]) -> tuple[Bench, LibraryPage, Path]:
    """The library with one image, whose note was just typed, and the file of the image."""
    (file,) = save_results(["a red fox"])
    bench = open_window()
    page = open_library(bench, 1)
    page.grid.selectAll()
    QTest.keyClicks(page.details.note, "for the wall")
    return bench, page, file


def titles(page: LibraryPage) -> list[str]:
    return [item.title for item in page.model.list.items]


def test_library_finds_by_prompt(open_window: Callable[..., Bench], qtbot: QtBot) -> None:
    files = save_results(PROMPTS)
    bench = open_window()
    page = open_library(bench, 4)
    assert titles(page) == [*reversed(PROMPTS)]
    bench.until(lambda: all(page.model.list.thumbnail(i) for i in page.model.list.items))

    QTest.keyClick(bench.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(page.search, "FOX sno")
    bench.until(lambda: titles(page) == ["a fox in the snow"])
    assert page.count.text() == "1 of 4"
    QTest.keyClicks(page.search, " whale")
    bench.until(page.empty.isVisible)
    assert page.empty.text() == "Nothing matches."
    page.search.clear()
    bench.until(lambda: page.model.list.rowCount() == 4)

    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place(page.grid, 2))
    assert page.details.title.text() == "an owl at night"
    assert page.details.values["File"].text() == files[1].name
    QTest.mouseClick(page.details.star, Qt.MouseButton.LeftButton)
    QTest.keyClicks(page.details.note, "for the wall")
    QTest.mouseClick(page.starred, Qt.MouseButton.LeftButton)  # the note loses the focus
    bench.until(lambda: titles(page) == ["an owl at night"])
    bench.until(lambda: page.model.list.items[0].note == "for the wall")

    page.grid.selectAll()
    verbs = dict(page.verbs())
    assert list(verbs)[:3] == ["Open", "Copy image", "Show in folder"]
    data = page.model.list.mimeData(page.grid.selectionModel().selectedIndexes())
    assert [Path(url.toLocalFile()) for url in data.urls()] == [files[1]]


def test_what_is_made_while_it_is_open_appears(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    page = open_library(bench, 0)
    assert page.empty.text() == "Results appear here as soon as they are saved."
    save_results(["a newcomer"])
    handle = JobHandle(GenerateRequest(), lambda handle: None)
    bench.window.jobs.ended.emit(handle, Cancelled(1, None))
    bench.until(lambda: titles(page) == ["a newcomer"])


def test_what_is_selected_and_typed_stays_while_a_result_arrives(
    open_window: Callable[..., Bench],
) -> None:
    save_results(["a red fox", "an owl"])
    bench = open_window()
    page = open_library(bench, 2)
    page.grid.setCurrentIndex(page.model.list.index(1))
    QTest.keyClicks(page.details.note, "for the w")
    save_result(np.zeros((1, 16, 16, 3), np.uint8), make_trace(GenerateRequest(), 5))
    page.model.scan()
    bench.until(lambda: page.model.list.rowCount() == 3)
    assert [item.title for item in page.chosen()] == ["a red fox"]
    assert page.grid.currentIndex().row() == 2
    QTest.keyClicks(page.details.note, "all")
    page.details.keep()
    bench.until(lambda: page.model.list.items[2].note == "for the wall")
    assert page.details.note.toPlainText() == "for the wall"

    page.toggle_star()
    bench.until(lambda: page.model.list.items[2].starred)
    assert page.details.star.isChecked()


def test_a_note_that_was_typed_last_is_kept_at_the_end(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, page, file = typing_a_note(open_window)
    find = Library.find
    monkeypatch.setattr(Library, "find", lambda *asked: time.sleep(0.3) or find(*asked))
    page.model.refresh()  # the note waits behind this
    bench.window.close()
    assert read_marks(file.parent / MARKS_NAME)[file.name]["note"] == "for the wall"


def test_a_click_opens_the_run_on_the_generate_page(
    open_window: Callable[..., Bench], qtbot: QtBot
) -> None:
    request = GenerateRequest(model="little-pft", conditions=labels(2), seed=31)
    save_result(np.zeros((1, 16, 16, 3), np.uint8), make_trace(request, 5))
    bench = open_window()
    page = open_library(bench, 1)
    assert page.model.list.items[0].kind is Kind.GENERATED
    at = place(page.grid, 0)
    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    bench.until(bench.window.page("generate").isVisible)
    bench.until(lambda: bench.page.run.data is not None)
    assert bench.page.run.data.request.seed == 31


def test_an_image_of_several_opens_its_run_at_that_image(
    open_window: Callable[..., Bench],
) -> None:
    request = GenerateRequest(model="little-pft", count=3)
    save_result(make_images(request), make_trace(request, 5))
    bench = open_window()
    page = open_library(bench, 3)
    for name, image in (("image-002.png", 2), ("image-000.png", 0)):
        page.open_item(next(i for i in page.model.list.items if i.path.name == name))
        assert bench.page.run.image == image
