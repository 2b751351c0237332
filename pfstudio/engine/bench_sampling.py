"""How fast sampling is on this machine: the published way of computing against our own.

All ways are timed at the same states and time maps of one real sampler run, one right after the
other and in changing order, so that whatever else the machine does hits them alike. With one
thread the time that this thread really computed is counted, else the wall clock.
"""

from __future__ import annotations

import copy
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from pfstudio.core.errors import InputError
from pfstudio.core.execution import Kernels
from pfstudio.core.requests import Compute
from pfstudio.core.samplers import DualLoop, Euler, Sampler
from pfstudio.engine.autotune import torch_settings
from pfstudio.engine.execution import (
    apply,
    choose_execution,
    cpu_flags,
    load_average,
    machine,
    own_tokens,
)
from pfstudio.flow.precompute import times_of_run
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import InitialState, Prediction
from pfstudio.nn.architecture import Architecture
from pfstudio.nn.condition import ClassLabels, Condition, TextEmbeddings
from pfstudio.nn.interface import Backbone, BlockSample
from pfstudio.nn.layers import Linear
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.registry import architecture_of_network, find_architecture

PUBLISHED, FAST, BFLOAT16 = "published way", "fast path, float32", "fast path, bfloat16"
_LABEL, _WORDS, _SEED = 0, 16, 0
_PEAK_RUNS = 12

Say = Callable[[str], None]


@dataclass(frozen=True)
class MachineState:
    """Where and beside what was measured."""

    cpu: str
    flags: tuple[str, ...]
    cores: int
    threads: int
    load: float  # mean number of processes that wanted to run, this one included
    python: str
    torch: str


@dataclass(frozen=True)
class WayResult:
    """One way of computing. Ratios are of whole runs: published way / this way."""

    name: str
    how: str  # precision and kernels
    seconds: float  # a call, median of the runs, by the clock that the ratios use
    wall_seconds: float  # a call, median of the runs
    ratio: float  # median of the runs
    ratio_low: float
    ratio_high: float
    gflop: float  # of matrix products a call
    peak_share: float  # of the products' measured peak in this precision
    error: (
        float  # relative to the published way in the 2-norm of the velocity, largest of all calls
    )


@dataclass(frozen=True)
class ModelResult:
    """All ways for one model, one picture at a time."""

    name: str
    sizes: str
    sampler: str
    nfe: int  # a run
    runs: int
    tokens: int  # computed in a run, by every way
    peaks: tuple[tuple[str, float], ...]  # precision -> GFLOP/s of the best product of its shapes
    ways: tuple[WayResult, ...]


@dataclass
class _Way:
    name: str
    network: Backbone
    kernels: Kernels
    float32_matmul: str
    shared: bool  # what repeats between calls is kept for the run, and shared by equal times
    flop: float  # of matrix products a call
    cache: ForwardCache | None = None
    runs: list[float] = field(default_factory=list)  # seconds of each run
    walls: list[float] = field(default_factory=list)
    error: float = 0.0

    @property
    def precision(self) -> str:
        return str(next(self.network.parameters()).dtype).removeprefix("torch.")


def machine_state(threads: int) -> MachineState:
    """This machine now."""
    return MachineState(
        machine(), cpu_flags(), os.cpu_count() or 1, threads, load_average(),
        platform.python_version(), torch.__version__,
    )  # fmt: skip


