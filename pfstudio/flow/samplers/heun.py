"""Heun: second-order steps from the mean of the slopes at both ends."""

from __future__ import annotations

from itertools import pairwise

from pfstudio.core.samplers import Heun
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import observe, own_times, uniform_grid
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField


def heun(field: VelocityField, start: InitialState, settings: Heun) -> SamplerSteps:
    """A trial Euler step, then x <- x + dt (v(x, t) + v(trial, t + dt)) / 2; two calls a step."""
    x = start.x
    made, tried = divmod(start.calls, 2)
    for now, then in list(pairwise(own_times(start, uniform_grid(settings.steps))))[made:]:
        dt = to_pixels(then - now, field.patch_size)
        if tried and start.made:
            trial, x, velocity, tried = x, start.made.state, start.made.velocity, 0
        else:
            first = field(x, now)
            yield observe(field, start, x, now, first, Role.TOGETHER)
            velocity = first.velocity
            trial = x + dt * velocity
        second = field(trial, then)
        yield observe(field, start, trial, then, second, Role.TOGETHER)
        x = x + dt * (velocity + second.velocity) / 2
    return x
