"""Many pictures at once: which ones, where their results go, and what is done already."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pfstudio.core.errors import InputError
from pfstudio.core.files import write_text
from pfstudio.core.image_io import SUFFIXES


@dataclass(frozen=True)
class ImageJob:
    """A picture and the name of its results: `folder`/`stem` and what the task appends."""

    source: Path
    folder: Path
    stem: str


def collect(
    paths: Sequence[Path], out: Path, is_ours: Callable[[str], bool]
) -> tuple[ImageJob, ...]:
    """All pictures of files and (recursively) folders, by name within each folder.

    Folders inside a given folder are kept below `out`. Files that this program wrote there are left
    out, hidden ones too. A file that is given by name is always taken, whatever it is.

    Args:
        is_ours: whether a file of this name is a result.

    Raises:
        InputError: nothing there, or no picture in it.
    """
    found: dict[Path, Path] = {}  # source -> folder of its results
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if _is_picture(file) and not is_ours(file.name):
                    found.setdefault(file, out / file.parent.relative_to(path))
        elif path.exists():
            found.setdefault(path, out)
        else:
            raise InputError(f"There is no file or folder {path}.")
    if not found:
        raise InputError(
            f"There is no picture in {', '.join(str(path) for path in paths)}.",
            f"Known are {', '.join(SUFFIXES)}.",
        )
    alike = Counter((folder, file.stem) for file, folder in found.items())
    used: Counter[tuple[Path, str]] = Counter()
    jobs = []
    for file, folder in found.items():
        stem = file.name if alike[folder, file.stem] > 1 else file.stem
        used[folder, stem] += 1
        number = used[folder, stem]
        jobs.append(ImageJob(file, folder, stem if number == 1 else f"{stem}-{number}"))
    return tuple(jobs)


def _is_picture(file: Path) -> bool:
    known = file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    return known and file.is_file()


class Manifest:
    """Which results in a folder are up to date; kept in a file there after every picture."""

    def __init__(self, out: Path, name: str) -> None:
        """Read `name` in `out`, where it is there."""
        self._out, self._name = out, name
        self._done: dict[str, str] = {}
        try:
            stored = json.loads((out / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # none yet, or damaged: then everything is made again
            return
        if isinstance(stored, dict):
            self._done = {str(key): str(value) for key, value in stored.items()}

    def holds(self, job: ImageJob, settings: str, files: Sequence[Path]) -> bool:
        """Every file is there and was made of this picture with these settings."""
        made = self._done.get(self._key(job)) == _digest(job, settings)
        return made and all(file.is_file() for file in files)

    def add(self, job: ImageJob, settings: str) -> None:
        """Remember a picture whose files were just written.

        Raises:
            InputError, RunError: the list cannot be written.
        """
        self._done[self._key(job)] = _digest(job, settings)
        write_text(self._out / self._name, json.dumps(self._done, indent=1) + "\n")

    def _key(self, job: ImageJob) -> str:
        return (job.folder.relative_to(self._out) / job.stem).as_posix()


def _digest(job: ImageJob, settings: str) -> str:
    """Changes with the picture and with the settings."""
    about = job.source.stat()
    text = f"{job.source.resolve()} {about.st_size} {about.st_mtime_ns} {settings}"
    return hashlib.sha256(text.encode()).hexdigest()
