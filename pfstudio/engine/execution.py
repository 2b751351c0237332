"""Where and how a network runs: device, precision, threads and kernels, measured where it matters.

`choose_execution` decides, `apply` makes a network ready, `prepare_thread` makes the calling thread
ready (torch keeps the number of threads per thread). What was measured is remembered in the cache
folder as `autotune.json`, which a person may read, change or delete.
"""

from __future__ import annotations

import json
import logging
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import torch

from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.execution import Execution, Kernels
from pfstudio.core.files import set_aside, write_text
from pfstudio.core.paths import cache_folder
from pfstudio.core.requests import Compute
from pfstudio.engine.autotune import (
    Best,
    MachineProbe,
    Probe,
    Setting,
    can_pack,
    decide,
    decide_threads,
    explicit_attention_fits,
)
from pfstudio.nn.interface import Backbone, BlockSample

AUTOTUNE_FILE = "autotune.json"
AUTOTUNE_VERSION = 1
_MOST_TOKENS = 2048  # of several images, so that measuring them takes about a second too
BUSY_SHARE = 0.75  # load average per core above which a measurement counts as disturbed

_MATRIX_UNITS = "amx_bf16"  # flag of a processor that multiplies bfloat16 matrices
_BFLOAT16_UNITS = frozenset({_MATRIX_UNITS, "avx512_bf16"})  # or at least vectors of it
_SLOW_HALF = "Processors compute float16 very slowly, so bfloat16 is used instead."
_log = logging.getLogger(__name__)
# What OMP_NUM_THREADS or the number of cores allow; read before anybody sets another number.
_MOST_THREADS = torch.get_num_threads()

MakeProbe = Callable[[BlockSample], Probe]


@dataclass(frozen=True)
class ExecutionConfig:
    """How a network will run."""

    device: str  # "cpu", "cuda", "cuda:1", "mps"
    dtype: torch.dtype
    threads: int  # of the CPU; 0: whatever torch has
    kernels: Kernels = field(default_factory=Kernels)
    float32_matmul: str = "highest"
    seconds: float | None = None  # expected for one picture and call; None: was not measured
    notes: tuple[str, ...] = ()  # sentences to show
    measured: tuple[str, ...] = ()  # what the probe saw, one line each
    compute: Compute = field(default_factory=Compute)  # the wishes that led here

    @property
    def precision(self) -> str:
        """E.g. "bfloat16"."""
        return str(self.dtype).removeprefix("torch.")

    def record(self, batch: int = 1) -> Execution:
        """What is stored beside what came out of `batch` pictures at once."""
        threads = self.threads or torch.get_num_threads()
        cuda = self.device.startswith("cuda")
        where = torch.cuda.get_device_name(self.device) if cuda else _processor()
        version = str(torch.__version__)
        return Execution(
            self.device, self.precision, threads, self.kernels, self.float32_matmul, version, where,
            batch,
        )  # fmt: skip


def choose_execution(
    compute: Compute,
    network: Backbone,
    tokens: int = 0,
    images: int = 1,
    *,
    folder: Path | None = None,
    make_probe: MakeProbe = MachineProbe,
) -> ExecutionConfig:
    """Decide how to run this network. On a CPU the first call for a size measures for about 1 s.

    Precision and kernels are those that are the fastest for one image, however many there are.

    Args:
        compute: the user's wishes; "auto" and 0 threads leave it to the measurement.
        network: one of its blocks is measured, and stays as it is.
        tokens: of a picture, F; 0: those of the network's own size.
        images: that go through the network at once; more of them may be worth more threads.
        folder: of autotune.json; None is the cache folder.
        make_probe: measures; tests give another one.

    Raises:
        InputError: the wished device is not there, or cannot do what is wished.
    """
    if compute.execution is not None:
        return _exactly(compute, compute.execution)
    if (elsewhere := _accelerated(compute)) is not None:
        return elsewhere
    tokens = tokens or own_tokens(network)
    sample = network.block_sample(tokens)
    if sample is None:
        return default_execution(compute)
    precision = compute.precision
    notes: tuple[str, ...] = ()
    if precision == "float16":
        precision = "bfloat16"
        notes = (_SLOW_HALF,)
    path, at_once = (folder or cache_folder()) / AUTOTUNE_FILE, _measured_images(images, tokens)
    best = _remembered(
        path,
        _key(precision, compute.threads, sample),
        lambda most: decide(
            make_probe(sample), precision, compute.threads, most, explicit_attention_fits(sample)
        ),
    )
    s, seconds, lines = best.setting, best.block_seconds, best.lines
    if at_once > 1 and not compute.threads and s.threads < _MOST_THREADS:
        several = network.block_sample(tokens, at_once)
        assert several is not None
        more = _remembered(
            path,
            _key(precision, 0, several),
            lambda most: decide_threads(make_probe(several), s, most),
        )
        s, seconds = replace(s, threads=more.setting.threads), more.block_seconds / at_once
        lines += tuple(f"{at_once} images, {line}" for line in more.lines)
    seconds *= sample.count
    return ExecutionConfig(
        "cpu", s.dtype, s.threads, s.kernels, s.float32_matmul, seconds, notes, lines, compute
    )


