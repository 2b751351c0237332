from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.core.errors import InputError
from pfstudio.core.prompts import prompt_lines, read_prompts, style_of, with_style

STYLES = ("Noto style", "Noto blob style", "Fluent 3D style")


def test_prompts_are_lines() -> None:
    assert prompt_lines("a fox\n\n  a cat \r\n") == ("a fox", "a cat")
    assert prompt_lines(" \n") == ()


def test_a_style_takes_the_place_of_another() -> None:
    assert with_style("a fox", "Noto style", STYLES) == "a fox, Noto style"
    assert with_style("a fox, Noto style", "Noto blob style", STYLES) == "a fox, Noto blob style"
    assert with_style("a fox, Noto style", "", STYLES) == "a fox"
    assert with_style("", "Noto style", STYLES) == ""
    assert style_of("a Noto style", STYLES) == ""


@given(st.text(max_size=20), st.sampled_from(["", *STYLES]), st.sampled_from(["", *STYLES]))
def test_the_last_style_counts(text: str, first: str, last: str) -> None:
    once = with_style(with_style(text, first, STYLES), last, STYLES)
    assert once == with_style(text, last, STYLES)


def test_prompts_of_a_file_are_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "prompts.txt"
    path.write_bytes("\ufeffa red fox\r\n\r\n  un café, Noto style \n".encode())
    assert read_prompts(path) == ("a red fox", "un café, Noto style")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b" \n\n", "has no prompt"),
        ("a café".encode("latin-1"), "its byte 6 is no UTF-8"),
        (b"a fox\n" * 2**18, "larger than 1 MiB"),
    ],
)
def test_a_file_without_prompts_is_told(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "prompts.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read_prompts(path)
