"""Painted patches as a word, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pfstudio.core.errors import InputError
from pfstudio.core.paint import paint_code, paint_from_code


def test_stretches_are_written_in_reading_order() -> None:
    assert paint_code((0, 0, 0, 1, 3, 3)) == "3x0,1x1,2x3"


@given(some.lists(some.integers(0, 3), min_size=1, max_size=80))
def test_what_is_written_is_read_again(codes: list[int]) -> None:
    assert paint_from_code(paint_code(tuple(codes))) == tuple(codes)


@pytest.mark.parametrize("text", ["3x4", "0x1", "x1", "3x", "3x1,", "-1x1", "9999999x1", "1 x1"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="does not say what is painted"):
        paint_from_code(text)
