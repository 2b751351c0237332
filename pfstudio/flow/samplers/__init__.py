"""Samplers: generator functions that yield one `Step` per network call and return the latents.

A new sampler is a settings class in `pfstudio.core.samplers` (and a line there), a file here, and a
line below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pfstudio.core import samplers as settings_of
from pfstudio.core.errors import InputError
from pfstudio.core.samplers import Sampler
from pfstudio.flow.samplers.adaptive import adaptive
from pfstudio.flow.samplers.dual_loop import dual_loop
from pfstudio.flow.samplers.euler import euler
from pfstudio.flow.samplers.heun import heun
from pfstudio.flow.samplers.look_ahead import look_ahead
from pfstudio.flow.samplers.scheduled import follow, scheduled
from pfstudio.flow.samplers.stochastic import stochastic
from pfstudio.flow.samplers.stochastic_heun import stochastic_heun
from pfstudio.flow.step import InitialState, SamplerSteps, VelocityField

__all__ = ["FUNCTIONS", "follow", "sample"]

FUNCTIONS: dict[type[Sampler], Callable[[VelocityField, InitialState, Any], SamplerSteps]] = {
    settings_of.Euler: euler,
    settings_of.DualLoop: dual_loop,
    settings_of.LookAhead: look_ahead,
    settings_of.Heun: heun,
    settings_of.Adaptive: adaptive,
    settings_of.Scheduled: scheduled,
    settings_of.Stochastic: stochastic,
    settings_of.StochasticHeun: stochastic_heun,
}


def sample(field: VelocityField, start: InitialState, settings: Sampler) -> SamplerSteps:
    """Run the sampler that the settings stand for.

    Raises:
        InputError: the start's state, times and paint do not fit each other.
    """
    batch, _, height, width = start.x.shape
    grid = (height // field.patch_size, width // field.patch_size)
    if tuple(start.time.shape) != (batch, *grid):
        raise InputError(
            f"The start times have shape {tuple(start.time.shape)}, but the latents need "
            f"{(batch, *grid)}."
        )
    if start.paint is not None and tuple(start.paint.shape) != grid:
        raise InputError(
            f"The painted map has {tuple(start.paint.shape)} patches, but the image has {grid}."
        )
    return FUNCTIONS[type(settings)](field, start, settings)
