"""Prompts as people write them: one in a line, in a style, in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pfstudio.core.errors import InputError

_PROMPTS_BYTES = 2**20


def prompt_lines(text: str) -> tuple[str, ...]:
    """The prompts of a text, one in a line; empty lines are left out."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def style_of(prompt: str, styles: Sequence[str]) -> str:
    """The style at the end of a prompt, e.g. "Noto style" of "a fox, Noto style"; "": none."""
    return next((style for style in styles if prompt.endswith(f", {style}")), "")


def with_style(prompt: str, style: str, styles: Sequence[str]) -> str:
    """The prompt in a style ("": in none), in place of the one that it was in.

    Args:
        styles: all that the model knows.
    """
    before = style_of(prompt, styles)
    plain = prompt.removesuffix(f", {before}") if before else prompt
    return f"{plain}, {style}" if style and plain else plain


def read_prompts(path: Path) -> tuple[str, ...]:
    """The prompts of a text file in UTF-8, one in a line; empty lines are left out.

    Raises:
        InputError: it cannot be read, is no text, is larger than a megabyte, or has no prompt.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_PROMPTS_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text in UTF-8.", "Save it as plain text.") from error
    if len(data) > _PROMPTS_BYTES:
        raise InputError(f"{path} is larger than a megabyte.", "Give several smaller files.")
    prompts = prompt_lines(text)
    if not prompts:
        raise InputError(f"{path} has no prompt.", "Write one in each line.")
    return prompts
