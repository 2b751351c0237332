"""The library's index: what it tells of real files, and that it is never needed to read them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from run_traces import made_up_trace

from pfstudio.core.conditions import Prompt
from pfstudio.core.depth import DepthMap, DepthRequest
from pfstudio.core.depth_files import save_depth
from pfstudio.core.errors import InputError
from pfstudio.core.library import (
    MARKS_NAME,
    Kind,
    Library,
    LibraryItem,
    LibraryQuery,
    read_marks,
)
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.core.samplers import Euler
from pfstudio.core.upscale import Upscaled
from pfstudio.core.upscale_files import save_upscaled
from pfstudio.core.upscale_settings import Upscale

PIXELS = np.full((1, 8, 8, 3), 90, np.uint8)


def save_run(root: Path, prompt: str, when: datetime, whole: bool = True) -> Path:
    request = GenerateRequest(model="painter", conditions=(Prompt(prompt),), sampler=Euler(4))
    trace = replace(made_up_trace(images=1), request=request)
    saved = save_result(PIXELS if whole else None, trace, root=root, when=when)
    path = saved.images[0] if whole else saved.trace
    assert path is not None
    os.utime(path, (when.timestamp(),) * 2)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one result of each kind, an hour between them, and what is none."""
    root = tmp_path / "pictures"
    day = datetime(2026, 11, 23, 10)
    save_run(root, "a red fox, Noto style", day)
    save_run(root, "an Übergrößen-Kürbis", day.replace(hour=11))
    save_run(root, "a fox that was stopped", day.replace(hour=12), whole=False)
    maps, latents = np.zeros((3, 8, 8), np.float32), np.zeros((1, 4, 1, 1), np.float32)
    depth = DepthMap(DepthRequest("room.jpg"), "diver", PIXELS[0], maps, latents)
    moment = day.replace(hour=13)
    os.utime(save_depth(depth, root=root, when=moment), (moment.timestamp(),) * 2)
    large = np.zeros((16, 16, 3), np.uint8)
    upscaled = Upscaled(
        Upscale(factor=2), "lens", PIXELS[0], large, np.ones((1, 1), np.int32), None
    )
    moment = day.replace(hour=14)
    photo = tmp_path / "holiday.jpg"
    Image.fromarray(PIXELS[0]).save(photo)
    path = save_upscaled(upscaled, photo, root=root, when=moment)
    os.utime(path, (moment.timestamp(),) * 2)
    (root / "2026-11-23" / "notes.txt").write_text("not a picture")
    (root / ".hidden").mkdir()
    (root / ".hidden" / "image.png").write_bytes(b"half written")
    return root


@pytest.fixture
def library(root: Path, tmp_path: Path) -> Iterator[Library]:
    library = Library(root, tmp_path / "index" / "library.sqlite")
    library.scan()
    yield library
    library.close()


def titles(items: list[LibraryItem]) -> list[str]:
    return [item.title for item in items]


def test_every_result_is_listed_newest_first_with_what_its_files_tell(library: Library) -> None:
    found = [(item.kind, item.title, item.model, item.sampler) for item in library.find()]
    assert found == [
        (Kind.UPSCALED, "140000-holiday-2x", "lens", ""),
        (Kind.DEPTH, "130000-room_depth", "diver", ""),
        (Kind.STOPPED, "a fox that was stopped", "painter", "euler"),
        (Kind.GENERATED, "an Übergrößen-Kürbis", "painter", "euler"),
        (Kind.GENERATED, "a red fox, Noto style", "painter", "euler"),
    ]
    assert all(item.path.is_file() for item in library.find())


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (LibraryQuery("fox"), 2),
        (LibraryQuery("FO not"), 1),
        (LibraryQuery("ubergroßen"), 1),
        (LibraryQuery('"fox" OR ( NEAR *'), 0),
        (LibraryQuery("holiday"), 1),
        (LibraryQuery("dive"), 1),
        (LibraryQuery(kind=Kind.STOPPED), 1),
        (LibraryQuery(model="painter"), 3),
        (LibraryQuery("red", model="painter", sampler="euler"), 1),
        (LibraryQuery(since=datetime(2026, 11, 23, 11), until=datetime(2026, 11, 23, 13)), 2),
        (LibraryQuery(starred=True), 0),
    ],
)
def test_it_is_found_by(library: Library, query: LibraryQuery, count: int) -> None:
    assert len(library.find(query)) == count


