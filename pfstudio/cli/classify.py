"""`pfstudio classify`: which class an image shows, asked of a generator."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from pfstudio.cli.batch import tell_left_out
from pfstudio.cli.console import (
    DONE,
    INTERRUPTED,
    ProgressBar,
    ctrl_c,
    event_json,
    print_json,
    say_error,
)
from pfstudio.cli.shared_flags import add_compute_flags, compute_from
from pfstudio.core.class_names import find_class
from pfstudio.core.classify import STAGES, Classified, ClassifyRequest, Stage
from pfstudio.core.conditions import ClassLabel, condition_name
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Cancelled, Event, Failed, Finished, Loading, Progress, Started
from pfstudio.core.image_batch import collect

_SHOWN = 5
_DEFAULT = ",".join(f"{one.samples}:{one.keep}" for one in STAGES)


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "classify", help="ask a generator which class an image shows", allow_abbrev=False
    )
    parser.add_argument("files", nargs="+", type=Path, help="images, or folders of images")
    parser.add_argument("--model", default="", help="name or path of a model with classes")
    parser.add_argument(
        "--class", dest="classes", action="append", default=[], metavar="CLASS",
        help="a class that it may be, by number or name; give it again for more (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--stages",
        default=_DEFAULT,
        metavar="SAMPLES:KEEP,…",
        help="noises tried for each class, and classes kept, of each stage (%(default)s)",
    )
    parser.add_argument("--unweighted", action="store_true", help="ignore the predicted variance")
    parser.add_argument("--seed", type=int, default=0)
    add_compute_flags(parser)
    parser.add_argument("--json", action="store_true", help="print events, one JSON per line")


def run(args: argparse.Namespace) -> int:
    """Classify all pictures; 0 all done, 1 some failed, 130 interrupted.

    Raises:
        InputError: an argument that cannot be used (exit code 2).
    """
    compute = compute_from(args)
    stages = _stages(args.stages)
    jobs = collect(args.files, Path(), lambda file: False)
    tell_left_out(args)
    if args.json:
        print(event_json(Loading(0, f"Loading {Path(args.model).name or 'the model'}")))
    from pfstudio.engine.control import Control
    from pfstudio.engine.model_cache import ModelCache, generator
    from pfstudio.engine.session import Session

    cache, control, bar = ModelCache(), Control(), ProgressBar()
    model = cache.get(generator(args.model, compute, "class"))
    names = model.card.classes
    classes = tuple(find_class(text, names, model.classes) for text in args.classes)
    failed = 0
    for job in jobs:
        request = ClassifyRequest(
            str(job.source), model.name, classes, stages, not args.unweighted, args.seed, compute
        )
        if args.json:
            print_json({"event": "picture", "file": str(job.source)})

        def show(event: Event, name: str = job.source.name) -> None:
            if args.json and not isinstance(event, Progress):
                print(event_json(event), flush=True)
            elif isinstance(event, Progress):
                bar.show(name, event.call + 1, event.nfe, event.eta)
            elif isinstance(event, Started):
                for notice in event.notices:
                    say_error(PfstudioError(notice))

        with ctrl_c(control):
            last = Session(cache).run(request, show, control, models=(model,))
        bar.clear()
        if isinstance(last, Cancelled):
            return INTERRUPTED
        if isinstance(last, Failed):
            failed = last.exit_code if len(jobs) == 1 else 1
            if not args.json:
                say_error(PfstudioError(last.message, last.advice))
        elif isinstance(last, Finished) and not args.json:
            print(_lines(job.source, last.result, names))
    return failed or DONE


def _stages(text: str) -> tuple[Stage, ...]:
    try:
        pairs = [part.split(":") for part in text.split(",")]
        return tuple(Stage(int(samples), int(keep)) for samples, keep in pairs)
    except ValueError:
        raise InputError(f"{text!r} are no stages.", f"Write e.g. {_DEFAULT}.") from None


def _lines(file: Path, found: Classified, names: tuple[str, ...]) -> str:
    """The best classes, and how far each is behind."""
    lines = [f"{file} ({found.nfe:,} evaluations)"]
    for place, one in enumerate(found.standings[:_SHOWN], 1):
        name = condition_name(ClassLabel(one.index), names)
        behind = "" if place == 1 else f"behind {one.behind:.4f}"
        behind += f" ± {one.margin:.4f}" if behind and math.isfinite(one.margin) else ""
        lines.append(f"  {place}  {name:24}{behind}".rstrip())
    return "\n".join(lines)
