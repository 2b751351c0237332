"""What a person painted on patches, and how it is written as one short word for command lines.

The word is "34x0,5x1,25x0" in reading order.
"""

from __future__ import annotations

import re
from enum import IntEnum
from itertools import groupby

from pfstudio.core.errors import InputError

_RUN = re.compile(r"([1-9][0-9]{0,6})x([0-3])")
MOST_PATCHES = 1 << 20


class Paint(IntEnum):
    """What a person painted on a patch."""

    FREE = 0
    FAST = 1
    SLOW = 2
    FIXED = 3


def paint_code(paint: tuple[int, ...]) -> str:
    """Stretches of equal codes, each as its length and the code (`Paint`)."""
    return ",".join(f"{len(tuple(run))}x{code:d}" for code, run in groupby(paint))


def paint_from_code(text: str) -> tuple[int, ...]:
    """What `paint_code` wrote.

    Raises:
        InputError: not such a word, or more than 2^20 patches.
    """
    runs = [_RUN.fullmatch(part) for part in text.split(",")]
    total = sum(int(run[1]) for run in runs if run)
    if not all(runs) or total > MOST_PATCHES:
        raise InputError(
            f"{text[:40]} does not say what is painted.",
            "Write lengths and codes of stretches of patches, such as 34x0,5x1,25x0.",
        )
    return tuple(int(run[2]) for run in runs if run for _ in range(int(run[1])))
