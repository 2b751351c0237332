"""`pfstudio evaluate --features`: what a model's features are worth, beside controls."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.cli.console import ProgressBar, print_json
from pfstudio.cli.evaluate_shared import keep_in_card, labels_of, source_of
from pfstudio.core.errors import InputError
from pfstudio.core.features import CONTEXT_TIME
from pfstudio.core.metadata import save_picture
from pfstudio.core.requests import Compute

if TYPE_CHECKING:
    from pfstudio.train.feature_evaluation import FeatureEvaluation
    from pfstudio.train.probe_evaluation import Pooled


def run_feature_evaluation(args: argparse.Namespace) -> int:
    """Measure; errors are raised as PfstudioError."""
    from pfstudio.core.features import FeaturesRequest
    from pfstudio.engine.features import load
    from pfstudio.engine.model_cache import ModelCache
    from pfstudio.train.captions import has_captions, kept_from_captions, read_captions
    from pfstudio.train.data import load_source
    from pfstudio.train.feature_evaluation import FeatureSettings, evaluate_features

    data = load_source(source_of(args), Path())
    compute = Compute(args.device, args.precision)
    (model,) = load(FeaturesRequest(model=args.model, compute=compute), ModelCache())
    labels = labels_of(args)
    if model.card.condition == "text" and labels is not None and has_captions(labels):
        data = kept_from_captions(data, read_captions(labels))
    bar, begun = ProgressBar(), time.monotonic()

    def progress(what: str, done: int, total: int) -> None:
        bar.show(what, done, total, (time.monotonic() - begun) / max(1, done) * (total - done))

    try:
        settings = FeatureSettings(seed=args.seed)
        result = evaluate_features(model, data, settings, _mobilenet(), progress)
    finally:
        bar.clear()
    quality = result.quality(args.data.resolve().stem.removesuffix("-train"))
    if args.sheet and result.probes:
        from pfstudio.train.probe_figure import probe_figure

        figure = probe_figure(result.probes, result.times, result.classes, result.tested)
        save_picture(args.sheet, figure)
    if args.json:
        scores = {probe.method: probe.scores for probe in result.probes if probe.scores}
        print_json(
            {"event": "finished", **quality, "probe scores": {"times": result.times, **scores}}
        )
    else:
        print(_table(result))
    keep_in_card(args, quality)
    if args.sheet and not result.probes:
        raise InputError(f"{args.sheet} was not written: there are no probes to draw.")
    return 0


def _mobilenet() -> Pooled | None:
    """The network that learned to name photos, where its weights are installed."""
    from pfstudio.train.mobilenet import load_mobilenet

    try:
        network = load_mobilenet()
    except InputError:
        return None
    return lambda pictures: network.pooled(pictures).numpy()


def _table(result: FeatureEvaluation) -> str:
    lines = [f"found again under known warps, PCK@0.1 ({result.warped} images)"]
    for match in result.correspondence:
        low, high = match.interval
        lines.append(
            f"  {match.method:44}{match.pck:7.3f}   {low:.3f} to {high:.3f}   "
            f"mutual {match.mutual:.3f}   {match.cell}".rstrip()
        )
    lines.append(f"regions of drawn scenes, mIoU ({result.scenes} scenes)")
    for one in result.segmentation:
        low, high = one.interval
        lines.append(f"  {one.method:40}{one.miou:7.3f}   {low:.3f} to {high:.3f}   {one.cell}")
    if result.probes:
        lines.append(f"linear probe of {result.classes} classes ({result.tested} images)")
    else:
        lines.append(
            "No probes: fewer than two classes have 4 images to train on and one held out."
        )
    for probe in result.probes:
        low, high = probe.interval
        few = " ".join(f"{right:.3f}" for right in probe.few)
        p = "" if probe.p != probe.p else f"   p {probe.p:.2g}"
        lines.append(
            f"  {probe.method:20}{probe.right:7.3f}   {low:.3f} to {high:.3f}   "
            f"20-NN {probe.neighbours:.3f}   1, 5, 20 labels {few}{p}   {probe.cell}"
        )
    for probe in result.probes:
        if probe.scores:
            times = "".join(f"{time:8g}" for time in result.times)
            lines.append(f"  {probe.method + ' in validation, by time':40}{times}")
            lines += [
                f"    layer {layer:<32}" + "".join(f"{right:8.3f}" for right in row)
                for layer, row in enumerate(probe.scores, 1)
            ]
    if result.calibration is not None:
        lines.append(
            f"difficulty: rank correlation within a time {result.calibration.within_time:.3f}, "
            f"error / variance {result.calibration.ratio:.2f}"
        )
    if result.context is not None:
        lines.append(f"difficulty of noisy patches (time {CONTEXT_TIME:g}) among clean ones")
        lines += [
            f"  {share:4.0%} clean   variance {variance:.3f}   error {error:.3f}"
            for share, variance, error in result.context.rows()
        ]
    return "\n".join(line.rstrip() for line in lines)
