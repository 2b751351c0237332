"""Dormand and Prince's fifth-order method (1980) with steps as long as a tolerance allows.

Error control as usual: Hairer, Norsett and Wanner, "Solving Ordinary Differential Equations I",
section II.4.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pfstudio.core.errors import RunError
from pfstudio.flow.ode import Velocity, moved

RTOL, ATOL = 1e-3, 1e-6  # of the published upsampler
EVALUATIONS_PER_STEP = 6  # the seventh slope is the next step's first
_MOST_STEPS = 1000
_SAFETY, _SHORTEN, _LENGTHEN = 0.9, 0.2, 10.0
_NODES = (1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
_ROWS = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),  # the step itself
)
_ERROR = (  # fifth order minus fourth
    *(71 / 57600, 0.0, -71 / 16695, 71 / 1920),
    *(-17253 / 339200, 22 / 525, -1 / 40),
)


def dopri5(velocity: Velocity, x: Tensor, rtol: float = RTOL, atol: float = ATOL) -> Tensor:
    """The state at 1, from x at 0; the number of evaluations is known only afterwards.

    Args:
        rtol, atol: allowed error of a step, relative to the state and absolute.

    Raises:
        RunError: the velocity is no number, or changes too fast to be followed.
    """
    time = 0.0
    slope = velocity(x, time)
    dt = 0.01 * _ratio(x, x, rtol, atol) / max(_ratio(slope, x, rtol, atol), 1e-5)
    bend = _ratio(velocity(x + dt * slope, dt) - slope, x, rtol, atol) / dt
    steepest = max(_ratio(slope, x, rtol, atol), bend)
    dt = min(100 * dt, (0.01 / steepest) ** (1 / 5) if steepest > 1e-15 else 1.0)
    for _ in range(_MOST_STEPS):
        dt = min(dt, 1.0 - time)
        slopes = [slope]
        for node, row in zip(_NODES, _ROWS, strict=True):
            state = moved(x, dt, row, slopes)
            slopes.append(velocity(state, time + node * dt))
        scale = torch.maximum(x.abs(), state.abs())
        error = _ratio(moved(torch.zeros_like(x), dt, _ERROR, slopes), scale, rtol, atol)
        if not math.isfinite(error):
            break
        if error <= 1:
            x, slope, time = state, slopes[-1], time + dt
            if time >= 1 - 1e-9:
                return x
        growth = _SAFETY * max(error, 1e-12) ** (-1 / 5)
        dt *= min(_LENGTHEN if error <= 1 else 1.0, max(_SHORTEN, growth))
    raise RunError(
        "The flow could not be followed within the tolerance: it changes too fast or is no number.",
        "Use a solver with a fixed number of steps.",
    )


def _ratio(value: Tensor, scale: Tensor, rtol: float, atol: float) -> float:
    """Root mean square of a value in units of what is tolerated."""
    return float((value / (atol + rtol * scale.abs())).square().mean().sqrt())
