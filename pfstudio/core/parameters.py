"""Parameters that describe themselves: range, label and help beside the default.

A settings dataclass (a sampler, a guidance rule) declares its fields with `parameter(...)`; the CLI
flags, the recipe panel and the documentation are generated from that one declaration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pfstudio.core.errors import InputError

MAX_SEED = 2**63 - 1
_KEY = "parameter"


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
    zero: str = ""  # what 0 means, where it is not just a number, e.g. "measured"


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
) -> Any:
    """A dataclass field with a range, a label and one line of help."""
    kind = type(default)
    about = Parameter("", kind, default, label, help, minimum, maximum, step, choices, zero)
    return dataclasses.field(default=default, metadata={_KEY: about})


def parameters_of(settings: Any) -> Iterator[Parameter]:
    """The declared parameters of a settings dataclass (class or instance), in order."""
    for field in dataclasses.fields(settings):
        about = field.metadata.get(_KEY)
        if about is not None:
            yield dataclasses.replace(about, name=field.name)


def check_parameters(settings: Any) -> None:
    """Raise InputError if a parameter of `settings` has a wrong type or lies outside its range."""
    for about in parameters_of(settings):
        value = getattr(settings, about.name)
        what = f"{about.label} ({about.name.replace('_', '-')})"
        if about.choices:
            if value not in about.choices:
                raise InputError(
                    f"{what} is {value!r}, which is not a choice.",
                    f"Choose one of: {', '.join(about.choices)}.",
                )
            continue
        if about.kind is bool:
            if not isinstance(value, bool):
                raise InputError(f"{what} is {value!r}, but must be true or false.")
            continue
        whole = about.kind is int
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            number = "whole number" if whole else "number"
            raise InputError(f"{what} is {value!r}, but must be a {number}.")
        low, high = about.minimum, about.maximum
        if not ((low is None or value >= low) and (high is None or value <= high)):  # NaN fails too
            raise InputError(f"{what} is {value:g}, but must lie between {low:g} and {high:g}.")


@dataclass(frozen=True)
class CheckedSettings:
    """Base of the settings dataclasses: a value outside its declared range is refused."""

    def __post_init__(self) -> None:
        check_parameters(self)
