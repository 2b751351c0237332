"""The words of a prompt, as word maps count them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from pfstudio.core.conditions import PictureCondition, Prompt

_MARK = "\u0301"  # stands for all marks above and below letters, which `\w` does not know
_PART = rf"\w[\w{_MARK}]*"
_WORD = re.compile(rf"{_PART}(?:['’-]{_PART})*")
_JOINERS = "\u200c\u200d"  # between letters of one word


@dataclass(frozen=True)
class Word:
    """A word and where it stands: characters `start` .. `end` of the prompt."""

    text: str
    start: int
    end: int


def words_of(prompt: str) -> tuple[Word, ...]:
    """The words of a prompt in order; punctuation belongs to none."""
    letters = prompt if prompt.isascii() else "".join(map(_plain, prompt))
    spans = (found.span() for found in _WORD.finditer(letters))
    return tuple(Word(prompt[start:end], start, end) for start, end in spans)


def _plain(character: str) -> str:
    joins = character in _JOINERS or unicodedata.category(character)[0] == "M"
    return _MARK if joins else character


def most_words(conditions: Iterable[PictureCondition]) -> int:
    """Words W of the longest prompt; 0 where there is none."""
    prompts = (one.text for one in conditions if isinstance(one, Prompt))
    return max((len(words_of(text)) for text in prompts), default=0)
