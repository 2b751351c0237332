"""From what a person types to classes and prompts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from pfstudio.core.card import ModelCard
from pfstudio.core.conditions import (
    DEFAULT_CONDITIONS,
    PictureCondition,
    Prompt,
    check_prompts,
    labels,
)
from pfstudio.core.errors import InputError

_SHOWN = 5


def rank_classes(text: str, names: Sequence[str]) -> list[int]:
    """Classes whose name contains the text: names that begin with it first, then those in which a
    word begins with it; a number also finds the class of this number, before all others.
    """
    wanted = text.strip().casefold()
    found: list[tuple[int, int]] = []
    for index, name in enumerate(names):
        lower = name.casefold()
        if wanted == str(index):
            found.append((0, index))
        elif lower.startswith(wanted):
            found.append((1, index))
        elif any(word.startswith(wanted) for word in re.split(r"\W+", lower)):
            found.append((2, index))
        elif wanted in lower:
            found.append((3, index))
    return [index for _, index in sorted(found)]


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


def conditions_from_words(
    classes: Sequence[str],
    prompts: Sequence[str],
    negative: str,
    card: ModelCard,
    total: int,
) -> tuple[PictureCondition, ...]:
    """What pictures show, from classes (numbers or names) or from prompts.

    Args:
        negative: of every prompt.
        card: of the model.
        total: how many classes it has.

    Raises:
        InputError: not what the model takes, an unknown class, an empty prompt, or nothing.
    """
    if classes and prompts:
        raise InputError("Classes and prompts cannot be mixed.", "Give one of them.")
    if (prompts or negative) and card.condition != "text":
        raise InputError(f"{card.name} takes no text.", _wanted(card))
    if classes and card.condition != "class":
        raise InputError(f"{card.name} takes no classes.", _wanted(card))
    if card.condition == "text":
        if not prompts:
            raise InputError("No prompt was given.", _wanted(card))
        negative = " ".join(negative.split())  # on one line, as it is edited
        conditions = tuple(Prompt(" ".join(text.split()), negative) for text in prompts)
        check_prompts(conditions)
        return conditions
    if classes:
        return labels(*(find_class(text, card.classes, total) for text in classes))
    return (DEFAULT_CONDITIONS[card.condition],)


def _wanted(card: ModelCard) -> str:
    if card.condition == "text":
        return "Give a prompt."
    if card.condition == "class":
        shown = ", ".join(f"{i} {name}" for i, name in enumerate(card.classes[:_SHOWN]))
        return f"Give a class: {shown}." if shown else "Give a class by its number."
    return "It is given nothing."


def _shown(indices: Sequence[int], names: Sequence[str]) -> str:
    return f"Did you mean: {', '.join(f'{i} {names[i]}' for i in indices[:_SHOWN])}?"


def _known(names: Sequence[str], total: int) -> str:
    if not names:
        return f"This model's classes have no names: give a number, 0 to {total - 1}."
    return f"There are {total}, e.g. {', '.join(names[:_SHOWN])}."
