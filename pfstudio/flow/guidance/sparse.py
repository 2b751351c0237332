"""Sparse Guidance (arXiv 2601.01608): away from what the network says with fewer patches."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from pfstudio.core.routes import Route, shared_blocks
from pfstudio.core.sparse_guidance import Sparse, SparseClassifierFree
from pfstudio.flow.guidance.predict import Predict, plain
from pfstudio.flow.path import to_pixels
from pfstudio.flow.step import Branches, Prediction
from pfstudio.nn.condition import Condition
from pfstudio.nn.interface import ComputedLayers
from pfstudio.nn.token_routing import TokenSelection


def guide(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    settings: Sparse | SparseClassifierFree,
    generator: torch.Generator,
) -> Prediction:
    """v = v_weak + w (v_strong - v_weak); w = 1 is the plain prediction with all patches.

    The weak branch has the negative condition if the settings say so; else it takes over the layers
    before the first route. The log-variance is the strong branch's.
    """
    masks = predict.masks
    assert masks is not None  # GuidedField has checked it
    strength = torch.from_numpy(settings.strength(t.cpu().numpy())).to(t.device)
    guided = (strength != 1).flatten(1).any(dim=1).tolist()
    shares = [settings.shares(time) for time in t.flatten(1).mean(dim=1).tolist()]
    counts = masks.counts(shares, t[0].numel())
    scores = masks.scores(settings.masks, (t.shape[1], t.shape[2])).to(t.device)
    kinds = [own if is_guided else () for is_guided, own in zip(guided, counts, strict=True)]
    parts, places = [], list[int]()
    for kind in dict.fromkeys(kinds):  # pictures that keep equally many go together
        same = [place for place, one in enumerate(kinds) if one == kind]
        own = torch.tensor(same, device=t.device)
        of = predict.of(own)
        if kind:
            chosen = _selections(masks.routes, scores[own], kind)
            parts.append(
                _guided(of, x[own], t[own], condition[own], strength[own], chosen, settings)
            )
        else:
            parts.append(_unguided(of, x[own], t[own], condition[own]))
        places += same
    return side_by_side(parts, torch.tensor(places, device=t.device).argsort())


def _selections(
    routes: tuple[Route, ...], scores: Tensor, counts: tuple[int, ...]
) -> tuple[TokenSelection, TokenSelection]:
    """Of the strong and the weak branch."""
    half = len(routes)
    return (
        TokenSelection.of_scores(routes, scores[:, 0], counts[:half]),
        TokenSelection.of_scores(routes, scores[:, 1], counts[half:]),
    )


def _guided(
    predict: Predict,
    x: Tensor,
    t: Tensor,
    condition: Condition,
    strength: Tensor,
    chosen: tuple[TokenSelection, TokenSelection],
    settings: Sparse | SparseClassifierFree,
) -> Prediction:
    before = 0 if settings.unconditional else shared_blocks(chosen[0].routes)
    strong = predict(x, t, condition, selection=chosen[0], capture=(before,))
    other = condition
    if settings.unconditional:
        assert predict.negative is not None  # GuidedField has checked it
        other = predict.negative
    computed = ComputedLayers(before, strong.hidden[before]) if before else None
    weak = predict(x, t, other, selection=chosen[1], computed=computed)
    difference = strong.velocity - weak.velocity
    s = to_pixels(strength, predict.patch_size)
    velocity = torch.where(s == 1.0, strong.velocity, weak.velocity + s * difference)
    masks = [one.masks(t[0].numel()).unflatten(-1, t.shape[1:]) for one in chosen]
    tokens = predict.tokens(t, chosen[0]) + predict.tokens(t, chosen[1], before)
    branches = Branches(torch.stack(masks, dim=1), difference)
    return Prediction(velocity, strong.velocity, strong.log_variance, round(tokens), branches)


def _unguided(predict: Predict, x: Tensor, t: Tensor, condition: Condition) -> Prediction:
    """All patches in the strong branch, none in the weak one."""
    assert predict.masks is not None
    whole = plain(predict, x, t, condition)
    strong = t.new_ones(len(t), 1, len(predict.masks.routes), *t.shape[1:], dtype=torch.bool)
    kept = torch.cat([strong, ~strong], dim=1)
    return replace(whole, branches=Branches(kept, torch.zeros_like(whole.velocity)))


def side_by_side(parts: list[Prediction], order: Tensor) -> Prediction:
    """One prediction of those of groups of pictures, whose places in all of them are `order`."""
    if len(parts) == 1:
        return parts[0]

    def joined(each: list[Tensor]) -> Tensor:
        return torch.cat(each)[order]

    branches = [part.branches for part in parts if part.branches is not None]
    uncertain = [part.log_variance for part in parts if part.log_variance is not None]
    return Prediction(
        joined([part.velocity for part in parts]),
        joined([part.conditional for part in parts]),
        joined(uncertain) if uncertain else None,
        sum(part.tokens for part in parts),
        Branches(
            joined([one.kept for one in branches]), joined([one.difference for one in branches])
        ),
    )
