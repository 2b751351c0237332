"""Away from a weak prediction: of the network with fewer patches (Sparse Guidance, arXiv
2601.01608), of another network (AutoGuidance, Karras et al. 2024), or both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from pfstudio.core.routes import shared_blocks
from pfstudio.core.sparse_guidance import Branching, Routed
from pfstudio.flow.guidance.masks import MaskSource
from pfstudio.flow.guidance.predict import Predict, plain
from pfstudio.flow.guidance.together import side_by_side
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
    settings: Branching,
    generator: torch.Generator,
) -> Prediction:
    """v = v_weak + w (v_strong - v_weak); w = 1 is the plain prediction with all patches.

    The weak branch has the negative condition, or is another network, if the settings say so; else
    it takes over the layers before the first route. The log-variance is the strong branch's.
    """
    strength = torch.from_numpy(settings.strength(t.cpu().numpy())).to(t.device)
    guided = (strength != 1).flatten(1).any(dim=1).tolist()
    counts: list[tuple[int, ...]] = [()] * len(t)
    masks, scores = None, t
    if isinstance(settings, Routed):
        masks = predict.masks
        assert masks is not None  # GuidedField has checked it
        shares = [settings.shares(time) for time in masks.times(t)]
        counts = masks.counts(shares, t[0].numel())
        scores = masks.scores(settings.masks, (t.shape[1], t.shape[2])).to(t.device)
    kinds = [(one, count if one else ()) for one, count in zip(guided, counts, strict=True)]
    parts, places = [], list[int]()
    for kind in dict.fromkeys(kinds):  # pictures that keep equally many go together
        same = [place for place, one in enumerate(kinds) if one == kind]
        own = torch.tensor(same, device=t.device)
        of, given = predict.of(own), (x[own], t[own], condition[own])
        if kind[0]:
            chosen = _selections(masks, scores[own], kind[1]) if masks else (None, None)
            parts.append(_guided(of, *given, strength[own], chosen, settings))
        else:
            parts.append(_unguided(of, *given, settings))
        places += same
    return side_by_side(parts, torch.tensor(places, device=t.device).argsort())


def _selections(
    masks: MaskSource, scores: Tensor, counts: tuple[int, ...]
) -> tuple[TokenSelection, TokenSelection]:
    """Of the strong and the weak branch."""
    routes, half = masks.routes, len(masks.routes)
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
    chosen: tuple[TokenSelection | None, TokenSelection | None],
    settings: Branching,
) -> Prediction:
    of_strong, of_weak = ({"selection": one} if one else {} for one in chosen)
    alike = not (settings.unconditional or settings.needs_weak_model)
    before = shared_blocks(chosen[0].routes) if chosen[0] and alike else 0
    strong = predict(x, t, condition, **of_strong, capture=(before,) if before else ())
    computed: dict[str, Any] = {}
    if before:
        computed = {"computed": ComputedLayers(before, strong.hidden[before])}
    network, other = predict.weak if settings.needs_weak_model else predict, condition
    if settings.unconditional:
        assert predict.negative is not None  # GuidedField has checked it
        other = predict.negative
    assert network is not None  # GuidedField has checked it
    weak = network(x, t, other, **of_weak, **computed)
    difference = strong.velocity - weak.velocity
    s = to_pixels(strength, predict.patch_size)
    velocity = torch.where(s == 1.0, strong.velocity, weak.velocity + s * difference)
    masks = [one.masks(t[0].numel()).unflatten(-1, t.shape[1:]) for one in chosen if one]
    tokens = predict.tokens(t, chosen[0]) + predict.tokens(t, chosen[1], before)
    branches = Branches(torch.stack(masks, dim=1) if masks else None, difference)
    return Prediction(velocity, strong.velocity, strong.log_variance, round(tokens), branches)


def _unguided(
    predict: Predict, x: Tensor, t: Tensor, condition: Condition, settings: Branching
) -> Prediction:
    """All patches in the strong branch, none in the weak one."""
    whole = plain(predict, x, t, condition)
    kept = None
    if settings.needs_routes:
        assert predict.masks is not None  # GuidedField has checked it
        shape = (len(t), 1, len(predict.masks.routes), *t.shape[1:])
        strong = t.new_ones(shape, dtype=torch.bool)
        kept = torch.cat([strong, ~strong], dim=1)
    return replace(whole, branches=Branches(kept, torch.zeros_like(whole.velocity)))
