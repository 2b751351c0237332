"""Stochastic Heun: the stochastic sampler by second-order steps, two calls each.

    y = x + sqrt(2 w dt) n,    y' = y + dt d(y, t),    x <- y + dt (d(y, t) + d(y', t + dt)) / 2

with the drift d = v + w s of `samplers.stochastic`. The noise comes first, so that both slopes see
it. The last part of the time is one step without noise, and one call.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from pfstudio.core.samplers import StochasticHeun
from pfstudio.core.trace import Role
from pfstudio.flow.path import to_pixels
from pfstudio.flow.samplers.common import observe
from pfstudio.flow.samplers.stochastic import amount, drift, last_step, noise_for, step_times
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField


def stochastic_heun(
    field: VelocityField,
    start: InitialState,
    settings: StochasticHeun,
    noise_of: Callable[[int], Tensor] | None = None,
) -> SamplerSteps:
    """`2 settings.steps - 1` calls; for `noise_of` see `stochastic`."""
    x, p = start.x, field.patch_size
    noise_of = noise_of or noise_for(start)
    times = step_times(start, settings.steps)
    made, tried = divmod(start.calls, 2)
    for step, (now, then) in list(enumerate(times[:-1]))[made:]:
        t, later, dt = to_pixels(now, p), to_pixels(then, p), to_pixels(then - now, p)
        if tried and start.made:
            trial, x, velocity, tried = x, start.made.state, start.made.velocity, 0
        else:
            if start.made is None or step > made:  # a state that was recorded holds its noise
                x = x + (2 * amount(settings, t) * dt).sqrt() * noise_of(step)
            first = field(x, now)
            yield observe(field, start, x, now, first, Role.TOGETHER)
            velocity = first.velocity
            trial = x + dt * drift(settings, velocity, x, t)
        second = field(trial, then)
        yield observe(field, start, trial, then, second, Role.TOGETHER)
        slopes = drift(settings, velocity, x, t) + drift(settings, second.velocity, trial, later)
        x = x + dt * slopes / 2
    now, then = times[-1]
    prediction = field(x, now)
    yield observe(field, start, x, now, prediction, Role.TOGETHER)
    return last_step(settings, prediction.velocity, x, to_pixels(now, p), to_pixels(then - now, p))
