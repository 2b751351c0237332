"""Pictures of a batch that are guided, and those that are not, in one prediction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from pfstudio.core.guidance_rule import Extrapolated
from pfstudio.flow.guidance.predict import Predict, plain
from pfstudio.flow.path import to_pixels
from pfstudio.flow.step import Branches, Prediction
from pfstudio.nn.condition import Condition, concatenate
from pfstudio.nn.interface import Output

# For pictures of which some patch is guided, with the strength of each patch (B,n,m).
GuideSome = Callable[[Predict, Tensor, Tensor, Condition, Tensor], Prediction]


def guide_some(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: Extrapolated,
    guide: GuideSome,
) -> Prediction:
    """Guide the pictures of which some patch has a strength other than 1; ask plainly of others."""
    strength = torch.from_numpy(settings.strength(t.cpu().numpy())).to(t.device)
    needed = (strength != 1).flatten(1).any(dim=1)
    parts, places = [], []
    for own in (needed.nonzero().ravel(), (~needed).nonzero().ravel()):
        if not len(own):
            continue
        of, given = predict.of(own), (x[own], t[own], condition[own])
        if bool(needed[own[0]]):
            parts.append(guide(of, *given, strength[own]))
        else:
            whole = plain(of, *given)
            parts.append(replace(whole, branches=Branches(None, torch.zeros_like(whole.velocity))))
        places.append(own)
    return side_by_side(parts, torch.cat(places).argsort())


def extrapolated(
    own: Output, difference: Tensor, strength: Tensor, patch_size: int, tokens: int
) -> Prediction:
    """v_own + (w - 1) difference, with the strength w of each patch (B,n,m)."""
    velocity = own.velocity + (to_pixels(strength, patch_size) - 1) * difference
    branches = Branches(None, difference)
    return Prediction(velocity, own.velocity, own.log_variance, tokens, branches)


def ask_both(
    predict: Predict, x: Tensor, t: Tensor, condition: Condition, other: Condition
) -> tuple[Output, Output]:
    """What the network says of another condition and of the own one, in one batch."""
    out = predict(torch.cat([x, x]), torch.cat([t, t]), concatenate(other, condition))
    variances = (None, None) if out.log_variance is None else out.log_variance.chunk(2)
    weak, own = out.velocity.chunk(2)
    return Output(weak, variances[0]), Output(own, variances[1])


def negative_of(predict: Predict) -> Condition:
    """The negative condition, which `GuidedField` has seen to be there."""
    assert predict.negative is not None
    return predict.negative


def side_by_side(parts: list[Prediction], order: Tensor) -> Prediction:
    """One prediction of those of groups of pictures, whose places in all of them are `order`."""
    if len(parts) == 1:
        return parts[0]

    def joined(each: list[Tensor | None]) -> Tensor | None:
        known = [one for one in each if one is not None]
        return torch.cat(known)[order] if known else None

    velocity, conditional, difference = (
        torch.cat(each)[order]
        for each in zip(
            *((p.velocity, p.conditional, p.branches.difference) for p in parts if p.branches),
            strict=True,
        )
    )
    kept = joined([part.branches.kept for part in parts if part.branches])
    log_variance = joined([part.log_variance for part in parts])
    tokens = sum(part.tokens for part in parts)
    return Prediction(velocity, conditional, log_variance, tokens, Branches(kept, difference))
