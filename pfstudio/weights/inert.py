"""What a pickle describes beside plain data, without its behaviour."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

_MAX_DEPTH = 64
_MOST_VALUES = 100_000  # of a configuration


@dataclass(frozen=True)
class Name:
    """The name of a class or function that a file mentions; never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Foreign:
    """An object of a class we do not know: what the file stored for it, without its behaviour."""

    name: Name
    args: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)  # appended values, or (key, value) pairs


def plain(value: Any) -> Any:
    """A configuration as plain dicts, lists and scalars, also out of (inert) OmegaConf nodes.

    Unknown objects become None. Tensors are kept.

    Raises:
        ValueError: nested deeper, or larger, than any real configuration.
    """
    return _plain(value, 0, itertools.count())


def _plain(value: Any, depth: int, seen: Iterator[int]) -> Any:
    if depth > _MAX_DEPTH or next(seen) > _MOST_VALUES:
        raise ValueError("a configuration is nested too deeply")
    if isinstance(value, Foreign) and isinstance(value.state, dict):
        inner = value.state.get("_content", value.state.get("_val"))
        return _plain(inner, depth + 1, seen)
    if isinstance(value, dict):
        return {key: _plain(item, depth + 1, seen) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1, seen) for item in value]
    known = (str, int, float, bool, bytes, Tensor, type(None))
    return value if isinstance(value, known) else None
