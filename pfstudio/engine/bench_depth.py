"""How fast an ensemble's depth is: the published flow against our own run.

The published flow repeats the picture for every member: each is encoded, follows the flow and is
decoded on its own, by the plain modules. Our own run encodes once, computes the members as a batch
and lays the weights out once. Both have the same weights, noise, precision and threads, and take
turns, so that whatever else the machine does hits them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch

from pfstudio.core.depth import DepthMap, DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.requests import Compute
from pfstudio.engine.api import run
from pfstudio.engine.autotune import can_pack, torch_settings
from pfstudio.engine.depth_model import DepthModel, default_depth_model
from pfstudio.engine.execution import default_execution
from pfstudio.flow.add_noise import add_noise, ensemble_noise
from pfstudio.flow.ode import uniform_times
from pfstudio.nn.layers import channels_last
from pfstudio.weights.depth import load_depth
from pfstudio.weights.load import needed_autoencoder

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Say = Callable[[str], None]


@dataclass(frozen=True)
class DepthBench:
    """Medians over the runs; ratios are of pairs: published flow / our own run."""

    model: str
    precision: str
    threads: int
    pixels: int  # both sides of the picture
    ensemble_size: int
    steps: int
    runs: int
    published_cpu: float  # seconds that the processor computed
    own_cpu: float
    published_wall: float  # seconds
    own_wall: float
    cpu_ratio: float
    cpu_ratio_low: float
    cpu_ratio_high: float
    wall_ratio: float
    difference: float  # largest, of log-depth (nominally -1..1)


def precisions() -> tuple[str, ...]:
    """What this machine computes well: float32, and bfloat16 where it has the instructions."""
    return ("float32", "bfloat16") if can_pack(torch.bfloat16) else ("float32",)


def bench_depth(
    name: str = "",
    autoencoder: str = "",
    *,
    precision: str = "float32",
    threads: int = 1,
    ensemble_size: int = 4,
    steps: int = 2,
    pixels: int = 0,
    runs: int = 5,
    say: Say = lambda line: None,
) -> DepthBench:
    """Time both ways on a picture of noise; one pair more goes before the ones that count.

    Args:
        name: of the model, or a path; "" is the first installed one.
        autoencoder: another than the model's own.
        pixels: both sides; 0: what the model works best at.

    Raises:
        InputError: no such model, or a size that it cannot work at.
        RunError: a run failed.
    """
    name = name or default_depth_model()
    model = _model(name, autoencoder, precision, threads)
    pixels = pixels or model.pixels
    if pixels < model.unit or pixels % model.unit:
        raise InputError(
            f"{pixels} pixels cannot be measured with {model.name}.",
            f"Use a multiple of {model.unit}.",
        )
    request = DepthRequest(
        ensemble_size=ensemble_size, steps=steps, processing_resolution=pixels, tile=pixels
    )
    published = _Published(name, autoencoder, model, request)
    picture = np.random.default_rng(0).integers(0, 256, (pixels, pixels, 3)).astype(np.uint8)
    rows: list[tuple[float, float, float, float]] = []
    with torch_settings(threads, "highest"):
        for run in range(runs + 1):
            say(f"{name}, {precision}: run {run} of {runs}" + ("" if run else " (warming up)"))
            theirs, *their_times = _timed(lambda: published(picture))
            own, *own_times = _timed(lambda: _own(model, request, picture))
            rows.append((their_times[0], own_times[0], their_times[1], own_times[1]))
    counted = np.array(rows[1:])
    medians = np.median(counted, axis=0)
    cpu, wall = counted[:, 0] / counted[:, 1], counted[:, 2] / counted[:, 3]
    return DepthBench(
        model=model.name,
        precision=precision,
        threads=threads,
        pixels=pixels,
        ensemble_size=ensemble_size,
        steps=steps,
        runs=runs,
        published_cpu=float(medians[0]),
        own_cpu=float(medians[1]),
        published_wall=float(medians[2]),
        own_wall=float(medians[3]),
        cpu_ratio=float(np.median(cpu)),
        cpu_ratio_low=float(cpu.min()),
        cpu_ratio_high=float(cpu.max()),
        wall_ratio=float(np.median(wall)),
        difference=float(np.abs(theirs - own).max()),
    )


def _model(name: str, autoencoder: str, precision: str, threads: int) -> DepthModel:
    execution = default_execution(Compute("cpu", precision, threads))
    loaded = load_depth(name)
    return DepthModel(loaded, needed_autoencoder(loaded.card, autoencoder), execution)


class _Published:
    """One member after the other, each from its own copy of the picture."""

    def __init__(
        self, name: str, autoencoder: str, model: DepthModel, request: DepthRequest
    ) -> None:
        loaded = load_depth(name)  # once more: the model's weights are packed
        self.network = loaded.network.to(model.device, model.execution.dtype)
        channels_last(self.network)
        self.model, self.tokens, self.request = model, model.tokens, request

    @torch.inference_mode()
    def __call__(self, picture: Bytes) -> Floats:
        """The members' mean log-depth (H,W)."""
        model, times = self.model, uniform_times(self.request.steps)
        maps = []
        for member in range(self.request.ensemble_size):
            image = model.encode(picture)
            noise = ensemble_noise(
                range(member, member + 1), tuple(image.latent.shape[1:]), self.request.seed
            )
            x = add_noise(image.latent, noise, model.alpha_bar)
            for begin, end in pairwise(times):
                at = torch.tensor([begin])
                velocity = self.network(x, at, image.latent, self.tokens, image.features)
                x = x + (end - begin) * velocity
            maps.append(model.decode(x)[0])
        return np.asarray(np.mean(maps, axis=0))


def _own(model: DepthModel, request: DepthRequest, picture: Bytes) -> Floats:
    found: DepthMap = run(request, model, picture=picture).result
    return found.log_depth


def _timed(work: Callable[[], Floats]) -> tuple[Floats, float, float]:
    """What `work` gives, the processor's seconds and those on the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall
