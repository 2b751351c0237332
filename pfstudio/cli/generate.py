"""`pfstudio generate`: a request from flags, its events on the terminal, files at the end."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors.numpy

from pfstudio.cli.console import INTERRUPTED, ProgressBar, ctrl_c, duration, event_json, say_error
from pfstudio.cli.settings_flags import add_flags, given_flags, settings_from
from pfstudio.cli.shared_flags import add_compute_flags, add_image_flags, compute_from
from pfstudio.cli.upscale_flags import add_upscale_flags, given_upscale_flags, upscale_from
from pfstudio.core.application import TRACE_SUFFIX
from pfstudio.core.arrays import read_npy
from pfstudio.core.class_names import conditions_from_words
from pfstudio.core.conditions import condition_name
from pfstudio.core.contact_sheet import contact_sheet
from pfstudio.core.documents import read_text
from pfstudio.core.errors import InputError, PfstudioError, RunError
from pfstudio.core.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Loading,
    Progress,
    Started,
)
from pfstudio.core.files import check_writable, numbered, replacing, write_fresh
from pfstudio.core.generation import Generated
from pfstudio.core.guidance import GUIDANCES, Guidance
from pfstudio.core.metadata import picture_format, save_picture
from pfstudio.core.paint import Paint, paint_from_code
from pfstudio.core.paths import pictures_folder
from pfstudio.core.prompts import read_prompts
from pfstudio.core.requests import Branch, Compute, GenerateRequest
from pfstudio.core.results import free_stem, result_stem, save_pictures, save_result
from pfstudio.core.samplers import SAMPLERS, DualLoop, Euler, Sampler
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import write_trace
from pfstudio.core.upscale import FACTORS, Upscale, UpscaleStep
from pfstudio.core.video import VIDEO_SUFFIXES, write_video
from pfstudio.core.video_frames import frames_of

if TYPE_CHECKING:
    from pfstudio.engine.model import Model

_VIDEO_FPS = 12.0
_SHEET_COLUMNS = 4
_SAMPLER_HELP = "default: dual-loop where the model predicts difficulty, else euler"
_GUIDANCE_HELP = "default: cfg where the model can be led away from something, else none"


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("generate", help="make images", allow_abbrev=False)
    what = parser.add_argument_group("what")
    what.add_argument(
        "--model", default="", help="name of a model, or a path; else one that takes what is given"
    )
    what.add_argument(
        "--class", dest="classes", action="append", default=[], metavar="CLASS",
        help="class by number or name; give it again for more images",
    )  # fmt: skip
    what.add_argument(
        "--prompt", dest="prompts", action="append", default=[], metavar="TEXT",
        help="for models that take text; give it again for more images",
    )  # fmt: skip
    what.add_argument(
        "--prompt-file", type=Path, metavar="FILE", help="a text file with a prompt in each line"
    )
    what.add_argument(
        "--negative", default="", metavar="TEXT", help="what guidance leads away from"
    )
    what.add_argument("--seed", type=int, default=0, help="seed of the first image (0)")
    what.add_argument("--count", type=int, default=1, help="images per class or prompt (1)")
    what.add_argument("--height", type=int, default=0, help="pixels; the model's own if not given")
    what.add_argument("--width", type=int, default=0, help="pixels; the model's own if not given")
    how = parser.add_argument_group("how")
    how.add_argument("--sampler", choices=tuple(SAMPLERS), help=_SAMPLER_HELP)
    how.add_argument("--guidance", choices=tuple(GUIDANCES), help=_GUIDANCE_HELP)
    how.add_argument("--nfe", type=int, help="spend about this many network calls")
    add_compute_flags(how, "0: measured and chosen")
    add_flags(parser, "sampler (default of each in brackets)", SAMPLERS)
    add_flags(parser, "guidance", GUIDANCES)
    how.add_argument(
        "--grid", type=_numbers, default=(), metavar="T,T,...",
        help="own times of euler, from 0 to 1, one more than there are steps",
    )  # fmt: skip
    how.add_argument(
        "--scan", default="",
        help="other paths for a zigzag Mamba: a name such as spiralN8, or the numbers of all "
        "patches in order, such as 1-4,8-5,9-12",
    )  # fmt: skip
    start = parser.add_argument_group("start")
    start.add_argument(
        "--masks-file", default="", metavar="TRACE",
        help="trace of a run with sparse guidance whose masks are used again",
    )  # fmt: skip
    start.add_argument("--noise", default="", metavar="FILE", help="safetensors with `noise`")
    start.add_argument("--image", default="", metavar="FILE", help="image to start from")
    start.add_argument("--start-time", type=float, default=0.0, help="share of it kept, 0 to 1")
    painted = start.add_mutually_exclusive_group()
    painted.add_argument(
        "--paint", type=Path, metavar="FILE",
        help="0 free, 1 fast, 2 slow, 3 frozen per patch: .npy, or a text grid of digits",
    )  # fmt: skip
    painted.add_argument(
        "--paint-code", default="", metavar="CODE",
        help="the same as one word in reading order, such as 34x0,5x1,25x0",
    )  # fmt: skip
    start.add_argument("--branch", default="", metavar="TRACE", help="go on from a recorded run")
    start.add_argument("--at", type=int, metavar="CALL", help="from before this call, 1 first")
    larger = parser.add_argument_group("straight to high resolution")
    larger.add_argument(
        "--upscale", type=int, choices=FACTORS, help="upscale to so many times the side"
    )
    add_upscale_flags(larger, "upscale-")
    _add_output_flags(parser)


def _add_output_flags(parser: argparse.ArgumentParser) -> None:
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for the images (default: the results folder)",
    )
    add_image_flags(output)
    output.add_argument("--trace", type=Path, metavar="FILE", help="write the trace")
    output.add_argument(
        "--word-maps", action="store_true",
        help="record in the trace which words of the prompt each patch attends to",
    )  # fmt: skip
    output.add_argument(
        "--scan-maps", action="store_true",
        help="record in the trace what the scans of a zigzag Mamba do to each patch",
    )  # fmt: skip
    output.add_argument(
        "--video", type=Path, metavar="FILE", help="video of the first: .mp4, .gif, .png"
    )
    output.add_argument(
        "--sheet", type=Path, metavar="FILE", help="contact sheet of all: .png, .webp, .jpg"
    )
    output.add_argument(
        "--latents", type=Path, metavar="FILE", help="write the latents; decodes only with --out"
    )
    output.add_argument(
        "--overwrite", action="store_true", help="replace named files that exist already"
    )
    output.add_argument("--json", action="store_true", help="print events, one JSON per line")


def run(args: argparse.Namespace) -> int:
    """Make the pictures; 0 done, 1 failed, 130 interrupted.

    Raises:
        InputError: an argument that cannot be used (exit code 2).
    """
    sampler = _sampler(args)
    if args.upscale is None and (given := given_upscale_flags(args)):
        flag = f"--upscale-{next(iter(given)).replace('_', '-')}"
        raise InputError(f"{flag} needs --upscale.", "Give --upscale 2 or --upscale 4.")
    _check_outputs(args)
    _tell(args, Loading(0, f"Loading {Path(args.model).name or 'the model'}"))
    from pfstudio.engine.control import Control
    from pfstudio.engine.model_cache import generator
    from pfstudio.engine.session import SavedFiles, Session

    def save(result: Generated, request: object, models: object) -> SavedFiles:
        return SavedFiles(
            _write(args, model, result) if result.whole else _write_partial(args, result)
        )

    compute = compute_from(args)
    session, control, bar = Session(save=save), Control(), ProgressBar()
    model = session.cache.get(generator(args.model, compute, _condition(args)))
    request = _request(args, sampler, model, compute)

    def show(event: Event) -> None:
        if isinstance(event, Progress) and not args.json:
            what = "upscaling" if isinstance(event.detail, UpscaleStep) else "call"
            bar.show(what, event.call + 1, event.nfe, event.eta)
            return
        bar.clear()
        _tell(args, event)

    shown = (args.out, args.video, args.sheet)
    decode = args.latents is None or any(place is not None for place in shown)
    with ctrl_c(control):
        last = session.run(request, show, control, decode=decode)
    if isinstance(last, Failed):
        if not args.json:
            say_error(PfstudioError(last.message, last.advice))
        return last.exit_code
    return INTERRUPTED if isinstance(last, Cancelled) else 0


def _condition(args: argparse.Namespace) -> str:
    """What kind of condition the flags give, as on a card; "": they give none."""
    if args.prompts or args.prompt_file or args.negative:
        return "text"
    return "class" if args.classes else ""


def _sampler(args: argparse.Namespace) -> Sampler:
    """The sampler that the flags say, dual-loop where none is named."""
    kind = SAMPLERS[args.sampler or DualLoop.name]
    if args.grid:
        if kind is not Euler:
            raise InputError(f"{kind.name} has no --grid.", "Add --sampler euler.")
        if args.nfe is not None:
            raise InputError("--grid says the steps.", "Leave --nfe out.")
    own = {"steps": len(args.grid) - 1, "grid": args.grid} if args.grid else None
    sampler: Sampler = settings_from(args, kind, SAMPLERS, own)
    if args.nfe is None:
        return sampler
    if args.nfe < 1:
        raise InputError(f"--nfe is {args.nfe}, but must be at least 1.")
    if given_flags(args, SAMPLERS).keys() & {"steps", "max_nfe"}:
        raise InputError("--nfe chooses the steps by itself.", "Leave one of them out.")
    return sampler.for_nfe(args.nfe)


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split(",")))


def _guidance(args: argparse.Namespace, model: Model) -> Guidance:
    """The rule that the flags say; the model's own best where none is named."""
    from pfstudio.engine.defaults import best_guidance, own_settings

    kind = GUIDANCES[args.guidance] if args.guidance else best_guidance(model)
    rule: Guidance = settings_from(args, kind, GUIDANCES, own_settings(model, kind))
    return rule


