"""`pfstudio evaluate`: measure a model on the held-out pictures of a data set."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfstudio.cli.console import ProgressBar, print_json
from pfstudio.cli.evaluate_depth import run_depth_evaluation
from pfstudio.cli.evaluate_features import run_feature_evaluation
from pfstudio.cli.evaluate_flags import check_flags, keep_defaults
from pfstudio.cli.evaluate_shared import caption_labels_of, check_card, keep_in_card, source_of
from pfstudio.cli.evaluate_sweep import STEPS, run_sweep_evaluation
from pfstudio.cli.evaluate_upsampler import add_upsampler_arguments, run_upsampler_evaluation
from pfstudio.cli.settings_flags import add_flags, given_flags, settings_from
from pfstudio.core.card import CARD_NAME, ModelCard
from pfstudio.core.conditions import condition_name
from pfstudio.core.depth import SOLVERS
from pfstudio.core.errors import InputError
from pfstudio.core.files import check_writable
from pfstudio.core.guidance import GUIDANCES, ClassifierFree, Guidance
from pfstudio.core.metadata import picture_format, save_picture
from pfstudio.core.requests import Compute

if TYPE_CHECKING:
    from pfstudio.engine.model import Model
    from pfstudio.train.evaluation import GeneratorEvaluation
    from pfstudio.train.evaluation_data import EvaluationData
    from pfstudio.train.sample_quality import Neighbours

_SHEET_PICTURES, _SHEET_COLUMNS = 16, 4
_MOST_SEED = 2**62  # numbers of images are added to it


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("evaluate", help="measure a model on held-out images")
    parser.add_argument("model", metavar="MODEL", help="name of a model, or a path")
    parser.add_argument("--data", type=Path, required=True, help="a tar pack or a folder of images")
    parser.add_argument(
        "--labels",
        type=Path,
        help="labels JSON (default: PACK-labels.json, PACK with or without -train at its end; "
        "else the folders are the classes)",
    )
    parser.add_argument("--test-data", type=Path, help="a second pack, where held-out images are")
    parser.add_argument(
        "--samples", type=int, default=0,
        help="images to make (one for each held-out image, up to 2000)",
    )  # fmt: skip
    parser.add_argument("--guidance", type=float, help="scale; 1: none (default: the card's)")
    parser.add_argument(
        "--rule", choices=tuple(GUIDANCES), help="another guidance than CFG, with its own flags"
    )
    add_flags(parser, "guidance rules", GUIDANCES)
    parser.add_argument(
        "--sweep", type=Path, metavar="FILE.toml",
        help="compare the guidance rules and samplers of a file instead, into the folder --out",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="of --sweep, which goes on there"
    )
    parser.add_argument(
        "--steps",
        type=int,
        default=0,
        help="Euler steps (40; of depth 2); network calls of --sweep",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument(
        "--write-card", action="store_true", help="keep the figures in the model's card"
    )
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE",
        help="write an image of generated images, each beside the nearest training image; "
        "with --features: a figure of the probes",
    )  # fmt: skip
    parser.add_argument(
        "--features", action="store_true", help="measure what a model's layers hold instead"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    depth = parser.add_argument_group(
        "depth models", "DATA is a folder of NAME_rgb.png and NAME_gt.npz, or a pack of pairs."
    )
    depth.add_argument("--depth", action="store_true", help="MODEL is a file with a depth model")
    depth.add_argument("--members", type=int, default=5, help="of the ensemble (5)")
    depth.add_argument(
        "--flip-augmentation",
        action="store_true",
        help="half of the members see the mirrored image",
    )
    depth.add_argument("--solver", choices=SOLVERS, default=SOLVERS[0])
    depth.add_argument(
        "--processing-resolution", type=int, default=0, help="longest side; 0: the model's"
    )
    depth.add_argument(
        "--regression", action="append", default=[], metavar="MODEL",
        help="to compare with, any number of times",
    )  # fmt: skip
    add_upsampler_arguments(parser)
    keep_defaults(parser)


def run(args: argparse.Namespace) -> int:
    """Measure; errors are raised as PfstudioError."""
    Compute(args.device, args.precision)  # refuses what is neither
    if args.samples < 0 or args.steps < 0:
        raise InputError("--samples and --steps must be 0 or more.", "0 is the usual number.")
    if not 0 <= args.seed <= _MOST_SEED:
        raise InputError(f"--seed must lie between 0 and {_MOST_SEED}.", "Choose another.")
    task = "depth" if args.depth else _task(args.model)
    if task not in _EVALUATIONS:
        raise InputError(
            f"{args.model} is a model for {task}, for which there is no evaluation.",
            f"There are some for: {', '.join(_EVALUATIONS)}.",
        )
    if args.features:
        check_flags(args, "features")
    elif task == "generate" and args.sweep:
        check_flags(args, "sweep")
        if args.out is None:
            raise InputError("--sweep needs --out.", "Name the folder that its table goes into.")
    else:
        check_flags(args, task)
    _check_sheet(args)
    check_card(args)
    return run_feature_evaluation(args) if args.features else _EVALUATIONS[task](args)


def _check_sheet(args: argparse.Namespace) -> None:
    """Prove before measuring that the sheet can be written.

    Raises:
        InputError: it cannot.
    """
    if args.sheet is not None:
        picture_format(args.sheet)
        check_writable(args.sheet.absolute().parent)


def _rule(args: argparse.Namespace, model: Model) -> Guidance:
    """CFG at a scale, or what the flags say.

    Raises:
        InputError: flags of another rule.
    """
    if args.rule:
        if args.guidance is not None:
            raise InputError("--guidance is the scale of CFG.", "Leave it or --rule out.")
        from pfstudio.engine.defaults import own_settings

        kind = GUIDANCES[args.rule]
        rule: Guidance = settings_from(args, kind, GUIDANCES, own_settings(model, kind))
        return rule
    if given := given_flags(args, GUIDANCES):
        name = next(iter(given)).replace("_", "-")
        raise InputError(f"--{name} belongs to a guidance rule.", "Name it with --rule.")
    return ClassifierFree(model.card.default_guidance if args.guidance is None else args.guidance)


def _told(rule: Guidance) -> float | str:
    """Guidance for a card: the scale of CFG, or another rule with its settings."""
    return rule.scale if isinstance(rule, ClassifierFree) else rule.words


def _run_generator_evaluation(args: argparse.Namespace) -> int:
    from pfstudio.core.samplers import Euler
    from pfstudio.engine.model import load
    from pfstudio.train.evaluation import EvaluationSettings, evaluate

    model = load(args.model, args.device, args.precision)
    data = _generator_data(model, args)
    if args.sweep:
        return run_sweep_evaluation(args, model, data)
    rule = _rule(args, model)
    weak = load(rule.weak_model, args.device, args.precision) if rule.weak_model else None
    sampler = Euler(args.steps or STEPS)
    settings = EvaluationSettings(sampler, rule, args.samples, args.seed, weak)
    bar = ProgressBar()
    begun = time.monotonic()

    def progress(what: str, done: int, total: int) -> None:
        bar.show(what, done, total, (time.monotonic() - begun) / max(1, done) * (total - done))

    try:
        result = evaluate(model, data, settings, progress, partial(_write_sheet, args.sheet, data))
    finally:
        bar.clear()
    if args.json:
        print_json({"event": "finished", "guidance": _told(rule), **result.to_dict()})
    else:
        print(_table(result, _told(rule)))
    keep_in_card(args, result.quality(_told(rule)))
    return 0


def _generator_data(model: Model, args: argparse.Namespace) -> EvaluationData:
    from pfstudio.train.captions import load_captioned, read_captions
    from pfstudio.train.data import load_source
    from pfstudio.train.evaluation_data import captioned, classified

    source = source_of(args)
    if model.card.condition != "text":
        return classified(load_source(source, Path(), model.card.classes))
    captions = read_captions(caption_labels_of(args))
    return captioned(load_captioned(source, Path(), captions), captions)


def _write_sheet(path: Path | None, data: EvaluationData, found: Neighbours) -> None:
    """Some generated pictures, evenly spread, with the nearest training picture beside each."""
    if path is None:
        return
    import numpy as np
    import torch

    from pfstudio.core.contact_sheet import contact_sheet
    from pfstudio.engine.model import to_pixels

    chosen = np.linspace(0, len(found.made) - 1, min(_SHEET_PICTURES, len(found.made))).astype(int)
    images: list[Any] = []
    words: list[str] = []
    for i in chosen.tolist():
        condition = data.conditions[int(found.labels[i])]
        name = condition_name(condition, data.concepts)
        images += list(to_pixels(torch.stack([found.made[i], found.nearest[i]])))
        words += [name, "nearest trained on"]
    save_picture(path, contact_sheet(images, words, 2 * _SHEET_COLUMNS, 128))


_EVALUATIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "generate": _run_generator_evaluation,
    "depth": run_depth_evaluation,
    "upscale": run_upsampler_evaluation,
}


def _task(name_or_path: str) -> str:
    """What a model is for, by its card or else by its tensors."""
    from pfstudio.weights.checkpoint import read_checkpoint
    from pfstudio.weights.load import architecture_of, locate

    folder = locate(name_or_path)
    if (folder / CARD_NAME).is_file():
        return ModelCard.read(folder).task
    return architecture_of(read_checkpoint(folder)).task


def _table(result: GeneratorEvaluation, guidance: float | str) -> str:
    segments = "  ".join(f"{value:.3f}" for value in result.validation_segments)
    made = result.made
    lines = [
        f"validation loss   {result.validation_loss:.4f}   ({result.pictures} held-out images)",
        f"  by time 0..1    {segments}",
        f"{made.samples} generated images, guidance {guidance}, {made.gflop:.2f} GFLOP and "
        f"{made.seconds:.2f} s each; in brackets real against real",
        f"FD-MobileNetV2    {made.fd_mobilenet:.2f}   ({made.fd_mobilenet_floor:.2f})",
        f"KID x 1000        {1000 * made.kid:.2f}   ({1000 * made.kid_floor:.2f})",
        f"precision         {made.precision:.3f}   ({made.precision_floor:.3f})",
        f"recall            {made.recall:.3f}   ({made.recall_floor:.3f})",
        f"nearest shows the same  {made.concept_accuracy:.1%}   held-out images "
        f"{made.concept_ceiling:.1%}",
    ]
    lines += [
        f"difficulty t={d.time:g}  rank correlation {d.rank_correlation:.3f} "
        f"(within an image {d.within_pictures:.3f}), "
        f"predicted / true error {d.calibration.ratio:.2f}"
        for d in result.difficulty
    ]
    return "\n".join(lines)
