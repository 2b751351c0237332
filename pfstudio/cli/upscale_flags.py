"""Flags of upscaling, for its own verb and for recipes that upscale what they generate."""

from __future__ import annotations

import argparse
from typing import Any

from pfstudio.core.parameters import parameters_of
from pfstudio.core.upscale import Upscale

_DEST = "upscale_"


def add_upscale_flags(group: Any, prefix: str = "") -> None:
    """All settings but the factor, as `--{prefix}steps` and so on."""

    def add(name: str, kind: type, metavar: str | None, help: str, **more: Any) -> None:
        flag = f"--{prefix}{name.replace('_', '-')}"
        group.add_argument(flag, dest=_DEST + name, type=kind, metavar=metavar, help=help, **more)

    add("model", str, "NAME", "name of an upsampler, or a path")
    for about in parameters_of(Upscale):
        metavar = None if about.choices else about.kind.__name__.upper()
        text = f"{about.help} ({about.default})"
        add(about.name, about.kind, metavar, text, choices=about.choices or None)
    add("tile", int, "PIXELS", "of the result, computed at once; 0: the model's own")
    add("seed", int, "INT", "of the noise (0)")


def given_upscale_flags(args: argparse.Namespace) -> dict[str, Any]:
    """The settings whose flags were given."""
    found = {k.removeprefix(_DEST): v for k, v in vars(args).items() if k.startswith(_DEST)}
    return {name: value for name, value in found.items() if value is not None}


def upscale_from(args: argparse.Namespace, factor: int) -> Upscale:
    """The settings that the flags say; what was not given keeps its default.

    Raises:
        InputError: a value outside its range.
    """
    return Upscale(factor=factor, **given_upscale_flags(args))
