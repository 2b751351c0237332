"""What a picture is to show, as a request says it: a class, a prompt, or nothing in particular."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import CheckedSettings, field_in

MOST_LETTERS = 100_000  # of a prompt; text encoders read some hundreds


@dataclass(frozen=True)
class ClassLabel(CheckedSettings):
    """A class of the model, by its index from 0."""

    kind: ClassVar[str] = "class"
    index: int = field_in(0, 0, 2**31)


@dataclass(frozen=True)
class Prompt(CheckedSettings):
    """A text, and one that guidance leads away from ("": from no text at all)."""

    kind: ClassVar[str] = "text"
    text: str = ""
    negative: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        for words in (self.text, self.negative):
            if len(words) > MOST_LETTERS:
                raise InputError(
                    f"A prompt has {len(words):,} letters, but at most {MOST_LETTERS:,}."
                )
            try:
                words.encode("utf-8")
            except UnicodeEncodeError as error:
                raise InputError(
                    f"Letter {error.start + 1} of the prompt is no character.", "Type it anew."
                ) from error


@dataclass(frozen=True)
class NoCondition(CheckedSettings):
    """Whatever the model makes."""

    kind: ClassVar[str] = "none"


PictureCondition = ClassLabel | Prompt | NoCondition
CONDITION_KINDS: dict[str, type[PictureCondition]] = {
    kind.kind: kind for kind in (ClassLabel, Prompt, NoCondition)
}
DEFAULT_CONDITIONS: dict[str, PictureCondition] = {
    "class": ClassLabel(0),
    "text": Prompt(),
    "none": NoCondition(),
}
_TITLE = 48  # characters of a name in a title


def labels(*indices: int) -> tuple[ClassLabel, ...]:
    """Classes by their indices."""
    return tuple(ClassLabel(index) for index in indices)


def condition_json(condition: PictureCondition) -> dict[str, Any]:
    """As plain data, with its kind."""
    return {"kind": condition.kind, **asdict(condition)}


def condition_from_json(data: dict[str, Any]) -> PictureCondition:
    """Read what `condition_json` gave.

    Raises:
        InputError: an unknown kind, or impossible values.
    """
    values = dict(data)
    name = values.pop("kind")
    if name not in CONDITION_KINDS:
        raise InputError(f"There is no kind of condition {name!r}.")
    return CONDITION_KINDS[name].from_data(values)


def condition_name(condition: PictureCondition, class_names: Sequence[str] = ()) -> str:
    """What it is called on screen, in one line: a class by its name, a prompt by its text."""
    if isinstance(condition, Prompt):
        return " ".join(condition.text.split()) or "no prompt"
    if isinstance(condition, NoCondition):
        return "unconditional"
    if condition.index < len(class_names):
        return class_names[condition.index]
    return f"class {condition.index}"


def conditions_title(
    conditions: Sequence[PictureCondition], class_names: Sequence[str] = ()
) -> str:
    """What they are in a few words: the names of the first three, long ones cut."""
    names = (condition_name(one, class_names) for one in conditions[:3])
    return ", ".join(
        name if len(name) <= _TITLE else f"{name[: _TITLE - 1].rstrip()}…" for name in names
    )


def check_conditions(
    conditions: Sequence[PictureCondition], takes: str, model: str, classes: int
) -> None:
    """See that a model can follow them.

    Args:
        takes: kind of condition that the model takes.
        model: its name, for sentences.
        classes: how many it knows.

    Raises:
        InputError: it cannot; says why.
    """
    for condition in conditions:
        if condition.kind != takes:
            raise _of_another_kind(model, takes)
        if isinstance(condition, ClassLabel) and condition.index >= classes:
            raise InputError(
                f"{model} has no class {condition.index}.", f"Its classes are 0 to {classes - 1}."
            )


def _of_another_kind(model: str, takes: str) -> InputError:
    if takes == "class":
        return InputError(f"{model} takes classes, not text.", "Give a class.")
    if takes == "text":
        return InputError(f"{model} takes text, not classes.", "Give a prompt.")
    return InputError(f"{model} takes neither classes nor text.", "Give none.")


def check_prompts(conditions: Sequence[PictureCondition]) -> None:
    """See that every prompt says something.

    Raises:
        InputError: one is empty.
    """
    if any(isinstance(one, Prompt) and not one.text.strip() for one in conditions):
        raise InputError("The prompt is empty.", "Describe what the image shows.")