def _request(
    args: argparse.Namespace, sampler: Sampler, model: Model, compute: Compute
) -> GenerateRequest:
    from pfstudio.engine.defaults import best_sampler

    if not args.sampler and not isinstance(sampler, best := best_sampler(model)):
        sampler = _sampler(argparse.Namespace(**{**vars(args), "sampler": best.name}))
    prompts = [*args.prompts, *(read_prompts(args.prompt_file) if args.prompt_file else ())]
    conditions = conditions_from_words(
        args.classes, prompts, args.negative, model.card, model.classes
    )
    if not args.classes and model.card.condition == "class":
        shown = ", ".join(f"{i} {name}" for i, name in enumerate(model.card.classes[:5]))
        raise InputError("No class was given.", f"Give --class with a number or name: {shown}.")
    if (args.at is None) != (not args.branch):
        raise InputError("--branch and --at belong together.", "Give both, or none.")
    return GenerateRequest(
        model=args.model or model.name,
        conditions=conditions,
        seed=args.seed,
        count=args.count,
        sampler=sampler,
        guidance=_guidance(args, model),
        height=args.height,
        width=args.width,
        noise_file=args.noise,
        masks_file=args.masks_file,
        image_file=args.image,
        start_time=args.start_time,
        paint=_paint(args),
        branch=Branch(args.branch, args.at - 1) if args.branch else None,
        upscale=_upscale(args),
        scan=args.scan,
        scan_maps=args.scan_maps,
        word_maps=args.word_maps,
        compute=compute,
    )


