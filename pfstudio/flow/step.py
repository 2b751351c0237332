"""What samplers exchange with the world: a field to ask, a start, and one Step per call.

Shapes: latents (B,C,H,W); maps (B,n,m) with n = H/p, m = W/p patches; time 0 noise .. 1 clean.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Branches:
    """The strong and the weak prediction of a rule that leads from one through the other."""

    # (B,2,R,n,m) bool: patches that stayed in the strong, weak one's R routes; None: no routes
    kept: Tensor | None
    difference: Tensor  # (B,C,H,W) strong minus weak velocity; 0 where there was no weak one


@dataclass(frozen=True)
class Prediction:
    """What one (guided) network call says about a state."""

    velocity: Tensor  # (B,C,H,W) after guidance
    conditional: Tensor  # (B,C,H,W) before guidance
    log_variance: Tensor | None  # (B,1,H,W) after guidance; None: the model has no difficulty head
    # tokens computed, all passes of guidance counted; the mean over layers that compute fewer
    tokens: int
    branches: Branches | None = None  # None: the rule has none


class VelocityField(Protocol):
    """The velocity field that a sampler follows: a model with its condition and guidance."""

    @property
    def patch_size(self) -> int:
        """Latent pixels per patch side p."""
        ...

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        """Predict at state x (B,C,H,W) and times t (B,n,m); `guided=False` asks the plain model."""
        ...


@dataclass(frozen=True)
class MadeCalls:
    """What a sampler has to know of the calls that were made before it takes up a run again."""

    calls: int  # their number
    time: Tensor  # (B,n,m) map of the next call
    last_time: Tensor  # (B,n,m) map of the last call
    role: Tensor  # (B,n,m) uint8 of core.trace.Role, of the next call
    state: Tensor  # (B,C,H,W) before the last call
    velocity: Tensor  # (B,C,H,W) of the last call, after guidance
    difficulty: Tensor  # (B,n,m) of the last call; NaN where it is not known

    def each(self, change: Callable[[Tensor], Tensor]) -> MadeCalls:
        """The same with every tensor changed."""
        parts: dict[str, Any] = {
            name: change(value) for name, value in vars(self).items() if isinstance(value, Tensor)
        }
        return replace(self, **parts)


@dataclass(frozen=True)
class InitialState:
    """Where a sampler begins: any state with any time map.

    A patch that starts at time 1 is finished and never moves, which is in-painting; a uniform map
    above 0 is partial noise; a recorded state with its map is a branch. A branch that goes on with
    the sampler of its run has `made`: then `x` is the state before its next call, and `time` the
    map with which the run began, on which its grid hangs. What else is drawn at random hangs on
    `noise`, which is the same to the last bit in a run and in its branches.
    """

    x: Tensor  # (B,C,H,W)
    time: Tensor  # (B,n,m)
    paint: Tensor | None = None  # (n,m) uint8 of core.paint.Paint: fast, slow, fixed wishes
    made: MadeCalls | None = None
    noise: Tensor | None = None  # (B,C,H,W) that the run was begun with; None: `x`

    @property
    def drawn_from(self) -> Tensor:
        """The noise (B,C,H,W) whose bits decide what else is drawn."""
        return self.x if self.noise is None else self.noise

    @property
    def calls(self) -> int:
        """How many calls of the run were made already."""
        return 0 if self.made is None else self.made.calls

    def to(self, device: torch.device) -> InitialState:
        """The same on a device; `noise`, of which only the bits are read, stays where it is."""
        return replace(
            self,
            x=self.x.to(device),
            time=self.time.to(device),
            paint=None if self.paint is None else self.paint.to(device),
            made=None if self.made is None else self.made.each(lambda part: part.to(device)),
        )


@dataclass(frozen=True)
class SamplerStep:
    """One network call of a sampler, yielded right after it."""

    time: Tensor  # (B,n,m) map given to the call
    state: Tensor  # (B,C,H,W) before the call
    prediction: Prediction
    difficulty: Tensor | None  # (B,n,m) mean over the patch of exp(log-variance)
    role: Tensor  # (B,n,m) uint8 of core.trace.Role


SamplerSteps = Generator[SamplerStep, None, Tensor]  # returns the final latents (B,C,H,W)
