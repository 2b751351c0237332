"""Many pictures at once: which ones, where their depth goes, and what is done already."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pfstudio.core.depth import DepthRequest
from pfstudio.core.depth_files import FORMATS, DepthExport, file_paths
from pfstudio.core.errors import InputError
from pfstudio.core.files import write_text
from pfstudio.core.pictures import SUFFIXES

DONE_FILE = "pfstudio-depth.json"  # in the folder of the results
_OURS = tuple(ending for ending in FORMATS.values() if Path(ending).suffix in SUFFIXES)


@dataclass(frozen=True)
class DepthJob:
    """A picture and the name of its results: `folder`/`stem` and the endings of the formats."""

    source: Path
    folder: Path
    stem: str


def collect(paths: Sequence[Path], out: Path) -> tuple[DepthJob, ...]:
    """All pictures of files and (recursively) folders, by name within each folder.

    Folders inside a given folder are kept below `out`. Files that this program wrote there are left
    out, hidden ones too. A file that is given by name is always taken, whatever it is.

    Raises:
        InputError: nothing there, or no picture in it.
    """
    found: dict[Path, Path] = {}  # source -> folder of its results
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if _is_picture(file):
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
        jobs.append(DepthJob(file, folder, stem if number == 1 else f"{stem}-{number}"))
    return tuple(jobs)


def _is_picture(file: Path) -> bool:
    known = file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    return known and not file.name.endswith(_OURS) and file.is_file()


class DoneList:
    """Which results in a folder are up to date; kept in a file there after every picture."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._done: dict[str, str] = {}
        try:
            stored = json.loads((out / DONE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # none yet, or damaged: then everything is made again
            return
        if isinstance(stored, dict):
            self._done = {str(key): str(value) for key, value in stored.items()}

    def holds(self, job: DepthJob, request: DepthRequest, export: DepthExport) -> bool:
        """Every file is there and was made of this picture with these settings."""
        files = file_paths(job.folder, job.stem, export.formats)
        made = self._done.get(self._key(job)) == _digest(job, request, export)
        return made and all(file.is_file() for file in files)

    def add(self, job: DepthJob, request: DepthRequest, export: DepthExport) -> None:
        """Remember a picture whose files were just written.

        Raises:
            InputError, RunError: the list cannot be written.
        """
        self._done[self._key(job)] = _digest(job, request, export)
        write_text(self._out / DONE_FILE, json.dumps(self._done, indent=1) + "\n")

    def _key(self, job: DepthJob) -> str:
        return (job.folder.relative_to(self._out) / job.stem).as_posix()


def _digest(job: DepthJob, request: DepthRequest, export: DepthExport) -> str:
    """Changes with the picture and with every setting, but not with the choice of formats."""
    about = job.source.stat()
    settings = replace(request, image_file="").to_json()
    view = f"{export.quantity} {export.colours} {export.field_of_view}"
    text = f"{job.source.resolve()} {about.st_size} {about.st_mtime_ns} {settings} {view}"
    return hashlib.sha256(text.encode()).hexdigest()
