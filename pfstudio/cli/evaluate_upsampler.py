"""`pfstudio evaluate` of an upsampler: beside resampling, its autoencoder and other upscalers."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.cli.console import ProgressBar, print_json
from pfstudio.cli.evaluate_shared import keep_in_card, source_of
from pfstudio.core.errors import InputError

if TYPE_CHECKING:
    from pfstudio.train.upsampler_evaluation import UpsamplerEvaluation


def add_upsampler_arguments(parser: argparse.ArgumentParser) -> None:
    """What only upsamplers are measured with."""
    group = parser.add_argument_group("upsamplers", "DATA is a tar pack or an image folder.")
    group.add_argument("--factor", type=int, choices=(2, 4), default=2)
    group.add_argument("--side", type=int, default=256, help="of the originals (256)")
    group.add_argument("--jpeg", type=int, default=0, help="save the small images so; 0: not")
    group.add_argument(
        "--esrgan",
        type=Path,
        metavar="DIR",
        help="compare with the npm packages unpacked in DIR/slim, DIR/medium and DIR/thick",
    )
    group.add_argument("--real-esrgan", action="store_true", help="compare with Real-ESRGAN")


def run_upsampler_evaluation(args: argparse.Namespace) -> int:
    """Measure; errors are raised as PfstudioError."""
    import torch

    from pfstudio.nn.layers import channels_last
    from pfstudio.train.data import load_source
    from pfstudio.train.sample_quality import MOST_SAMPLES
    from pfstudio.train.upsampler_evaluation import UpsamplerSettings, evaluate_upsampler
    from pfstudio.weights.load import needed_autoencoder
    from pfstudio.weights.upsampler import load_upsampler

    if args.device not in ("auto", "cpu") or args.precision == "float16":
        raise InputError(
            "Upsamplers are measured on the processor, in float32 or bfloat16.",
            "Leave --device and float16 out.",
        )
    if not 0 <= args.jpeg <= 100:
        raise InputError(f"There is no JPEG quality {args.jpeg}.", "Give 1 to 100, or 0 for none.")
    model = load_upsampler(args.model)
    dtype = torch.bfloat16 if args.precision == "bfloat16" else torch.float32
    autoencoder = channels_last(needed_autoencoder(model.card).to(dtype))
    channels_last(model.network.to(dtype))
    settings = UpsamplerSettings(
        factor=args.factor,
        side=args.side,
        pictures=args.samples or MOST_SAMPLES,
        jpeg=args.jpeg,
        seed=args.seed,
        esrgan=args.esrgan,
        real_esrgan=args.real_esrgan,
    )
    bar = ProgressBar()
    begun = time.monotonic()

    def progress(what: str, done: int, total: int) -> None:
        bar.show(what, done, total, (time.monotonic() - begun) / max(1, done) * (total - done))

    try:
        data = load_source(source_of(args), Path())
        result = evaluate_upsampler(model, autoencoder, data, settings, progress)
    finally:
        bar.clear()
    if args.json:
        print_json({"event": "finished", **result.to_dict()})
    else:
        print(_table(result))
    keep_in_card(args, result.quality(args.data.stem))
    return 0


def _table(result: UpsamplerEvaluation) -> str:
    degraded = f", JPEG {result.jpeg}" if result.jpeg else ""
    width = max(len(score.method) for score in result.scores)
    lines = [
        f"{result.side // result.factor} to {result.side} px{degraded}, {result.pictures} held-out "
        f"images. PSNR and SSIM of RGB; FD-MobileNetV2 of {result.pieces} pieces "
        f"(as many other real ones: {result.floor:.1f}); processor seconds an image:"
    ]
    lines += [
        f"{s.method:{width}}  {s.psnr:6.2f} dB  {s.ssim:.4f}  {s.fd_mobilenet:7.1f}  "
        f"{s.seconds:6.3f} s"
        for s in result.scores
    ]
    if result.difficulty is not None:
        d = result.difficulty
        lines.append(
            f"difficulty of the first call: rank correlation {d.rank_correlation:.3f} (within a "
            f"image {d.within_pictures:.3f}), predicted / true error {d.calibration.ratio:.2f}"
        )
    return "\n".join(lines)
