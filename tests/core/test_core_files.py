"""Files are whole or absent at every moment, also those that belong together."""

from __future__ import annotations

import contextlib
import os
import sys
import types
from pathlib import Path

import pytest

from pfstudio.core import files
from pfstudio.core.errors import RunError
from pfstudio.core.files import exchange, lock, numbered, replacing_pair, write_fresh


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("links", [True, False])
def test_a_fresh_file_appears_whole_under_a_free_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "cat.png").write_text("theirs")

    def write(path: Path) -> None:
        assert names_in(tmp_path)[1:] == ["cat.png"]  # beside a hidden folder
        assert path.name == "cat.png"
        path.write_text("mine")

    made = write_fresh(tmp_path, (f"{stem}.png" for stem in numbered("cat")), write)
    assert made == tmp_path / "cat-2.png"
    assert made.read_text() == "mine"
    assert (tmp_path / "cat.png").read_text() == "theirs"
    assert names_in(tmp_path) == ["cat-2.png", "cat.png"]


def test_a_fresh_file_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.write_text("the first half")
        raise RunError("The disk is full.")

    with pytest.raises(RunError):
        write_fresh(tmp_path, ["cat.png"], write)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("ends_at", range(4))
def test_a_description_never_lies_beside_a_content_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_at: int
) -> None:
    """The process ends before its n-th change of a name."""
    content, description = tmp_path / "set.tar", tmp_path / "set.json"
    for path in (content, description):
        path.write_text("old")
    left = iter(range(ends_at))

    def until_killed(change):
        def tried(*paths: Path, **flags: bool) -> None:
            if ".pfstudio-" not in str(paths[0]) or change is os_replace:
                next(left)  # StopIteration: killed here
            change(*paths, **flags)

        return tried

    os_replace = os.replace
    monkeypatch.setattr(os, "replace", until_killed(os.replace))
    monkeypatch.setattr(Path, "unlink", until_killed(Path.unlink))
    killed = contextlib.suppress(RuntimeError, StopIteration)
    with killed, replacing_pair(content, description) as (first, second):
        first.write_text("new")
        second.write_text("new")
    now = [path.read_text() for path in (content, description) if path.exists()]
    assert now == [["old", "old"], ["old"], ["new"], ["new", "new"]][ends_at]


def test_what_is_locked_on_windows_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There nobody else reads a locked byte, so it lies beyond what is written."""
    places: list[int] = []

    def locking(descriptor: int, mode: int, count: int) -> None:
        places.append(os.lseek(descriptor, 0, os.SEEK_CUR))

    system = types.SimpleNamespace(LK_NBLCK=2, locking=locking)
    monkeypatch.setitem(sys.modules, "msvcrt", system)
    monkeypatch.setattr(files, "sys", types.SimpleNamespace(platform="win32"))
    with (tmp_path / "a.journal").open("wb") as file:
        assert lock(file.fileno())
        file.write(b"calls")
    assert (tmp_path / "a.journal").read_bytes() == b"calls"
    assert places[0] > 2**20


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="rename(2) of Linux")
def test_two_folders_change_places(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "from").write_text(name)
    assert exchange(tmp_path / "a", tmp_path / "b")
    assert [(tmp_path / name / "from").read_text() for name in "ab"] == ["b", "a"]
    assert not exchange(tmp_path / "a", tmp_path / "gone")
