"""`pfstudio bench`: how fast this machine is, measured in a way that can be trusted."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pfstudio.cli import bench_backbones, bench_routing, bench_upscale
from pfstudio.cli.console import print_json
from pfstudio.core.errors import InputError
from pfstudio.core.models import installed_models

if TYPE_CHECKING:
    from pfstudio.engine.bench_depth import DepthBench
    from pfstudio.engine.bench_sampling import MachineState, ModelResult

# name -> (module with `run(args) -> int`, what it measures)
BENCHES = {
    "sampling": ("pfstudio.cli.bench", "network calls: the published way against our own"),
    "depth": ("pfstudio.cli.bench", "depth: one member after the other against our own run"),
    "upscale": (
        "pfstudio.cli.bench_upscale",
        "upscaling: uniform against per-patch timesteps",
    ),
    "backbones": (
        "pfstudio.cli.bench_backbones",
        "a network call against the number of tokens: zigzag Mamba and a transformer",
    ),
    "start": ("pfstudio.drivers.start_time", "from double click to the painted window"),
    "routing": (
        "pfstudio.cli.bench_routing",
        "calls that skip tokens: whether the time follows the operations",
    ),
    "ui": ("pfstudio.drivers.bench", "the window: start, live views, stopping"),
    "soak": ("pfstudio.drivers.soak", "the window: what 1,000 runs leave behind"),
}
PFT_B = "pft-b"  # the published size with random weights


def add_parser(subparsers: Any) -> None:
    """Add the verb and its own verbs."""
    parser = subparsers.add_parser("bench", help="measure speed on this machine")
    verbs = parser.add_subparsers(dest="bench", required=True, metavar="WHAT")
    for name, (_, text) in BENCHES.items():
        verb = verbs.add_parser(name, help=text, description=text)
        if name != "soak":
            counted = "starts" if name in ("ui", "start") else "runs"
            verb.add_argument(
                "--repeats", type=int, default=5, help=f"{counted} that count (%(default)s)"
            )
        verb.add_argument("--json", action="store_true", help="print one JSON object per line")
        if name == "sampling":
            _add_sampling_flags(verb)
        elif name == "depth":
            _add_depth_flags(verb)
        elif name == "upscale":
            bench_upscale.add_flags(verb)
        elif name == "backbones":
            bench_backbones.add_flags(verb)
        elif name == "start":
            verb.add_argument("--cold", action="store_true", help="with files read from the disk")
            verb.add_argument("--until-painted", type=float, help=argparse.SUPPRESS)
        elif name == "routing":
            bench_routing.add_flags(verb)


def _add_sampling_flags(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--model", action="append", default=[], metavar="NAME",
        help=f"installed model or path, or {PFT_B}: the published size with random weights; "
        f"without it {PFT_B} and the first installed generator",
    )  # fmt: skip
    verb.add_argument("--threads", type=int, default=1, help="of every way (%(default)s)")
    verb.add_argument("--nfe", type=int, default=16, help="network evaluations a run (%(default)s)")


def _add_depth_flags(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--model", default="", help="name of a depth model, or a path")
    verb.add_argument("--autoencoder", default="", help="another than the model's own")
    verb.add_argument("--members", type=int, default=4, help="of the ensemble (%(default)s)")
    verb.add_argument("--steps", type=int, default=2, help="of Euler's solver (%(default)s)")
    verb.add_argument("--pixels", type=int, default=0, help="of a side; 0: the model's own")
    verb.add_argument("--threads", type=int, default=1, help="of both ways (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Do what the parsed arguments say; errors are raised as PfstudioError."""
    if args.bench != "soak" and args.repeats < 1:
        raise InputError(f"{args.repeats} runs cannot be measured.", "Use 1 or more.")
    if args.bench == "sampling":
        return _sampling(args)
    if args.bench == "depth":
        return _depth(args)
    module = BENCHES[args.bench][0]
    if importlib.util.find_spec(module) is None:
        raise InputError(f"This build has no bench {args.bench!r}.", "Use: pfstudio bench sampling")
    code: int = importlib.import_module(module).run(args)
    return code


