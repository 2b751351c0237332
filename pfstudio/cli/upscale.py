"""`pfstudio upscale`: pictures and folders in, larger and sharper pictures out."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from pfstudio.cli.batch import follower, run_batch, tell_left_out
from pfstudio.cli.console import ctrl_c, event_json
from pfstudio.cli.shared_flags import add_compute_flags, add_image_flags, compute_from
from pfstudio.cli.upscale_flags import add_upscale_flags, upscale_from
from pfstudio.core.events import Final, Finished, Loading
from pfstudio.core.files import check_writable
from pfstudio.core.image_batch import ImageJob, Manifest, collect, written_here
from pfstudio.core.metadata import WRITTEN_FORMATS
from pfstudio.core.paths import pictures_folder
from pfstudio.core.upscale import FACTORS, Upscaled, UpscaleRequest
from pfstudio.core.upscale_files import result_name, write_upscaled

FOLDER = "Upscaled"  # below the user's pictures, where --out is not given
MANIFEST_FILE = "pfstudio-upscale.jsonl"  # in the folder of the results
_OURS = re.compile(rf"-[{''.join(map(str, FACTORS))}]x\.({'|'.join(WRITTEN_FORMATS)})$")


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("upscale", help="make images larger", allow_abbrev=False)
    parser.add_argument("files", nargs="+", type=Path, help="images, or folders of images")
    how = parser.add_argument_group("how")
    how.add_argument(
        "--factor", type=int, choices=FACTORS, default=FACTORS[0], help="(%(default)s)"
    )
    add_upscale_flags(how)
    how.add_argument("--autoencoder", default="", help="another than the model's own")
    how.add_argument("--noise", default="", metavar="FILE", help="safetensors with `noise`")
    add_compute_flags(how)
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for the results (default: Upscaled in the results folder)",
    )
    add_image_flags(output)
    output.add_argument("--overwrite", action="store_true", help="replace existing results")
    output.add_argument("--json", action="store_true", help="print events, one JSON per line")


def run(args: argparse.Namespace) -> int:
    """Upscale all pictures; 0 all done, 1 some failed, 130 interrupted.

    Raises:
        InputError: an argument that cannot be used (exit code 2).
    """
    compute = compute_from(args)
    upscale = upscale_from(args, args.factor)
    out: Path = args.out or pictures_folder() / FOLDER
    jobs = collect(args.files, out, lambda f: bool(_OURS.search(f.name)) and written_here(f))
    tell_left_out(args)
    check_writable(out)
    if args.json:
        print(event_json(Loading(0, f"Loading {Path(upscale.model).name or 'the model'}")))
    from pfstudio.engine.control import Control
    from pfstudio.engine.model_cache import ModelCache, upsampler
    from pfstudio.engine.session import SavedFiles, Session

    cache, control, done = ModelCache(), Control(), Manifest(out, MANIFEST_FILE)
    model = cache.get(upsampler(upscale.model, compute, args.autoencoder))
    upscale = replace(upscale, model=upscale.model or model.name)
    request = UpscaleRequest("", upscale, args.noise, compute)
    settings = f"{request.to_json()} {args.autoencoder} {args.no_metadata}"

    def run_one(job: ImageJob) -> Final:
        def save(result: Upscaled, request: object, models: object) -> SavedFiles:
            path = _path(args, job)
            done.claim(job, settings, [path])
            write_upscaled(path, result, job.source, metadata=not args.no_metadata)
            return SavedFiles((str(path),))

        wish = replace(request, image_file=str(job.source))
        last = Session(cache, save).run(wish, follower(args, job), control, models=(model,))
        if isinstance(last, Finished):
            done.add(job, settings, [_path(args, job)])
        return last

    with ctrl_c(control):
        return run_batch(
            args,
            jobs,
            lambda job: done.placed(job, settings, lambda job: [_path(args, job)]),
            lambda job: done.holds(job, settings, [_path(args, job)]),
            run_one,
        )


def _path(args: argparse.Namespace, job: ImageJob) -> Path:
    return job.folder / result_name(job.stem, args.factor, args.format)
