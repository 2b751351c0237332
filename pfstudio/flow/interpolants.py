"""Paths between noise and data, x_t = alpha data + sigma noise, and what can be predicted on them.

"SiT: Exploring Flow and Diffusion-based Generative Models with Scalable Interpolant Transformers"
(Ma et al. 2024, arXiv 2401.08740). Time 0 is noise, time 1 data. Times broadcast against states;
every function is of the shape of its arguments. At the ends some quotients are infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Schedule = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Interpolant:
    """A path by its two schedules and their derivatives."""

    alpha: Schedule
    sigma: Schedule
    d_alpha: Schedule
    d_sigma: Schedule

    def state(self, data: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """x_t."""
        return self.alpha(t) * data + self.sigma(t) * noise

    def velocity(self, data: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """Of the path: what a velocity network is trained to predict."""
        return self.d_alpha(t) * data + self.d_sigma(t) * noise

    def score_from_velocity(self, velocity: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """The gradient of the log-density at x."""
        ratio = self.alpha(t) / self.d_alpha(t)
        sigma = self.sigma(t)
        return (ratio * velocity - x) / (sigma**2 - ratio * self.d_sigma(t) * sigma)

    def noise_from_velocity(self, velocity: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """The noise that x is expected to hold."""
        ratio = self.alpha(t) / self.d_alpha(t)
        return (ratio * velocity - x) / (ratio * self.d_sigma(t) - self.sigma(t))

    def velocity_from_score(self, score: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """The inverse of `score_from_velocity`."""
        rate, sigma = self.d_alpha(t) / self.alpha(t), self.sigma(t)
        return rate * x + (rate * sigma**2 - sigma * self.d_sigma(t)) * score

    def velocity_from_noise(self, noise: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """The inverse of `noise_from_velocity`."""
        return self.velocity_from_score(-noise / self.sigma(t), x, t)


_LEAST_RATE, _MOST_RATE = 0.1, 20.0  # of the variance-preserving diffusion (Song et al. 2021)


def _vp_log_alpha(t: Tensor) -> Tensor:
    rest = 1 - t
    return -(_MOST_RATE - _LEAST_RATE) / 4 * rest**2 - _LEAST_RATE / 2 * rest


def _vp_d_log_alpha(t: Tensor) -> Tensor:
    return (_MOST_RATE - _LEAST_RATE) / 2 * (1 - t) + _LEAST_RATE / 2


def _vp_alpha(t: Tensor) -> Tensor:
    return _vp_log_alpha(t).exp()


def _vp_sigma(t: Tensor) -> Tensor:
    return (-torch.expm1(2 * _vp_log_alpha(t))).sqrt()


LINEAR = Interpolant(
    alpha=lambda t: t,
    sigma=lambda t: 1 - t,
    d_alpha=torch.ones_like,
    d_sigma=lambda t: -torch.ones_like(t),
)
INTERPOLANTS = {
    "linear": LINEAR,
    "gvp": Interpolant(  # generalised variance-preserving
        alpha=lambda t: (t * math.pi / 2).sin(),
        sigma=lambda t: (t * math.pi / 2).cos(),
        d_alpha=lambda t: math.pi / 2 * (t * math.pi / 2).cos(),
        d_sigma=lambda t: -math.pi / 2 * (t * math.pi / 2).sin(),
    ),
    "vp": Interpolant(
        alpha=_vp_alpha,
        sigma=_vp_sigma,
        d_alpha=lambda t: _vp_alpha(t) * _vp_d_log_alpha(t),
        d_sigma=lambda t: -(_vp_alpha(t) ** 2) * _vp_d_log_alpha(t) / _vp_sigma(t),
    ),
}

# How much noise a stochastic sampler adds at a time, in units of its strength.
DIFFUSIONS: dict[str, Schedule] = {
    "sigma": lambda t: 1 - t,
    "constant": torch.ones_like,
    "decreasing": lambda t: 0.25 * ((math.pi * t).cos() + 1) ** 2,
    "middle": lambda t: (math.pi * t).sin() ** 2,
}