def random_network(architecture: str, config: Any) -> Backbone:
    """A network of this kind and size where nothing is zero, so that difficulty varies."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        network = find_architecture(architecture).network(config)
        for parameter in network.parameters():
            if parameter.requires_grad:
                parameter.data.add_(torch.randn_like(parameter), alpha=0.02)
    assert isinstance(network, Backbone)
    return network.eval()


def bench_model(
    name: str,
    network: Backbone,
    *,
    threads: int = 1,
    nfe: int = 16,
    runs: int = 5,
    say: Say = lambda line: None,
) -> ModelResult:
    """Time a network in every way; it is changed in place and must be plain float32 on the CPU.

    Args:
        name: to print.
        network: with its weights.
        threads: of every way.
        nfe: about as many network calls make a run.
        runs: runs that count; one more before them does not.
        say: told what is being done.

    Raises:
        InputError: it is a network that offers no choice of kernels.
    """
    block = network.block_sample(own_tokens(network))
    if block is None:
        raise InputError(
            f"{name} cannot be measured: its kind of network is computed in one way only.",
            "Name another model.",
        )
    kind = architecture_of_network(network)
    sampler: Sampler = DualLoop() if kind.has_difficulty(network.config) else Euler()
    sampler = sampler.for_nfe(nfe)
    condition = _condition(kind, network)
    say(f"{name}: measuring the kernels")
    ways = _ways(network, condition, threads)
    peaks = _peaks(block, ways, threads)
    for run in range(runs + 1):
        say(f"{name}: run {run} of {runs}" + (" (warming up)" if run == 0 else ""))
        field = _PairedField(ways, condition, threads)
        with torch.inference_mode():
            tokens = field.follow(sampler)
        if run > 0:
            field.keep()
    peaks = {key: max(peak, _peaks(block, ways, threads)[key]) for key, peak in peaks.items()}
    return ModelResult(
        name,
        f"{block.sizes}, {block.count} blocks, {own_tokens(network)} tokens",
        sampler.name,
        sampler.nfe,
        runs,
        tokens,
        tuple(peaks.items()),
        tuple(_result(way, ways[0], sampler.nfe, peaks) for way in ways),
    )


def _condition(kind: Architecture, network: Backbone) -> Condition:
    """Of one picture; a text is random words."""
    if kind.condition == "text":
        generator = torch.Generator().manual_seed(_SEED)
        words = torch.randn(1, _WORDS, network.config.text_dim, generator=generator)
        return TextEmbeddings(words, torch.ones(1, _WORDS, dtype=torch.bool))
    return ClassLabels(torch.tensor([_LABEL]))


def _ways(network: Backbone, condition: Condition, threads: int) -> list[_Way]:
    network = network.to("cpu", torch.float32)
    half = copy.deepcopy(network)
    alone, cached = call_flop(network, condition)
    ways = [_Way(PUBLISHED, network, Kernels(), "highest", False, alone)]
    for name, own, precision in ((FAST, network, "float32"), (BFLOAT16, half, "bfloat16")):
        execution = choose_execution(Compute("cpu", precision, threads), own)
        apply(execution, own)
        ways.append(_Way(name, own, execution.kernels, execution.float32_matmul, True, cached))
    return ways


@torch.no_grad()
def call_flop(network: Backbone, condition: Condition) -> tuple[float, float]:
    """Operations of the matrix products of one picture's call, counted while it runs.

    Two per multiply-add: in the published way, then of a call within a run, which finds what
    repeats in the cache.
    """
    x, t = _latent(network), torch.full((1, *_grid(network)), 0.5)
    kernels, network.kernels = network.kernels, Kernels(attention="matmul")  # others go uncounted
    cache = ForwardCache()
    network(x, t, condition, cache=cache)
    counts = []
    for used in (None, cache):
        with FlopCounterMode(display=False) as counter:
            network(x, t, condition, cache=used)
        counts.append(float(counter.get_total_flops()))
    network.kernels = kernels
    return counts[0], counts[1]


def _latent(network: Backbone) -> Tensor:
    """Noise (1,C,H,W) of the network's own size."""
    c, generator = network.config, torch.Generator().manual_seed(_SEED)
    return torch.randn(1, c.in_channels, c.input_size, c.input_size, generator=generator)


def _grid(network: Backbone) -> tuple[int, int]:
    side = network.config.input_size // network.config.patch_size
    return side, side


