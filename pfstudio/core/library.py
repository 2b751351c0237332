"""The library: every result below the results folder, found by words, kind, model or sampler.

The files are the truth. What a person adds to them, stars and notes, lies beside them in
`library.json`, one file a folder. The SQLite index only makes finding fast: it can be deleted at
any time, and `Library.scan` fills it again.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from pfstudio.core.conditions import condition_name
from pfstudio.core.depth_files import NOTE
from pfstudio.core.documents import parse_json, read_json, read_text
from pfstudio.core.errors import InputError
from pfstudio.core.files import set_aside, write_text
from pfstudio.core.image_io import open_picture, readable
from pfstudio.core.metadata import PICTURE_FORMATS, Notes, read_notes, recipe_in
from pfstudio.core.models import find_model
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.result_files import REQUEST_NAME, TRACE_NAME

MARKS_NAME = "library.json"
_VERSION = 1  # of the index; another one is made again
_AT_ONCE = 50  # files between two commits of a scan
_MOST_NOTE = 10_000  # letters

_SCHEMA = f"""
CREATE TABLE items (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, kind TEXT NOT NULL,
    title TEXT NOT NULL, model TEXT NOT NULL, sampler TEXT NOT NULL, made REAL NOT NULL,
    starred INTEGER NOT NULL, note TEXT NOT NULL
);
CREATE INDEX made ON items (made DESC, path);
CREATE VIRTUAL TABLE texts USING fts5 (
    title, model, sampler, note, file, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
);
PRAGMA user_version = {_VERSION};
"""
_COLUMNS = "path, kind, title, model, sampler, made, starred, note"


class Kind(Enum):
    """What made a result."""

    GENERATED = "generated"
    STOPPED = "stopped"  # a run that was stopped: a trace without an image
    DEPTH = "depth"
    UPSCALED = "upscaled"
    OTHER = "other"  # an image that does not tell


@dataclass(frozen=True)
class LibraryItem:
    """One result."""

    path: Path  # of the image; of the trace, where a run was stopped
    kind: Kind
    title: str  # class, prompt, or the name of the file
    model: str  # "" where the file does not tell
    sampler: str
    made: datetime
    starred: bool = False
    note: str = ""


@dataclass(frozen=True)
class LibraryQuery:
    """Which items to find. Empty: all of them."""

    words: str = ""  # each begins a word of title, model, sampler, note or file name
    kind: Kind | None = None
    model: str = ""
    sampler: str = ""
    starred: bool = False  # only those
    since: datetime | None = None
    until: datetime | None = None


class Library:
    """An index of one results folder. One thread at a time may use it."""

    def __init__(self, root: Path, index: Path | None = None) -> None:
        """Open the index; one that is damaged, or of another version, is made again.

        Args:
            index: its file; None keeps it in memory.
        """
        self.root = root
        self._database = _open(index)

    def close(self) -> None:
        self._database.close()

    # -- filling -------------------------------------------------------------------------------

    def scan(self, progress: Callable[[int], bool] = lambda read: True) -> bool:
        """Bring the index in step with the files; only changed ones are read.

        Args:
            progress: is told how many files were read so far; False ends the scan.

        Returns:
            Whether something is different now.
        """
        known = {
            _name(key): stamp
            for key, stamp in self._database.execute("SELECT path, stamp FROM items")
        }
        seen, read = set(), 0
        for path, stamp in _files(self.root):
            name = str(path.relative_to(self.root))
            seen.add(name)
            if known.get(name) == stamp:
                continue
            self._put(name, stamp, describe(path))
            read += 1
            if read % _AT_ONCE == 0:
                self._database.commit()
                if not progress(read):
                    return True
        gone = known.keys() - seen
        self._forget(gone)
        self._database.commit()
        _names_of_classes.cache_clear()
        return bool(read or gone)

    def _put(self, name: str, stamp: str, item: LibraryItem) -> None:
        self._forget([name])
        title, model, sampler, note, file = map(
            _text, (item.title, item.model, item.sampler, item.note, Path(name).stem)
        )
        values = (
            _key(name), stamp, item.kind.value, title, model, sampler, item.made.timestamp(),
            item.starred, note,
        )  # fmt: skip
        marks = ", ".join("?" * len(values))
        row = self._database.execute(
            f"INSERT INTO items (path, stamp, kind, title, model, sampler, made, starred, note) "
            f"VALUES ({marks})",
            values,
        ).lastrowid
        texts = (row, title, model, sampler, note, file)
        self._database.execute(
            "INSERT INTO texts (rowid, title, model, sampler, note, file) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            texts,
        )

    def _forget(self, names: Sequence[str] | set[str]) -> None:
        for key in map(_key, names):
            self._database.execute(
                "DELETE FROM texts WHERE rowid = (SELECT id FROM items WHERE path = ?)", (key,)
            )
            self._database.execute("DELETE FROM items WHERE path = ?", (key,))

    # -- finding -------------------------------------------------------------------------------

    def find(self, query: LibraryQuery = LibraryQuery()) -> list[LibraryItem]:
        """The items that fit, newest first."""
        conditions: list[str] = []
        values: list[Any] = []
        if words := _full_text(query.words):
            conditions.append("id IN (SELECT rowid FROM texts WHERE texts MATCH ?)")
            values.append(words)
        for column, value in (("model", query.model), ("sampler", query.sampler)):
            if value:
                conditions.append(f"{column} = ?")
                values.append(value)
        if query.kind is not None:
            conditions.append("kind = ?")
            values.append(query.kind.value)
        if query.starred:
            conditions.append("starred")
        if query.since is not None:
            conditions.append("made >= ?")
            values.append(query.since.timestamp())
        if query.until is not None:
            conditions.append("made < ?")
            values.append(query.until.timestamp())
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self._database.execute(
            f"SELECT {_COLUMNS} FROM items {where} ORDER BY made DESC, path", values
        )
        return [self._item(row) for row in rows]

    def choices(self, column: str) -> list[str]:
        """Every "model" or "sampler" that an item has, in alphabetical order."""
        assert column in ("model", "sampler")
        rows = self._database.execute(
            f"SELECT DISTINCT {column} FROM items WHERE {column} != '' ORDER BY {column}"
        )
        return [name for (name,) in rows]

    def __len__(self) -> int:
        return int(self._database.execute("SELECT COUNT(*) FROM items").fetchone()[0])

    def _item(self, row: tuple[Any, ...]) -> LibraryItem:
        path, kind, title, model, sampler, made, starred, note = row
        when = datetime.fromtimestamp(made)
        return LibraryItem(
            self.root / _name(path), Kind(kind), title, model, sampler, when, bool(starred), note
        )

    # -- changing ------------------------------------------------------------------------------

    def mark(self, item: LibraryItem, *, starred: bool, note: str) -> LibraryItem:
        """Give an item a star and a note, beside its file and in the index.

        Raises:
            InputError, RunError: it could not be written; nothing has changed.
        """
        changed = replace(item, starred=starred, note=note[:_MOST_NOTE])
        file = item.path.parent / MARKS_NAME
        try:
            _stamp(item.path)  # writing would make the folder of a deleted file anew
            marks = _marks_to_change(file)
            marks[item.path.name] = {"starred": changed.starred, "note": changed.note}
            if not changed.starred and not changed.note:
                del marks[item.path.name]
            write_text(file, json.dumps(marks, indent=1))
            stamp = _stamp(item.path)
        except OSError as error:
            raise InputError(f"{item.path.name} cannot be marked ({error.strerror}).") from error
        self._put(str(item.path.relative_to(self.root)), stamp, changed)
        self._database.commit()
        return changed


def _key(name: str) -> str:
    """A file's name as the index holds it: SQLite takes only what is UTF-8."""
    return quote(os.fsencode(name))


