"""`pfstudio depth`: pictures and folders in, depth files out, and a summary that names the bad."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from pfstudio.cli.batch import follower, run_batch, tell_left_out
from pfstudio.cli.console import ctrl_c, event_json, print_json
from pfstudio.cli.shared_flags import add_compute_flags, compute_from
from pfstudio.core.colour import DEPTH_TABLES, TABLES
from pfstudio.core.depth import (
    ATTENTION_MODES,
    SOLVERS,
    DepthMap,
    DepthRequest,
)
from pfstudio.core.depth_batch import DepthManifest, collect
from pfstudio.core.depth_files import AXES, FORMATS, DepthExport, write_depth
from pfstudio.core.depth_measures import QUANTITIES
from pfstudio.core.errors import InputError
from pfstudio.core.events import Final, Finished, Loading
from pfstudio.core.files import check_writable
from pfstudio.core.image_batch import ImageJob
from pfstudio.core.paths import pictures_folder
from pfstudio.core.reliability import (
    FIGURES,
    TRUTHS,
    Floats,
    check_depth,
    read_truth,
    require_matplotlib,
    table,
    write_figure,
)

FOLDER = "Depth"  # below the user's pictures, where --out is not given


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("depth", help="estimate the depth of images", allow_abbrev=False)
    parser.add_argument("files", nargs="+", type=Path, help="images, or folders of images")
    parser.add_argument("--model", default="", help="name of a depth model, or a path")
    parser.add_argument("--autoencoder", default="", help="another than the model's own")
    how = parser.add_argument_group("how")
    how.add_argument("--members", type=int, default=5, help="of the ensemble (5)")
    how.add_argument("--steps", type=int, default=2, help="of the solver (2)")
    how.add_argument("--solver", choices=SOLVERS, default=SOLVERS[0], help="(%(default)s)")
    how.add_argument(
        "--attention", choices=ATTENTION_MODES, default=ATTENTION_MODES[0],
        help="logscaled is what the published code does without xformers",
    )  # fmt: skip
    how.add_argument(
        "--processing-resolution", type=int, default=0, metavar="PIXELS",
        help="longest side to work at; 0: the model's own, -1: the image's own",
    )  # fmt: skip
    how.add_argument(
        "--tile", type=int, default=0, metavar="PIXELS",
        help="larger images are processed in tiles of this side; 0: the model's own",
    )  # fmt: skip
    how.add_argument(
        "--flip-augmentation", action="store_true",
        help="half of the members see the image mirrored: steadier, little slower",
    )  # fmt: skip
    how.add_argument("--seed", type=int, default=0, help="seed of the first member (0)")
    how.add_argument("--noise", default="", metavar="FILE", help="safetensors with `noise`")
    add_compute_flags(how)
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for the results (default: Depth in the results folder)",
    )
    output.add_argument(
        "--formats",
        default="png16",
        metavar="A,B,...",
        help=f"some of {', '.join(FORMATS)} (%(default)s)",
    )
    output.add_argument(
        "--quantity", choices=QUANTITIES, default=QUANTITIES[0],
        help="what the files hold: larger is farther, except for disparity (%(default)s)",
    )  # fmt: skip
    output.add_argument("--colours", choices=DEPTH_TABLES, default=TABLES[0], help="(%(default)s)")
    output.add_argument(
        "--field-of-view", type=float, default=55.0, help="degrees, for the points of ply (55)"
    )
    output.add_argument(
        "--ply-axes", choices=tuple(AXES), default="camera", help="of the points (%(default)s)"
    )
    output.add_argument(
        "--mask-above", type=float, metavar="SPREAD",
        help="format mask is black where the spread is larger (where the least certain 5 %% begin)",
    )  # fmt: skip
    output.add_argument(
        "--truth", type=Path, metavar="FILE",
        help="measured depth of the one image (npz, npy, png): prints how near it comes and "
        "how well the spread tells the errors",
    )  # fmt: skip
    output.add_argument(
        "--truth-kind",
        choices=TRUTHS,
        default=TRUTHS[0],
        help="what an npy or png of it holds (%(default)s)",
    )
    output.add_argument(
        "--figure", choices=FIGURES, help="draw what --truth tells (needs the extra `figures`)"
    )
    output.add_argument("--overwrite", action="store_true", help="replace existing results")
    output.add_argument("--json", action="store_true", help="print events, one JSON per line")


def run(args: argparse.Namespace) -> int:
    """Find the depth of all pictures; 0 all done, 1 some failed, 130 interrupted.

    Raises:
        InputError: an argument that cannot be used (exit code 2).
    """
    export = DepthExport(
        tuple(filter(None, args.formats.split(","))),
        args.quantity,
        args.colours,
        args.field_of_view,
        args.ply_axes,
        threshold=args.mask_above,
    )
    out: Path = args.out or pictures_folder() / FOLDER
    jobs = collect(args.files, out)
    tell_left_out(args)
    request = _request(args)
    truth = _truth(args, jobs)
    check_writable(out)
    if args.json:
        print(event_json(Loading(0, f"Loading {Path(args.model).name or 'the model'}")), flush=True)
    from pfstudio.engine.control import Control
    from pfstudio.engine.model_cache import ModelCache, depth_model
    from pfstudio.engine.session import SavedFiles, Session

    cache, control, done = ModelCache(), Control(), DepthManifest(out)
    model = cache.get(depth_model(request))
    request = replace(request, model=args.model or model.name)

    def wish(job: ImageJob) -> DepthRequest:
        return replace(request, image_file=str(job.source))

    def run_one(job: ImageJob) -> Final:
        def save(result: DepthMap, request: object, models: object) -> SavedFiles:
            done.claim(job, wish(job), export)
            files = list(write_depth(job.folder, job.stem, result, export))
            if truth is not None:
                files += _check(args, job, result, truth)
            return SavedFiles(tuple(map(str, files)))

        last = Session(cache, save).run(wish(job), follower(args, job), control)
        if isinstance(last, Finished):
            done.add(job, wish(job), export)
        return last

    def is_done(job: ImageJob) -> bool:
        return truth is None and done.holds(job, wish(job), export)

    with ctrl_c(control):
        return run_batch(
            args, jobs, lambda job: done.placed(job, wish(job), export), is_done, run_one
        )


def _truth(args: argparse.Namespace, jobs: tuple[ImageJob, ...]) -> Floats | None:
    if args.truth is None:
        if args.figure:
            raise InputError("--figure draws errors, which nobody knows here.", "Add --truth FILE.")
        return None
    if args.figure:
        require_matplotlib()
    if len(jobs) != 1:
        raise InputError(f"{args.truth} belongs to one image, not to {len(jobs)}.", "Name it.")
    return read_truth(args.truth, args.truth_kind)


def _request(args: argparse.Namespace) -> DepthRequest:
    return DepthRequest(
        model=args.model,
        autoencoder=args.autoencoder,
        ensemble_size=args.members,
        steps=args.steps,
        solver=args.solver,
        attention=args.attention,
        flip_augmentation=args.flip_augmentation,
        processing_resolution=args.processing_resolution,
        tile=args.tile,
        seed=args.seed,
        noise_file=args.noise,
        compute=compute_from(args),
    )


def _check(args: argparse.Namespace, job: ImageJob, found: DepthMap, truth: Floats) -> list[Path]:
    """Print how good a result and its spread are; the figure that shows it, if wanted."""
    check = check_depth(found, truth)
    figures = table(check)
    if args.json:
        print_json({"event": "check", **dict(figures)})
    else:
        print("\n".join(f"{name:40}{value:8.4f}" for name, value in figures))
    if not args.figure:
        return []
    path = job.folder / f"{job.stem}-reliability.{args.figure}"
    write_figure(path, check, f"{job.source.name}: {found.model}, {args.members} members")
    return [path]