def _upscale(args: argparse.Namespace) -> Upscale | None:
    """How to upscale the pictures, with the name of the upsampler that will do it."""
    if args.upscale is None:
        return None
    from pfstudio.engine.upscale_model import default_upsampler

    upscale = upscale_from(args, args.upscale)
    return replace(upscale, model=upscale.model or default_upsampler())


def _paint(args: argparse.Namespace) -> tuple[int, ...]:
    if args.paint_code:
        return paint_from_code(args.paint_code)
    return read_paint(args.paint) if args.paint else ()


def read_paint(path: Path) -> tuple[int, ...]:
    """Codes of the patches, row by row, from .npy or a text grid of digits."""
    try:
        if path.suffix == ".npy":
            codes = read_npy(path).ravel()
            if codes.dtype.kind not in "iuf" or not np.isin(codes, list(Paint)).all():
                raise ValueError("no codes")
            return tuple(int(code) for code in codes)
        text = read_text(path)
        return tuple(int(digit) for digit in text if not digit.isspace() and digit != ",")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, EOFError) as error:
        raise InputError(
            f"{path} is no grid of patches.", "Give a .npy file or lines of the digits 0 to 3."
        ) from error


def _check_outputs(args: argparse.Namespace) -> None:
    """Prove before sampling that the results can be written."""
    if args.video and args.video.suffix.lower() not in VIDEO_SUFFIXES:
        raise InputError(f"{args.video} is no video.", f"Use {', '.join(VIDEO_SUFFIXES)}.")
    if args.sheet:
        picture_format(args.sheet)
    files = [file for file in (args.trace, args.video, args.sheet, args.latents) if file]
    if _wants_pictures(args):
        check_writable(args.out or pictures_folder())
    for file in files:
        if file.is_dir():
            raise InputError(f"{file} is a folder.", "Give the name of a file.")
        if file.exists() and not args.overwrite:
            raise InputError(f"{file} is there already.", "Give another name, or --overwrite.")
        check_writable(file.absolute().parent)


