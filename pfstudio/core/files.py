"""Writing files so that nothing is ever half-written, and telling in a sentence why it failed."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import itertools
import logging
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from safetensors import SafetensorError

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
_STEM_BYTES = 200
_PREFIX, _YOUNG = ".pfstudio-", 60.0  # seconds
_FULL = {errno.ENOSPC, errno.EDQUOT}
_LOCKED_BYTE = 2**30  # on Windows, where nobody else reads what is locked: beyond most files


def write_error(path: Path, error: OSError) -> PfstudioError:
    """The sentence for a file that could not be written."""
    if error.errno in _FULL:
        return RunError(
            f"The disk is full: {path} was not written.", "Free some space and run it again."
        )
    if error.errno == errno.ENAMETOOLONG:
        return InputError(f"The name {path.name} is too long.", "Give a shorter one.")
    reason = error.strerror or str(error)
    if error.errno in _UNFIT:
        return InputError(
            f"{path} cannot be written ({reason}).", "Choose a folder that you may write to."
        )
    return RunError(f"{path} could not be written ({reason}).", "Try another folder.")


def temporary_path(path: Path) -> Path:
    """A path beside `path` that nobody can foresee; `sweep` knows it as one of ours."""
    return path.with_name(f"{_PREFIX}{os.getpid()}-{secrets.token_hex(8)}.part")


def sweep(folder: Path) -> None:
    """Remove what killed processes left half-written in a folder; never fails."""
    import psutil  # late, to keep the start fast

    for left in folder.glob(f"{_PREFIX}*.part*"):
        with contextlib.suppress(OSError, ValueError):
            process = int(left.name.removeprefix(_PREFIX).partition("-")[0])
            if time.time() - left.stat().st_mtime < _YOUNG or psutil.pid_exists(process):
                continue
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def sync(path: Path) -> None:
    """Wait until a file is on the disk; only then a full one tells."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends without an error.

    What was there keeps its mode, and a link the file that it points to. The new content is on the
    disk before it replaces the old one.

    Raises:
        InputError: the folder may not be written to.
        RunError: the disk is full or failing; `path` is as it was before.
    """
    try:
        target = path.resolve() if path.is_symlink() else path
        temporary = temporary_path(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        mode = (target if target.exists() else temporary).stat().st_mode
    except OSError as error:
        raise write_error(path, error) from error
    try:
        yield temporary
        temporary.chmod(mode)  # safetensors makes files that only their owner may read
        sync(temporary)
        os.replace(temporary, target)
    except SafetensorError as error:  # it tells errors of the system only in its text
        full = "os error 28" in str(error) or "No space left" in str(error)
        code = errno.ENOSPC if full else errno.EIO
        raise write_error(path, OSError(code, os.strerror(code))) from error
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def replacing_pair(content: Path, description: Path) -> Iterator[tuple[Path, Path]]:
    """As `replacing`, for a file and another one that describes it.

    No description ever lies beside a content that is not its own: for the moment between the two
    there is none, which readers tell.
    """
    with replacing(description) as second, replacing(content) as first:
        yield first, second
        sync(first)
        sync(second)
        description.unlink(missing_ok=True)


def exchange(one: Path, other: Path) -> bool:
    """Let two paths change places at once; False where the system cannot (it is Linux that can)."""
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE: rename(2)
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return rename(here, os.fsencode(one), here, os.fsencode(other), swap) == 0


@contextlib.contextmanager
def hidden_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` to fill; what is in it at the end is removed.

    Raises:
        InputError, RunError: as `replacing`.
    """
    folder = temporary_path(path)
    try:
        folder.mkdir(parents=True)
        sweep(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_fresh(folder: Path, names: Iterable[str], write: Callable[[Path], object]) -> Path:
    """Write a file under the first of these names that nobody has.

    Args:
        write: is given a path elsewhere with the first name, and writes there.

    Raises:
        InputError, RunError: as `replacing`.
    """
    names = iter(names)
    path = folder / next(names)
    with hidden_folder(path) as hidden:
        written = hidden / path.name
        write(written)
        while True:
            try:
                _claim(written, path)
                return path
            except FileExistsError:
                path = folder / next(names)
            except OSError as error:
                raise write_error(path, error) from error


def _claim(written: Path, path: Path) -> None:
    """Move a file to a path that nobody has; FileExistsError if somebody has."""
    try:
        os.link(written, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: empty for a moment
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        os.replace(written, path)


def lock(descriptor: int) -> bool:
    """Lock an open file until it is closed; False if whoever else opened it has the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            here = os.lseek(descriptor, 0, os.SEEK_CUR)
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(descriptor, here, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:  # a file system that knows no locks
        logging.getLogger(__name__).warning("a file cannot be locked: %s", error)
    return True


def discard(file: IO[bytes], path: Path) -> None:
    """Close and remove a file that this process has locked; never fails.

    One that cannot be removed stays, empty: nobody is to find its content again.
    """
    try:
        os.ftruncate(file.fileno(), 0)
        if sys.platform == "win32":  # which removes no open file; elsewhere nobody gets in between
            file.close()
        path.unlink(missing_ok=True)
    except OSError as error:
        logging.getLogger(__name__).warning("%s cannot be removed: %s", path, error)
    finally:
        with contextlib.suppress(OSError):
            file.close()


def numbered(stem: str) -> Iterator[str]:
    """The stem, then with -2, -3 and so on."""
    yield stem
    for number in itertools.count(2):
        yield f"{stem}-{number}"


def with_ending(path: Path, ending: str) -> Path:
    """The path as it was chosen; without an ending, one with `ending` that is not there yet."""
    if path.suffix:
        return path
    names = (path.with_name(f"{stem}{ending}") for stem in numbered(path.name))
    return next(name for name in names if not name.exists())


def short_stem(stem: str) -> str:
    """A stem to which endings and numbers can be added: file systems take 255 bytes."""
    data = os.fsencode(stem)
    if len(data) <= _STEM_BYTES:
        return stem
    kept = data[: _STEM_BYTES - 9].decode(sys.getfilesystemencoding(), "ignore")
    return f"{kept}-{hashlib.sha256(data).hexdigest()[:8]}"


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
    """Prove that a file can be written in a folder that is there or can be made, and sweep it.

    Raises:
        InputError: it cannot.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            sweep(folder)
    except OSError as error:
        raise write_error(folder, error) from error
    finally:  # a run that is refused after this leaves no empty folders
        for each in missing:
            with contextlib.suppress(OSError):
                each.rmdir()
