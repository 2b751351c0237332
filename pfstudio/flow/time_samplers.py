"""How training draws the time maps: Logit-Normal Truncated-Gaussian first, then the ablations.

Each sampler is a frozen dataclass that is called with (batch, grid, generator) and returns times
(B,n,m) in [0,1] on the generator's device. F = n*m patches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

Grid = tuple[int, int]
TimeSampler = Callable[[int, Grid, Generator], Tensor]


def _uniform(batch: int, grid: Grid, generator: Generator) -> Tensor:
    return torch.rand((batch, *grid), generator=generator, device=generator.device)


def _normal(batch: int, grid: Grid, generator: Generator) -> Tensor:
    return torch.randn((batch, *grid), generator=generator, device=generator.device)


def _below_ceiling(ceiling: Tensor, std: float, grid: Grid, generator: Generator) -> Tensor:
    """Half-Gaussian times below each image's ceiling (B,1,1); negative ones are redrawn."""
    batch = len(ceiling)
    sigma = (ceiling / 2).clamp(max=std)
    t = ceiling - sigma * _normal(batch, grid, generator).abs()
    # Redrawn uniformly, not clamped: no pile of patches at pure noise.
    return torch.where(t < 0, ceiling * _uniform(batch, grid, generator), t)


@dataclass(frozen=True)
class LogitNormalTruncatedGaussian:
    """LTG: a logit-normal ceiling per image, half-Gaussian times below it.

    The ceiling never exceeds 1, so that a `std` of 0.5 and more never acts (0.6 is published);
    `loc` 0.7 is the class-conditional setting, 0.5 the text-to-image one.
    """

    std: float = 0.6
    loc: float = 0.7
    scale: float = 1.0

    def __call__(self, batch: int, grid: Grid, generator: Generator) -> Tensor:
        ceiling = torch.sigmoid(self.loc + self.scale * _normal(batch, (1, 1), generator))
        return _below_ceiling(ceiling, self.std, grid, generator)


@dataclass(frozen=True)
class TruncatedGaussian:
    """As LTG, with a uniform ceiling."""

    std: float = 0.2

    def __call__(self, batch: int, grid: Grid, generator: Generator) -> Tensor:
        return _below_ceiling(_uniform(batch, (1, 1), generator), self.std, grid, generator)


@dataclass(frozen=True)
class Gaussian:
    """Gaussian times around a uniform mean per image, clamped to [0,1]."""

    std: float = 0.2

    def __call__(self, batch: int, grid: Grid, generator: Generator) -> Tensor:
        mean = _uniform(batch, (1, 1), generator)
        sigma = (torch.minimum(mean, 1 - mean) / 2).clamp(max=self.std)
        return (mean + sigma * _normal(batch, grid, generator)).clamp(0, 1)


@dataclass(frozen=True)
class UniformMean:
    """SRM: the mean time is uniform; it is split over the patches by recursive Beta draws."""

    sharpness: float = 1.0

    def __call__(self, batch: int, grid: Grid, generator: Generator) -> Tensor:
        patches = grid[0] * grid[1]
        total = patches * torch.rand(batch, generator=generator, device=generator.device)
        t = torch.stack(self._split(total, patches, generator), dim=1)
        noise = torch.rand(t.shape, generator=generator, device=generator.device)
        return t.gather(1, noise.argsort(dim=1)).reshape(batch, *grid)

    def _split(self, total: Tensor, cells: int, generator: Generator) -> list[Tensor]:
        """Times (B,) of `cells` patches whose sum is `total` (B,)."""
        if cells == 1:
            return [total.clamp(0, 1)]
        first, second = cells // 2, cells - cells // 2
        low = (total - second).clamp(min=0)
        high = total.clamp(max=first)
        a = (cells - 1 - cells % 2) ** 1.05 * self.sharpness
        part = low + (high - low) * _beta(a, total, generator)
        return [
            *self._split(part, first, generator),
            *self._split(total - part, second, generator),
        ]


def _beta(a: float, like: Tensor, generator: Generator) -> Tensor:
    """Draws of the symmetric Beta(a,a), one for each element of `like`."""
    shape = torch.full_like(like, a)
    one = torch._standard_gamma(shape, generator=generator)
    other = torch._standard_gamma(shape, generator=generator)
    return one / (one + other)


@dataclass(frozen=True)
class Parallel:
    """One uniform time per image: ordinary flow matching."""

    def __call__(self, batch: int, grid: Grid, generator: Generator) -> Tensor:
        return _uniform(batch, (1, 1), generator).expand(batch, *grid)


@dataclass(frozen=True)
class ParallelLogitNormal:
    """One logit-normal time per image."""

    loc: float = 0.0
    scale: float = 1.0

    def __call__(self, batch: int, grid: Grid, generator: Generator) -> Tensor:
        time = torch.sigmoid(self.loc + self.scale * _normal(batch, (1, 1), generator))
        return time.expand(batch, *grid)


@dataclass(frozen=True)
class Independent:
    """An independent uniform time per patch (Diffusion Forcing)."""

    def __call__(self, batch: int, grid: Grid, generator: Generator) -> Tensor:
        return _uniform(batch, grid, generator)


TIME_SAMPLERS: dict[str, Callable[..., TimeSampler]] = {
    "ltg": LogitNormalTruncatedGaussian,
    "truncated-gaussian": TruncatedGaussian,
    "gaussian": Gaussian,
    "srm": UniformMean,
    "parallel": Parallel,
    "parallel-logit-normal": ParallelLogitNormal,
    "independent": Independent,
}
