"""Conditions are indexed, joined and told apart as lists of single conditions would be."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from other_device import OTHER, OtherDevice

from pfstudio.core.errors import InputError
from pfstudio.nn.condition import (
    ClassLabels,
    Condition,
    TextEmbeddings,
    Unconditional,
    concatenate,
)

# One condition of a picture as plain data: a class, a text of tokens with 2 numbers each, or none.
One = int | tuple[tuple[float, float], ...] | None
_NEXT = [1 + n * 2.0**-23 for n in range(4)]  # float32 whose bits count up
NUMBERS = st.sampled_from([0.0, -1.0, 0.5, 3.0, *_NEXT])
TOKENS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=3).map(tuple)


def build(several: list[One], kind: str, length: int = 0) -> Condition:
    """A batch; texts are padded with noise, at least to `length`."""
    if kind == "class":
        return ClassLabels(torch.tensor(several, dtype=torch.int64))
    if kind == "none":
        return Unconditional(len(several))
    length = max(length, *map(len, several), 0)
    tokens = torch.full((len(several), length, 2), 7.0)
    mask = torch.zeros(len(several), length, dtype=torch.bool)
    for row, text in enumerate(several):
        tokens[row, : len(text)] = torch.tensor(text).reshape(-1, 2)
        mask[row, : len(text)] = True
    return TextEmbeddings(tokens, mask)


def taken_apart(condition: Condition) -> list[One]:
    if isinstance(condition, ClassLabels):
        return condition.labels.tolist()
    if isinstance(condition, Unconditional):
        return [None] * condition.batch
    rows = zip(condition.tokens, condition.mask, strict=True)
    return [tuple(map(tuple, tokens[mask].tolist())) for tokens, mask in rows]


@st.composite
def batches(draw: st.DrawFn, count: int = 1) -> tuple[str, list[list[One]]]:
    """Batches of one kind."""
    kind = draw(st.sampled_from(["class", "text", "none"]))
    one = {"class": st.integers(0, 9), "text": TOKENS, "none": st.none()}[kind]
    return kind, [draw(st.lists(one, min_size=1, max_size=4)) for _ in range(count)]


@given(batches(2))
def test_joining_is_that_of_lists(drawn: tuple[str, list[list[One]]]) -> None:
    kind, (first, second) = drawn
    joined = concatenate(build(first, kind), build(second, kind))
    assert len(joined) == len(first) + len(second)
    assert taken_apart(joined) == first + second


@given(batches(), st.data())
def test_indexing_is_that_of_lists(drawn: tuple[str, list[list[One]]], data: st.DataObject) -> None:
    kind, (several,) = drawn
    condition, size = build(several, kind), len(several)
    assert taken_apart(condition) == several
    index = data.draw(st.integers(-size, size - 1))
    assert taken_apart(condition[index]) == [several[index]]
    part = data.draw(st.slices(size).filter(lambda s: (s.step or 1) > 0))
    assert taken_apart(condition[part]) == several[part]
    keep = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    kept = [one for one, wanted in zip(several, keep, strict=True) if wanted]
    assert taken_apart(condition[torch.tensor(keep)]) == kept
    order = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5))
    assert taken_apart(condition[torch.tensor(order)]) == [several[place] for place in order]


def test_places_may_be_on_another_device_than_no_condition() -> None:
    with OtherDevice():
        places, kept = (torch.tensor(one).to(OTHER) for one in ([2, 0], [True, False, False]))
        assert Unconditional(3)[places] == Unconditional(2)
        assert Unconditional(3)[kept] == Unconditional(1)


@given(batches(2), st.integers(0, 5))
def test_keys_are_equal_exactly_where_conditions_are(
    drawn: tuple[str, list[list[One]]], length: int
) -> None:
    kind, (first, second) = drawn
    one, other = build(first, kind).keys(), build(second, kind, length).keys()
    assert one.dtype == torch.int64
    for a, key in zip(first, one.tolist(), strict=True):
        for b, key_of_b in zip(second, other.tolist(), strict=True):
            assert (key == key_of_b) == (a == b)


def test_small_changes_of_neighbouring_numbers_do_not_cancel_out() -> None:
    # Weights 1 and 3, or any in the ratio of odd numbers in a row, would make these one.
    bits = 0x3F800000 + torch.tensor([[0, 9], [3, 8], [6, 7]], dtype=torch.int32)
    texts = TextEmbeddings(bits.view(torch.float32)[:, None], torch.ones(3, 1, dtype=torch.bool))
    assert len(set(texts.keys().tolist())) == 3


def test_minus_zero_is_zero() -> None:
    texts = TextEmbeddings(torch.tensor([[[0.0]], [[-0.0]]]), torch.ones(2, 1, dtype=torch.bool))
    assert len(set(texts.keys().tolist())) == 1


def test_kinds_are_not_mixed() -> None:
    with pytest.raises(InputError, match="class and none"):
        concatenate(build([1], "class"), build([None], "none"))
