"""Patch Forcing Studio: see how a flow model makes a picture.

    import pfstudio

    model = pfstudio.load("pft-ti-emoji-64")
    run = pfstudio.generate(model, classes=[3, 7], seed=1, sampler="dual-loop", steps=12)
    run.images  # (2, H, W, 3) uint8
    run.trace.difficulty  # (nfe, 2, n, n)

    depth = pfstudio.depth(pfstudio.load_depth("depthfm-s"), "photo.jpg", ensemble_size=5)
    depth.log_depth, depth.log_std  # (H, W) each, larger is farther and less certain

    larger = pfstudio.upscale(pfstudio.load_upsampler("upsampler-s"), "photo.jpg", factor=2)
    larger.image  # (2H, 2W, 3) uint8

    held = pfstudio.features(model, ["a.png", "b.png"], layers=(6,), times=(0.7,))
    held.layers[0].values  # (2, 1, n, n, D): what layer 6 holds of each patch

Importing the package is cheap: torch is only imported by the first use of the engine.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pfstudio.version import __version__

if TYPE_CHECKING:
    from pfstudio.engine.api import Run as Run
    from pfstudio.engine.api import depth as depth
    from pfstudio.engine.api import features as features
    from pfstudio.engine.api import generate as generate
    from pfstudio.engine.api import upscale as upscale
    from pfstudio.engine.depth_model import DepthModel as DepthModel
    from pfstudio.engine.depth_model import load_depth as load_depth
    from pfstudio.engine.model import Model as Model
    from pfstudio.engine.model import load as load
    from pfstudio.engine.session import Session as Session
    from pfstudio.engine.upscale_model import UpscaleModel as UpscaleModel
    from pfstudio.engine.upscale_model import load_upsampler as load_upsampler

# OpenMP threads that spin while they wait freeze a busy machine; torch reads this at import.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # the hub's client reads it at import

_HOMES = {
    "DepthModel": "pfstudio.engine.depth_model",
    "Model": "pfstudio.engine.model",
    "Run": "pfstudio.engine.api",
    "Session": "pfstudio.engine.session",
    "UpscaleModel": "pfstudio.engine.upscale_model",
    "depth": "pfstudio.engine.api",
    "features": "pfstudio.engine.api",
    "generate": "pfstudio.engine.api",
    "load_depth": "pfstudio.engine.depth_model",
    "load_upsampler": "pfstudio.engine.upscale_model",
    "load": "pfstudio.engine.model",
    "upscale": "pfstudio.engine.api",
}
__all__ = [
    "DepthModel",
    "Model",
    "Run",
    "Session",
    "UpscaleModel",
    "__version__",
    "depth",
    "features",
    "generate",
    "load",
    "load_depth",
    "load_upsampler",
    "upscale",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pfstudio' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
