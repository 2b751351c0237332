"""JSON that a stranger may have written: bounded in size and nesting, its numbers finite."""

from __future__ import annotations

import errno
import json
import math
from pathlib import Path
from typing import Any

MOST_BYTES = 16 * 2**20
LABELS_BYTES = 256 * 2**20  # of a data set with millions of pictures
_MOST_DEPTH = 64


def parse_json(text: str | bytes, most_bytes: int = MOST_BYTES) -> Any:
    """What a JSON text says.

    Raises:
        ValueError: no JSON in UTF-8, too large, nested too deeply, or with numbers that are not
            finite; says which in a few words.
    """
    if len(text) > most_bytes:
        raise ValueError(f"it is larger than {most_bytes / 2**20:.0f} MiB")
    try:
        value = json.loads(text.decode("utf-8") if isinstance(text, bytes) else text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"its byte {error.start + 1} is no UTF-8") from error
    level = [value]
    for _ in range(_MOST_DEPTH):
        if any(isinstance(one, float) and not math.isfinite(one) for one in level):
            raise ValueError("a number in it is not finite")
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return value
    raise ValueError("it is nested too deeply")


def finite(value: Any) -> Any:
    """The same for JSON, which knows no NaN and no infinity: they become null."""
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_json(path: Path, most_bytes: int = MOST_BYTES) -> Any:
    """What a JSON file says.

    Raises:
        OSError: it cannot be read.
        ValueError: as `parse_json`.
    """
    return parse_json(_read(path, most_bytes + 1), most_bytes)


def read_text(path: Path, most_bytes: int = MOST_BYTES) -> str:
    """The text of a file in UTF-8.

    Raises:
        OSError: it cannot be read.
        ValueError: it is larger, or no UTF-8; says which in a few words.
    """
    data = _read(path, most_bytes + 1)
    if len(data) > most_bytes:
        raise ValueError(f"it is larger than {most_bytes / 2**20:.0f} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"its byte {error.start + 1} is no UTF-8") from error


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts, which a single text is not.

    Raises:
        TypeError: something else.
    """
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{str(value)[:60]!r} is no list of texts")
    return tuple(value)


def check_regular(path: Path) -> None:
    """See that reading a path cannot wait for ever, as a pipe or a device makes it.

    Raises:
        OSError: it is one.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "it is no ordinary file")


def _read(path: Path, most_bytes: int) -> bytes:
    check_regular(path)
    with path.open("rb") as file:
        return file.read(most_bytes)