def _sampling(args: argparse.Namespace) -> int:
    from pfstudio.engine.bench_sampling import bench_model, machine_state

    if args.threads < 1 or args.nfe < 1:
        raise InputError("Threads and NFE must be 1 or more.")
    state = machine_state(args.threads)
    if args.json:
        print_json({"machine": asdict(state)})
    else:
        print("\n".join(machine_lines(state)))
    for name in args.model or _default_models():
        network = _network(name)
        title = "PFT-B size, random weights" if name == PFT_B else name
        result = bench_model(
            title, network, threads=args.threads, nfe=args.nfe, runs=args.repeats, say=_say
        )
        _say("")
        if args.json:
            print_json({"model": asdict(result)})
        else:
            print("\n".join(model_lines(result, args.threads)))
    return 0


def _depth(args: argparse.Namespace) -> int:
    from pfstudio.engine.bench_depth import bench_depth, precisions
    from pfstudio.engine.bench_sampling import machine_state

    if args.threads < 1:
        raise InputError("Threads must be 1 or more.")
    state = machine_state(args.threads)
    if args.json:
        print_json({"machine": asdict(state)})
    else:
        print("\n".join(machine_lines(state)))
    for precision in precisions():
        result = bench_depth(
            args.model, args.autoencoder, precision=precision, threads=args.threads,
            ensemble_size=args.members, steps=args.steps, pixels=args.pixels,
            runs=args.repeats, say=_say,
        )  # fmt: skip
        _say("")
        if args.json:
            print_json({"depth": asdict(result)})
        else:
            print("\n".join(depth_lines(result)))
    return 0


def _default_models() -> list[str]:
    shipped = [model.name for model in installed_models("generate")]
    return [PFT_B, *shipped[:1]]


def _network(name: str) -> Any:
    """A float32 network, by name."""
    from pfstudio.engine.bench_sampling import random_network
    from pfstudio.nn.patch_forcing import PatchForcingConfig
    from pfstudio.weights.load import load_network

    if name == PFT_B:
        return random_network("patch-forcing", PatchForcingConfig())
    return load_network(name).network


def _say(line: str) -> None:
    """What is being done, on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{line}\x1b[K")
        sys.stderr.flush()


def machine_lines(state: MachineState) -> list[str]:
    """The machine in words."""
    lines = [
        f"{state.cpu}, {state.cores} cores, {' '.join(state.flags)}",
        f"torch {state.torch}, Python {state.python}, {state.threads} thread"
        + ("" if state.threads == 1 else "s")
        + f", load average {state.load:.2f}",
    ]
    if state.load > 0.75 * state.cores:
        lines.append(
            "Other programs keep this machine busy: ratios hold roughly, absolute figures do not."
        )
    return lines


def model_lines(result: ModelResult, threads: int) -> list[str]:
    """A model's figures as a table."""
    clock = "time that its thread computed" if threads == 1 else "time on the wall"
    peaks = ", ".join(f"{name} {peak:.0f} GFLOP/s" for name, peak in result.peaks)
    lines = [
        "",
        f"{result.name}: {result.sizes}",
        f"1 image, {result.sampler}, {result.nfe} NFE, {result.tokens} tokens computed; "
        f"median of {result.runs} runs, {clock}",
        f"peak of its matrix products, measured now: {peaks}",
        f"{'':22}{'ms a call':>10}{'faster':>8}  {'spread':13}{'of peak':>8}{'error':>10}",
    ]
    for way in result.ways:
        spread = f"{way.ratio_low:.2f} - {way.ratio_high:.2f}"
        lines.append(
            f"{way.name:22}{way.seconds * 1e3:10.1f}{way.ratio:7.2f}x  {spread:13}"
            f"{way.peak_share:8.0%}{way.error:10.1e}"
        )
    lines += [f"{way.name}: {way.how}" for way in result.ways]
    return lines


def depth_lines(result: DepthBench) -> list[str]:
    """What `bench_depth` found, as a table."""
    return [
        "",
        f"{result.model}: {result.precision}, {result.pixels} x {result.pixels} pixels, "
        f"{result.ensemble_size} members, {result.steps} steps; median of {result.runs} pairs",
        f"{'':36}{'s of processor':>15}{'s':>8}",
        f"{'published flow, member by member':36}{result.published_cpu:15.3f}"
        f"{result.published_wall:8.3f}",
        f"{'encoded once, members as a batch':36}{result.own_cpu:15.3f}{result.own_wall:8.3f}",
        f"faster by processor time {result.cpu_ratio:.2f}x ({result.cpu_ratio_low:.2f} - "
        f"{result.cpu_ratio_high:.2f}), on the wall {result.wall_ratio:.2f}x; "
        f"largest difference of log-depth {result.difference:.1e}",
    ]
