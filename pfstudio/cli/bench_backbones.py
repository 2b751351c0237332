"""`pfstudio bench backbones`: a network call's time and memory against the number of tokens, and
where a zigzag Mamba network becomes faster than a transformer."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.cli.console import print_json
from pfstudio.core.errors import InputError
from pfstudio.core.files import check_writable, write_text

if TYPE_CHECKING:
    from pfstudio.engine.bench_backbones import BackboneCost

_COLOURS = ("#e07b39", "#4c78a8")


def add_flags(verb: argparse.ArgumentParser) -> None:
    """The flags beside those of every bench."""
    verb.add_argument(
        "--tokens", type=int, nargs="+", default=[256, 1024, 4096, 16384], metavar="N",
        help="numbers of tokens, squares of whole numbers (256 1024 4096 16384)",
    )  # fmt: skip
    verb.add_argument("--width", type=int, default=256, help="of both networks (%(default)s)")
    verb.add_argument("--threads", type=int, default=1, help="of every call (%(default)s)")
    verb.add_argument("--svg", type=Path, metavar="FILE", help="draw the times into this file")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    tokens = sorted(set(args.tokens))
    if len(tokens) < 2 or any(n < 1 or math.isqrt(n) ** 2 != n for n in tokens):
        raise InputError(
            "The numbers of tokens must be two or more squares of whole numbers.",
            "For example: --tokens 256 1024 4096.",
        )
    if args.width < 64 or args.width % 64:
        raise InputError(f"The width {args.width} is no multiple of 64.", "For example: 256.")
    if args.threads < 1:
        raise InputError("Threads must be 1 or more.")
    if args.svg is not None:
        check_writable(args.svg.absolute().parent)
    from pfstudio.engine.bench_backbones import bench_backbones, crossing

    def say(line: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line}\x1b[K")
            sys.stderr.flush()

    results = bench_backbones(tokens, args.width, args.repeats, args.threads, say)
    say("")
    mamba, transformer = results
    where = crossing(tokens, mamba.seconds, transformer.seconds)
    if args.svg is not None:
        write_text(args.svg, chart(tokens, results, where))
    if args.json:
        print_json({"tokens": tokens, "crossing": where, "backbones": [asdict(r) for r in results]})
        return 0
    print(f"Seconds of one call, width {args.width}, random weights, median of {args.repeats} runs")
    names = f"{'tokens':>8}" + "".join(f"{r.name:>16}" for r in results) + f"{'ratio':>8}"
    print(names)
    for place, count in enumerate(tokens):
        a, b = mamba.seconds[place], transformer.seconds[place]
        print(f"{count:8,}{a:16.4f}{b:16.4f}{b / a:7.2f}x")
    print(f"MiB that its tensors hold at most, beside the weights\n{names}")
    for place, count in enumerate(tokens):
        a, b = mamba.memory[place] / 2**20, transformer.memory[place] / 2**20
        print(f"{count:8,}{a:16.1f}{b:16.1f}{b / a:7.2f}x")
    grows = ", ".join(f"{r.name} tokens^{r.growth(tokens):.2f}" for r in results)
    print(f"Growth between the last two: {grows}")
    print(f"Parameters in layers: {', '.join(f'{r.name} {r.parameters:,}' for r in results)}")
    if where is None:
        faster = min(results, key=lambda r: r.seconds[-1]).name
        print(f"No crossing between {tokens[0]:,} and {tokens[-1]:,} tokens: {faster} is faster.")
    else:
        print(f"The zigzag Mamba network is faster from about {where:,.0f} tokens on.")
    return 0


def chart(tokens: Sequence[int], results: Sequence[BackboneCost], where: float | None) -> str:
    """The times over the tokens as SVG, both on logarithmic scales."""
    every = [s for r in results for s in r.seconds]
    low, high = math.log(min(every)), math.log(max(every))
    first, last = math.log(tokens[0]), math.log(tokens[-1])

    def x(count: float) -> float:
        return 70 + 480 * (math.log(count) - first) / (last - first)

    def y(seconds: float) -> float:
        return 320 - 270 * (math.log(seconds) - low) / max(high - low, 1e-9)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="380" '
        'font-family="sans-serif" font-size="13"><rect width="600" height="380" fill="white"/>',
        '<text x="310" y="370" text-anchor="middle">tokens</text>',
        '<text x="70" y="25">seconds of one call</text>',
    ]
    for count in tokens:
        parts.append(f'<path d="M{x(count):.1f} 40V325" stroke="#ddd"/>')
        parts.append(f'<text x="{x(count):.1f}" y="345" text-anchor="middle">{count:,}</text>')
    for seconds in (min(every), max(every)):
        parts.append(f'<text x="62" y="{y(seconds):.1f}" text-anchor="end">{seconds:.3g}</text>')
    if where is not None:
        parts.append(f'<path d="M{x(where):.1f} 40V325" stroke="#888" stroke-dasharray="4"/>')
        parts.append(f'<text x="{x(where) + 5:.1f}" y="55" fill="#555">{where:,.0f} tokens</text>')
    for place, (result, colour) in enumerate(zip(results, _COLOURS, strict=True)):
        pairs = zip(tokens, result.seconds, strict=True)
        line = " ".join(f"{x(n):.1f},{y(s):.1f}" for n, s in pairs)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="85" y="{60 + 18 * place}" fill="{colour}">{result.name}</text>')
    return "\n".join([*parts, "</svg>", ""])
