"""Six ways to write a flow from noise to data, over a mixture of Gaussians, where all is exact.

A state is x = a x1 + b n, with data x1, noise n ~ N(0, 1), and levels a and b that each way chooses
as it likes. What a network would learn follows from the data D that is expected of a state
(Tweedie's formula): the noise (x - a D) / b, the score (a D - x) / b^2, the velocity. So the ways
differ in nothing but the levels, where they start, and the steps of their solver. Plain numpy: the
window draws it.

N points of two coordinates; levels are (2,), one a coordinate, since each may have its own time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
MANY_CALLS = 500  # a path of so many counts as exact
_BETAS = np.linspace(1e-4, 0.02, 1000)  # of DDPM
_SIGMA_MIN, _SIGMA_MAX, _RHO = 0.002, 80.0, 7.0  # of EDM
_PATCH_LEAD = 1.6  # how much faster the first coordinate of a patch flow goes
_COUPLED_SHARE, _COUPLED_NOISE = 0.9, 0.35  # of what a data-coupled flow starts from


@dataclass(frozen=True)
class Mixture:
    """Round Gaussians."""

    weights: Points  # (K,), sum 1
    means: Points  # (K,2)
    std: float

    def sample(self, count: int, generator: np.random.Generator) -> Points:
        """(N,2)."""
        which = generator.choice(len(self.weights), count, p=self.weights)
        return np.asarray(self.means[which] + self.std * generator.normal(size=(count, 2)))

    def denoised(self, x: Points, a: Points, b: Points) -> Points:
        """E[x1 | a x1 + b n = x], (N,2)."""
        variance = a**2 * self.std**2 + b**2
        away = x[:, None] - a * self.means  # (N,K,2)
        logits = np.log(self.weights) - 0.5 * (away**2 / variance).sum(-1)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        each = self.means + a * self.std**2 / variance * away
        return np.asarray((shares[..., None] * each).sum(axis=1))

    def score(self, x: Points, a: Points, b: Points) -> Points:
        """Gradient of the log-density of states, (N,2)."""
        return (a * self.denoised(x, a, b) - x) / b**2


@dataclass(frozen=True)
class Path:
    """S states on the way of N points, with what they are made of."""

    states: Points  # (S,N,2)
    a: Points  # (S,2)
    b: Points  # (S,2)

    def scaled(self, step: int) -> Points:
        """A state as large as data and noise of spread 1 together would make it, for a plot."""
        return np.asarray(self.states[step] / np.hypot(self.a[step], self.b[step]))


Solve = Callable[[Mixture, Points, Points, int], Path]


@dataclass(frozen=True)
class Formulation:
    """A way to write a flow.

    `solve(mixture, noise, data, calls)` takes points from noise (N,2) to data with so many calls of
    the network; `data` (N,2) is what a coupled flow starts from.
    """

    name: str
    state: str  # formulas, as they are written
    network: str
    solver: str
    solve: Solve


def _both(*levels: float) -> Points:
    """Levels (S,) of both coordinates alike, (S,2)."""
    return np.repeat(np.array(levels)[:, None], 2, axis=1)


def ddpm(mixture: Mixture, noise: Points, data: Points, calls: int) -> Path:
    """Ho et al. 2020 (linear beta), in the steps of DDIM with eta 0 (Song et al. 2021)."""
    bars = np.cumprod(1 - _BETAS)[np.round(np.linspace(999, 0, calls)).astype(int)]
    a, b = _both(*np.sqrt(bars), 1.0), _both(*np.sqrt(1 - bars), 0.0)
    states = [noise]
    for i in range(calls):
        x = states[-1]
        eps = (x - a[i] * mixture.denoised(x, a[i], b[i])) / b[i]
        states.append(a[i + 1] * (x - b[i] * eps) / a[i] + b[i + 1] * eps)
    return Path(np.stack(states), a, b)


def edm(mixture: Mixture, noise: Points, data: Points, calls: int) -> Path:
    """Karras et al. 2022: x = x1 + sigma n, Heun's steps, two calls each but for the last."""
    steps = max(2, (calls + 1) // 2)
    ramp = np.linspace(0, 1, steps)
    low, high = _SIGMA_MIN ** (1 / _RHO), _SIGMA_MAX ** (1 / _RHO)
    b = _both(*(high + ramp * (low - high)) ** _RHO, 0.0)
    a = np.ones_like(b)
    states = [_SIGMA_MAX * noise]
    for i in range(steps):
        x = states[-1]
        slope = (x - mixture.denoised(x, a[i], b[i])) / b[i]
        then = x + (b[i + 1] - b[i]) * slope
        if i < steps - 1:
            ahead = (then - mixture.denoised(then, a[i], b[i + 1])) / b[i + 1]
            then = x + (b[i + 1] - b[i]) * (slope + ahead) / 2
        states.append(then)
    return Path(np.stack(states), a, b)


def flow_matching(mixture: Mixture, noise: Points, data: Points, calls: int) -> Path:
    """Lipman et al. 2023, rectified flow: x = t x1 + (1 - t) n, velocity x1 - n, Euler's steps."""
    times = _both(*np.linspace(0, 1, calls + 1))
    return _straight(mixture, noise, times, times, 1 - times)


def stochastic_interpolant(mixture: Mixture, noise: Points, data: Points, calls: int) -> Path:
    """Albergo et al. 2023, as SiT's GVP: x = sin x1 + cos n of a quarter turn, Euler's steps."""
    angles = np.linspace(0, math.pi / 2, calls + 1)
    a, b = _both(*np.sin(angles)), _both(*np.cos(angles))
    states = [noise]
    for i in range(calls):
        x = states[-1]
        denoised = mixture.denoised(x, a[i], b[i])
        eps = (x - a[i] * denoised) / b[i]
        states.append(x + (angles[i + 1] - angles[i]) * (b[i] * denoised - a[i] * eps))
    return Path(np.stack(states), a, b)


def patch_flow(mixture: Mixture, noise: Points, data: Points, calls: int) -> Path:
    """Patch Forcing: each coordinate is a patch with a time of its own, and one goes ahead."""
    ramp = np.linspace(0, 1, calls + 1)
    times = np.stack([np.minimum(1, _PATCH_LEAD * ramp), ramp], axis=1)
    return _straight(mixture, noise, times, times, 1 - times)


def data_coupled_flow(mixture: Mixture, noise: Points, data: Points, calls: int) -> Path:
    """As DepthFM and flow-matching upsampling: it starts from a noisy, weaker copy of the data."""
    start = _COUPLED_SHARE * data + _COUPLED_NOISE * noise
    times = _both(*np.linspace(0, 1, calls + 1))
    a = times + (1 - times) * _COUPLED_SHARE
    return _straight(mixture, start, times, a, (1 - times) * _COUPLED_NOISE)


def _straight(mixture: Mixture, start: Points, times: Points, a: Points, b: Points) -> Path:
    """Euler's steps along x1 - x0 = (x1 - x) / (1 - t), whatever x0 is made of."""
    states = [start]
    for i in range(len(times) - 1):
        x = states[-1]
        left = np.maximum(1 - times[i], 1e-12)  # a coordinate that has arrived makes no step
        velocity = (mixture.denoised(x, a[i], np.maximum(b[i], 1e-9)) - x) / left
        states.append(x + (times[i + 1] - times[i]) * velocity)
    return Path(np.stack(states), a, b)


FORMULATIONS = (
    Formulation("DDPM", "√ᾱ x₁ + √(1−ᾱ) ε", "ε", "DDIM", ddpm),
    Formulation("EDM", "x₁ + σ ε", "x₁", "Heun", edm),
    Formulation("Flow matching", "t x₁ + (1−t) ε", "x₁ − ε", "Euler", flow_matching),
    Formulation(
        "Stochastic interpolant", "sin(πt/2) x₁ + cos(πt/2) ε", "dx/dt", "Euler",
        stochastic_interpolant,
    ),
    Formulation("Patch flow", "tᵢ x₁ᵢ + (1−tᵢ) εᵢ", "x₁ − ε", "Euler", patch_flow),
    Formulation(
        "Data-coupled flow", "t x₁ + (1−t)(0.9 x₁ + 0.35 ε)", "x₁ − x₀", "Euler",
        data_coupled_flow,
    ),
)  # fmt: skip
MIXTURE = Mixture(
    np.array([0.3, 0.25, 0.25, 0.2]),
    np.array([[-1.1, -0.7], [1.1, -0.8], [0.2, 1.2], [1.3, 0.9]]),
    0.16,
)


def errors(
    formulation: Formulation, mixture: Mixture, noise: Points, data: Points, calls: Sequence[int]
) -> tuple[float, ...]:
    """How far points end from where many calls would take them, for each number of calls.

    Root of the mean square.
    """
    known = formulation.solve(mixture, noise, data, MANY_CALLS).states[-1]
    ends = (formulation.solve(mixture, noise, data, count).states[-1] for count in calls)
    return tuple(float(np.sqrt(((end - known) ** 2).sum(axis=1).mean())) for end in ends)
