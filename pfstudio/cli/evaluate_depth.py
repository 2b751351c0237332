"""`pfstudio evaluate` of a depth model: accuracy beside baselines, and what its spread is worth."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.cli.console import ProgressBar, print_json
from pfstudio.cli.evaluate_shared import keep_in_card, labels_of
from pfstudio.core.depth import DepthRequest

if TYPE_CHECKING:
    from pfstudio.train.depth_evaluation import DepthEvaluation


def run_depth_evaluation(args: argparse.Namespace) -> int:
    """Measure; errors are raised as PfstudioError."""
    from pfstudio.engine.depth_model import load_depth
    from pfstudio.train.depth_evaluation import evaluate_depth, read_depth_scenes

    pack: Path = args.data.resolve()
    labels = labels_of(args)
    scenes = read_depth_scenes(pack, labels)
    request = DepthRequest(
        ensemble_size=args.members,
        steps=args.steps or DepthRequest.steps,
        solver=args.solver,
        flip_augmentation=args.flip_augmentation,
        processing_resolution=args.processing_resolution,
        seed=args.seed,
    )
    model = load_depth(args.model, device=args.device, precision=args.precision)
    regressions = [
        load_depth(name, device=args.device, precision=args.precision) for name in args.regression
    ]
    bar = ProgressBar()
    begun = time.monotonic()

    def progress(what: str, done: int, total: int) -> None:
        bar.show(what, done, total, (time.monotonic() - begun) / done * (total - done))

    try:
        result = evaluate_depth(model, scenes, request, regressions, progress)
    finally:
        bar.clear()
    if args.json:
        print_json({"event": "finished", **result.to_dict()})
    else:
        print(_table(result))
    keep_in_card(args, result.quality(f"held-out scenes of {pack.stem}" if labels else pack.name))
    return 0


def _table(result: DepthEvaluation) -> str:
    width = max(len(scene.name) for scene in result.scenes)
    lines = [
        f"{result.ensemble_size} members{', half mirrored' * result.flip_augmentation}, "
        f"{result.steps} steps ({result.solver}), longest side {result.processing_resolution} px. "
        "AbsRel / delta1 of inverse depth, each fitted by scale and shift:"
    ]
    if len(result.scenes) <= 20:
        for scene in result.scenes:
            told = "   ".join(
                f"{method} {score.abs_rel:.4f} / {score.delta1:.4f}"
                for method, score in scene.scores.items()
            )
            lines.append(f"{scene.name:{width}}   {told}   {scene.seconds:.2f} s")
    column = max(len(method) for method in result.methods)
    for method in result.methods:
        mean = result.mean(method)
        told = f"{method:{column}} {mean.abs_rel:.4f} / {mean.delta1:.4f}"
        lines.append(f"mean of {len(result.scenes)}: {told}")
    log, aligned, random = result.ause
    lines.append(
        f"AUSE {log:.4f} (spread of log-depth), {aligned:.4f} (aligned), {random:.4f} (random)"
    )
    shown = "  ".join(f"{result.risk[i]:.4f}" for i in (4, 9, 14, 19))
    lines.append(f"error of the most certain 25, 50, 75, 100 %: {shown}")
    return "\n".join(lines)
