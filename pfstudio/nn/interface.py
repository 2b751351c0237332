"""What every generator network ("backbone") takes and gives, whatever is inside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import Tensor, nn

from pfstudio.core.execution import Kernels
from pfstudio.nn.condition import Condition
from pfstudio.nn.modulation import ForwardCache


@dataclass(frozen=True)
class Output:
    """What a network predicts for latents (B,C,H,W)."""

    velocity: Tensor  # (B,C,H,W), in the precision of the state
    log_variance: Tensor | None = None  # (B,1,H,W); None: no difficulty head
    hidden: Mapping[int, Tensor] = field(default_factory=dict)  # layer, from 1 -> (B,F,D) after it
    attention: Tensor | None = None  # (B',layers,F,L), averaged over heads, if asked for
    scans: Tensor | None = None  # (B',layers,G+2,F), if asked for: see core.scan_maps


class ComputedLayers(NamedTuple):
    """The first layers of a call that another call agrees with, from its `Output.hidden`."""

    layers: int
    tokens: Tensor  # (B,F,D) after them


@dataclass(frozen=True)
class BlockSample:
    """One of the equal blocks that a network is made of, to be timed.

    It is called as `block(*inputs, *exact, kernels)`.
    """

    block: nn.Module
    inputs: tuple[Tensor, ...]  # as in a call, float32 on the CPU; first the tokens (B,F,D)
    count: int  # equal blocks of the network
    heads: int  # of its attention over all tokens; 0: it has none
    sizes: str  # what its time depends on beside F, in words
    exact: tuple[Tensor, ...] = ()  # inputs that are float32 in every precision


class Backbone(nn.Module, ABC):
    """A network that predicts the velocity of a latent; F = H/p * W/p patches.

    Attributes:
        config: its sizes; every kind has `in_channels` C, `input_size` (latent side that the
            network is made for) and `patch_size` p.
        kernels: how equal operations are computed; a network may ignore it.
    """

    config: Any

    def __init__(self) -> None:
        super().__init__()
        self.kernels = Kernels()

    @property
    def attention_layers(self) -> int:
        """Layers whose attention to a text `forward` gives if called with `attention`; 0: none."""
        return 0

    @property
    def self_attention(self) -> Sequence[nn.Module]:
        """What lets tokens look at each other, one module a layer; (): no layer has that.

        Each is called with its inputs and, last, the kernels, and has `weights(*inputs)`.
        """
        return ()

    @property
    def scan_layers(self) -> int:
        """Layers that scan the patches along a path; 0: none does.

        Where there are some, `forward` takes a `scan` (see core.scan_paths; "": its own) and
        `record`: of how many pictures, the last ones, it gives `Output.scans`.
        """
        return 0

    @property
    def routable_layers(self) -> int:
        """Layers, from 1, that tokens can be routed around; 0: none can.

        Where there are some, `forward` takes a `selection` (`TokenSelection`; None: every layer
        computes all tokens), `computed` (`ComputedLayers`, which are not computed again) and a
        `perturbation` (`Perturbation` of some of these layers).
        """
        return 0

    @abstractmethod
    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Condition,
        *,
        capture: Sequence[int] = (),
        cache: ForwardCache | None = None,
    ) -> Output:
        """Predict at state x (B,C,H,W), times t (B,n,m) in [0,1] and B conditions.

        Args:
            capture: layers, from 1, whose hidden states are wanted in `Output.hidden`.
            cache: for inference: what repeats between the calls of a run is computed once.

        Raises:
            InputError: x, t and the condition do not fit each other or the network.
        """

    def null_condition(self, batch: int) -> Condition | None:
        """The condition that stands for none, as guidance needs it; None: it was never trained."""
        return None

    def prepare(self, cache: ForwardCache, times: Tensor, condition: Condition) -> None:
        """Compute what all pairs of times (K,) and conditions of a coming run share, at once."""

    def block_sample(self, tokens: int, images: int = 1) -> BlockSample | None:
        """What decides about `kernels` and threads for B latents of F tokens at once.

        None: there is no choice.
        """
        return None

    def extended(self, height: int, width: int) -> bool:
        """Whether a latent of this size needs an extension that was never trained."""
        return False
