"""The words of a prompt, as word maps count them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pfstudio.core.conditions import PictureCondition, Prompt

_WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True)
class Word:
    """A word and where it stands: characters `start` .. `end` of the prompt."""

    text: str
    start: int
    end: int


def words_of(prompt: str) -> tuple[Word, ...]:
    """The words of a prompt in order; punctuation belongs to none."""
    return tuple(Word(found.group(), *found.span()) for found in _WORD.finditer(prompt))


def most_words(conditions: Iterable[PictureCondition]) -> int:
    """Words W of the longest prompt; 0 where there is none."""
    prompts = (one.text for one in conditions if isinstance(one, Prompt))
    return max((len(words_of(text)) for text in prompts), default=0)