class _PairedField:
    """A field that answers in the published way and times every way at each state it is asked."""

    patch_size: int

    def __init__(self, ways: list[_Way], condition: Condition, threads: int) -> None:
        self.patch_size = ways[0].network.config.patch_size
        self._ways, self._condition, self._threads = ways, condition, threads
        self._clock = clock_of(threads)
        self._spent = {way.name: [0.0, 0.0] for way in ways}
        self._calls = 0
        self._tokens = 0

    def follow(self, sampler: Sampler) -> int:
        """One run from noise; the tokens computed by each way."""
        network = self._ways[0].network
        start = InitialState(_latent(network), torch.zeros(1, *_grid(network)))
        times = times_of_run(sampler, torch.zeros(1))
        for way in self._ways:
            if way.shared:
                cache = way.cache = ForwardCache()
                prepare = partial(way.network.prepare, cache, times, self._condition)
                self._timed(way, prepare)
        for _ in sample(self, start, sampler):
            pass
        return self._tokens

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        turn = self._calls % len(self._ways)
        answers = {
            way.name: self._timed(way, partial(way.network, x, t, self._condition, cache=way.cache))
            for way in (*self._ways[turn:], *self._ways[:turn])
        }
        velocity = answers[PUBLISHED].velocity
        for way in self._ways:
            away = answers[way.name].velocity - velocity
            way.error = max(way.error, float(away.norm() / velocity.norm()))
        self._calls += 1
        self._tokens += t.numel()
        return Prediction(velocity, velocity, answers[PUBLISHED].log_variance, t.numel())

    def keep(self) -> None:
        """Count this run."""
        for way in self._ways:
            seconds, wall = self._spent[way.name]
            way.runs.append(seconds)
            way.walls.append(wall)

    def _timed(self, way: _Way, work: Callable[[], Any]) -> Any:
        way.network.kernels = way.kernels
        with torch_settings(self._threads, way.float32_matmul):
            wall, own = time.perf_counter(), self._clock()
            answer = work()
            spent = self._spent[way.name]
            spent[0] += self._clock() - own
            spent[1] += time.perf_counter() - wall
        return answer


def clock_of(threads: int) -> Callable[[], float]:
    """Time of the calling thread, where it is alone and the system counts finely enough."""
    fine = time.get_clock_info("thread_time").resolution < 1e-4
    return time.thread_time if threads == 1 and fine else time.perf_counter


def _peaks(block: BlockSample, ways: list[_Way], threads: int) -> dict[str, float]:
    """GFLOP/s by precision of the fastest product of a block's shapes, in any layout."""
    clock, rows = clock_of(threads), block.inputs[0].shape[1]
    layers = (layer for layer in block.block.modules() if isinstance(layer, Linear))
    shapes = sorted({(layer.in_features, layer.out_features) for layer in layers})
    peaks: dict[str, float] = {}
    for way in ways:
        dtype = next(way.network.parameters()).dtype
        for inner, outer in shapes:
            x, layer = torch.randn(rows, inner, dtype=dtype), Linear(inner, outer, dtype=dtype)
            with torch_settings(threads, way.float32_matmul), torch.inference_mode():
                layer(x, way.kernels)
                least = min(_seconds(clock, layer, x, way.kernels) for _ in range(_PEAK_RUNS))
            rate = 2e-9 * rows * inner * outer / max(least, 1e-9)
            peaks[way.precision] = max(peaks.get(way.precision, 0.0), rate)
    return peaks


def _seconds(clock: Callable[[], float], layer: Linear, x: Tensor, kernels: Kernels) -> float:
    begin = clock()
    layer(x, kernels)
    return clock() - begin


def _result(way: _Way, base: _Way, nfe: int, peaks: dict[str, float]) -> WayResult:
    ratios = [theirs / own for theirs, own in zip(base.runs, way.runs, strict=True)]
    seconds = statistics.median(way.runs) / nfe
    k = way.kernels
    how = f"{way.precision}, {k.linear} weights, {k.attention} attention, "
    how += f"{way.float32_matmul} products" if way.precision == "float32" else f"{k.gelu} GELU"
    return WayResult(
        way.name,
        how,
        seconds,
        statistics.median(way.walls) / nfe,
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        way.flop / 1e9,
        way.flop / 1e9 / seconds / peaks[way.precision],
        way.error,
    )
