"""Many pictures at once: which ones, where their results go, and what is done already."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.files import numbered, short_stem, write_error
from pfstudio.core.image_io import OTHER_SUFFIXES, SUFFIXES

_MANIFESTS = "pfstudio-*.jsonl"
_NOTE_WITHIN = 64 * 1024  # bytes at both ends of a file
_DEPTH = 8  # folders above a result in which its list may lie


@dataclass(frozen=True)
class ImageJob:
    """A picture and the name of its results: `folder`/`stem` and what the task appends."""

    source: Path
    folder: Path
    stem: str


def collect(
    paths: Sequence[Path], out: Path, is_ours: Callable[[Path], bool]
) -> tuple[ImageJob, ...]:
    """All pictures of files and (recursively) folders, by name within each folder.

    Folders inside a given folder are kept below `out`. Files that this program wrote there are left
    out, hidden ones too. A file that is given by name is always taken, whatever it is.

    Args:
        is_ours: whether a file is a result.

    Raises:
        InputError: nothing there, or no picture in it.
    """
    found: dict[Path, Path] = {}  # source -> folder of its results
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if _is_picture(file) and not is_ours(file):
                    found.setdefault(file, out / file.parent.relative_to(path))
        elif path.exists():
            found.setdefault(path, out)
        else:
            raise InputError(f"There is no file or folder {path}.")
    if not found:
        raise InputError(
            f"There is no image in {', '.join(str(path) for path in paths)}.",
            f"Known are {', '.join(SUFFIXES)}.",
        )
    return named(found)


def named(found: Mapping[Path, Path]) -> tuple[ImageJob, ...]:
    """Jobs of pictures and the folders of their results, none with the name of another.

    The disk is not asked: a picture may have gone away meanwhile.
    """
    alike = Counter((folder, file.stem) for file, folder in found.items())
    used: Counter[tuple[Path, str]] = Counter()
    jobs = []
    for file, folder in found.items():
        stem = short_stem(file.name if alike[folder, file.stem] > 1 else file.stem)
        used[folder, stem] += 1
        number = used[folder, stem]
        jobs.append(ImageJob(file, folder, stem if number == 1 else f"{stem}-{number}"))
    return tuple(jobs)


def left_out(paths: Sequence[Path]) -> tuple[str, ...]:
    """Names of pictures in folders that have to be converted first."""
    return tuple(
        file.name
        for path in paths
        if path.is_dir()
        for file in sorted(path.rglob("*"))
        if file.suffix.lower() in OTHER_SUFFIXES and file.is_file()
    )


def _is_picture(file: Path) -> bool:
    known = file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    return known and file.is_file()


class Manifest:
    """Which results in a folder are up to date, and whose they are: a file there, lines a picture.

    Lines are only added, so that two processes may do so at once. What comes later wins. A line
    without a state stands for files that are being written.
    """

    def __init__(self, out: Path, name: str) -> None:
        """Read `name` in `out`, where it is there."""
        self._out, self._file = out, out / name
        self._done = {line["key"]: line for line in _lines(self._file)}

    def placed(
        self, job: ImageJob, settings: str, files_of: Callable[[ImageJob], Sequence[Path]]
    ) -> ImageJob:
        """The job under a name that is its own, or free: nobody else's result is overwritten."""
        for stem in numbered(job.stem):
            found = replace(job, stem=stem)
            line = self._done.get(self._key(found))
            own = line is not None and line["owner"] == _owner(job, settings)
            if own or (line is None and not any(file.exists() for file in files_of(found))):
                return found
        raise AssertionError("names never end")

    def holds(self, job: ImageJob, settings: str, files: Sequence[Path]) -> bool:
        """Every file is there, whole, and was made of this picture with these settings."""
        known = self._known(job, settings)
        return all(known.get(file.name) == _size(file) for file in files)

    def claim(self, job: ImageJob, settings: str, files: Sequence[Path]) -> None:
        """Take the name for files that are about to be written.

        Whoever is killed before `add` makes the picture again under the same name.

        Raises:
            InputError, RunError: the list cannot be written.
        """
        owner = _owner(job, settings)
        if self._done.get(self._key(job), {}).get("owner") != owner:
            self._write(job, owner, "", {file.name: -1 for file in files})

    def add(self, job: ImageJob, settings: str, files: Sequence[Path]) -> None:
        """Remember a picture whose files were just written.

        Raises:
            InputError, RunError: the list cannot be written.
        """
        sizes = {file.name: _size(file) for file in files}
        self._write(job, _owner(job, settings), _state(job), self._known(job, settings) | sizes)

    def _known(self, job: ImageJob, settings: str) -> dict[str, int]:
        """Sizes of the files that were made of this picture with these settings."""
        line, state = self._done.get(self._key(job)), _state(job)
        if line is None or not state:
            return {}
        own = (line["owner"], line["state"]) == (_owner(job, settings), state)
        return line["files"] if own else {}

    def _write(self, job: ImageJob, owner: str, state: str, sizes: dict[str, int]) -> None:
        key = self._key(job)
        self._done[key] = {"key": key, "owner": owner, "state": state, "files": sizes}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="ascii") as file:
                file.write(json.dumps(self._done[key]) + "\n")
        except OSError as error:
            raise write_error(self._file, error) from error

    def _key(self, job: ImageJob) -> str:
        return (job.folder.relative_to(self._out) / job.stem).as_posix()


def written_here(file: Path) -> bool:
    """Whether this program wrote a picture: a list beside it or a note inside says so."""
    try:
        with file.open("rb") as content:
            head = content.read(_NOTE_WITHIN)
            content.seek(max(0, file.stat().st_size - _NOTE_WITHIN))
            if any(b"pfstudio" in part for part in (head, content.read())):
                return True
    except OSError:
        return False
    lists = (path for folder in file.parents[:_DEPTH] for path in folder.glob(_MANIFESTS))
    return any(file.name in line["files"] for path in lists for line in _lines(path))


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a list; none or damaged ones count as not done."""
    found = []
    with contextlib.suppress(OSError):
        for text in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, TypeError, KeyError):
                line = parse_json(text)
                kinds = {"key": str, "owner": str, "state": str, "files": dict}
                if all(isinstance(line[name], kind) for name, kind in kinds.items()):
                    found.append(line)
    return found


def _size(file: Path) -> int:
    """Bytes of a file; -1 where there is none."""
    return file.stat().st_size if file.is_file() else -1


def _owner(job: ImageJob, settings: str) -> str:
    """Stands for a picture file with settings."""
    return hashlib.sha256(os.fsencode(f"{job.source.resolve()} {settings}")).hexdigest()


def _state(job: ImageJob) -> str:
    """Changes with the content of the picture; "" where it went away, which is never done."""
    try:
        about = job.source.stat()
    except OSError:
        return ""
    return f"{about.st_size} {about.st_mtime_ns}"
