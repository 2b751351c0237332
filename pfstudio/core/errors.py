"""Errors that are told to the user in one plain sentence."""

from __future__ import annotations

_LONGEST = 480  # characters of a sentence: names of files and values of others may have any length


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 4 :]}"


class PfstudioError(Exception):
    """Something went wrong that a person can understand.

    `str(error)` is one sentence that names what is wrong; `advice` says what to do about it.
    """

    exit_code = 1

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(_short(message))
        self.advice = _short(advice)


class InputError(PfstudioError):
    """What the user gave (a file, a value, a name) cannot be used. CLI exit code 2."""

    exit_code = 2


class RunError(PfstudioError):
    """The run itself failed (disk, memory, device). CLI exit code 1."""