def test_only_changed_files_are_read_again(library: Library, root: Path) -> None:
    read: list[Path] = []
    assert library.scan() is False
    fresh = save_run(root, "a newcomer", datetime(2026, 11, 24))
    library.find(LibraryQuery("room"))[0].path.unlink()
    assert library.scan(lambda count: bool(read.append(fresh)) or True) is True
    assert titles(library.find())[0] == "a newcomer"
    assert len(library) == 5
    assert library.find(LibraryQuery("room")) == []


def test_a_scan_can_be_ended_and_goes_on_the_next_time(root: Path, tmp_path: Path) -> None:
    folder = root / "many"
    folder.mkdir()
    for number in range(120):
        (folder / f"{number}.png").write_bytes(b"no picture, listed by its name")
    library = Library(root)
    assert library.scan(lambda read: False) is True
    assert len(library) == 50
    library.scan()
    assert len(library) == 125
    library.close()


def test_stars_and_notes_lie_beside_the_files_and_outlive_the_index(
    library: Library, root: Path, tmp_path: Path
) -> None:
    item = library.find(LibraryQuery("red"))[0]
    library.mark(item, starred=True, note="for the wall")
    assert titles(library.find(LibraryQuery("wall", starred=True))) == [item.title]
    library.scan()
    assert titles(library.find(LibraryQuery(starred=True))) == [item.title]
    again = Library(root, tmp_path / "other.sqlite")
    again.scan()
    assert again.find(LibraryQuery("wall"))[0].note == "for the wall"
    again.mark(again.find(LibraryQuery("wall"))[0], starred=False, note="")
    assert json.loads((item.path.parent / MARKS_NAME).read_text()) == {}
    again.close()


def test_a_mark_does_not_make_the_folder_of_a_deleted_file_anew(library: Library) -> None:
    item = library.find(LibraryQuery("red"))[0]
    shutil.rmtree(item.path.parent)
    with pytest.raises(InputError, match="cannot be marked"):
        library.mark(item, starred=True, note="")
    assert not item.path.parent.exists()


@pytest.mark.parametrize("damaged", ['{"other.png": {"note": "precious",,}}', '["precious"]'])
def test_damaged_marks_are_set_aside_before_new_ones_are_written(
    library: Library, damaged: str
) -> None:
    item = library.find(LibraryQuery("red"))[0]
    (item.path.parent / MARKS_NAME).write_text(damaged)
    library.mark(item, starred=True, note="new")
    assert read_marks(item.path.parent / MARKS_NAME)[item.path.name]["note"] == "new"
    (aside,) = item.path.parent.glob("*.broken.json")
    assert aside.read_text() == damaged


@pytest.mark.parametrize("damage", [b"not a database", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_index_is_made_again(root: Path, tmp_path: Path, damage: bytes) -> None:
    index = tmp_path / "library.sqlite"
    index.write_bytes(damage)
    library = Library(root, index)
    library.scan()
    assert len(library) == 5
    library.close()


def test_an_index_that_has_no_place_is_kept_in_memory(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    library = Library(root, tmp_path / "file" / "library.sqlite")
    library.scan()
    assert len(library) == 5
    library.close()


@pytest.mark.parametrize("marks", ["[1]", '{"image-000.png": 5}', '{"image-000.png": {"note": 3}}'])
def test_marks_of_a_stranger_do_no_harm(root: Path, marks: str) -> None:
    for picture in root.rglob("image-000.png"):
        (picture.parent / MARKS_NAME).write_text(marks)
    library = Library(root)
    library.scan()
    assert len(library) == 5
    library.close()


def test_choices_are_what_the_items_have(library: Library) -> None:
    assert library.choices("model") == ["diver", "lens", "painter"]
    assert library.choices("sampler") == ["euler"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names there are any bytes")
def test_names_and_notes_that_are_no_utf8(root: Path) -> None:
    place = Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.png"))
    Image.fromarray(PIXELS[0]).save(root / "a.png")
    (root / "a.png").rename(place)
    library = Library(root)
    library.scan()
    (found,) = library.find(LibraryQuery(words="caf"))
    assert found.path == place
    library.mark(found, starred=True, note="\udce9 for the wall")
    assert not library.scan()
    (found,) = library.find(LibraryQuery(words="wall"))
    assert found.path == place
    assert found.starred
    library.close()
