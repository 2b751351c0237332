"""Promise: what is deleted from the library goes to the system's trash, and Undo brings it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from library_results import save_results
from PySide6.QtCore import QFile, Qt
from PySide6.QtTest import QTest
from test_library_finds_by_prompt import open_library, place, titles, typing_a_note
from window_bench import Bench

from pfstudio.ui import trash


@pytest.fixture
def bin_folder(monkeypatch: pytest.MonkeyPatch, own_folders: Path) -> Iterator[Path]:
    """The trash of the desktop, below the home folder of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(own_folders / ".local" / "share"))
    return own_folders / ".local" / "share" / "Trash"


def test_trash_can_be_undone(open_window: Callable[..., Bench], bin_folder: Path) -> None:
    files = save_results(["a red fox", "an owl"])
    bench = open_window()
    page = open_library(bench, 2)
    QTest.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place(page.grid, 0))
    QTest.keyClick(page.grid, Qt.Key.Key_Delete)
    bench.until(lambda: titles(page) == ["a red fox"])
    assert not files[1].parent.exists()  # the run goes with its last image
    assert [path.name for path in (bin_folder / "files").iterdir()] == [files[1].parent.name]
    assert bench.said()[-1] == "Moved 1 item to the trash."

    QTest.keyClick(bench.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    bench.until(lambda: titles(page) == ["an owl", "a red fox"])
    assert files[1].is_file()
    assert [*(bin_folder / "info").iterdir()] == []


def test_a_filter_stays_shown_while_nothing_passes_it(
    open_window: Callable[..., Bench], bin_folder: Path
) -> None:
    save_results(["a red fox", "an owl"])
    bench = open_window()
    page = open_library(bench, 2)
    page.made_by.set_key("writer")
    page.made_by.chosen.emit("writer")
    page.grid.selectAll()
    page.trash()
    bench.until(lambda: page.model.list.rowCount() == 0 and not page.model.is_scanning)
    assert page.made_by.key() == page.model.query.model == "writer"


def test_a_note_that_is_being_typed_goes_to_the_trash_and_comes_back(
    open_window: Callable[..., Bench], bin_folder: Path
) -> None:
    bench, page, file = typing_a_note(open_window)
    QTest.mouseClick(page.details.trash, Qt.MouseButton.LeftButton)
    bench.until(lambda: page.model.list.rowCount() == 0 and not page.model.is_scanning)
    assert not file.parent.exists()
    assert bench.said() == ["Moved 1 item to the trash."]
    page.undo_trash()
    bench.until(lambda: [item.note for item in page.model.list.items] == ["for the wall"])
    assert file.is_file()


def test_undo_of_a_notice_brings_back_its_own(
    open_window: Callable[..., Bench], bin_folder: Path
) -> None:
    save_results(["a red fox", "an owl"])
    bench = open_window()
    page = open_library(bench, 2)
    for left in (1, 0):
        QTest.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place(page.grid, 0))
        QTest.keyClick(page.grid, Qt.Key.Key_Delete)
        bench.until(lambda left=left: page.model.list.rowCount() == left)
    undo = dict(bench.notices[0].actions)["Undo"]
    undo()
    bench.until(lambda: titles(page) == ["an owl"])
    undo()  # once is enough
    bench.qtbot.wait(50)
    assert titles(page) == ["an owl"]
    assert len(bench.notices) == 2


def test_an_image_of_several_goes_alone(
    open_window: Callable[..., Bench], bin_folder: Path
) -> None:
    (first,) = save_results(["a red fox"], images=3)
    bench = open_window()
    page = open_library(bench, 3)
    QTest.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place(page.grid, 0))
    QTest.keyClick(page.grid, Qt.Key.Key_Delete)
    bench.until(lambda: page.model.list.rowCount() == 2)
    assert len([*first.parent.glob("image-*")]) == 2
    assert first.parent.is_dir()


def test_an_image_and_later_its_run_come_back_in_any_order(
    open_window: Callable[..., Bench], bin_folder: Path
) -> None:
    (first,) = save_results(["a red fox"], images=3)
    files = sorted(first.parent.iterdir())
    bench = open_window()
    page = open_library(bench, 3)
    for left in (2, 0):
        page.grid.setCurrentIndex(page.model.list.index(0))
        if not left:
            page.grid.selectAll()
        page.trash()
        bench.until(lambda left=left: page.model.total == left)
    for notice, back in ((0, 1), (1, 3)):
        dict(bench.notices[notice].actions)["Undo"]()
        bench.until(lambda back=back: page.model.total == back)
    assert sorted(first.parent.iterdir()) == files
    assert not any((bin_folder / "files").iterdir())


def test_what_cannot_be_trashed_stays_and_is_told(
    open_window: Callable[..., Bench], bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_results(["a red fox", "an owl"])
    bench = open_window()
    page = open_library(bench, 2)
    refused: list[str] = []

    class Stubborn:
        """Takes the first, refuses the second."""

        def __init__(self, name: str) -> None:
            self._file = QFile(name)
            self.fileName = self._file.fileName
            self.errorString = self._file.errorString

        def moveToTrash(self) -> bool:  # noqa: N802
            refused.append(self.fileName())
            return len(refused) == 1 and self._file.moveToTrash()

    monkeypatch.setattr(trash, "QFile", Stubborn)
    page.grid.selectAll()
    QTest.keyClick(page.grid, Qt.Key.Key_Delete)
    bench.until(lambda: bool(bench.said()))
    assert "could not be moved to the trash" in bench.said()[-1]
    bench.until(lambda: page.model.list.rowCount() == 2)
    assert all(item.path.is_file() for item in page.model.list.items)


def test_what_left_the_trash_is_told(open_window: Callable[..., Bench], bin_folder: Path) -> None:
    save_results(["a red fox"])
    bench = open_window()
    page = open_library(bench, 1)
    page.grid.selectAll()
    QTest.keyClick(page.grid, Qt.Key.Key_Delete)
    bench.until(lambda: page.model.list.rowCount() == 0)
    (gone,) = (bin_folder / "files").iterdir()
    gone.rename(gone.with_name("elsewhere"))
    page.undo_trash()
    assert "could not be put back" in bench.said()[-1]