def _wants_pictures(args: argparse.Namespace) -> bool:
    return args.out is not None or args.latents is None


def _write(args: argparse.Namespace, model: Model, result: Generated) -> tuple[str, ...]:
    """Everything that was asked for; the paths."""
    images, trace = result.images, result.trace
    files: list[str] = []
    about: dict[str, Any] = {
        "suffix": f".{args.format}",
        "metadata": not args.no_metadata,
        "class_names": model.card.classes,
        "model_sha256": model.card.sha256,
    }
    if images is not None and args.out is not None:
        more = {**about, "execution": trace.execution}
        stem = free_stem(args.out, result_stem(trace.request), f".{args.format}", trace)
        files += map(str, save_pictures(args.out, stem, images, trace.request, **more))
    elif images is not None and _wants_pictures(args):
        files += save_result(images, trace, **about).files
    if args.latents:
        with replacing(args.latents) as temporary:
            safetensors.numpy.save_file({"latents": trace.latents}, temporary)
        files.append(str(args.latents))
    if args.trace:
        write_trace(trace, args.trace)
        files.append(str(args.trace))
    if args.video:
        files.append(_write_video(args.video, model, trace))
    if args.sheet and images is not None:
        words = [condition_name(c, model.card.classes) for c in trace.request.per_image]
        columns = max(_SHEET_COLUMNS, math.isqrt(len(images) - 1) + 1)  # no strip of many images
        save_picture(args.sheet, contact_sheet(images, words, columns))
        files.append(str(args.sheet))
    return tuple(files)


def _write_video(path: Path, model: Model, trace: Trace) -> str:
    """A video of the first picture."""
    if trace.predictions is None:
        raise RunError("This run was too large to keep what a video shows.", "Make fewer images.")
    pictures = [model.decode(latents[:1])[0] for latents in trace.predictions]
    write_video(path, frames_of(trace, pictures), _VIDEO_FPS)
    return str(path)


def _write_partial(args: argparse.Namespace, result: Generated) -> tuple[str, ...]:
    """The trace of an interrupted run: where it was asked for, else beside the pictures."""
    path, trace = args.trace, result.trace
    if path is None and args.out is None and args.latents is None:
        return save_result(None, trace).files
    if path is None:
        folder, stem = args.out or args.latents.parent, result_stem(trace.request)
        names = (free + TRACE_SUFFIX for free in numbered(stem))
        return (str(write_fresh(folder, names, partial(write_trace, trace))),)
    write_trace(trace, path)
    return (str(path),)


def _tell(args: argparse.Namespace, event: Event) -> None:
    if args.json:
        print(event_json(event), flush=True)
    elif isinstance(event, Started):
        for notice in event.notices:
            print(f"pfstudio: {notice}", file=sys.stderr)
        plural = "" if event.images == 1 else "s"
        where = f"{event.device}, {event.precision}, {event.threads} threads"
        print(f"{event.images} image{plural}, {event.nfe} calls on {where}", file=sys.stderr)
    elif isinstance(event, Finished):
        for notice in event.notices:
            print(f"pfstudio: {notice}", file=sys.stderr)
        print(f"done in {duration(event.seconds)}", file=sys.stderr)
        print(*event.files, sep="\n")
    elif isinstance(event, Cancelled):
        nfe = event.result.trace.nfe if event.result else 0
        print(f"stopped after {nfe} calls", file=sys.stderr)
        print(*event.files, sep="\n")
