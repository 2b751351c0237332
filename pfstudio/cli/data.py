"""`pfstudio data`: build the data sets that the recipes use."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from pfstudio.cli.console import ProgressBar, print_json
from pfstudio.core.errors import InputError


def add_parser(subparsers: Any) -> None:
    """Add the verb and its own verbs."""
    parser = subparsers.add_parser("data", help="build the data sets that the recipes use")
    verbs = parser.add_subparsers(dest="data_verb", required=True, metavar="VERB")
    emoji = verbs.add_parser("emoji", help="the nine-style emoji set, from npm packages")
    emoji.add_argument("--out", type=Path, required=True, metavar="DIR", help="where packs go")
    emoji.add_argument("--size", type=int, default=64, help="pixels each side (64)")
    emoji.add_argument(
        "--min-styles", type=int, default=7, help="styles that a concept needs to be a class (7)"
    )
    emoji.add_argument(
        "--packages", type=Path, help="unpacked npm packages (default: DIR/packages, fetched)"
    )
    emoji.add_argument("--json", action="store_true", help="print one JSON object per line")


def run(args: argparse.Namespace) -> int:
    """Fetch, rasterise, pack; errors are raised as PfstudioError."""
    from pfstudio.train.emoji import build_emoji_pack, fetch_packages

    if not 8 <= args.size <= 1024:
        raise InputError(f"A size of {args.size} is not possible.", "Give 8 to 1024 pixels.")
    packages = args.packages or args.out / "packages"
    if not args.json:
        print("Fetching the packages from npm (about 46 MB, once).", flush=True)
    fetch_packages(packages)
    bar = ProgressBar()
    begun = time.monotonic()

    def progress(done: int, total: int) -> None:
        bar.show("pictures", done, total, (time.monotonic() - begun) / done * (total - done))

    try:
        pack, labels = build_emoji_pack(
            packages,
            args.out,
            size=args.size,
            min_styles=args.min_styles,
            workers=os.cpu_count() or 1,
            progress=progress,
        )
    finally:
        bar.clear()
    if args.json:
        print_json({"event": "finished", "pack": str(pack), "labels": str(labels)})
    else:
        print(f"{pack}\n{labels}")
    return 0
