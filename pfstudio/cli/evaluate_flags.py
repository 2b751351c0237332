"""Which flags of `pfstudio evaluate` each evaluation reads; others are refused, not ignored."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from pfstudio.core.errors import InputError
from pfstudio.core.guidance import GUIDANCES
from pfstudio.core.parameters import parameters_of

_RULES = frozenset(about.name for kind in GUIDANCES.values() for about in parameters_of(kind))
_PACK = frozenset({"labels", "test_data"})


@dataclass(frozen=True)
class _Evaluation:
    words: str
    flags: frozenset[str]  # beyond model, data, seed, device, precision and JSON


_EVALUATIONS = {
    "generate": _Evaluation(
        "of a generator",
        _PACK | _RULES | {"samples", "guidance", "rule", "steps", "sheet", "write_card"},
    ),
    "sweep": _Evaluation("of a sweep", _PACK | {"sweep", "out", "samples", "steps"}),
    "features": _Evaluation("of features", _PACK | {"features", "sheet", "write_card"}),
    "depth": _Evaluation(
        "of a depth model",
        frozenset({
            "labels", "depth", "members", "flip_augmentation", "solver", "processing_resolution",
            "regression", "steps", "write_card",
        }),
    ),
    "upscale": _Evaluation(
        "of an upsampler",
        _PACK | {"factor", "side", "jpeg", "esrgan", "real_esrgan", "samples", "write_card"},
    ),
}  # fmt: skip


def keep_defaults(parser: argparse.ArgumentParser) -> None:
    """Let `check_flags` tell what was given from what was not."""
    parser.set_defaults(default_of=parser.get_default)


def check_flags(args: argparse.Namespace, evaluation: str) -> None:
    """See that an evaluation ("sweep", "features", or the model's task) reads all given flags.

    Raises:
        InputError: it does not.
    """
    chosen = _EVALUATIONS[evaluation]
    for name in sorted(frozenset().union(*(one.flags for one in _EVALUATIONS.values()))):
        if name in chosen.flags or getattr(args, name) == args.default_of(name):
            continue
        owners = " or ".join(one.words for one in _EVALUATIONS.values() if name in one.flags)
        raise InputError(
            f"--{name.replace('_', '-')} has no say in the evaluation {chosen.words}.",
            f"Leave it out: it belongs to the evaluation {owners}.",
        )
