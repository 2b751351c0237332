"""What a file really is, by its first bytes: wrong files get a sentence that names them."""

from __future__ import annotations

from pathlib import Path

from pfstudio.core.errors import InputError

_KINDS = (
    (b"PK\x03\x04", "zip"),
    (b"\x80\x02", "pickle"),
    (b"\x80\x03", "pickle"),
    (b"\x80\x04", "pickle"),
    (b"\x80\x05", "pickle"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"RIFF", "a WebP image or a sound"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"version https://git-lfs", "only a pointer of Git LFS, without the data"),
    (b"<!DOCTYPE", "a web page (a browser may have saved an error page)"),
    (b"<!doctype", "a web page (a browser may have saved an error page)"),
    (b"<html", "a web page (a browser may have saved an error page)"),
)


def file_type(path: Path) -> str:
    """Either "zip", "pickle" or "safetensors", or words such as "a PNG picture"."""
    with path.open("rb") as file:
        head = file.read(32)
    # safetensors: length of the JSON header as 8 bytes, then the JSON. Its length may look like the
    # beginning of a pickle, so it is asked for first.
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 100_000_000:
        return "safetensors"
    for start, kind in _KINDS:
        if head.startswith(start):
            return kind
    return "a file of an unknown kind"


def check_readable(path: Path) -> None:
    """Raise InputError if `path` is no file with something in it."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder, not a file.", "Choose the file inside it.")
        if path.stat().st_size == 0:
            raise InputError(f"{path.name} is empty (0 bytes).", "Download or copy it again.")
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error


def damaged(path: Path, why: str = "") -> InputError:
    """The error for a file of the right kind that does not hold together."""
    about = f" ({why})" if why else ""
    return InputError(f"{path.name} is damaged{about}.", "Download or copy it again.")
