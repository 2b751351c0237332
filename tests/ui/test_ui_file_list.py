"""The list of files of a page: what it counts, what it shows, and that its length costs nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from depth_scene import install_depth_card
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QModelIndex, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from upscale_bench import install_upsamplers
from window_bench import Bench

from pfstudio.core.errors import RunError
from pfstudio.core.events import Cancelled, Failed, Finished
from pfstudio.ui.files import model as module
from pfstudio.ui.files.background import Background
from pfstudio.ui.files.list_view import FileListView
from pfstudio.ui.files.model import OPEN, FileItem, FileListModel, FileState, ModelIndex
from pfstudio.ui.files.saving import Saver
from pfstudio.ui.files.summary import summary
from pfstudio.ui.notify import ERROR, GOOD, WARNING, Notice, Notifier

PATHS = [Path(f"{number}.png") for number in range(6)]


@pytest.fixture
def files(qapp: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileListModel]:
    monkeypatch.setattr(module, "thumbnail", lambda path: (None, (4, 3)))
    model = FileListModel()
    yield model
    model.close()


def counted(files: FileListModel, recipe: object) -> tuple[object, ...]:
    """Everything that the list counts, counted anew."""
    idle = [item for item in files.items if item.state not in OPEN and item.recipe != recipe]
    return (
        [sum(item.state is state for item in files.items) for state in FileState],
        (len(idle), sum(item.size[0] * item.size[1] for item in idle)),
        sum(item.recipe is not None for item in files.items),
        [files.row_of(item) for item in files.items],
        [files.holds(item) for item in files.items],
    )


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "state", "recipe", "remove"]),
        st.sets(st.integers(0, 5), min_size=1),
        st.sampled_from(list(FileState)),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES)
def test_counts_are_those_of_the_files(
    qapp: object, changes: list[tuple[str, set[int], FileState]]
) -> None:
    files = FileListModel()
    files._read_next = lambda: None  # no thumbnails
    seen: list[FileItem] = []  # also those that were taken out
    for verb, numbers, state in changes:
        some = [item for item in seen if item.number % 6 in numbers]
        if verb == "add":
            seen += files.add(PATHS[number] for number in sorted(numbers))
        elif verb == "state":
            files.set_states(some, state, "words")
        elif verb == "recipe":
            for item in some:
                files.set_recipe(item, state.name)
        else:
            files.remove(some)
        assert files.chosen in files.items or (files.chosen is None and not files.items)
        told = (
            [files.count(state) for state in FileState],
            files.due("DONE"),
            files.with_result(),
            list(range(len(files.items))),
            [True] * len(files.items),
        )
        assert told == counted(files, "DONE")


def test_many_changes_are_told_once(files: FileListModel, qtbot: QtBot) -> None:
    told: list[str] = []
    files.changed.connect(lambda: told.append("changed"))
    files.dataChanged.connect(lambda first, last: told.append(f"{first.row()}-{last.row()}"))
    files.add(PATHS)
    assert told == ["changed"]
    files.set_states(files.items[1:4], FileState.WAITING)
    assert told == ["changed", "1-3", "changed"]
    told.clear()
    files.set_states(files.items[1:4], FileState.WAITING)
    assert told == []
    files.add([Path("6.png")], FileState.WAITING)
    assert files.count(FileState.WAITING) == 4
    assert told == ["changed"]
    told.clear()
    files.remove([files.items[number] for number in (0, 1, 2, 3, 6)])
    assert told == ["changed"]
    assert [item.path for item in files.items] == PATHS[4:]


@pytest.mark.parametrize(
    ("gone", "then"), [([2], 3), ([5, 2], 3), ([2, 3, 4, 5], 1), ([0, 1, 2], 3), ([3], 2)]
)
def test_a_neighbour_is_looked_at_next(gone: list[int], then: int, files: FileListModel) -> None:
    items = files.add(PATHS)
    files.choose(items[2])
    files.remove([items[number] for number in gone])
    assert files.chosen is items[then]
    files.remove(items)
    assert files.chosen is None


def test_thumbnails_in_view_come_first(
    files: FileListModel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[Path] = []
    go = threading.Event()

    def slow(path: Path) -> tuple[None, tuple[int, int]]:
        go.wait(5)
        order.append(path)
        return None, (4, 3)

    monkeypatch.setattr(module, "thumbnail", slow)
    monkeypatch.setattr(module, "AT_ONCE", 1)
    items = files.add(PATHS)
    files.in_view = range(3, 5)
    files.remove([items[1]])  # nobody needs its thumbnail any more
    go.set()
    qtbot.waitUntil(lambda: all(item.size == (4, 3) for item in files.items))
    assert [PATHS.index(path) for path in order] == [0, 4, 5, 2, 3]


def test_the_view_tells_what_is_in_view(qtbot: QtBot, files: FileListModel) -> None:
    view = FileListView(files, "Images")
    qtbot.addWidget(view)
    view.resize(200, 200)
    files.add(Path(f"{number}.png") for number in range(100))
    view.show()
    qtbot.waitUntil(lambda: files.in_view == range(4))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: files.in_view == range(96, 100))
    files.remove(files.items[3:])
    qtbot.waitUntil(lambda: files.in_view[:3] == range(3))


def test_what_is_chosen_is_scrolled_to(qtbot: QtBot, files: FileListModel) -> None:
    view = FileListView(files, "Images")
    qtbot.addWidget(view)
    view.resize(200, 200)
    items = files.add(Path(f"{number}.png") for number in range(100))
    files.choose(items[50])
    view.show()  # also what was chosen before
    qtbot.waitUntil(lambda: 50 in files.in_view)
    files.choose(items[99])
    qtbot.waitUntil(lambda: 99 in files.in_view)
    files.choose(files.add([Path("new.png")])[0])
    qtbot.waitUntil(lambda: 100 in files.in_view)


def test_a_picture_that_is_waited_for_overtakes_the_others_of_its_kind(
    qapp: object, qtbot: QtBot
) -> None:
    background, go, done = Background("test"), threading.Event(), []
    background.ask(lambda: go.wait(5), done.append, done.append)
    for number in range(5):
        background.ask(lambda n=number: n, done.append, done.append, instead_of="picture")
    background.ask(lambda: "other", done.append, done.append)
    go.set()
    qtbot.waitUntil(lambda: len(done) == 3)
    assert done == [True, 4, "other"]
    background.stop()


def test_finishing_waits_for_what_was_asked_but_not_for_what_a_stop_dropped(
    qapp: object,
) -> None:
    background, done = Background("test"), []
    for wait in (0.1, 0.0):
        background.ask(partial(time.sleep, wait), print, print)
    background.ask(lambda: done.append("written"), print, print)
    background.finish()
    assert done == ["written"]
    background.stop()
    background.ask(lambda: done.append("late"), print, print)
    before = time.monotonic()
    background.finish()
    assert time.monotonic() - before < 1
    assert done == ["written"]


def test_a_job_that_fails_is_answered(
    qapp: object, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    background, done, hooked = Background("test"), [], []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, where: hooked.append(kind))
    failed: list[str] = []

    def fail(error: Exception) -> None:
        raise error

    for error in (RunError("The disk is full."), ValueError("bad"), MemoryError()):
        background.ask(partial(fail, error), done.append, lambda error: failed.append(str(error)))
    background.ask(lambda: 1, done.append, failed.append)
    qtbot.waitUntil(lambda: len(done) == 1)
    assert failed == ["The disk is full.", *["Something went wrong inside the program."] * 2]
    assert hooked == [ValueError, MemoryError]
    background.stop()


def test_a_thumbnail_that_fails_does_not_stop_the_others(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pfstudio.ui.files import model

    monkeypatch.setattr(sys, "excepthook", lambda kind, error, where: None)
    monkeypatch.setattr(model, "thumbnail", lambda path: 1 / 0)
    files = FileListModel()
    files.add([tmp_path / f"{number}.png" for number in range(20)])
    qtbot.waitUntil(lambda: not files._unread)
    files.close()


def test_thumbnails_are_read_from_files(qtbot: QtBot, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((30, 50, 3), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"nothing")
    files = FileListModel()
    good, bad = files.add([tmp_path / "a.png", tmp_path / "b.png"])
    qtbot.waitUntil(lambda: good.thumbnail is not None and not files._unread)
    assert (good.size, bad.size, bad.thumbnail) == ((50, 30), (0, 0), None)
    files.close()


def calls_of(act: Callable[[], object]) -> int:
    """How many Python functions are called while something is done."""
    count = 0

    def note(frame: object, event: str, _: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("key", ["depth", "upscale"])
def test_what_happens_to_a_file_costs_the_same_in_a_long_list(
    key: str, open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "thumbnail", lambda path: (None, (4, 3)))
    install_depth_card()
    install_upsamplers()
    bench = open_window()
    bench.window.open_page(key)
    model = bench.window.page(key).model
    costs = []
    for count in (20, 400):
        model.files.add(Path(f"{number}.png") for number in range(count))
        bench.until(lambda: all(item.size == (4, 3) for item in model.files.items))
        one = model.files.items[10]
        costs.append(
            (
                calls_of(lambda item=one: model.files.set_state(item, FileState.RUNNING, "1 %")),
                calls_of(lambda item=one: model.files.set_state(item, FileState.DONE, "1 s")),
                calls_of(lambda item=one: model.remove(item)),
                calls_of(bench.window.commands.refresh),
            )
        )
    for short, long in zip(*costs, strict=True):
        assert long <= short + 60  # some more for finding its row


def item(state: FileState) -> FileItem:
    return FileItem(1, Path(f"{state.value}.png"), state, "why")


OUTCOME = ("%n images have depth", "{done} of %n images have depth")
DONE, FAILED, STOPPED = (
    item(state) for state in (FileState.DONE, FileState.FAILED, FileState.CANCELLED)
)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ([DONE], "1 image has depth."),
        ([DONE, DONE], "2 images have depth."),
        ([DONE, STOPPED], "Stopped; 1 of 2 images have depth."),
        ([DONE, FAILED], "1 of 2 images have depth; failed: failed.png."),
        (
            [FAILED] * 7,
            f"0 of 7 images have depth; failed: {', '.join(['failed.png'] * 5)} and 2 more.",
        ),
    ],
)
def test_the_end_of_a_batch_in_words(qapp: QApplication, batch: list[FileItem], words: str) -> None:
    notice = summary(batch, Finished(1, None, 1.0), OUTCOME)
    assert notice is not None
    assert notice.text == words


def test_a_single_file_says_why_it_failed() -> None:
    notice = summary([FAILED], Failed(1, "It is broken.", "Take another."), OUTCOME)
    assert (notice.text, notice.advice) == ("It is broken.", "Take another.")
    assert summary([STOPPED], Cancelled(1), OUTCOME) is None
    assert summary([], Cancelled(1), OUTCOME) is None


def test_what_cannot_be_saved_is_told_and_the_rest_is_saved(qtbot: QtBot, tmp_path: Path) -> None:
    notifier, parent = Notifier(), QObject()
    told: list[Notice] = []
    notifier.posted.connect(told.append)
    saver = Saver(notifier, parent)

    def fail() -> tuple[Path, ...]:
        raise RunError("The disk is full.", "Make room.")

    def write(name: str) -> tuple[Path, ...]:
        (tmp_path / name).touch()
        return (tmp_path / name,)

    saver.save([partial(write, "a"), fail, partial(write, "b")])
    qtbot.waitUntil(lambda: len(told) == 2)
    assert [notice.level for notice in told] == [WARNING, GOOD]
    assert told[0].text == "1 of 3 were not saved: The disk is full."
    assert told[1].text == "Saved 2 files."
    saver.save([fail])
    qtbot.waitUntil(lambda: len(told) == 3)
    assert (told[2].level, told[2].text, told[2].advice) == (
        ERROR,
        "The disk is full.",
        "Make room.",
    )
    saver.save([partial(write, "c")])
    qtbot.waitUntil(lambda: len(told) == 4)
    assert told[3].text == "Saved c."
    saver.stop()
    assert not saver.busy


class CountedFiles(FileListModel):
    """Notes for which rows it was asked, and how often for their number."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[int] = []
        self.counted = 0

    def data(self, index: ModelIndex, role: int = 0) -> object:
        self.shown.append(index.row())
        return super().data(index, role)

    def rowCount(self, parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        self.counted += 1
        return super().rowCount(parent)


def test_a_changed_file_does_not_lay_out_the_whole_list(qtbot: QtBot) -> None:
    files = CountedFiles()
    view = FileListView(files, "Images")
    qtbot.addWidget(view)
    view.resize(200, 200)
    items = files.add(Path(f"{number}.png") for number in range(1000))
    view.show()
    qtbot.waitUntil(lambda: files.in_view[:3] == range(3))
    qtbot.waitUntil(lambda: 1 in files.shown)
    qtbot.waitUntil(lambda: not files._unread)  # nothing else changes
    files.shown.clear()
    files.counted = 0
    files.set_state(items[1], FileState.FAILED, "no image")
    qtbot.waitUntil(lambda: 1 in files.shown)
    assert files.counted < 100
    files.close()
