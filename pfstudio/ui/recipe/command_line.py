"""The recipe as a command that makes the same pictures in a terminal."""

from __future__ import annotations

import shlex
from dataclasses import fields

from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import Compute, GenerateRequest

_WHERE_SET = (
    ("--height", "height"),
    ("--width", "width"),
    ("--noise", "noise_file"),
    ("--image", "image_file"),
    ("--start-time", "start_time"),
)


def command_line(request: GenerateRequest) -> str:
    """`pfstudio generate ...` for a request. Painted patches have no flag but a file: left out."""
    default = GenerateRequest()
    words = ["pfstudio", "generate", "--model", request.model]
    if request.prompt:
        words += ["--prompt", request.prompt]
    else:
        for label in request.classes:
            words += ["--class", str(label)]
    words += ["--seed", str(request.seed)]
    if request.count != default.count:
        words += ["--count", str(request.count)]
    for option, settings in (("--sampler", request.sampler), ("--guidance", request.guidance)):
        words += [option, settings.name]
        for about in parameters_of(settings):
            value = getattr(settings, about.name)
            words += [f"--{about.name.replace('_', '-')}", _number(value)]
    for field in fields(Compute):
        value = getattr(request.compute, field.name)
        if value != getattr(Compute(), field.name):
            words += [f"--{field.name}", str(value)]
    for option, name in _WHERE_SET:
        if getattr(request, name):
            words += [option, _number(getattr(request, name))]
    if request.branch:
        words += ["--branch", request.branch.trace, "--at", str(request.branch.call)]
    return shlex.join(words)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
