"""Writing files so that nothing is ever half-written, and telling in a sentence why it failed."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pfstudio.core.errors import InputError, PfstudioError, RunError

_UNFIT = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
    errno.ENOENT,
}
_FULL = {errno.ENOSPC, errno.EDQUOT}


def write_error(path: Path, error: OSError) -> PfstudioError:
    """The sentence for a file that could not be written."""
    if error.errno in _FULL:
        return RunError(
            f"The disk is full: {path} was not written.", "Free some space and run it again."
        )
    reason = error.strerror or str(error)
    if error.errno in _UNFIT:
        return InputError(
            f"{path} cannot be written ({reason}).", "Choose a folder that you may write to."
        )
    return RunError(f"{path} could not be written ({reason}).", "Try another folder.")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends without an error.

    Raises:
        InputError: the folder may not be written to.
        RunError: the disk is full or failing; `path` is as it was before.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
        mode = temporary.stat().st_mode
        yield temporary
        temporary.chmod(mode)  # safetensors makes files that only their owner may read
        os.replace(temporary, path)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text file in one piece; see `replacing` for what it raises."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def set_aside(path: Path) -> str:
    """Rename a file that cannot be used, so that nobody overwrites it.

    Returns:
        Its new name in the same folder; "" if it could not be renamed.
    """
    aside = path.with_name(f"{path.stem}.{datetime.now():%Y%m%d-%H%M%S-%f}.broken{path.suffix}")
    try:
        path.rename(aside)
    except OSError:
        return ""
    return aside.name


def check_writable(folder: Path) -> None:
    """Make the folder if it is missing and prove that a file can be written there.

    Raises:
        InputError: it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise write_error(folder, error) from error
