"""A short measurement of the machine: which of several equal ways of computing is the fastest here.

No table of processors can know: float32 products in oneDNN's "medium" mode are twice as fast at
full accuracy on one CPU and silently bfloat16 on the next. So both speed and error are measured, on
one block of the very network and as many tokens and images as the run has.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
from torch import Tensor, nn

from pfstudio.core.execution import Kernels
from pfstudio.nn.interface import BlockSample

FLOAT32_ERROR = 1e-5  # largest relative error of anything that is called float32
BFLOAT16_ERROR = 2e-2
GAIN = 0.95  # another way must take less than this share of the time
THREADS_GAIN = 0.8  # more threads, which other programs would like to have
BFLOAT16_GAIN = 0.8  # bfloat16, which costs accuracy
_REPEATS, _ENOUGH = 5, 0.06  # a measurement ends after 5 runs, or 2 that took 60 ms together
_PRODUCT_TOKENS = 256
_BLOCK_NUMBERS = 8  # numbers that a block holds at its peak, for each token and channel


@dataclass(frozen=True)
class Setting:
    """One way to compute a network call on a CPU."""

    precision: str = "float32"
    float32_matmul: str = "highest"
    kernels: Kernels = field(default_factory=Kernels)
    threads: int = 1

    @property
    def dtype(self) -> torch.dtype:
        return torch.bfloat16 if self.precision == "bfloat16" else torch.float32


@dataclass(frozen=True)
class Measured:
    """What a way of computing costs.

    `work` is the time the calling thread really computed. It hardly changes while other programs
    keep the machine busy, so that kernels are compared by it; `seconds` are those of the wall.
    """

    seconds: float
    work: float
    error: float  # relative to plain float32, in the 2-norm


class Probe(Protocol):
    """Measures ways of computing on some machine."""

    def product(self, float32_matmul: str) -> Measured:
        """A product of 256 tokens with the network's feed-forward weight, one thread."""

    def block(self, setting: Setting) -> Measured:
        """One transformer block of the network; the error is that of its update."""


@dataclass(frozen=True)
class Best:
    """The setting that was chosen, and every measurement that led there, as readable lines."""

    setting: Setting
    block_seconds: float
    lines: tuple[str, ...]


def decide(
    probe: Probe, precision: str, threads: int, most_threads: int, explicit_attention: bool = True
) -> Best:
    """The fastest setting that keeps to the error limits.

    Args:
        probe: measures.
        precision: "float32", "bfloat16", or "auto" for the faster of the two.
        threads: 0 to choose between 1 and `most_threads`.
        most_threads: processor cores that may be used.
        explicit_attention: whether it may be chosen; see `explicit_attention_fits`.
    """
    search = _Search(probe, explicit_attention)
    first = Setting(float32_matmul=search.float32_matmul(), threads=threads or 1)
    names = ("float32", "bfloat16") if precision == "auto" else (precision,)
    found = [search.kernels(replace(first, precision=name)) for name in names]
    best = found[0]
    if len(found) == 2 and search.work(found[1]) < BFLOAT16_GAIN * search.work(found[0]):
        best = found[1]
    if threads == 0:
        best = search.threads(best, most_threads)
    return search.end(best)


def decide_threads(probe: Probe, setting: Setting, most_threads: int) -> Best:
    """A setting with as many threads as pay for what this probe measures: several images at once.

    A block of one small image is over before a second thread has begun; of eight it is not.
    """
    search = _Search(probe, explicit_attention=False)
    return search.end(search.threads(replace(setting, threads=1), most_threads))


@dataclass
class _Search:
    probe: Probe
    explicit_attention: bool
    lines: list[str] = field(default_factory=list)
    known: dict[Setting, Measured] = field(default_factory=dict)

    def float32_matmul(self) -> str:
        """ "medium" where it is true float32 and faster."""
        plain, medium = self.probe.product("highest"), self.probe.product("medium")
        self._note("product, highest", plain)
        self._note("product, medium", medium)
        accurate = medium.error <= FLOAT32_ERROR
        return "medium" if accurate and medium.work < GAIN * plain.work else "highest"

    def kernels(self, setting: Setting) -> Setting:
        """Packed weights, the attention and, where it is not in the product, the GELU."""
        best = setting
        if can_pack(setting.dtype):
            best = self._better(best, _with_kernels(best, linear="packed"))
        if self.explicit_attention:
            best = self._better(best, _with_kernels(best, attention="matmul"))
        if best.precision == "bfloat16" and best.kernels.linear == "plain":
            best = self._better(best, _with_kernels(best, gelu="erf"))
        return best

    def threads(self, best: Setting, most: int) -> Setting:
        """1, 2, 4 .. `most`, as long as more are worth it on the wall clock."""
        count = 1
        while count < most:
            count = min(2 * count, most)
            more = replace(best, threads=count)
            if self.measure(more).seconds < THREADS_GAIN * self.measure(best).seconds:
                best = more
        return best

    def end(self, best: Setting) -> Best:
        measured = self.measure(best)
        seconds = measured.work if best.threads == 1 else measured.seconds
        return Best(best, seconds, tuple(self.lines))

    def work(self, setting: Setting) -> float:
        return self.measure(setting).work

    def _better(self, best: Setting, other: Setting) -> Setting:
        limit = BFLOAT16_ERROR if other.precision == "bfloat16" else FLOAT32_ERROR
        faster = self.work(other) < GAIN * self.work(best)
        return other if faster and self.measure(other).error <= limit else best

    def measure(self, setting: Setting) -> Measured:
        if setting not in self.known:
            self.known[setting] = self.probe.block(setting)
            k = setting.kernels
            name = f"block, {setting.precision}, {k.linear} weights, {k.attention} attention, "
            name += f"{k.gelu} GELU, {setting.threads} threads"
            self._note(name, self.known[setting])
        return self.known[setting]

    def _note(self, name: str, measured: Measured) -> None:
        times = f"{measured.seconds * 1e3:.3f} ms ({measured.work * 1e3:.3f} ms of work)"
        self.lines.append(f"{name}: {times}, error {measured.error:.1e}")


