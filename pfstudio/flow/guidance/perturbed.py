"""What the rules share whose weak prediction is that of disturbed blocks."""

from __future__ import annotations

from torch import Tensor

from pfstudio.core.perturbed_guidance import Perturbing
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.guidance.together import extrapolated, guide_some
from pfstudio.flow.step import Prediction
from pfstudio.nn.condition import Condition
from pfstudio.nn.interface import ComputedLayers
from pfstudio.nn.perturbation import AttentionEdit, Perturbation


def lead_away(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: Perturbing,
    attention: AttentionEdit | None,
) -> Prediction:
    """v = v_weak + w (v_strong - v_weak); what both compute alike is computed once.

    Args:
        attention: of the disturbed blocks; None leaves them out.
    """
    blocks = settings.disturbed.blocks(predict.layers)
    before = blocks[0] - 1
    share = settings.disturbed.computed(predict.layers) / predict.layers

    def guide(
        predict: Predict, x: Tensor, t: Tensor, condition: Condition, strength: Tensor
    ) -> Prediction:
        strong = predict(x, t, condition, capture=(before,) if before else ())
        computed = ComputedLayers(before, strong.hidden[before]) if before else None
        disturbed = Perturbation(blocks, attention)
        weak = predict(x, t, condition, perturbation=disturbed, computed=computed)
        difference, tokens = strong.velocity - weak.velocity, round(t.numel() * (1 + share))
        return extrapolated(strong, difference, strength, predict.patch_size, tokens)

    return guide_some(predict, x, t, condition, settings, guide)
