"""The words of a prompt."""

from __future__ import annotations

import pytest

from pfstudio.core.conditions import ClassLabel, Prompt
from pfstudio.core.words import Word, most_words, words_of


def test_words_know_where_they_stand() -> None:
    assert words_of("a fox, 3D") == (Word("a", 0, 1), Word("fox", 2, 5), Word("3D", 7, 9))
    assert [word.text for word in words_of("it's a well-known café – 狐")] == [
        "it's", "a", "well-known", "café", "狐",
    ]  # fmt: skip
    assert words_of(" ,. ") == ()


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("nai\u0308ve art", ["nai\u0308ve", "art"]),  # two characters make the letter
        ("नमस्ते", ["नमस्ते"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),  # joined without a join
        ("a ❤\ufe0f heart", ["a", "heart"]),
        ("👨\u200d👩\u200d👧 family", ["family"]),
    ],
)
def test_marks_belong_to_the_word_of_their_letter(prompt: str, words: list[str]) -> None:
    assert [word.text for word in words_of(prompt)] == words


def test_the_longest_prompt_counts() -> None:
    assert most_words((Prompt("a"), Prompt("a red fox, sitting", "not a blue wolf or a fox"))) == 4
    assert most_words((ClassLabel(3),)) == 0
