"""Flags of the samplers and guidance rules, made from the declarations of their parameters."""

from __future__ import annotations

import argparse
from typing import Any

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import Parameter, parameters_of

Registry = dict[str, Any]


def add_flags(parser: argparse.ArgumentParser, title: str, registry: Registry) -> None:
    """One flag for each parameter of any class in the registry."""
    group = parser.add_argument_group(title)
    owners: dict[str, list[tuple[str, Parameter]]] = {}
    for name, kind in registry.items():
        for about in parameters_of(kind):
            owners.setdefault(about.name, []).append((name, about))
    for name, users in owners.items():
        about = users[0][1]
        defaults = ", ".join(f"{owner} {it.default}" for owner, it in users)
        group.add_argument(
            _flag(name),
            dest=name,
            type=about.kind,
            choices=about.choices or None,
            default=None,
            metavar=None if about.choices else about.kind.__name__.upper(),
            help=f"{about.help} ({defaults})".replace("%", "%%"),
        )


def settings_from(args: argparse.Namespace, kind: Any, registry: Registry) -> Any:
    """The settings that the flags say; what was not given keeps its default.

    Raises:
        InputError: a flag that this kind does not know, or a value outside its range.
    """
    own = [about.name for about in parameters_of(kind)]
    given = given_flags(args, registry)
    foreign = [name for name in given if name not in own]
    if foreign:
        known = ", ".join(_flag(name) for name in own) or "no flags"
        raise InputError(f"{kind.name} has no {_flag(foreign[0])}.", f"It knows {known}.")
    return kind(**given)


def given_flags(args: argparse.Namespace, registry: Registry) -> dict[str, Any]:
    """The flags of the registry that were given."""
    names = {about.name for kind in registry.values() for about in parameters_of(kind)}
    values = {name: getattr(args, name) for name in sorted(names)}
    return {name: value for name, value in values.items() if value is not None}


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
