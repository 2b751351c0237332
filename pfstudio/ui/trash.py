"""Files and folders go to the system's trash, and come back from it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths

from pfstudio.core.errors import InputError
from pfstudio.ui.language import tr


@dataclass(frozen=True)
class Trashed:
    """Something in the trash; `place` is None where the system does not tell where."""

    path: Path  # where it was
    place: Path | None


def move_to_trash(paths: Sequence[Path]) -> list[Trashed]:
    """Move files and folders to the trash.

    Raises:
        InputError: one could not be moved; what was moved before has come back.
    """
    with contextlib.suppress(OSError):  # the trash of a fresh account has no folder to lie in
        place = QStandardPaths.StandardLocation.GenericDataLocation
        Path(QStandardPaths.writableLocation(place)).mkdir(parents=True, exist_ok=True)
    done: list[Trashed] = []
    for path in paths:
        file = QFile(str(path))
        if not file.moveToTrash():
            restore(done)
            raise InputError(
                tr(
                    "{name} could not be moved to the trash ({why}).",
                    name=path.name,
                    why=file.errorString(),
                ),
                tr("Delete it in the file manager."),
            )
        now = Path(file.fileName())
        done.append(Trashed(path, now if now != path else None))
    return done


def restore(trashed: Sequence[Trashed]) -> None:
    """Put things back where they were.

    Raises:
        InputError: one is no longer in the trash, or its place is taken.
    """
    for each in trashed:
        if each.place is None or not each.place.exists() or _is_taken(each.path, each.place):
            raise InputError(
                tr("{name} could not be put back.", name=each.path.name), tr("Look into the trash.")
            )
        try:
            each.path.parent.mkdir(parents=True, exist_ok=True)
            if each.path.is_dir():
                for inner in list(each.place.iterdir()):
                    inner.rename(each.path / inner.name)
                each.place.rmdir()
            else:
                each.place.rename(each.path)
        except OSError as error:
            raise InputError(
                tr(
                    "{name} could not be put back ({why}).",
                    name=each.path.name,
                    why=error.strerror,
                ),
                tr("Look into the trash."),
            ) from error
        info = each.place.parent.with_name("info") / f"{each.place.name}.trashinfo"
        with contextlib.suppress(OSError):  # of desktops by freedesktop.org; others have none
            info.unlink()


def _is_taken(path: Path, place: Path) -> bool:
    """Whether something else is there; a folder in which other files came back is none."""
    if path.is_dir() and place.is_dir():
        return any((path / inner.name).exists() for inner in place.iterdir())
    return path.exists()
