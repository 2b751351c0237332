"""Parameters that describe themselves: range, label and help beside the default.

A settings dataclass (a sampler, a guidance rule) declares its fields with `parameter(...)`; the CLI
flags, the recipe panel and the documentation are generated from that one declaration.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from pfstudio.core.errors import InputError

MAX_SEED = 2**63 - 1
_KEY, _RANGE = "parameter", "range"
_MOST = 10**300  # beyond are whole numbers that no float can hold
_SHOWN = 60  # characters of a wrong value
_UNIONS = (types.UnionType, typing.Union)  # hints that are equal may be of either


@dataclass(frozen=True)
class Parameter:
    """One adjustable number or choice of a settings dataclass."""

    name: str
    kind: type
    default: Any
    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    zero: str = ""  # what 0 means, where it is not just a number, e.g. "auto"
    percent: bool = False  # a share that is shown in percent
    rare: bool = False  # seldom changed: behind "More"
    limits: tuple[float, float] | None = None  # of what is allowed; None: minimum and maximum
    good: tuple[float, float] | None = None  # where it was measured to be best
    task: str = ""  # it is the name or path of a model for this task


def parameter(
    default: Any,
    label: str,
    help: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    step: float | None = None,
    choices: tuple[str, ...] = (),
    zero: str = "",
    percent: bool = False,
    rare: bool = False,
    limits: tuple[float, float] | None = None,
    good: tuple[float, float] | None = None,
    task: str = "",
) -> Any:
    """A dataclass field with a range, a label and one line of help."""
    about = Parameter(
        "", type(default), default, label, help, minimum, maximum, step, choices, zero, percent,
        rare, limits, good, task,
    )  # fmt: skip
    return dataclasses.field(default=default, metadata={_KEY: about})


def parameters_of(settings: Any) -> Iterator[Parameter]:
    """The declared parameters of a settings dataclass (class or instance), in order."""
    for field in dataclasses.fields(settings):
        about = field.metadata.get(_KEY)
        if about is not None:
            yield dataclasses.replace(about, name=field.name)


def settings_words(settings: Any) -> str:
    """The label of a settings dataclass and its parameters, for tables; the rare ones where they
    are not the default."""
    told = [settings.label]
    for one in parameters_of(settings):
        value = getattr(settings, one.name)
        if value != one.default or not one.rare:
            number = f"{value:g}" if one.kind is float else str(value)
            told.append(f"{one.label.lower()} {number}")
    return ", ".join(told)


def field_in(
    default: Any,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[Any, ...] = (),
) -> Any:
    """A dataclass field with a range or choices, but no control of its own."""
    about = Parameter("", type(default), default, "", "", minimum, maximum, choices=choices)
    return dataclasses.field(default=default, metadata={_RANGE: about})


@functools.cache
def _parts(hint: Hashable) -> tuple[Any, tuple[Any, ...]]:
    """What a type is of, and with what inside; typing takes long to tell."""
    return typing.get_origin(hint), typing.get_args(hint)


@functools.cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def check_fields(data: Any) -> None:
    """See that every field of a dataclass instance has its declared type and lies in its range.

    Raises:
        InputError: one does not.
    """
    hints = _hints(typing.cast(Hashable, type(data)))
    for field in dataclasses.fields(data):
        value, hint = getattr(data, field.name), hints[field.name]
        about: Parameter | None = field.metadata.get(_KEY, field.metadata.get(_RANGE))
        what = field.name.replace("_", " ").capitalize()
        if about and about.label and about.label != what:
            what = f"{about.label} ({field.name.replace('_', '-')})"
        if about and about.choices:
            if type(value) is not about.kind or value not in about.choices:
                choices = ", ".join(map(str, about.choices))
                raise InputError(
                    f"{what} is {_shown(value)}, which is not a choice.",
                    f"Choose one of: {choices}.",
                )
        elif not _fits(value, hint):
            raise InputError(f"{what} is {_shown(value)}, but must be {_kind_words(hint)}.")
        elif about:
            low, high = about.limits or (about.minimum, about.maximum)
            if (low is not None and value < low) or (high is not None and value > high):
                ends = f"between {_shown(low)} and {_shown(high)}"
                raise InputError(f"{what} is {_shown(value)}, but must lie {ends}.")


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a declared type; whole numbers are numbers, and numbers are finite."""
    origin, inner = _parts(hint)
    if hint is Any:
        return True
    if origin in _UNIONS:
        # Registries may know more kinds of settings than the program's own.
        more = isinstance(value, CheckedSettings) and any(
            isinstance(kind, type) and issubclass(kind, CheckedSettings) for kind in inner
        )
        return more or any(_fits(value, kind) for kind in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if inner[1:] == (...,):
            return all(_fits(one, inner[0]) for one in value)
        return len(value) == len(inner) and all(map(_fits, value, inner))
    if hint is float:
        whole = _fits(value, int) and abs(value) < _MOST
        return whole or (isinstance(value, float) and math.isfinite(value))
    if hint is int and isinstance(value, bool):
        return False
    return isinstance(value, origin or hint)


def _from_plain(value: Any, hint: Any) -> Any:
    """Tuples out of lists and settings out of dictionaries, as declared; the rest as it is."""
    whole, members = _parts(hint)
    for kind in members if whole in _UNIONS else (hint,):
        origin, inner = _parts(kind)
        if isinstance(value, list) and origin is tuple:
            each = inner[:1] * len(value) if inner[1:] == (...,) else inner
            return tuple(_from_plain(one, h) for one, h in zip(value, each, strict=True))
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, CheckedSettings):
            return kind.from_data(value)
    return value


def _shown(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _kind_words(hint: Any) -> str:
    named = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return named.get(hint, "something else")


@dataclass(frozen=True)
class CheckedSettings:
    """Base of what people set: a value of another type or outside its range is refused."""

    def __post_init__(self) -> None:
        check_fields(self)

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Read what `dataclasses.asdict` gave, or JSON made of it; missing fields get the default.

        Raises:
            InputError: a value of another type or outside its range.
            TypeError, ValueError, KeyError: it is something else.
        """
        hints = _hints(typing.cast(Hashable, cls))
        return cls(**{name: _from_plain(value, hints[name]) for name, value in dict(data).items()})
