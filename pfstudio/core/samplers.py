"""The samplers' settings: plain data that requests, the CLI and the recipe panel share.

The mathematics of each lives in `pfstudio/flow/samplers/`, one file per sampler. A new sampler is
one dataclass in `SAMPLERS` here and one generator function there.

Every class knows its number of network evaluations (`nfe`) and how to spend a given number of them
(`for_nfe`), because "100 steps" mean an NFE of 100, 400 and 195 for the published samplers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, Self

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import CheckedSettings, parameter

POOLINGS = ("mean", "max", "min")
ORDERS = ("random", "raster", "painted")
DIFFUSION_FORMS = ("sigma", "constant", "decreasing", "middle")
LAST_STEPS = ("euler", "mean")
_MOST_STEPS = 1000
EARLY_PHASE_END = 0.05  # look-ahead does not look ahead before this time (specification 8.4)


def _steps(default: int, what: str) -> int:
    value: int = parameter(default, "Steps", what, minimum=1, maximum=_MOST_STEPS)
    return value


def _easy_share() -> float:
    text = "Share of the patches that count as easy in each step (the paper's p)"
    value: float = parameter(0.4, "Easy share", text, minimum=0.0, maximum=1.0, step=0.05)
    return value


def _pooling() -> str:
    text = "How the pixels' variance becomes one difficulty per patch"
    value: str = parameter("mean", "Pooling", text, choices=POOLINGS, rare=True)
    return value


@dataclass(frozen=True)
class Euler(CheckedSettings):
    """First-order steps, every patch at the same time ("parallel" in the paper)."""

    name: ClassVar[str] = "euler"
    label: ClassVar[str] = "Euler"
    needs_difficulty: ClassVar[bool] = False
    has_known_times: ClassVar[bool] = True  # whatever the network says

    steps: int = _steps(50, "Steps from noise to image; one call each")
    grid: tuple[float, ...] = ()  # own time grid from 0 to 1, (steps + 1,); empty: uniform

    def __post_init__(self) -> None:
        super().__post_init__()
        grid = self.grid
        rising = all(now <= then for now, then in pairwise(grid))
        if grid and not (len(grid) == self.steps + 1 and grid[0] == 0 and grid[-1] == 1 and rising):
            raise InputError(
                f"The time grid must rise from 0 to 1 in {self.steps + 1} numbers.",
                "Give one number more than there are steps.",
            )

    @property
    def nfe(self) -> int:
        return self.steps

    def for_nfe(self, nfe: int) -> Self:
        return replace(self, steps=max(1, nfe), grid=())


@dataclass(frozen=True)
class Heun(CheckedSettings):
    """Second-order steps: a trial step, then the mean of both slopes; two calls each."""

    name: ClassVar[str] = "heun"
    label: ClassVar[str] = "Heun"
    needs_difficulty: ClassVar[bool] = False
    has_known_times: ClassVar[bool] = True

    steps: int = _steps(25, "Second-order steps; two calls each")

    @property
    def nfe(self) -> int:
        return 2 * self.steps

    def for_nfe(self, nfe: int) -> Self:
        return replace(self, steps=max(1, nfe // 2))


@dataclass(frozen=True)
class DualLoop(CheckedSettings):
    """Easy patches take the whole step at once; hard ones follow in smaller inner steps."""

    name: ClassVar[str] = "dual-loop"
    label: ClassVar[str] = "Dual-loop"
    needs_difficulty: ClassVar[bool] = True
    has_known_times: ClassVar[bool] = True

    steps: int = _steps(12, "Outer steps; each costs as many calls as there are inner steps")
    inner_steps: int = parameter(
        4, "Inner steps", "Small steps that a hard patch takes in each outer step",
        minimum=1, maximum=64,
    )  # fmt: skip
    easy_share: float = _easy_share()
    pooling: str = _pooling()

    @property
    def nfe(self) -> int:
        return self.steps * self.inner_steps

    def for_nfe(self, nfe: int) -> Self:
        return replace(self, steps=max(1, round(nfe / self.inner_steps)))


@dataclass(frozen=True)
class LookAhead(CheckedSettings):
    """Easy patches are shown to the hard ones in their predicted future; then all step together."""

    name: ClassVar[str] = "look-ahead"
    label: ClassVar[str] = "Look-ahead"
    needs_difficulty: ClassVar[bool] = True
    has_known_times: ClassVar[bool] = True

    steps: int = _steps(25, "Steps; two calls each, but one in the early phase")
    easy_share: float = _easy_share()
    context_ratio: float = parameter(
        1.4, "Context ratio", "How far ahead the easy patches are shown: ratio times the time",
        minimum=1.0, maximum=5.0, step=0.1,
    )  # fmt: skip
    pooling: str = _pooling()

    @property
    def nfe(self) -> int:
        early = sum(k / self.steps < EARLY_PHASE_END - 1e-6 for k in range(self.steps))
        return 2 * self.steps - early

    def for_nfe(self, nfe: int) -> Self:
        best = max(1, nfe // 2)
        while best < _MOST_STEPS and replace(self, steps=best + 1).nfe <= nfe:
            best += 1
        return replace(self, steps=best)


@dataclass(frozen=True)
class Scheduled(CheckedSettings):
    """Every patch has its own time table: one region after another, in a chosen order."""

    name: ClassVar[str] = "scheduled"
    label: ClassVar[str] = "Scheduled"
    needs_difficulty: ClassVar[bool] = False
    has_known_times: ClassVar[bool] = False

    steps: int = _steps(50, "Steps of the schedule; one call each")
    order: str = parameter(
        "random", "Order", "Which patches go first: random, top to bottom, or fast-painted first",
        choices=ORDERS,
    )  # fmt: skip
    spread: float = parameter(
        0.5, "Spread", "Share of the run between the first and last patch's start (0: together)",
        minimum=0.0, maximum=0.95, step=0.05,
    )  # fmt: skip

    @property
    def nfe(self) -> int:
        return self.steps

    def for_nfe(self, nfe: int) -> Self:
        return replace(self, steps=max(1, nfe))


@dataclass(frozen=True)
class Adaptive(CheckedSettings):
    """Second-order steps at one call each, as long as a tolerance allows.

    Good for coming near the limit of many steps with few calls: by its defaults some 20 calls,
    with a third of the error of as many Euler steps on the shipped emoji model.
    """

    name: ClassVar[str] = "adaptive"
    label: ClassVar[str] = "Adaptive"
    needs_difficulty: ClassVar[bool] = False
    has_known_times: ClassVar[bool] = False

    max_nfe: int = parameter(
        48, "Max. evaluations", "The run ends after at most this many network evaluations",
        minimum=2, maximum=_MOST_STEPS,
    )  # fmt: skip
    tolerance: float = parameter(
        0.01, "Tolerance",
        "How far a step may miss; a third as much costs 1.7 times the calls (0: spend them all)",
        minimum=0.0, maximum=0.1, step=0.002, limits=(0.0, 1.0),
    )  # fmt: skip

    @property
    def nfe(self) -> int:
        return self.max_nfe

    def for_nfe(self, nfe: int) -> Self:
        return replace(self, max_nfe=max(2, nfe))


@dataclass(frozen=True)
class Stochastic(CheckedSettings):
    """Adds fresh noise in every step and removes it again; every patch at the same time."""

    name: ClassVar[str] = "stochastic"
    label: ClassVar[str] = "Stochastic"
    needs_difficulty: ClassVar[bool] = False
    has_known_times: ClassVar[bool] = False

    steps: int = parameter(
        50, "Steps", "Steps from noise to image; one call each", minimum=2, maximum=_MOST_STEPS
    )
    strength: float = parameter(
        1.0, "Noise strength", "How much noise is added (0: none, as Euler)",
        minimum=0.0, maximum=3.0, step=0.1,
    )  # fmt: skip
    diffusion: str = parameter(
        "sigma", "Noise", "When it is added: less and less, always alike, early, or midway",
        choices=DIFFUSION_FORMS, rare=True,
    )  # fmt: skip
    last_step: str = parameter(
        "euler", "Last step", "Last 4 % of the time: to where the model points, or as before",
        choices=LAST_STEPS, rare=True,
    )  # fmt: skip

    @property
    def nfe(self) -> int:
        return self.steps

    def for_nfe(self, nfe: int) -> Self:
        return replace(self, steps=max(2, nfe))


@dataclass(frozen=True)
class StochasticHeun(Stochastic):
    """As the stochastic sampler, by second-order steps of two calls each."""

    name: ClassVar[str] = "sde-heun"
    label: ClassVar[str] = "SDE-Heun"

    steps: int = parameter(
        25, "Steps", "Second-order steps; two calls each, but one for the last",
        minimum=2, maximum=_MOST_STEPS,
    )  # fmt: skip

    @property
    def nfe(self) -> int:
        return 2 * self.steps - 1

    def for_nfe(self, nfe: int) -> Self:
        return replace(self, steps=max(2, (nfe + 1) // 2))


Sampler = Euler | Heun | DualLoop | LookAhead | Scheduled | Adaptive | Stochastic | StochasticHeun
SAMPLERS: dict[str, type[Sampler]] = {
    kind.name: kind
    for kind in (
        Euler,
        DualLoop,
        LookAhead,
        Heun,
        Adaptive,
        Scheduled,
        Stochastic,
        StochasticHeun,
    )
}
