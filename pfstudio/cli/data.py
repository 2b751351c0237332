"""`pfstudio data`: build the data sets that the recipes use."""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pfstudio.cli.console import ProgressBar, print_json
from pfstudio.core.errors import InputError
from pfstudio.core.files import check_writable

FURNITURE = Path("/usr/share/sweethome3d/furniture")  # where Debian's package puts it


def add_parser(subparsers: Any) -> None:
    """Add the verb and its own verbs."""
    parser = subparsers.add_parser("data", help="build the data sets that the recipes use")
    verbs = parser.add_subparsers(dest="data_verb", required=True, metavar="VERB")
    text = "the nine-style emoji set, from packages of npm (the extra `train`)"
    emoji = verbs.add_parser("emoji", help=text, description=text)
    emoji.add_argument("--out", type=Path, required=True, metavar="DIR", help="where packs go")
    emoji.add_argument("--size", type=int, default=64, help="pixels each side (64)")
    emoji.add_argument(
        "--min-styles", type=int, default=7, help="styles that a concept needs to be a class (7)"
    )
    emoji.add_argument(
        "--packages", type=Path, help="unpacked npm packages (default: DIR/packages, fetched)"
    )
    text = "rooms or still lifes with their depth, drawn by Blender (the extra `render`)"
    depth = verbs.add_parser("depth", help=text, description=text)
    depth.add_argument("--out", type=Path, required=True, metavar="DIR", help="where packs go")
    depth.add_argument("--count", type=int, required=True, metavar="N", help="pictures")
    depth.add_argument(
        "--subject", default="rooms", choices=("rooms", "still-lifes"),
        help="what they show (%(default)s)",
    )  # fmt: skip
    depth.add_argument("--pixels", type=int, default=256, help="of a side (%(default)s)")
    depth.add_argument("--seed", type=int, default=0, help="of the rooms (%(default)s)")
    depth.add_argument(
        "--furniture", type=Path, default=FURNITURE, metavar="DIR",
        help="folder of Sweet Home 3D's libraries (%(default)s)",
    )  # fmt: skip
    depth.add_argument("--samples", type=int, default=8, help="paths a pixel (%(default)s)")
    depth.add_argument("--threads", type=int, default=0, help="0: all")
    for verb in (emoji, depth):
        verb.add_argument("--json", action="store_true", help="print one JSON object per line")


def run(args: argparse.Namespace) -> int:
    """Make a set and pack it; errors are raised as PfstudioError."""
    return _depth(args) if args.data_verb == "depth" else _emoji(args)


def _emoji(args: argparse.Namespace) -> int:
    """Fetch, rasterise, pack."""
    from pfstudio.train.emoji import STYLES, build_emoji_pack, fetch_packages

    if not 8 <= args.size <= 1024:
        raise InputError(f"A size of {args.size} is not possible.", "Give 8 to 1024 pixels.")
    if not 2 <= args.min_styles <= len(STYLES):
        raise InputError(
            f"{args.min_styles} styles of a class are not possible.", f"Give 2 to {len(STYLES)}."
        )
    check_writable(args.out)
    packages = args.packages or args.out / "packages"
    if not args.json:
        print("Fetching the packages from npm (about 46 MB, once).", flush=True)
    fetch_packages(packages)
    with _progress() as progress:
        pack, labels = build_emoji_pack(
            packages,
            args.out,
            size=args.size,
            min_styles=args.min_styles,
            workers=os.cpu_count() or 1,
            progress=progress,
        )
    return _tell(args, pack, labels)


def _depth(args: argparse.Namespace) -> int:
    """Plan, draw, pack."""
    from pfstudio.train.render import build_depth_pack
    from pfstudio.train.render_blender import Blender
    from pfstudio.train.render_plan import read_furniture

    if args.samples < 1 or args.threads < 0 or args.seed < 0:
        raise InputError("Samples must be 1 or more, threads and seed 0 or more.")
    check_writable(args.out)
    furniture = read_furniture(args.furniture)
    with tempfile.TemporaryDirectory() as folder, _progress() as progress:
        pack, labels = build_depth_pack(
            furniture,
            args.out,
            count=args.count,
            draw=Blender(Path(folder), args.samples, args.threads),
            pixels=args.pixels,
            seed=args.seed,
            samples=args.samples,
            subject=args.subject,
            progress=progress,
        )
    return _tell(args, pack, labels)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar of pictures, gone at the end."""
    bar = ProgressBar()
    begun = time.monotonic()

    def progress(done: int, total: int) -> None:
        spent = time.monotonic() - begun
        bar.show("pictures", done, total, spent / max(done, 1) * (total - done))

    try:
        yield progress
    finally:
        bar.clear()


def _tell(args: argparse.Namespace, pack: Path, labels: Path) -> int:
    if args.json:
        print_json({"event": "finished", "pack": str(pack), "labels": str(labels)})
    else:
        print(f"{pack}\n{labels}")
    return 0
