"""Training objectives: flow matching, and Patch Forcing's difficulty head (section 6 of the paper's
specification: loss = flow + 0.01 nll with a stop-gradient on the velocity).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pfstudio.flow.path import interpolate, target_velocity

VALIDATION_SEGMENTS = 8
NLL_WEIGHT = 0.01
MIN_LOG_STD, MAX_LOG_STD = -15.0, 10.0


@dataclass(frozen=True)
class Loss:
    """A training loss and its parts, all scalars."""

    total: Tensor
    flow: Tensor
    nll: Tensor


def flow_matching_loss(velocity: Tensor, target: Tensor) -> Tensor:
    """Mean squared velocity error over all elements."""
    return (velocity - target).square().mean()


def gaussian_nll(sample: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Elementwise -log N(sample; mean, std^2); the standard deviation broadcasts."""
    return 0.5 * (math.log(2 * math.pi) + 2 * std.log() + (sample - mean).square() / std.square())


def patch_forcing_loss(
    velocity: Tensor, log_variance: Tensor, target: Tensor, weight: float = NLL_WEIGHT
) -> Loss:
    """Flow matching plus the likelihood of the velocity's error under the predicted variance.

    The likelihood sees a detached velocity, so that it trains the difficulty head (and what feeds
    it) but never pulls the velocity. At its optimum exp(log_variance) is the expected squared
    velocity error of a pixel.

    Args:
        velocity: (B,C,H,W) prediction.
        log_variance: (B,1,H,W) prediction, shared by the channels.
        target: (B,C,H,W) data minus noise.
        weight: of the likelihood.
    """
    flow = flow_matching_loss(velocity, target)
    std = (0.5 * log_variance).exp().clamp(math.exp(MIN_LOG_STD), math.exp(MAX_LOG_STD))
    nll = gaussian_nll(target, velocity.detach(), std).mean()
    return Loss(flow + weight * nll, flow, nll)


@torch.no_grad()
def validation_losses(
    velocity: Callable[[Tensor, Tensor], Tensor], data: Tensor, noise: Tensor, patch_size: int
) -> Tensor:
    """Velocity error at uniform times 1/16, 3/16 .. 15/16, (8,); its mean is the validation loss.

    Args:
        velocity: from state (B,C,H,W) and times (B,n,m) to the predicted velocity.
        data: (B,C,H,W) clean latents.
        noise: (B,C,H,W).
        patch_size: p.
    """
    batch, _, height, width = data.shape
    target = target_velocity(data, noise)
    losses = []
    for segment in range(VALIDATION_SEGMENTS):
        time = (2 * segment + 1) / (2 * VALIDATION_SEGMENTS)
        t = data.new_full((batch, height // patch_size, width // patch_size), time)
        x = interpolate(data, noise, t, patch_size)
        losses.append(flow_matching_loss(velocity(x, t), target))
    return torch.stack(losses)