def _name(key: str) -> str:
    return os.fsdecode(unquote_to_bytes(key))


def _text(words: str) -> str:
    return words.encode("utf-8", "replace").decode("utf-8")


def _open(index: Path | None) -> sqlite3.Connection:
    for attempt in range(2):
        try:
            if index is not None:
                index.parent.mkdir(parents=True, exist_ok=True)
            # The window makes it, and a thread beside the window uses it.
            database = sqlite3.connect(index or ":memory:", check_same_thread=False)
            with contextlib.suppress(sqlite3.OperationalError):
                database.execute("PRAGMA journal_mode = WAL")
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version == _VERSION:
                return database
            if version == 0 and not database.execute("SELECT 1 FROM sqlite_master").fetchone():
                database.executescript(_SCHEMA)
                return database
            database.close()
        except (sqlite3.DatabaseError, OSError):
            if attempt or index is None or not index.is_file():
                break
        assert index is not None
        for left in (index, Path(f"{index}-wal"), Path(f"{index}-shm")):
            with contextlib.suppress(OSError):
                left.unlink()
    return _open(None)  # no place for it: the files are read again in the next session


def _full_text(words: str) -> str:
    """Words as a query of FTS5: all of them, each as the beginning of one."""
    return " ".join(f'"{word}"*' for word in words.replace('"', " ").split())


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    """Every image, and the trace of every run without one; with what changes when they do."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        pictures = [name for name in names if Path(name).suffix.lower() in PICTURE_FORMATS]
        if not pictures and {REQUEST_NAME, TRACE_NAME} <= set(names):
            pictures = [TRACE_NAME]
        for name in pictures:
            path = Path(folder, name)
            with contextlib.suppress(OSError):  # deleted meanwhile
                yield path, _stamp(path)


def _stamp(path: Path) -> str:
    """Changes when a file or its marks do."""
    file = path.stat()
    try:
        marks = (path.parent / MARKS_NAME).stat().st_mtime_ns
    except OSError:
        marks = 0
    return f"{file.st_mtime_ns}-{file.st_size}-{marks}"


def describe(path: Path) -> LibraryItem:
    """What the files tell of an image or a trace; one that tells nothing is named by its file."""
    mark = read_marks(path.parent / MARKS_NAME).get(path.name, {})
    starred, note = mark.get("starred") is True, mark.get("note", "")
    try:
        made = datetime.fromtimestamp(path.stat().st_mtime)
    except (ValueError, OverflowError):  # a time that no calendar has
        made = datetime.fromtimestamp(0)
    kind, title, model, sampler = _told(path)
    note = note[:_MOST_NOTE] if isinstance(note, str) else ""
    return LibraryItem(path, kind, title, model, sampler, made, starred, note)


def _told(path: Path) -> tuple[Kind, str, str, str]:
    """Kind, title, model, sampler."""
    if path.name == TRACE_NAME:
        try:
            text = read_text(path.parent / REQUEST_NAME)
            return Kind.STOPPED, *_recipe_words(GenerateRequest.from_json(text), 0)
        except (OSError, ValueError, InputError):
            return Kind.STOPPED, path.parent.name, "", ""
    try:
        notes = read_notes(path)
        kind, model = _made_by(path, notes)
    except InputError:
        return Kind.OTHER, path.stem, "", ""
    try:
        recipe = recipe_in(notes, path.name)
    except InputError:
        return kind, path.stem, model, ""
    title, made_by, sampler = _recipe_words(recipe.request, recipe.image)
    return (Kind.GENERATED if kind is Kind.OTHER else kind), title, made_by, sampler


def _made_by(path: Path, notes: Notes) -> tuple[Kind, str]:
    """What was done last to an image, and the model of it."""
    with contextlib.suppress(ValueError, AttributeError, TypeError, KeyError, IndexError):
        return Kind.UPSCALED, str(parse_json(notes.pfstudio)["upscaled"][-1]["model"])
    if notes == Notes("", ""):
        with readable(path), open_picture(path) as picture:
            about = picture.info.get(NOTE, "")
        with contextlib.suppress(ValueError, AttributeError, TypeError):
            return Kind.DEPTH, str(parse_json(about).get("model", ""))
    return Kind.OTHER, ""


def _recipe_words(request: GenerateRequest, image: int) -> tuple[str, str, str]:
    """Title, model and sampler of an image of a request."""
    conditions = request.per_image
    condition = conditions[min(image, len(conditions) - 1)]
    title = condition_name(condition, _names_of_classes(request.model))
    return title, Path(request.model).name, request.sampler.name


@cache
def _names_of_classes(model: str) -> tuple[str, ...]:
    found = find_model(model)
    return found.card.classes if found else ()


def read_marks(file: Path) -> dict[str, dict[str, Any]]:
    """Stars and notes of a folder; empty where nothing readable is there."""
    try:
        return _marks(file)
    except (OSError, ValueError):
        return {}


def _marks_to_change(file: Path) -> dict[str, dict[str, Any]]:
    """The same, for writing them anew: what cannot be read is set aside, not overwritten.

    Raises:
        OSError: it can be neither read nor set aside.
    """
    try:
        return _marks(file)
    except FileNotFoundError:
        return {}
    except ValueError as error:
        if not set_aside(file):
            raise OSError(errno.EIO, f"{file.name} is damaged") from error
        return {}


def _marks(file: Path) -> dict[str, dict[str, Any]]:
    """Raises OSError: it cannot be read; ValueError: it is damaged."""
    try:
        return {str(name): dict(mark) for name, mark in read_json(file).items()}
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
