"""Write model folders so that nothing is ever half there, with plain words if the disk refuses."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from pfstudio.core.errors import RunError
from pfstudio.core.files import exchange, sweep, sync, temporary_path


def disk_error(error: OSError | SafetensorError, path: Path) -> RunError:
    """The sentence for an error while writing to `path`."""
    number = error.errno if isinstance(error, OSError) else None
    # safetensors tells errors of the system only in its text.
    if number == errno.ENOSPC or "os error 28" in str(error):
        return RunError(f"The disk that holds {path} is full.", "Free some space and try again.")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or "os error 13" in str(error):
        return RunError(
            f"{path} is read-only.", "Allow writing there, or set PFSTUDIO_DATA to another folder."
        )
    return RunError(f"{path} cannot be written ({error}).", "Check the disk and try again.")


def check_space(folder: Path, needed: int) -> None:
    """Raise RunError if the disk of `folder` (which need not exist yet) has less than `needed`."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise RunError(
            f"{folder} needs {needed / 1e6:,.0f} MB, but only {free / 1e6:,.0f} MB are free.",
            "Free some space and try again.",
        )


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that becomes `target` at the end, or vanishes on failure.

    A folder that was there is replaced in one step. Where the system cannot do that, it is called
    NAME.old for a moment, in which a kill would leave it so: a whole model under another name.

    Raises:
        RunError: the disk is full or read-only.
    """
    target = target.resolve() if target.is_symlink() else target
    temporary = temporary_path(target)
    try:
        temporary.mkdir(parents=True)
        sweep(target.parent)
        yield temporary
        for file in temporary.iterdir():
            sync(file)
        _put(temporary, target)
    except (OSError, SafetensorError) as error:
        raise disk_error(error, target.parent) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put(temporary: Path, target: Path) -> None:
    """In the place of `target`; what was there may lie at `temporary` then."""
    if not target.exists():
        os.replace(temporary, target)
    elif not exchange(temporary, target):
        old = target.with_name(f"{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        os.replace(target, old)
        os.replace(temporary, target)
        os.replace(old, temporary)


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
