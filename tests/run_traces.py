"""Made-up runs for tests of what is exported from a trace."""

from __future__ import annotations

import numpy as np

from pfstudio.core.conditions import labels
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace import Trace


def made_up_trace(nfe: int = 6, images: int = 2, grid: tuple[int, int] = (4, 4)) -> Trace:
    """Random maps; the difficulty of the last call is missing."""
    generator = np.random.default_rng(0)
    maps, latent = (nfe, images, *grid), (images, 4, 2 * grid[0], 2 * grid[1])

    def floats(shape: tuple[int, ...]) -> np.ndarray:
        return generator.random(shape, np.float32)

    difficulty = floats(maps)
    difficulty[-1] = np.nan
    request = GenerateRequest(
        conditions=labels(*[0] * images), sampler=DualLoop(steps=3, inner_steps=2)
    )
    return Trace(
        request, "made-up", floats(latent), floats(latent), floats(maps), difficulty,
        generator.integers(0, 6, maps, np.uint8), floats(maps),
        np.full(nfe, images * grid[0] * grid[1], np.int32), floats((nfe,)).cumsum(),
    )  # fmt: skip


def made_up_pictures(nfe: int = 6, side: int = 32) -> np.ndarray:
    """(T,side,side,3): one colour per call."""
    shades = np.linspace(0, 255, nfe).astype(np.uint8)
    return np.broadcast_to(shades[:, None, None, None], (nfe, side, side, 3)).copy()
