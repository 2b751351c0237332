"""Noising of a latent by a fixed step of a diffusion schedule, where some flows start."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_OFFSET = 1e-5  # keeps the logarithm finite at step 0, as published


def alpha_bar(step: float, steps: float) -> float:
    """Share a of the signal's variance after `step` of `steps`: sigmoid(-2 ln(tan(pi/2 s) + 1e-5)).

    About cos^2 of pi/2 s. DepthFM counts 1000 steps, upscaling by flow matching 999.
    """
    tangent = math.tan(math.pi / 2 * step / steps)
    return 1.0 / (1.0 + (tangent + _OFFSET) ** 2)


def add_noise(latent: Tensor, noise: Tensor, signal: float) -> Tensor:
    """sqrt(a) latent + sqrt(1 - a) noise; the shapes broadcast."""
    return math.sqrt(signal) * latent + math.sqrt(1.0 - signal) * noise


def ensemble_noise(
    members: range, shape: tuple[int, ...], seed: int, device: torch.device | str = "cpu"
) -> Tensor:
    """Noise (len(members),*shape): member k is drawn on the CPU from its own seed + k."""
    drawn = [torch.randn(shape, generator=torch.Generator().manual_seed(seed + k)) for k in members]
    return torch.stack(drawn).to(device)
