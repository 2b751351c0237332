"""What the samplers share: each patch's own time grid, difficulty, easy patches, and roles."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.paint import Paint
from pfstudio.core.trace import Role
from pfstudio.flow.objective import MAX_LOG_STD, MIN_LOG_STD
from pfstudio.flow.path import pool
from pfstudio.flow.step import InitialState, Prediction, SamplerStep, VelocityField

# The training loss clamps the standard deviation like this (pfstudio.flow.objective).
MIN_VARIANCE, MAX_VARIANCE = math.exp(2 * MIN_LOG_STD), math.exp(2 * MAX_LOG_STD)


def start_times(start: InitialState) -> Tensor:
    """Time of each patch at the start (B,n,m); what the user fixed is at 1 and never moves."""
    if start.paint is None:
        return start.time
    return torch.where(start.paint == Paint.FIXED, 1.0, start.time)


def uniform_grid(steps: int) -> Tensor:
    """Times 0 .. 1 in equal steps, (steps+1,)."""
    return torch.linspace(0, 1, steps + 1)


def own_times(start: InitialState, grid: Tensor | Sequence[Tensor]) -> list[Tensor]:
    """The grid's times squeezed between each patch's start time and 1: a list of (B,n,m).

    A patch that starts at 0 gets the grid exactly, one that starts at 1 stays there.
    """
    first = start_times(start)
    one = torch.ones_like(first)
    return [torch.lerp(first, one, torch.as_tensor(g).to(first)) for g in grid]


def difficulty_of(prediction: Prediction, patch_size: int, pooling: str = "mean") -> Tensor:
    """Expected squared velocity error of each patch (B,n,m): exp, then pooled."""
    if prediction.log_variance is None:
        raise InputError(
            "This sampler needs a difficulty head, which this model does not have.",
            "Use the euler, heun or scheduled sampler.",
        )
    return pool(prediction.log_variance.exp(), patch_size, pooling)


def easy_patches(difficulty: Tensor, share: float, start: InitialState, patch_size: int) -> Tensor:
    """The patches (B,n,m) below the `share`-quantile of their picture's moving patches.

    As published the quantile runs over the latent's pixels in float64, so every patch counts
    p*p times, which moves the threshold between two patches for some shares. The comparison is
    strict: equally difficult patches are all hard. Painted wishes come first.
    """
    moving = start_times(start) < 1
    values = difficulty.float().cpu().numpy().astype(np.float64)  # which not every device has
    below = np.zeros(values.shape, bool)
    for image, candidates in enumerate(moving.cpu().numpy()):
        if candidates.any():
            pixels = values[image][candidates].repeat(patch_size**2)
            below[image] = values[image] < np.quantile(pixels, share)
    easy = torch.from_numpy(below).to(moving.device)
    if start.paint is not None:
        easy = (easy | (start.paint == Paint.FAST)) & (start.paint != Paint.SLOW)
    return easy & moving


def observe(
    field: VelocityField,
    start: InitialState,
    x: Tensor,
    t: Tensor,
    prediction: Prediction,
    role: Tensor | Role,
) -> SamplerStep:
    """The step to yield after a call at state x and times t. Patches at rest get their own role."""
    if not isinstance(role, Tensor):
        role = torch.full_like(t, role, dtype=torch.uint8)
    finished = start_times(start) >= 1
    role = torch.where(finished, int(Role.FINISHED), role)
    if start.paint is not None:
        role = torch.where(start.paint == Paint.FIXED, int(Role.FIXED), role)
    difficulty = None
    if prediction.log_variance is not None:
        difficulty = difficulty_of(prediction, field.patch_size)
    return SamplerStep(t, x, prediction, difficulty, role.to(torch.uint8))


def roles(easy: Tensor, of_easy: Role, of_hard: Role) -> Tensor:
    """Role codes (B,n,m) uint8 of a call that treats easy and hard patches differently."""
    return torch.where(easy, int(of_easy), int(of_hard)).to(torch.uint8)
