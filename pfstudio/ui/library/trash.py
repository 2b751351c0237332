"""What goes to the trash with items of the library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pfstudio.core.library import LibraryItem
from pfstudio.core.metadata import PICTURE_FORMATS
from pfstudio.core.result_files import REQUEST_NAME


def paths_to_trash(items: Iterable[LibraryItem]) -> list[Path]:
    """What goes with these items: a run's whole folder once none of its images stays."""
    by_folder: dict[Path, set[Path]] = {}
    for item in items:
        by_folder.setdefault(item.path.parent, set()).add(item.path)
    found: list[Path] = []
    for folder, paths in by_folder.items():
        if (folder / REQUEST_NAME).is_file():
            images = {p for p in folder.iterdir() if p.suffix.lower() in PICTURE_FORMATS}
            if images <= paths:
                found.append(folder)
                continue
        found += sorted(paths)
    return found
