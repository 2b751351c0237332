"""What a way to align a generator's tokens with features is given, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.flow.path import interpolate
from pfstudio.nn.condition import Condition


@dataclass(frozen=True)
class AlignedStep:
    """What one training step looks at: B pictures, on the network's device."""

    data: Tensor  # (B,C,H,W) clean latents
    noise: Tensor  # (B,C,H,W)
    t: Tensor  # (B,n,m)
    condition: Condition
    patch: int
    average: nn.Module | None  # the network with its averaged weights, in evaluation mode
    maps: Tensor | None  # (B,Z,h,w) of the encoder; None: the method needs none
    generator: torch.Generator  # on the CPU; nothing else draws from it

    @torch.no_grad()
    def averaged_tokens(self, t: Tensor, layer: int) -> Tensor:
        """What the averaged network holds after a layer (from 1) at other times (B,n,m): (B,F,D).

        The noise stays the same.
        """
        assert self.average is not None
        x = interpolate(self.data, self.noise, t, self.patch)
        tokens: Tensor = self.average(x, t, self.condition, capture=(layer,)).hidden[layer]
        return tokens


class Method(Protocol):
    """A settings class: where the target comes from, and how far the tokens are from it.

    Attributes:
        encoder: it needs the maps of an encoder.
        per_patch: it needs a network whose patches may each have their own time.
        layers: of the averaged network, from 1, that it looks at.
    """

    encoder: ClassVar[bool]
    per_patch: ClassVar[bool]

    @property
    def layers(self) -> tuple[int, ...]: ...

    def target(self, step: AlignedStep) -> Tensor:
        """What the projected tokens should be: (B,F,Z), without a gradient."""
        ...

    def distance(self, projected: Tensor, target: Tensor) -> Tensor:
        """A scalar that training lowers, of two (B,F,Z)."""
        ...


def negative_cosine(projected: Tensor, target: Tensor) -> Tensor:
    """Minus the mean cosine of the tokens of two (B,F,Z)."""
    return -F.cosine_similarity(projected.float(), target.float(), dim=-1).mean()
