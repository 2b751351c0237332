"""Promise: a download can be paused, goes on where it stopped, and is checked before it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sparse_vectors as sv
from depth_scene import drop
from loopback import Loopback, serving
from PySide6.QtCore import QFile, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from window_bench import Bench

from pfstudio.core.catalogue import CatalogueEntry, RemoteFile
from pfstudio.core.models import find_model
from pfstudio.engine import model_store
from pfstudio.ui.direction_dialog import DirectionDialog
from pfstudio.ui.models.items import State
from pfstudio.weights import catalogue, store

FIRST, MOST = 70_000, 2**62  # bytes that the server gives at first, and all
LICENCE = "for tests, not for trade"


@pytest.fixture
def site(parity: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """Two models to download: a good one, and one whose check sum the file does not have."""
    monkeypatch.delenv("HF_HUB_OFFLINE")
    path = parity / "patch_forcing" / "ckpt" / "step000010.ckpt"
    with serving() as served:
        data = served.files["tiny.ckpt"] = path.read_bytes()

        def entry(name: str, title: str, sha256: str, **more: Any) -> CatalogueEntry:
            file = RemoteFile(served.root + "tiny.ckpt", "tiny.ckpt", len(data), sha256)
            return CatalogueEntry(name, title, (file,), "patch-forcing", LICENCE, **more)

        entries = (
            entry("tiny", "Tiny", hashlib.sha256(data).hexdigest(), non_commercial=True),
            entry("torn", "Torn", "0" * 64),
        )
        for module in (catalogue, store, model_store):
            monkeypatch.setattr(module, "CATALOGUE", entries)
        yield served


def click(widget: QWidget) -> None:
    assert widget.isVisible()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def open_models(bench: Bench) -> Any:
    QTest.keyClick(bench.window, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    page = bench.window.page("models")
    bench.until(lambda: page.isVisible() and len(page.model.entries) == 2)
    return page


def choose(page: Any, name: str) -> None:
    index = page.model.list.index(page.model.list.row_of(name))
    page.list.scrollTo(index)
    place = page.list.visualRect(index).center()
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.list.chosen().name == name


def state(page: Any, name: str) -> State | None:
    item = page.model.item(name)
    return item.state if item else None


def test_download_resumes_and_verifies(open_window: Callable[..., Bench], site: Loopback) -> None:
    site.allowed = FIRST
    bench = open_window()
    page = open_models(bench)
    choose(page, "tiny")
    assert LICENCE in page.details.leave.text()
    assert page.details.download.text() == "Accept and download"
    assert not site.asked  # nothing without a click

    click(page.details.download)
    bench.until(lambda: page.model.item("tiny").done >= FIRST - 65536 > 0)
    assert state(page, "tiny") is State.FETCHING
    click(page.details.pause)
    bench.until(lambda: not page.model.downloads.busy)
    assert state(page, "tiny") is State.PAUSED
    assert find_model("tiny") is None
    assert page.details.download.text() == "Resume"  # the licence was accepted once
    fetched = page.model.item("tiny").done

    site.allowed = MOST
    click(page.details.download)
    bench.until(lambda: state(page, "tiny") is State.INSTALLED)
    assert site.asked == ["", f"bytes={fetched}-"]
    assert any(said.startswith("Installed tiny: recognised as patch-f") for said in bench.said())
    bench.until(lambda: any(m.name == "tiny" for m in bench.page.recipe.models))

    choose(page, "tiny")
    click(page.details.verify)
    bench.until(lambda: bench.said()[-1].startswith("tiny is intact"))


def test_a_wrong_check_sum_is_told_and_nothing_stays(
    open_window: Callable[..., Bench], site: Loopback, own_folders: Path
) -> None:
    bench = open_window()
    page = open_models(bench)
    choose(page, "torn")
    click(page.details.download)
    bench.until(lambda: "its check sum is wrong" in " ".join(bench.said()))
    bench.until(lambda: state(page, "torn") is State.OFFERED)
    assert find_model("torn") is None
    assert not [*own_folders.rglob("tiny.ckpt*")]
    assert "check sum is wrong" in page.details.speed.text()


def test_what_was_begun_goes_on_in_the_next_session_or_is_cancelled(
    open_window: Callable[..., Bench], site: Loopback, own_folders: Path
) -> None:
    site.allowed = FIRST
    bench = open_window()
    page = open_models(bench)
    choose(page, "tiny")
    click(page.details.download)
    bench.until(lambda: page.model.item("tiny").done > 0)
    bench.window.close()

    bench = open_window()
    page = open_models(bench)
    choose(page, "tiny")
    bench.until(lambda: state(page, "tiny") is State.PAUSED)
    click(page.details.discard)
    bench.until(lambda: not page.model.downloads.busy)
    assert state(page, "tiny") is State.OFFERED
    assert not [*own_folders.rglob("tiny.ckpt*")]


def test_offline_nothing_can_be_fetched(open_window: Callable[..., Bench], site: Loopback) -> None:
    bench = open_window()
    bench.window.settings.set(offline=True)
    page = open_models(bench)
    choose(page, "tiny")
    assert not page.details.download.isEnabled()
    assert "set to work offline" in page.details.leave.text()
    bench.window.settings.set(offline=False)
    assert page.details.download.isEnabled()
    assert not site.asked


def test_a_dropped_file_is_installed_goes_to_the_trash_and_comes_back(
    open_window: Callable[..., Bench],
    site: Loopback,
    parity: Path,
    own_folders: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(own_folders / ".local" / "share"))
    bench = open_window()
    page = open_models(bench)
    path = parity / "patch_forcing" / "ckpt" / "step000010.ckpt"
    drop(page, path)
    bench.until(lambda: state(page, "step000010") is State.INSTALLED)
    told = bench.notices[-1]
    assert "recognised as patch-forcing" in told.text
    assert "non-commercial" in told.advice
    assert page.list.chosen().name == "step000010"

    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    bench.until(lambda: state(page, "step000010") is None)
    assert QFile.exists(str(own_folders / ".local/share/Trash/files/step000010"))
    assert not any(m.name == "step000010" for m in bench.page.recipe.models)
    assert page.list.chosen() is None  # or Delete, held too long, would take the next
    QTest.keyClick(bench.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    bench.until(lambda: state(page, "step000010") is State.INSTALLED)


def test_an_import_asks_once_which_way_time_runs(
    open_window: Callable[..., Bench], site: Loopback, tmp_path: Path
) -> None:
    path = sv.write_training_file(tmp_path / "step_000010.pt", "single_route")
    bench = open_window()
    page = open_models(bench)
    drop(page, path)
    bench.until(lambda: bool(bench.window.findChildren(DirectionDialog)))
    (dialog,) = bench.window.findChildren(DirectionDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    bench.until(lambda: state(page, "step_000010") is State.INSTALLED)
    assert "from the image to noise" in page.list.chosen().model.card.training
    assert page.list.chosen().name == "step_000010"


def test_the_arrow_keys_pass_over_headings(
    open_window: Callable[..., Bench], site: Loopback
) -> None:
    bench = open_window()
    page = open_models(bench)
    choose(page, "tiny")
    QTest.keyClick(page.list, Qt.Key.Key_Up)
    assert page.list.chosen().state is State.SHIPPED
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert page.list.chosen().name == "tiny"


def test_a_file_that_is_no_model_is_told(
    open_window: Callable[..., Bench], site: Loopback, tmp_path: Path
) -> None:
    bench = open_window()
    page = open_models(bench)
    (tmp_path / "x.ckpt").write_bytes(b"nothing")
    page.accept([tmp_path / "x.ckpt"])
    bench.until(lambda: any("x.ckpt" in said for said in bench.said()))
    assert find_model("x") is None
