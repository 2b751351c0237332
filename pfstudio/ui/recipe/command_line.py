"""The recipe as a command that makes the same pictures in a terminal."""

from __future__ import annotations

import shlex
from dataclasses import fields

from pfstudio.core.conditions import ClassLabel, Prompt
from pfstudio.core.paint import paint_code
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.core.upscale_settings import Upscale

_WHERE_SET = (
    ("--height", "height"),
    ("--width", "width"),
    ("--noise", "noise_file"),
    ("--masks-file", "masks_file"),
    ("--image", "image_file"),
    ("--start-time", "start_time"),
    ("--scan", "scan"),
)


def command_line(request: GenerateRequest) -> str:
    """`pfstudio generate ...` for a request: the same pictures, whatever the defaults there are."""
    default = GenerateRequest()
    words = ["pfstudio", "generate", "--model", request.model]
    for condition in request.conditions:
        if isinstance(condition, Prompt):
            words += _flag("--prompt", condition.text)
        if isinstance(condition, ClassLabel):
            words += ["--class", str(condition.index)]
    first = request.conditions[0]
    if isinstance(first, Prompt) and first.negative:
        words += _flag("--negative", first.negative)
    words += ["--seed", str(request.seed)]
    if request.count != default.count:
        words += ["--count", str(request.count)]
    for option, settings in (("--sampler", request.sampler), ("--guidance", request.guidance)):
        words += [option, settings.name]
        for about in parameters_of(settings):
            value = getattr(settings, about.name)
            words += [f"--{about.name.replace('_', '-')}", _number(value)]
    if isinstance(request.sampler, Euler) and request.sampler.grid:
        words += ["--grid", ",".join(map(_number, request.sampler.grid))]
    compute = request.compute
    if (then := compute.execution) is not None:  # the terminal chooses kernels by itself
        compute = Compute(then.device, then.dtype, then.threads)
    for option in ("device", "precision", "threads"):
        value = getattr(compute, option)
        if value != getattr(Compute(), option):
            words += [f"--{option}", str(value)]
    for option, name in _WHERE_SET:
        if getattr(request, name):
            words += [option, _number(getattr(request, name))]
    if request.paint:
        words += ["--paint-code", paint_code(request.paint)]
    if request.upscale:
        words += _upscale_words(request.upscale)
    for option, on in (("--scan-maps", request.scan_maps), ("--word-maps", request.word_maps)):
        words += [option] * on
    if request.branch:
        words += ["--branch", request.branch.trace, "--at", str(request.branch.call + 1)]
    return shlex.join(words)


def _flag(name: str, text: str) -> list[str]:
    """A flag with any text, also one that looks like a flag itself."""
    return [f"{name}={text}"] if text.startswith("-") else [name, text]


def _upscale_words(upscale: Upscale) -> list[str]:
    """The factor, and what differs from the defaults."""
    words = ["--upscale", str(upscale.factor)]
    for field in fields(Upscale):
        value = getattr(upscale, field.name)
        if field.name != "factor" and value != getattr(Upscale(), field.name):
            words += [f"--upscale-{field.name.replace('_', '-')}", _number(value)]
    return words


def _number(value: object) -> str:
    """As short as it can be without meaning another number."""
    if not isinstance(value, float):
        return str(value)
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
