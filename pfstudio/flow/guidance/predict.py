"""How a guidance rule asks a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from pfstudio.flow.guidance.masks import MaskSource
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition
from pfstudio.nn.interface import Output
from pfstudio.nn.token_routing import TokenSelection


@dataclass(frozen=True)
class Predict:
    """A network with what all calls of a run share; called with (x, t, condition) for any pictures.

    Shapes: x (B,C,H,W), t (B,n,m).
    """

    network: Callable[..., Output]  # a Backbone, or a function of the same arguments
    patch_size: int
    negative: Condition | None = None  # null condition of each picture; None: the model has none
    masks: MaskSource | None = None  # of a model whose layers were trained with routes
    layers: int = 0  # that tokens can be routed around, and that can be disturbed
    weak: Callable[..., Output] | None = None  # another network, with the same routes
    seeds: tuple[int, ...] = ()  # of each picture
    classes: int = 0  # that the network knows
    has_difficulty: bool = False
    # the network for some of the pictures, by their places (K,), if it wants to know of which
    network_of: Callable[[Tensor], Callable[..., Output]] | None = None

    def __call__(self, x: Tensor, t: Tensor, condition: Condition, **options: Any) -> Output:
        return self.network(x, t, condition, **options)

    def of(self, pictures: Tensor) -> Predict:
        """The same for some of the pictures, by their places."""
        negative = None if self.negative is None else self.negative[pictures]
        seeds = tuple(self.seeds[i] for i in pictures.tolist()) if self.seeds else ()
        network = self.network if self.network_of is None else self.network_of(pictures)
        return replace(self, network=network, negative=negative, seeds=seeds)

    def tokens(self, t: Tensor, selection: TokenSelection | None, done: int = 0) -> float:
        """Tokens of a call at times t, the mean over layers, of which `done` are not computed."""
        if selection is None:
            return t.numel()
        each = selection.tokens_of_blocks(t[0].numel(), self.layers)
        return len(t) * sum(each[done:]) / self.layers


def plain(predict: Predict, x: Tensor, t: Tensor, condition: Condition) -> Prediction:
    """The conditional prediction as it is, in one pass."""
    out = predict(x, t, condition)
    return Prediction(out.velocity, out.velocity, out.log_variance, t.numel())
