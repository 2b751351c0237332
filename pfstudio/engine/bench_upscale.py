"""What a clock per patch saves in upscaling: uniform steps against patch-wise ones, on one picture.

The picture is shrunk, upscaled again in every way, and compared with itself. The ways have the same
weights, noise, precision and threads, and take turns, so that whatever else the machine does hits
them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError
from pfstudio.core.upscale import CLOCKS, Upscale, Upscaled, UpscaleRequest
from pfstudio.engine.api import run
from pfstudio.engine.upscale_model import UpscaleModel

Bytes = npt.NDArray[np.uint8]
EASY_SHARES = (0.5, 0.7, 0.9)
_LEAST = 32  # pixels of a side


@dataclass(frozen=True)
class UpscaleWay:
    """One way of upscaling; seconds and ratio are medians, the ratio is to the first way."""

    name: str
    evaluations: float  # share of the patch evaluations of the first way
    cpu: float  # seconds that the processor computed
    wall: float  # seconds
    faster: float  # cpu of the first way / cpu of this one, of runs in turn
    psnr: float  # dB, against the picture
    difference: float  # dB, against the first way: infinite where they are equal


def bench_upscale(
    model: UpscaleModel,
    picture: Bytes,
    steps: int,
    runs: int,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[UpscaleWay, ...]:
    """Measure uniform `steps`, a single step, and patch-wise clocks between them.

    Args:
        picture: (H,W,3) sharp.
        runs: that count, after one that does not.

    Raises:
        InputError: the model has no clock per patch, or the picture is too small.
        RunError: a run failed.
    """
    if not model.has_difficulty:
        raise InputError(f"{model.name} has no clock per patch.", "Measure another model.")
    height, width = (side // 2 for side in picture.shape[:2])
    if min(height, width) < _LEAST:
        raise InputError("The image is too small.", f"Use at least {2 * _LEAST} pixels a side.")
    sharp = picture[: 2 * height, : 2 * width]
    small = np.asarray(cv2.resize(sharp, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    ways = {f"{steps} steps": Upscale(steps=steps), "1 step": Upscale(steps=1)}
    for share in EASY_SHARES:
        name = f"{steps} steps, {share:.0%} easy"
        ways[name] = Upscale(steps=steps, clock=CLOCKS[1], easy_share=share)
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    results: dict[str, Upscaled] = {}
    for turn in range(runs + 1):
        for name, how in ways.items():
            say(f"{name}: run {turn} of {runs}" + ("" if turn else " (warming up)"))
            results[name], cpu, wall = _timed(model, small, how)
            if turn:
                measured[name].append((cpu, wall))
    first = next(iter(ways))
    return tuple(
        _way(name, measured[name], measured[first], results[name], results[first], sharp)
        for name in ways
    )


def _timed(model: UpscaleModel, small: Bytes, how: Upscale) -> tuple[Upscaled, float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    found = run(UpscaleRequest(upscale=how), model, picture=small).result
    return found, time.process_time() - cpu, time.perf_counter() - wall


def _way(
    name: str,
    own: list[tuple[float, float]],
    first: list[tuple[float, float]],
    result: Upscaled,
    reference: Upscaled,
    sharp: Bytes,
) -> UpscaleWay:
    return UpscaleWay(
        name,
        result.computed / reference.computed,
        median(cpu for cpu, _ in own),
        median(wall for _, wall in own),
        median(a[0] / b[0] for a, b in zip(first, own, strict=True)),
        psnr(result.image, sharp),
        psnr(result.image, reference.image),
    )


def psnr(image: Bytes, other: Bytes) -> float:
    """Peak signal-to-noise ratio over RGB in dB."""
    error = float(np.square(image.astype(np.float64) - other).mean())
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))
