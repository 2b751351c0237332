"""`pfstudio evaluate --sweep`: guidance rules, samplers and settings side by side."""

from __future__ import annotations

import argparse
import functools
import time
from typing import TYPE_CHECKING

from pfstudio.cli.console import ProgressBar, print_json
from pfstudio.core.files import check_writable
from pfstudio.core.parameters import settings_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pfstudio.engine.model import Model
    from pfstudio.train.evaluation_data import EvaluationData
    from pfstudio.train.sample_quality import SampleQuality
    from pfstudio.train.sweep import SweepRow, SweepRun

STEPS = 40  # network calls of a generator


def run_sweep_evaluation(args: argparse.Namespace, model: Model, data: EvaluationData) -> int:
    """Measure; errors are raised as PfstudioError."""
    from pfstudio.engine.generate import check_sampler
    from pfstudio.engine.model import load
    from pfstudio.train.sample_quality import (
        SamplingSettings,
        conditions_of,
        held_out,
        measure_samples,
        real_pictures,
    )
    from pfstudio.train.sweep import SweepSubject, read_sweep, run_sweep, runs_of

    @functools.cache
    def weak(name: str) -> Model | None:
        return load(name, args.device, args.precision) if name else None

    runs = runs_of(read_sweep(args.sweep), model, args.steps or STEPS)
    asked = conditions_of(data, held_out(data).labels[:1])
    for run in runs:  # what a rule needs and the model lacks is told before hours have passed
        check_sampler(model, run.sampler)
        model.field(asked, run.rule, weak=weak(run.rule.weak_model))
    check_writable(args.out)
    bar, begun, number = ProgressBar(), time.monotonic(), 0

    def progress(what: str, done: int, total: int) -> None:
        bar.show(what, done, total, (time.monotonic() - begun) / max(1, done) * (total - done))

    def measure(run: SweepRun) -> SampleQuality:
        nonlocal begun, number
        begun, number = time.monotonic(), 1 + runs.index(run)

        def sampled(what: str, done: int, total: int) -> None:
            progress(f"{what} of run {number} of {len(runs)}", done, total)

        chosen = SamplingSettings(
            run.sampler, run.rule, args.samples, args.seed, weak(run.rule.weak_model)
        )
        return measure_samples(model, data, real, chosen, sampled)

    try:
        real = real_pictures(model, data, args.samples, args.seed, progress)
        subject = SweepSubject(
            model.name, model.card.sha256, args.data.name, len(real.labels), args.seed
        )
        rows = run_sweep(runs, subject, args.out, measure)
    finally:
        bar.clear()
    if args.json:
        print_json({"event": "finished", "folder": str(args.out), "runs": len(rows)})
    else:
        print(_table(rows))
    return 0


def _table(rows: Sequence[SweepRow]) -> str:
    """The best first."""
    ordered = sorted(rows, key=lambda row: row.quality.fd_mobilenet)
    best = ordered[0].quality
    lines = [
        f"{'FD':>8} {'precision':>10} {'recall':>7} {'GFLOP':>8} {'s':>6} {'calls':>6}  "
        "guidance; sampler",
        f"{best.fd_mobilenet_floor:8.2f} {best.precision_floor:10.3f} {best.recall_floor:7.3f}"
        f"{'':24}real against real, N = {best.samples}",
    ]
    for row in ordered:
        q = row.quality
        lines.append(
            f"{q.fd_mobilenet:8.2f} {q.precision:10.3f} {q.recall:7.3f} {q.gflop:8.2f} "
            f"{q.seconds:6.2f} {row.run.sampler.nfe:6}  {row.run.rule.words}; "
            f"{settings_words(row.run.sampler)}"
        )
    return "\n".join(lines)
