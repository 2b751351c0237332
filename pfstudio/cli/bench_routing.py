"""`pfstudio bench routing`: whether calls that skip tokens are as much faster as they should be."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from pfstudio.cli.console import print_json
from pfstudio.core.errors import InputError

if TYPE_CHECKING:
    from pfstudio.core.routes import Route
    from pfstudio.engine.bench_routing import RoutedCall


def add_flags(verb: argparse.ArgumentParser) -> None:
    """What is measured."""
    verb.add_argument("--threads", type=int, default=1, help="of both (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Measure a network of the published size with random weights, and TREAD's route."""
    from pfstudio.core.routes import Route
    from pfstudio.engine.bench_routing import bench_routing
    from pfstudio.engine.bench_sampling import random_network
    from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer

    if args.threads < 1:
        raise InputError("Threads must be 1 or more.")
    network = random_network("patch-forcing", PatchForcingConfig())
    assert isinstance(network, PatchForcingTransformer)
    route = Route(3, 9)
    calls = bench_routing(network, route, threads=args.threads, runs=args.repeats)
    if args.json:
        for call in calls:
            print_json({"routing": asdict(call)})
    else:
        print("\n".join(routing_lines(calls, route)))
    return 0


def routing_lines(calls: tuple[RoutedCall, ...], route: Route) -> list[str]:
    """What was found, as a table."""
    lines = [
        f"PFT-B size, random weights, float32, 1 image; patches skip blocks {route.start} to "
        f"{route.end} of 12",
        f"{'share':>6}{'GFLOP':>9}{'of dense':>10}{'ms a call':>11}{'of dense':>10}  "
        f"{'spread':13}{'off by':>8}",
    ]
    for call in calls:
        spread = f"{call.time_ratio_low:.2f} - {call.time_ratio_high:.2f}"
        lines.append(
            f"{call.share:6.0%}{call.gflop:9.1f}{call.flop_ratio:10.2f}{call.seconds * 1e3:11.1f}"
            f"{call.time_ratio:10.2f}  {spread:13}{call.off:+8.0%}"
        )
    return lines