class MachineProbe:
    """Measures this machine with a block of a network. Restores torch's settings."""

    def __init__(self, sample: BlockSample) -> None:
        self._sample = sample
        self._blocks: dict[torch.dtype, nn.Module] = {}
        generator, width = torch.Generator().manual_seed(0), sample.inputs[0].shape[-1]
        self._x = torch.randn(_PRODUCT_TOKENS, width, generator=generator)
        self._weight = torch.randn(4 * width, width, generator=generator) / width**0.5
        self._update: Tensor | None = None

    def product(self, float32_matmul: str) -> Measured:
        exact = self._x.double() @ self._weight.double().T
        with torch_settings(1, float32_matmul):
            times, result = _time(lambda: nn.functional.linear(self._x, self._weight))
        return Measured(*times, _relative(result, exact))

    def block(self, setting: Setting) -> Measured:
        h, exact = self._sample.inputs[0], self._sample.exact
        if self._update is None:
            plain = self._block(torch.float32)
            with torch_settings(1, "highest"), torch.inference_mode():
                self._update = plain(*self._sample.inputs, *exact, Kernels()) - h
        block = self._block(setting.dtype)
        inputs = [*(each.to(setting.dtype) for each in self._sample.inputs), *exact]
        with torch_settings(setting.threads, setting.float32_matmul):
            times, result = _time(lambda: block(*inputs, setting.kernels))
        return Measured(*times, _relative(result.float() - h, self._update))

    def _block(self, dtype: torch.dtype) -> nn.Module:
        """A copy of the block in this precision."""
        if dtype not in self._blocks:
            self._blocks[dtype] = copy.deepcopy(self._sample.block).to("cpu", dtype).eval()
        return self._blocks[dtype]


def explicit_attention_fits(sample: BlockSample) -> bool:
    """Whether attention's scores and their softmax at most double the memory of a block.

    They are 2 heads F^2 numbers, which the fused kernel never holds.
    """
    _, tokens, width = sample.inputs[0].shape
    return 0 < 2 * sample.heads * tokens <= _BLOCK_NUMBERS * width


@functools.cache
def can_pack(dtype: torch.dtype) -> bool:
    """Whether this build and machine can compute with oneDNN's packed weights in this precision.

    It is tried once: which processors can, and which builds have it, differs between versions.
    """
    try:
        tiny, operators = torch.ones(1, 1, dtype=dtype), torch.ops.mkldnn
        packed = operators._reorder_linear_weight(tiny, 1)
        operators._linear_pointwise(tiny, packed, None, "none", [], "")
    except (AttributeError, RuntimeError):
        return False
    return True


@contextlib.contextmanager
def torch_settings(threads: int, float32_matmul: str) -> Iterator[None]:
    """Threads (of the calling thread) and float32 mode within a block, then as they were."""
    before = (torch.get_num_threads(), torch.get_float32_matmul_precision())
    torch.set_num_threads(threads)
    torch.set_float32_matmul_precision(float32_matmul)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.set_float32_matmul_precision(before[1])


@torch.inference_mode()
def _time(work: Callable[[], Tensor]) -> tuple[tuple[float, float], Tensor]:
    """Least wall and working seconds of a few runs, the first left out, and the result."""
    fine = time.get_clock_info("thread_time").resolution < 1e-4  # Windows counts in 16 ms
    thread_time = time.thread_time if fine else time.perf_counter
    result = work()
    walls: list[float] = []
    works: list[float] = []
    while len(walls) < _REPEATS and (len(walls) < 2 or sum(walls) < _ENOUGH):
        wall, own = time.perf_counter(), thread_time()
        result = work()
        works.append(thread_time() - own)
        walls.append(time.perf_counter() - wall)
    return (min(walls), min(works)), result


def _relative(result: Tensor, exact: Tensor) -> float:
    exact = exact.double()
    return float((result.double() - exact).norm() / exact.norm())


def _with_kernels(setting: Setting, **changes: str) -> Setting:
    return replace(setting, kernels=replace(setting.kernels, **changes))
