"""Prompts as people write them: one in a line, in a style, in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pfstudio.core.documents import read_text
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
        prompts = prompt_lines(read_text(path, _PROMPTS_BYTES))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    except ValueError as error:
        raise InputError(
            f"{path} is no list of prompts ({error}).", "Give up to a megabyte of plain text."
        ) from error
    if not prompts:
        raise InputError(f"{path} has no prompt.", "Write one in each line.")
    return prompts
