"""How a guidance rule asks a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition
from pfstudio.nn.interface import Output


@dataclass(frozen=True)
class Predict:
    """A network with what all calls of a run share; called with (x, t, condition) for any pictures.

    Shapes: x (B,C,H,W), t (B,n,m).
    """

    network: Callable[..., Output]  # a Backbone, or a function of the same arguments
    patch_size: int
    negative: Condition | None = None  # null condition of each picture; None: the model has none

    def __call__(self, x: Tensor, t: Tensor, condition: Condition, **options: Any) -> Output:
        return self.network(x, t, condition, **options)


def plain(predict: Predict, x: Tensor, t: Tensor, condition: Condition) -> Prediction:
    """The conditional prediction as it is, in one pass."""
    out = predict(x, t, condition)
    return Prediction(out.velocity, out.velocity, out.log_variance, t.numel())
