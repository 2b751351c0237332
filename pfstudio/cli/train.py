"""`pfstudio train`: a recipe, a progress bar, a model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from pfstudio.cli.console import ProgressBar, print_json

if TYPE_CHECKING:
    from pfstudio.train.trainer import Advance


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "train",
        help="train a model from a recipe",
        description="Train a model from a recipe. A training that was stopped goes on where it "
        "was when the same command is given again. Several processes: "
        "accelerate launch --multi_gpu --num_processes N -m pfstudio.train RECIPE.toml "
        "(with --device cpu at the end: on the processor).",
    )
    from pfstudio.train.arguments import add_arguments

    add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")


def run(args: argparse.Namespace) -> int:
    """Train; errors are raised as PfstudioError."""
    from pfstudio.train.arguments import session_of
    from pfstudio.train.session import run_session

    session = session_of(args)
    bar = ProgressBar()

    def on_advance(advance: Advance) -> None:
        figures = dict(advance.figures)
        if args.json:
            eta = round(advance.eta, 1)
            print_json(
                {"event": "step", "step": advance.step, "steps": advance.steps, "left": eta}
                | {name: float(f"{value:.6g}") for name, value in figures.items()}
            )
        else:
            what = f"loss {figures['loss']:.4f}"
            bar.show(what, advance.step, advance.steps, advance.eta)

    def on_note(note: str) -> None:
        bar.clear()
        if args.json:
            print_json({"event": "note", "note": note})
        else:
            print(note, flush=True)

    try:
        card = run_session(session, on_advance, on_note)
    finally:
        bar.clear()
    if card is None:
        return 0
    where = session.out / "model"
    if args.json:
        print_json({"event": "finished", "model": str(where), "quality": card.quality})
    else:
        print(f"{card.title} is trained: {where}\n{card.training}")
    return 0
