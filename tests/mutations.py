"""Damage as it comes: files cut, bytes changed, values of other types and sizes in documents."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

_NUMBERS = (b"-1", b"0", b"1e999", b"NaN", b"99999999999999999999", b"4294967295", b"0.5", b"")
_WORDS = (bytes(4), b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\x80\x02cos")
_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 10**20, 2**31, 1e308, 0.5, "", "NaN", "x" * 5000, "\ud83d", "../../x", [],
    {}, [[]], [None], {"": {}}, [1] * 3000, float("nan"), float("inf"),
)  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Up to three changes to bytes of any kind."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        chance.choice((_flip, _cut, _drop, _double, _word, _number))(changed, chance)
    return bytes(changed)


def _place(data: bytearray, chance: random.Random) -> int:
    """Anywhere; often near the start, where headers are."""
    return min(chance.randrange(len(data) + 1), chance.choice((len(data), len(data), 64)))


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 4, 30))):
        if data:
            data[min(_place(data, chance), len(data) - 1)] = chance.randrange(256)


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) :]


def _drop(data: bytearray, chance: random.Random) -> None:
    start = _place(data, chance)
    del data[start : start + chance.choice((1, 2, 8, 100))]


def _double(data: bytearray, chance: random.Random) -> None:
    start = _place(data, chance)
    part = data[start : start + chance.choice((1, 4, 50, 400))]
    data[start:start] = part * chance.choice((1, 1, 20))


def _word(data: bytearray, chance: random.Random) -> None:
    start = _place(data, chance)
    word = chance.choice(_WORDS)
    data[start : start + len(word)] = word


def _number(data: bytearray, chance: random.Random) -> None:
    figures = [n for n, byte in enumerate(data[:20_000]) if chr(byte).isdecimal()]
    if figures:
        start = end = chance.choice(figures)
        while end < len(data) and chr(data[end]).isdecimal():
            end += 1
        data[start:end] = chance.choice(_NUMBERS)


def mutated_document(value: Any, chance: random.Random) -> Any:
    """A copy of JSON data with one to three values or keys replaced, doubled or taken out."""
    root = [copy.deepcopy(value)]
    for _ in range(chance.randint(1, 3)):
        inside: Any = root
        key: Any = 0
        while isinstance(inside[key], dict | list) and inside[key] and chance.random() < 0.85:
            inside = inside[key]
            key = chance.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
        if inside is not root and chance.random() < 0.2:
            del inside[key]
            if not inside:
                break
        else:
            inside[key] = copy.deepcopy(chance.choice(_VALUES))
    return root[0]


def mutated_json(text: bytes, chance: random.Random) -> bytes:
    """A JSON text with other values, or with other bytes."""
    if chance.random() < 0.3:
        return mutated(text, chance)
    return json.dumps(mutated_document(json.loads(text), chance)).encode()
