"""Checks that the installation works, from arithmetic to a finished picture."""

from __future__ import annotations

import math
import os
import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from pfstudio.core.classify import ClassifyRequest, Stage
from pfstudio.core.conditions import ClassLabel, Prompt
from pfstudio.core.errors import PfstudioError, RunError
from pfstudio.core.image_io import open_picture
from pfstudio.core.models import installed_models
from pfstudio.core.paths import shipped
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.samplers import DualLoop, Euler
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.engine import api, depth_model, upscale_model
from pfstudio.engine.execution import choose_execution
from pfstudio.engine.model import Model
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
_SIDE = 128  # of the photo, in pixels
_CLASSES = 8  # to choose from
_LEVELS = 8.0  # of 255, mean over a photo made larger: detail, not another picture


@dataclass(frozen=True)
class Check:
    """One thing that was tried."""

    name: str
    passed: bool
    detail: str


def tried(name: str, check: Callable[[], str]) -> Check:
    """Run a check; whatever it raises is what it found."""
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


def _pictures() -> str:
    """One picture with every generator that is shipped, or else with one that is installed."""
    names = [model.name for model in installed_models("generate") if model.shipped]
    return "; ".join(_picture(name) for name in names or [""])


def _picture(name: str) -> str:
    """One picture with a model, and its trace through a file."""
    model = ModelCache().get(generator(name, Compute()))
    sampler = DualLoop(2) if model.has_difficulty else Euler(4)
    asked = GenerateRequest(seed=1, sampler=sampler)
    if model.card.condition == "text":
        asked = replace(asked, conditions=(Prompt("a red heart"),))
    done = api.run(asked, model)
    images, trace = done.result.images, done.result.trace
    if images.std() < 1:
        raise RunError(f"{model.name} made an image of one colour.")
    with tempfile.TemporaryDirectory() as folder:
        write_trace(trace, Path(folder) / "trace.pftrace")
        again = read_trace(Path(folder) / "trace.pftrace")
    for field in fields(again):
        one, two = getattr(trace, field.name), getattr(again, field.name)
        same = np.array_equal(one, two) if isinstance(one, np.ndarray) else one == two
        if not same:
            raise RunError(f"The trace's {field.name} changed on its way through a file.")
    per_call = done.seconds / trace.nfe * 1000
    return f"{model.name}: {trace.nfe} calls, {per_call:.1f} ms each, in {model.precision}"


def _depth() -> str:
    """The depth of the shipped photo with an installed model."""
    photo, model = _photo(), depth_model.load_depth()
    found = api.depth(model, photo, ensemble_size=2, steps=1)
    for values in (found.log_depth, found.log_std):
        if values.shape != photo.shape[:2] or not np.isfinite(values).all():
            raise RunError(f"{model.name} made no depth map of the photo.")
    if not found.log_depth.std() > 0.01:
        raise RunError(f"{model.name} sees one depth everywhere.")
    return f"{model.name}: {_SIDE} x {_SIDE} pixels, 2 members, in {model.precision}"


def _upscale() -> str:
    """The shipped photo made larger with an installed model."""
    photo, model = _photo(), upscale_model.load_upsampler()
    larger = api.upscale(model, photo, factor=2, steps=1).image
    if larger.shape != (2 * _SIDE, 2 * _SIDE, 3):
        raise RunError(f"{model.name} made {larger.shape[1]} x {larger.shape[0]} pixels.")
    smooth = cv2.resize(photo, (2 * _SIDE, 2 * _SIDE), interpolation=cv2.INTER_CUBIC)
    away = float(np.abs(larger.astype(float) - smooth).mean())
    if not 0 < away < _LEVELS:
        raise RunError(f"{model.name} is {away:.1f} of 255 levels away from the photo.")
    return f"{model.name}: twice the size, {away:.1f} levels from bicubic, in {model.precision}"


def _features() -> str:
    """What a layer of a generator holds of its own picture."""
    model = _class_model()
    (held,) = api.features(model, _drawn(model)[None], layers=(1,), times=(0.7,)).layers
    if not np.isfinite(held.values).all() or not held.values.std() > 0:
        raise RunError(f"Layer 1 of {model.name} holds nothing of a picture.")
    height, width, channels = held.values.shape[2:]
    return f"{model.name}: layer 1, {height} x {width} patches, {channels} channels"


def _classify() -> str:
    """A generator finds the class of its own picture again."""
    model = _class_model()
    some = tuple(range(min(_CLASSES, model.classes)))
    asked = ClassifyRequest(model=model.name, classes=some, stages=(Stage(4, 1),))
    best, *_ = api.run(asked, model, picture=_drawn(model)).result.standings
    if best.index != 0:
        raise RunError(f"{model.name} takes its own picture for another class.")
    return f"{model.name}: its own picture, the right one of {len(some)} classes"


def _class_model() -> Model:
    """An installed generator with classes."""
    return ModelCache().get(generator("", Compute(), "class"))


def _drawn(model: Model) -> npt.NDArray[np.uint8]:
    """Its picture (H,W,3) of the first class."""
    asked = GenerateRequest(conditions=(ClassLabel(0),), seed=1, sampler=Euler(8))
    images: npt.NDArray[np.uint8] = api.run(asked, model).result.images
    return images[0]


def _photo() -> npt.NDArray[np.uint8]:
    """The shipped photo (H,W,3), small."""
    with open_picture(shipped("resources", "samples", "room.jpg")) as room:
        return np.asarray(room.convert("RGB").resize((_SIDE, _SIDE)))


CHECKS: dict[str, Callable[[], str]] = {
    "machine": _machine,
    "network": _network,
    "generate": _pictures,
    "depth": _depth,
    "upscale": _upscale,
    "features": _features,
    "classify": _classify,
}


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
