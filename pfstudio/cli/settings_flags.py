"""Flags of the samplers and guidance rules, made from the declarations of their parameters."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import Parameter, parameters_of

Registry = dict[str, Any]
_FROM_CARD = ("scale",)  # defaults that each model has: `engine/defaults.own_settings`


def add_flags(parser: argparse.ArgumentParser, title: str, registry: Registry) -> None:
    """One flag for each parameter of any class in the registry."""
    group = parser.add_argument_group(title)
    owners: dict[str, list[tuple[str, Parameter]]] = {}
    for name, kind in registry.items():
        for about in parameters_of(kind):
            owners.setdefault(about.name, []).append((name, about))
    for name, users in owners.items():
        about = users[0][1]
        defaults = ", ".join(f"{owner} {it.default}" for owner, it in users if it.default != "")
        if name in _FROM_CARD:
            defaults = "the model's own"
        group.add_argument(
            _flag(name),
            dest=name,
            type=about.kind,
            choices=about.choices or None,
            default=None,
            metavar=None if about.choices else about.kind.__name__.upper(),
            help=(f"{about.help} ({defaults})" if defaults else about.help).replace("%", "%%"),
        )


def settings_from(
    args: argparse.Namespace,
    kind: Any,
    registry: Registry,
    defaults: Mapping[str, Any] | None = None,
) -> Any:
    """The settings that the flags say; what was not given is that of `defaults`, else its own.

    Raises:
        InputError: a flag that this kind does not know, or a value outside its range.
    """
    known = [about.name for about in parameters_of(kind)]
    given = given_flags(args, registry)
    foreign = [name for name in given if name not in known]
    if foreign:
        flags = ", ".join(map(_flag, known)) or "no flags"
        raise InputError(f"{kind.name} has no {_flag(foreign[0])}.", f"It knows {flags}.")
    return kind(**{**(defaults or {}), **given})


def given_flags(args: argparse.Namespace, registry: Registry) -> dict[str, Any]:
    """The flags of the registry that were given."""
    names = {about.name for kind in registry.values() for about in parameters_of(kind)}
    values = {name: getattr(args, name) for name in sorted(names)}
    return {name: value for name, value in values.items() if value is not None}


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
