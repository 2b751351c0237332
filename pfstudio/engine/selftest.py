"""Checks that the installation works, from arithmetic to a finished picture."""

from __future__ import annotations

import math
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch

from pfstudio.core.errors import PfstudioError, RunError
from pfstudio.core.events import Failed, Finished
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.engine.execution import choose_execution
from pfstudio.engine.generate import generate
from pfstudio.engine.model_cache import ModelCache, generator
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer
from pfstudio.version import __version__

# Velocity and log-variance of `_tiny_network` at `_forward_values`, from the plain float32 forward
# that reproduces the published vectors.
_STORED = (
    0.003543, -0.240914, -0.282337, -0.060705, 0.316452, -0.549343, -0.441225, 0.528584, -0.279009,
    -0.037007, -0.598015, -0.224709, 0.36771, 0.380025, 0.25966, 0.356729, -0.146682, 0.015328,
    -0.479021, 0.238267, -0.946303, -0.547094, 0.48893, -0.844683, 0.573756, -0.572474,
)  # fmt: skip
_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Check:
    """One thing that was tried."""

    name: str
    passed: bool
    detail: str


def selftest() -> Iterator[Check]:
    """Run every check, also after one that failed."""
    for name, check in (
        ("machine", _machine),
        ("network", _network),
        ("picture", _picture),
    ):
        yield _tried(name, check)


def _tried(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except PfstudioError as error:
        return Check(name, False, f"{error} {error.advice}".strip())
    except Exception as error:  # every surprise is what a self-test is for
        return Check(name, False, f"{type(error).__name__}: {error}")


def _machine() -> str:
    """Versions of what the program runs on."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA device"
    return (
        f"pfstudio {__version__}, Python {platform.python_version()}, torch {torch.__version__}, "
        f"numpy {np.__version__}, {platform.platform()}, {os.cpu_count()} processors, {gpu}"
    )


def _network() -> str:
    """A small network against stored numbers, plain and as this machine is set to compute it."""
    plain = torch.tensor(_forward_values(_tiny_network()))
    worst = float((plain - torch.tensor(_STORED)).abs().max())
    if not worst <= _TOLERANCE:
        raise RunError(f"The network is {worst:.1e} away from its stored numbers.")
    network = _tiny_network()
    execution = choose_execution(Compute(precision="float32", device="cpu"), network)
    network.kernels = execution.kernels
    fast = float((torch.tensor(_forward_values(network)) - plain).abs().max())
    if not fast <= _TOLERANCE:
        raise RunError(f"The kernels chosen for this machine are {fast:.1e} away from the plain.")
    return f"{worst:.1e} from the stored numbers, fast kernels {fast:.1e} from the plain ones"


def _picture() -> str:
    """One picture with an installed model, and its trace through a file."""
    model = ModelCache().get(generator("", Compute()))
    request = GenerateRequest(classes=(0,), seed=1, sampler=DualLoop(2))
    *_, last = generate(model, request)
    if isinstance(last, Failed):
        raise RunError(last.message, last.advice)
    assert isinstance(last, Finished)
    assert last.images is not None
    if last.images.std() < 1:
        raise RunError(f"{model.name} made a picture of one colour.")
    with tempfile.TemporaryDirectory() as folder:
        write_trace(last.trace, Path(folder) / "trace.safetensors")
        again = read_trace(Path(folder) / "trace.safetensors")
    for field in fields(again):
        one, two = getattr(last.trace, field.name), getattr(again, field.name)
        same = np.array_equal(one, two) if isinstance(one, np.ndarray) else one == two
        if not same:
            raise RunError(f"The trace's {field.name} changed on its way through a file.")
    per_call = last.seconds / last.trace.nfe * 1000
    return f"{model.name}: {last.trace.nfe} calls, {per_call:.1f} ms each, in {model.precision}"


def _tiny_network() -> PatchForcingTransformer:
    """Weights by a formula, so that nothing has to be stored."""
    config = PatchForcingConfig(input_size=8, hidden_size=32, depth=2, num_heads=2, num_classes=3)
    network = PatchForcingTransformer(config).eval()
    for number, parameter in enumerate(network.parameters()):
        if parameter.requires_grad:
            waves = torch.arange(parameter.numel(), dtype=torch.float64) * 0.7 + number
            parameter.data = (0.1 * torch.sin(waves)).float().reshape(parameter.shape)
    return network


@torch.no_grad()
def _forward_values(network: PatchForcingTransformer) -> list[float]:
    """A few outputs at a fixed state, with different times and labels."""
    x = torch.sin(torch.arange(2 * 4 * 64, dtype=torch.float64) * 1.3).float().reshape(2, 4, 8, 8)
    t = (torch.arange(32, dtype=torch.float64) * 0.37 % 1.0).float().reshape(2, 4, 4)
    found = network(x, t, ClassLabels(torch.tensor([1, 3])))
    assert found.log_variance is not None
    out = torch.cat([found.velocity, found.log_variance], dim=1).flatten()
    return [round(value, 6) for value in out[:: math.isqrt(out.numel())].tolist()]
