"""`pfstudio features`: what the layers of a model hold of images, written to one file."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from pfstudio.cli.batch import tell_left_out
from pfstudio.cli.console import (
    DONE,
    INTERRUPTED,
    ProgressBar,
    ctrl_c,
    event_json,
    say_error,
)
from pfstudio.cli.shared_flags import add_compute_flags, compute_from
from pfstudio.core.application import TRACE_SUFFIX
from pfstudio.core.class_names import conditions_from_words
from pfstudio.core.conditions import PictureCondition
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Cancelled, Event, Failed, Loading, Progress, Started
from pfstudio.core.features import DEFAULT_TIME, MAX_ENSEMBLE_SIZE, NOISES, FeaturesRequest
from pfstudio.core.features_file import SUFFIX, write_features
from pfstudio.core.files import check_writable
from pfstudio.core.image_batch import collect

_RANGE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "features", help="write what the layers of a model hold of images", allow_abbrev=False
    )
    parser.add_argument("files", nargs="+", type=Path, help="images, folders of images, or a trace")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"*{SUFFIX}")
    how = parser.add_argument_group("how")
    how.add_argument("--model", default="", help="name or path, of any kind")
    how.add_argument(
        "--layers",
        default="",
        metavar="1,5-8",
        help="layers, counted from 1, or all (default: the middle one)",
    )
    how.add_argument(
        "--times", default=f"{DEFAULT_TIME}", metavar="T,T", help="0 noise, 1 clean (%(default)s)"
    )
    how.add_argument("--noise", choices=NOISES, default=NOISES[0], help="(%(default)s)")
    how.add_argument("--ensemble-size", type=int, default=1, help=f"1 to {MAX_ENSEMBLE_SIZE}")
    how.add_argument(
        "--attention", action="store_true", help="write as well which places each one looks at"
    )
    how.add_argument("--seed", type=int, default=0)
    what = how.add_mutually_exclusive_group()
    what.add_argument("--class", dest="label", default="", help="number or name (default: none)")
    what.add_argument("--prompt", default="", help="for models that take text (default: none)")
    add_compute_flags(how)
    parser.add_argument("--json", action="store_true", help="print events, one JSON per line")


def run(args: argparse.Namespace) -> int:
    """Find and write the features.

    Raises:
        InputError: an argument that cannot be used (exit code 2).
    """
    out: Path = args.out
    if out.suffix != SUFFIX:
        raise InputError(f"{out.name} is no name for features.", f"End it with {SUFFIX}.")
    request = FeaturesRequest(
        files=_files(args.files),
        model=args.model,
        layers=() if args.layers == "all" else _layers(args.layers),
        all_layers=args.layers == "all",
        times=_times(args.times),
        noise=args.noise,
        ensemble_size=args.ensemble_size,
        attention=args.attention,
        seed=args.seed,
        compute=compute_from(args),
    )
    tell_left_out(args)
    check_writable(out.parent)
    from pfstudio.engine.control import Control
    from pfstudio.engine.features import load
    from pfstudio.engine.model_cache import ModelCache
    from pfstudio.engine.session import SavedFiles, Session

    def save(result: Any, request: object, models: object) -> SavedFiles:
        write_features(result, out)
        return SavedFiles((str(out),))

    cache, control, bar = ModelCache(), Control(), ProgressBar()

    def show(event: Event) -> None:
        if args.json:
            print(event_json(event), flush=True)
        elif isinstance(event, Progress):
            bar.show("features", event.call + 1, event.nfe, event.eta)
        elif isinstance(event, Started):
            for notice in event.notices:
                say_error(PfstudioError(notice))

    cache.loading = lambda name: show(Loading(0, f"Loading {Path(name).name}"))
    request = replace(request, condition=_condition(args, load(request, cache)[0]))
    with ctrl_c(control):
        last = Session(cache, save).run(request, show, control)
    bar.clear()
    if isinstance(last, Failed):
        if not args.json:
            say_error(PfstudioError(last.message, last.advice))
        return last.exit_code
    if isinstance(last, Cancelled):
        return INTERRUPTED
    if not args.json:
        print(*last.files, sep="\n")
    return DONE


def _files(paths: list[Path]) -> tuple[str, ...]:
    if any(path.name.endswith(TRACE_SUFFIX) for path in paths):
        return tuple(map(str, paths))
    return tuple(str(job.source) for job in collect(paths, Path(), lambda file: False))


def _layers(text: str) -> tuple[int, ...]:
    """E.g. "1,5-8"."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        ends = _RANGE.fullmatch(part.strip())
        first, last = (ends[1], ends[2] or ends[1]) if ends else ("1", "0")
        if int(last) < int(first):
            raise InputError(f"{part!r} is no layer.", "Write e.g. 6 or 1,5-8.")
        found += range(int(first), int(last) + 1)
    return tuple(found)


def _times(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{text!r} are no times.", "Write e.g. 0.5,0.7.") from None


def _condition(args: argparse.Namespace, model: Any) -> PictureCondition | None:
    """What is said of the images; nothing is the model's null condition."""
    if not args.label and not args.prompt:
        return None
    if model.card.task != "generate":
        raise InputError(f"{model.name} takes neither classes nor text.", "Give none.")
    words = ((args.label,) if args.label else (), (args.prompt,) if args.prompt else ())
    return conditions_from_words(*words, "", model.card, model.classes)[0]
