"""Stochastic: steps along a stochastic differential equation with the flow's densities.

    dx = (v + w s) dt + sqrt(2 w) dW,    s the score, by the Euler-Maruyama method

for any w(t) >= 0 (Ma et al. 2024, arXiv 2401.08740, section 2.4). Its noise makes up for errors of
earlier steps, at the price of more calls. The last part of the time is one step without noise.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from pfstudio.core.samplers import Stochastic
from pfstudio.core.trace import Role
from pfstudio.flow.interpolants import DIFFUSIONS, LINEAR
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import observe, own_times
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField

LAST_STEP = 0.04  # share of the time
_LEAST_TIME = 1e-5  # from the ends, where the score is a quotient of zeros


def stochastic(
    field: VelocityField,
    start: InitialState,
    settings: Stochastic,
    noise_of: Callable[[int], Tensor] | None = None,
) -> SamplerSteps:
    """`settings.steps` calls; `noise_of` a step (from 0) is (B,C,H,W), drawn from the start's own
    noise if it is not given."""
    x, p = start.x, field.patch_size
    noise_of = noise_of or noise_for(start)
    times = step_times(start, settings.steps)
    for step, (now, then) in enumerate(times):
        if step < start.calls:
            continue
        prediction = field(x, now)
        yield observe(field, start, x, now, prediction, Role.TOGETHER)
        v, t, dt = prediction.velocity, to_pixels(now, p), to_pixels(then - now, p)
        if step == len(times) - 1:
            return last_step(settings, v, x, t, dt)
        noise = (2 * amount(settings, t) * dt).sqrt() * noise_of(step)
        x = x + dt * drift(settings, v, x, t) + noise
    return x


def step_times(start: InitialState, steps: int) -> list[tuple[Tensor, Tensor]]:
    """Each patch's own times before and after each step; the last one is `LAST_STEP` long."""
    grid = [*torch.linspace(0, 1 - LAST_STEP, steps), torch.tensor(1.0)]
    return list(pairwise(own_times(start, grid)))


def amount(settings: Stochastic, t: Tensor) -> Tensor:
    """w at times t of the pixels."""
    return settings.strength * DIFFUSIONS[settings.diffusion](t)


def drift(settings: Stochastic, velocity: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """v + w s at state x."""
    inside = t.clamp(_LEAST_TIME, 1 - _LEAST_TIME)
    return velocity + amount(settings, t) * LINEAR.score_from_velocity(velocity, x, inside)


def last_step(settings: Stochastic, velocity: Tensor, x: Tensor, t: Tensor, dt: Tensor) -> Tensor:
    """The end; along v alone is also where Tweedie's formula leads on this path."""
    mean = settings.last_step == "mean"
    return x + dt * (drift(settings, velocity, x, t) if mean else velocity)


def noise_for(start: InitialState) -> Callable[[int], Tensor]:
    """Noise of each step that hangs on each picture's own begin, not on its batch."""
    seeds = [zlib.crc32(x.float().cpu().numpy().tobytes()) for x in start.drawn_from]

    def draw(step: int) -> Tensor:
        generators = (torch.Generator().manual_seed((seed << 16) + step) for seed in seeds)
        own = [torch.randn(start.x.shape[1:], generator=generator) for generator in generators]
        return torch.stack(own).to(start.x)

    return draw
