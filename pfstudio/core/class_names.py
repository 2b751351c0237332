"""From what a person types to the number of a class."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from pfstudio.core.errors import InputError

_SHOWN = 5


def find_class(text: str, names: Sequence[str], classes: int = 0) -> int:
    """The class with this number or name.

    A name may be one part of a longer one ("tench" of "tench, Tinca tinca") or the only one that
    contains the text; case does not matter.

    Args:
        names: name of each class; may be empty.
        classes: number of classes where there are no names.

    Raises:
        InputError: no such class; the advice names the nearest ones.
    """
    total = classes or len(names)
    wanted = " ".join(text.lower().split())
    if wanted.isdecimal():
        if int(wanted) < total:
            return int(wanted)
        raise InputError(f"There is no class {wanted}.", f"Classes are 0 to {total - 1}.")
    lowered = [name.lower() for name in names]
    parts = [[part.strip() for part in name.split(",")] for name in lowered]
    for matches in (
        [i for i, name in enumerate(lowered) if name == wanted],
        [i for i, name in enumerate(parts) if wanted in name],
        [i for i, name in enumerate(lowered) if wanted and wanted in name],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise InputError(f"{text!r} fits several classes.", _shown(matches, names))
    words = [part for several in parts for part in several]
    near = difflib.get_close_matches(wanted, words, _SHOWN, 0.5)
    indices = list(dict.fromkeys(next(i for i, p in enumerate(parts) if n in p) for n in near))
    if not indices:
        raise InputError(f"There is no class named {text!r}.", _known(names, total))
    raise InputError(f"There is no class named {text!r}.", _shown(indices, names))


def _shown(indices: Sequence[int], names: Sequence[str]) -> str:
    return f"Did you mean: {', '.join(f'{i} {names[i]}' for i in indices[:_SHOWN])}?"


def _known(names: Sequence[str], total: int) -> str:
    if not names:
        return f"This model's classes have no names: give a number, 0 to {total - 1}."
    return f"There are {total}, e.g. {', '.join(names[:_SHOWN])}."
