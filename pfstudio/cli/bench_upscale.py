"""`pfstudio bench upscale`: what a clock per patch saves, on a picture of one's own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pfstudio.cli.console import print_json
from pfstudio.core.image_io import read_picture


def add_flags(verb: argparse.ArgumentParser) -> None:
    """The flags beside those of every bench."""
    verb.add_argument("--image", type=Path, required=True, metavar="FILE", help="a sharp image")
    verb.add_argument("--model", default="", help="name of an upsampler, or a path")
    verb.add_argument("--steps", type=int, default=4, help="of the hard patches (%(default)s)")
    verb.add_argument("--threads", type=int, default=1, help="of every way (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from pfstudio.engine.bench_upscale import bench_upscale
    from pfstudio.engine.upscale_model import load_upsampler

    picture = read_picture(args.image)
    model = load_upsampler(args.model, device="cpu", threads=args.threads)

    def say(line: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line}\x1b[K")
            sys.stderr.flush()

    ways = bench_upscale(model, picture, args.steps, args.repeats, say)
    say("")
    if args.json:
        for way in ways:
            print_json(way)
        return 0
    height, width = picture.shape[:2]
    print(
        f"{model.name}, {model.precision}, {args.threads} threads: {args.image.name} shrunk to "
        f"{width // 2} x {height // 2} and upscaled, median of {args.repeats} runs"
    )
    print(f"{'':24}{'evaluations':>12}{'cpu s':>8}{'wall s':>8}{'faster':>8}{'PSNR':>8}")
    for way in ways:
        print(
            f"{way.name:24}{way.evaluations:12.0%}{way.cpu:8.2f}{way.wall:8.2f}"
            f"{way.faster:7.2f}x{way.psnr:8.2f}"
        )
    return 0
