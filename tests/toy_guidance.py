"""A guidance rule that the program does not know: three network passes a call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core.guidance import GUIDANCES
from pfstudio.core.guidance_rule import GuidanceRule, NetworkPass
from pfstudio.core.parameters import parameter
from pfstudio.flow.guidance import GUIDES
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition

PASSES = 3


@dataclass(frozen=True)
class ToyGuidance(GuidanceRule):
    """Away from the null condition, and away from what the network says at half the time."""

    name: ClassVar[str] = "toy"
    label: ClassVar[str] = "Toy"
    needs_negative: ClassVar[bool] = True
    passes: ClassVar[float] = PASSES

    pull: float = parameter(
        0.5, "Pull", "How far it leads away", minimum=0.0, maximum=4.0, step=0.25
    )

    def passes_at(self, time: float) -> tuple[NetworkPass, ...]:
        return (NetworkPass(),) * PASSES

    def strength(self, time: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.full_like(time, 1 + self.pull)


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: ToyGuidance,
    generator: torch.Generator,
) -> Prediction:
    """v + pull (2 v - v_null - v_early), in three passes."""
    assert predict.negative is not None
    own = predict(x, t, condition)
    null, early = predict(x, t, predict.negative), predict(x, t / 2, condition)
    away = 2 * own.velocity - null.velocity - early.velocity
    velocity = own.velocity + settings.pull * away
    return Prediction(velocity, own.velocity, own.log_variance, PASSES * t.numel())


@contextmanager
def guidance_registered() -> Iterator[None]:
    """The program knows it inside."""
    kind: Any = ToyGuidance
    GUIDANCES[ToyGuidance.name], GUIDES[ToyGuidance.name] = kind, guide
    try:
        yield
    finally:
        del GUIDANCES[ToyGuidance.name], GUIDES[ToyGuidance.name]