def _measured_images(images: int, tokens: int) -> int:
    """How many images are measured for so many: a power of two, and few where images are large."""
    most = max(1, min(images, _MOST_TOKENS // tokens))
    return 1 << (most.bit_length() - 1)


def own_tokens(network: Backbone) -> int:
    """Tokens F of a picture of the size that the network is made for."""
    return (network.config.input_size // network.config.patch_size) ** 2


def default_execution(compute: Compute) -> ExecutionConfig:
    """Decide without measuring, for other networks.

    A CPU with units for bfloat16 uses them: measured 1.6 to 2.1 times as fast as float32 with those
    for vectors, several times with those for matrices. Others compute in float32 unless wished.

    Raises:
        InputError: the wished device is not there, or cannot do what is wished.
    """
    if compute.execution is not None:
        return _exactly(compute, compute.execution)
    if (elsewhere := _accelerated(compute)) is not None:
        return elsewhere
    fast = not _BFLOAT16_UNITS.isdisjoint(cpu_flags())
    halves = ("auto", "bfloat16", "float16") if fast else ("bfloat16", "float16")
    dtype = torch.bfloat16 if compute.precision in halves else torch.float32
    notes = (_SLOW_HALF,) if compute.precision == "float16" else ()
    return ExecutionConfig("cpu", dtype, compute.threads, notes=notes, compute=compute)


def packing_pays(dtype: torch.dtype) -> bool:
    """Whether packed weights are faster on this CPU: in bfloat16 only with matrix units.

    Measured on the depth network without them: half as fast as plain ones, one picture at a time.
    """
    return can_pack(dtype) and (dtype != torch.bfloat16 or _MATRIX_UNITS in cpu_flags())


def apply(execution: ExecutionConfig, network: Backbone) -> None:
    """Move and cast a network in place and set its kernels."""
    network.to(device=execution.device, dtype=execution.dtype)
    network.kernels = execution.kernels


def prepare_thread(execution: ExecutionConfig) -> None:
    """Make the calling thread compute as chosen; call it in the thread that runs the network."""
    if execution.threads:
        torch.set_num_threads(execution.threads)
    torch.set_float32_matmul_precision(execution.float32_matmul)
    if execution.device.startswith("cuda"):
        torch.backends.cudnn.allow_tf32 = False  # float32 means float32


def _exactly(compute: Compute, execution: Execution) -> ExecutionConfig:
    """As an earlier run was computed, as far as this machine can."""
    dtype: torch.dtype = getattr(torch, execution.dtype)
    config = ExecutionConfig(
        _device(execution.device), dtype, execution.threads, execution.kernels,
        execution.float32_matmul, compute=compute,
    )  # fmt: skip
    on_cpu = config.device == "cpu"
    if on_cpu and execution.kernels.linear == "packed" and not can_pack(dtype):
        raise InputError(
            f"This machine cannot compute exactly as in that run ({execution.sentence}).",
            "Restore the recipe without it.",
        )
    difference = execution.difference(config.record())
    return replace(config, notes=(f"{difference} Images may differ.",) if difference else ())


def _accelerated(compute: Compute) -> ExecutionConfig | None:
    """What is chosen for another device than the CPU; None for the CPU."""
    device = _device(compute.device)
    if device == "cpu":
        return None
    dtype = _accelerator_dtype(device, compute.precision)
    return ExecutionConfig(device, dtype, compute.threads, compute=compute)


def device_kinds() -> tuple[str, ...]:
    """What this machine has of "cuda", "mps" and "cpu", the fastest first."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return (*(kind for kind, is_there in there.items() if is_there), "cpu")


def _device(wish: str) -> str:
    """The wished device, if it is there."""
    kind, _, index = wish.partition(":")
    if kind == "auto":
        return device_kinds()[0]
    there = kind in device_kinds()
    if there and kind == "cuda" and index:
        there = index.isdecimal() and int(index) < torch.cuda.device_count()
    if not there:
        raise InputError(f"This machine has no device {wish!r}.", "Choose the device cpu or auto.")
    return wish


def _accelerator_dtype(device: str, precision: str) -> torch.dtype:
    """bfloat16 where the device has it, unless something else is wished."""
    if precision != "auto":
        dtype: torch.dtype = getattr(torch, precision)
        return dtype
    if device.startswith("cuda"):
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if native else torch.float32
    try:
        torch.ones(1, device=device, dtype=torch.bfloat16).add(1)
    except (TypeError, RuntimeError):  # before macOS 14
        return torch.float32
    return torch.bfloat16


def machine() -> str:
    """The processor's own name."""
    try:  # on Linux neither psutil, torch 2.6 nor platform tells it
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cpu_flags() -> tuple[str, ...]:
    """Which of the vector and matrix extensions that matter here torch finds, on every system."""
    questions = {
        "avx2": "_is_avx2_supported",
        "avx512f": "_is_avx512_supported",
        "avx512_bf16": "_is_avx512_bf16_supported",
        _MATRIX_UNITS: "_is_amx_tile_supported",  # no processor has tiles without bfloat16
    }
    # torch.cpu.get_capabilities is public, but younger than torch 2.6. A question that a version
    # of torch does not know counts as no.
    return tuple(flag for flag, asked in questions.items() if getattr(torch.cpu, asked, bool)())


def load_average() -> float:
    """Processes that want to run, mean of the last minute (on Windows 0 for the first seconds)."""
    return float(psutil.getloadavg()[0])


def busy() -> bool:
    """Whether other programs disturb a measurement now."""
    return load_average() > BUSY_SHARE * (os.cpu_count() or 1)


def _processor() -> str:
    return f"{machine()} ({' '.join(cpu_flags())})"


def _key(precision: str, threads: int, sample: BlockSample) -> str:
    wish = f"{precision}, {threads or f'1 to {_MOST_THREADS}'} threads"
    images, tokens, _ = sample.inputs[0].shape
    size = f"{sample.sizes}, {tokens} tokens" + (f", {images} images" if images > 1 else "")
    return f"{_processor()}; torch {torch.__version__}; {size}; {wish}"


def _remembered(path: Path, key: str, measure: Callable[[int], Best]) -> Best:
    """The stored decision, or a fresh one; one made on a busy machine holds while that is busy.

    Args:
        measure: decides, given how many threads there may be.
    """
    stored = _read(path)
    entry = stored.get(key)
    if entry is not None and (busy() or not entry["busy"]):
        return _best(entry)
    disturbed = busy()  # then threads wait for each other more than they help
    best = measure(1 if disturbed else _MOST_THREADS)
    stored[key] = {**asdict(best), "busy": disturbed}
    try:
        write_text(path, json.dumps({"version": AUTOTUNE_VERSION, "machines": stored}, indent=1))
    except PfstudioError as error:  # measuring again next time is no reason to fail
        _log.warning("what was measured is not remembered: %s", error)
    return best


def _best(entry: dict[str, Any]) -> Best:
    setting = {**entry["setting"], "kernels": Kernels(**entry["setting"]["kernels"])}
    return Best(Setting(**setting), float(entry["block_seconds"]), tuple(entry["lines"]))


def _read(path: Path) -> dict[str, Any]:
    """The stored decisions by machine and model; a file that cannot be used is set aside."""
    try:
        data = read_json(path)
        if data["version"] != AUTOTUNE_VERSION:
            return {}
        for entry in data["machines"].values():
            _best(entry)
            bool(entry["busy"])
        return dict(data["machines"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, PfstudioError) as error:
        aside = set_aside(path) or "it is"
        _log.warning("%s cannot be used (%r); it is saved as %s", path, error, aside)
        return {}
