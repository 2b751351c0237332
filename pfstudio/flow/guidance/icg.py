"""Independent Condition Guidance (Sadat et al. 2024): away from a random class."""

from __future__ import annotations

import hashlib
import struct

import torch
from torch import Tensor

from pfstudio.core.contrasting_guidance import IndependentCondition
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.guidance.together import ask_both, extrapolated, guide_some
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import ClassLabels, Condition


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: IndependentCondition,
    generator: torch.Generator,
) -> Prediction:
    """v = v_random + w (v_class - v_random), with another class at every time."""

    def some(
        predict: Predict, x: Tensor, t: Tensor, condition: Condition, strength: Tensor
    ) -> Prediction:
        other = random_classes(predict.seeds, t, predict.classes)
        weak, own = ask_both(predict, x, t, condition, ClassLabels(other.to(x.device)))
        difference = own.velocity - weak.velocity
        return extrapolated(own, difference, strength, predict.patch_size, 2 * t.numel())

    return guide_some(predict, x, t, condition, settings, some)


def random_classes(seeds: tuple[int, ...], t: Tensor, classes: int) -> Tensor:
    """A class for each picture (B,), by its seed and its times (B,n,m) alone.

    So a picture does not depend on its batch, and a run that is taken up goes on as it would have.
    """
    means = t.flatten(1).cpu().double().mean(dim=1)  # Apple GPUs have no float64
    drawn = []
    for seed, time in zip(seeds, means.tolist(), strict=True):
        digest = hashlib.blake2b(struct.pack("<Qd", seed, time), digest_size=8).digest()
        drawn.append(int.from_bytes(digest, "little") % classes)
    return torch.tensor(drawn)
