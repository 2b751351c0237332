"""Sparse Guidance: the published runs, which patches stay, and what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import sparse_vectors as sv
import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.guidance import NoGuidance
from pfstudio.core.routes import Route
from pfstudio.core.sparse_guidance import MASKS, Auto, AutoSparse, Sparse, SparseClassifierFree
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.masks import MaskSource
from pfstudio.flow.guidance.predict import Predict
from pfstudio.nn.condition import ClassLabels, Condition
from pfstudio.nn.interface import Output

RUN = 1e-4
EVERY_CASE = pytest.mark.parametrize("case", sv.CASES)


class Ours:
    """A published network in our direction of time, and how many tokens its blocks computed."""

    def __init__(self, case: str, weights: str = "weights") -> None:
        self.net = sv.network(case, weights)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, x: Tensor, t: Tensor, condition: Condition, **options: Any) -> Output:
        self.asked.append(options)
        out = self.net(x, 1 - t, condition, **options)
        return Output(-out.velocity, hidden=out.hidden)


def recorded(case: str) -> Tensor:
    """The stored masks of a run (K,B,2,R,n,m)."""
    tokens, steps = sv.settings(case)["num_tokens"], sv.settings(case)["steps"]
    side = round(tokens**0.5)
    each = [
        torch.stack(
            [
                sv.selection(case, f"rf.keep_ids_{name}", step).masks(tokens)
                for name in ("strong", "weak")
            ],
            dim=1,
        )
        for step in range(steps)
    ]
    return torch.stack(each).unflatten(-1, (side, side))


def field_of(
    case: str,
    rule: Any,
    condition: Condition | None = None,
    masks: Tensor | None = None,
    weak: Ours | None = None,
) -> tuple[GuidedField, Ours]:
    network = Ours(case)
    labels = ClassLabels(sv.vectors(case)["y"])
    source = MaskSource(sv.routes(case), (3, 4), recorded=masks)
    null = network.net.null_condition(len(labels))
    predict = Predict(network, 2, null, source, network.net.routable_layers, weak)
    return GuidedField(predict, condition or labels, rule), network


def euler(field: GuidedField, x: Tensor, steps: int) -> Tensor:
    side = x.shape[-1] // 2
    for step in range(steps):
        t = torch.full((len(x), side, side), step / steps)
        x = x + field(x, t).velocity / steps
    return x


@EVERY_CASE
@torch.inference_mode()
def test_published_runs(case: str) -> None:
    config, v = sv.settings(case), sv.vectors(case)
    strong, weak, weight = config["sg"]
    masks, steps = recorded(case), config["steps"]
    for rule, condition, name in (
        (Sparse(weight, strong, weak), None, "sample_sg_conditional"),
        (SparseClassifierFree(weight, strong, weak), None, "sample_cfg_plus_sg"),
        # The published program forgets the condition in both branches.
        (Sparse(weight, strong, weak), sv.network(case).null_condition(2), "sample_tread_official"),
    ):
        field, _ = field_of(case, rule, condition, masks)
        assert sv.difference(euler(field, v["noise"], steps), v[f"rf.{name}"]) < RUN, name
    field, _ = field_of(case, NoGuidance())
    assert sv.difference(euler(field, v["noise"], steps), v["rf.unguided"]) < RUN


@torch.inference_mode()
def test_another_network_is_the_weak_one() -> None:
    case = "single_route"
    v, (strong, weak, weight) = sv.vectors(case), sv.settings(case)["sg"]
    other, steps = Ours(case, "weights_aux"), sv.settings(case)["steps"]
    rule = AutoSparse(weight, "other", strong, weak, schedule="constant")
    field, own = field_of(case, rule, masks=recorded(case), weak=other)
    assert sv.difference(euler(field, v["noise"], steps), v["rf.sample_ag_plus_sg"]) < RUN
    assert len(own.asked) == len(other.asked) == steps
    assert not any("computed" in asked for asked in other.asked)

    t = torch.full((2, 4, 4), 0.3)
    field, own = field_of(case, Auto(2.0, "other"), weak=other)
    told = field(v["x"], t)
    labels = ClassLabels(v["y"])
    near, far = (network(v["x"], t, labels).velocity for network in (own, other))
    torch.testing.assert_close(told.velocity, far + 2 * (near - far))
    assert told.branches is not None
    assert told.branches.kept is None
    assert told.tokens == 2 * 2 * 16
    with pytest.raises(InputError, match="needs a weak model"):
        field_of(case, Auto(2.0))
    assert AutoSparse().warning == ""


@EVERY_CASE
@torch.inference_mode()
def test_one_step_is_the_published_formula(case: str) -> None:
    config, v = sv.settings(case), sv.vectors(case)
    strong, weak, weight = config["sg"]
    x, t = v["x"], v["t"][:, None, None].expand(-1, *(2 * [v["x"].shape[-1] // 2]))
    tokens = config["num_tokens"]
    chosen = [sv.selection(case, f"sg_step.keep_ids_{name}") for name in ("strong", "weak")]
    masks = torch.stack([one.masks(tokens) for one in chosen], dim=1)
    masks = masks.unflatten(-1, t.shape[1:])[None]
    for rule, name in (
        (Sparse(weight, strong, weak), "out_sg"),
        (SparseClassifierFree(weight, strong, weak), "out_cfg_plus_sg"),
    ):
        field, _ = field_of(case, rule, masks=masks)
        told = field(x, 1 - t)
        assert sv.difference(-told.velocity, v[f"sg_step.{name}"]) < RUN
        assert told.branches is not None
        assert told.branches.kept is not None
        assert torch.equal(told.branches.kept, masks[0])
        weak_name = "v_weak_null" if "cfg" in name else "v_weak"
        gap = v["sg_step.v_strong"] - v[f"sg_step.{weak_name}"]
        assert sv.difference(-told.branches.difference, gap) < RUN


@EVERY_CASE
@torch.inference_mode()
def test_strength_1_is_the_plain_prediction(case: str) -> None:
    v = sv.vectors(case)
    t = torch.full((2, v["x"].shape[-1] // 2, v["x"].shape[-1] // 2), 0.3)
    plain = field_of(case, NoGuidance())[0](v["x"], t)
    for rule in (
        Sparse(1.0),
        SparseClassifierFree(1.0),
        Sparse(3.0, t_min=0.4),
        Sparse(3, t_max=0),
    ):
        field, network = field_of(case, rule)
        told = field(v["x"], t)
        assert torch.equal(told.velocity, plain.velocity)
        assert told.tokens == plain.tokens
        assert len(network.asked) == 1
        assert told.branches is not None
        assert told.branches.kept is not None
        assert told.branches.kept[:, 0].all()
        assert not told.branches.kept[:, 1].any()


@torch.inference_mode()
def test_layers_before_the_route_are_computed_once_where_that_is_exact() -> None:
    case = "single_route"
    v = sv.vectors(case)
    t = torch.full((2, 4, 4), 0.3)
    field, network = field_of(case, Sparse(2.0, 0.25, 0.75))
    told = field(v["x"], t)
    computed = network.asked[1]["computed"]
    assert computed.layers == 1
    depth = network.net.config.depth
    each = [*[16] * 1, *[12] * 3, *[16] * 2], [*[4] * 3, *[16] * 2]
    assert told.tokens == round(2 * (sum(each[0]) + sum(each[1])) / depth)
    field, network = field_of(case, SparseClassifierFree(2.0, 0.25, 0.75))
    field(v["x"], t)
    assert "computed" not in network.asked[1]


@torch.inference_mode()
def test_a_picture_does_not_depend_on_its_batch() -> None:
    """Other pictures may be outside the interval, or at another share of the schedule."""
    case, rule = "single_route", Sparse(2.0, 0.1, 0.8, t_max=0.6, schedule="half-cosine")
    v = sv.vectors(case)
    t = torch.tensor([0.3, 0.7, 0.5])[:, None, None].expand(3, 4, 4)
    x = torch.cat([v["x"], v["noise"][:1]])
    labels = ClassLabels(torch.tensor([1, 2, 3]))

    def told(own: slice) -> Any:
        network = Ours(case)
        seeds: Sequence[int] = (7, 8, 9)
        source = MaskSource(sv.routes(case), seeds[own])
        predict = Predict(network, 2, None, source, network.net.routable_layers)
        return GuidedField(predict, labels[own], rule)(x[own], t[own])

    together = told(slice(None))
    counts = together.branches.kept.flatten(2).sum(2).tolist()
    assert counts[1] == [16, 0]
    assert counts[0] != counts[2]
    for place in range(3):
        alone = told(slice(place, place + 1))
        torch.testing.assert_close(together.velocity[place : place + 1], alone.velocity)
        assert torch.equal(together.branches.kept[place : place + 1], alone.branches.kept)


def masks_of(kind: str, calls: int = 2, **about: Any) -> list[Tensor]:
    """Masks (B,2,R,F) of some calls."""
    source = MaskSource((Route(1, 2), Route(4, 5)), (1, 2), **about)
    found = []
    for _ in range(calls):
        scores = source.scores(kind, (8, 8))
        counts = source.counts([(0.25, 0.75)] * 2, 64)
        assert counts == [(48, 48, 16, 16)] * 2
        ranks = scores.argsort(dim=-1, descending=True).argsort(dim=-1)
        found.append(torch.stack([ranks[:, 0] < 48, ranks[:, 1] < 16], dim=1))
        source.call += 1
    return found


@pytest.mark.parametrize("kind", MASKS)
def test_which_patches_stay(kind: str) -> None:
    difficulty = torch.rand(2, 8, 8, generator=torch.Generator().manual_seed(0))
    first, second = masks_of(kind, difficulty=difficulty)
    again = masks_of(kind, calls=1, difficulty=difficulty)[0]
    assert torch.equal(first, again)
    assert torch.equal(first, second) == (kind in ("fixed", "difficulty"))
    nested = bool((first[:, 0] | ~first[:, 1]).all())
    assert nested == (kind in ("nested", "blue-noise", "difficulty"))
    assert not torch.equal(first[0], first[1])
    if kind == "difficulty":
        hard = difficulty.flatten(1) >= difficulty.flatten(1).quantile(0.75, dim=1)[:, None]
        assert torch.equal(first[:, 1, 0], hard)
    else:
        assert not torch.equal(first[:, :, 0], first[:, :, 1])  # each route draws its own


def test_the_first_masks_by_difficulty_are_drawn() -> None:
    (first,) = masks_of("difficulty", calls=1)
    (nested,) = masks_of("nested", calls=1)
    assert torch.equal(first, nested)


def test_blue_noise_is_spread_evenly() -> None:
    """Few of the patches that stay touch each other, where drawn ones often do."""

    def touching(kind: str) -> float:
        mask = masks_of(kind, calls=1)[0][:, 1].view(2, 2, 8, 8).float()
        right = (mask * mask.roll(1, -1)).sum() + (mask * mask.roll(1, -2)).sum()
        return float(right / mask.sum())

    assert touching("blue-noise") < 0.1 < 0.3 < touching("nested")


def test_the_half_cosine_is_the_published_one() -> None:
    """FLOPs of the published run: mean of 40 steps of SiT-XL/2 (arXiv 2601.01608, table 1)."""
    rule = Sparse(1.5, 0.0, 0.6, schedule="half-cosine")
    shares = np.array([rule.shares(step / 39) for step in range(40)])
    np.testing.assert_allclose(shares.sum(axis=1), 0.6)
    assert tuple(shares[0]) == pytest.approx((0.0, 0.6))
    assert tuple(shares[-1]) == pytest.approx((0.6, 0.0))

    def giga(share: float) -> float:
        d, n = 1152, 256
        kept = n - int(n * share)
        blocks = sum(12 * d**2 * (kept if 2 <= b <= 24 else n) + 6 * d**2 for b in range(28))
        return (blocks + 2 * 4 * 4 * d * n + 3 * d**2 + 256 * d) / 1e9

    assert np.mean([giga(a) + giga(b) for a, b in shares]) == pytest.approx(173.16, abs=0.5)


def test_settings_that_lead_the_wrong_way_are_told() -> None:
    assert "wrong way" in Sparse(1.5, 0.5, 0.5).warning
    assert "wrong way" in SparseClassifierFree(1.5, 0.8, 0.5).warning
    assert "second half" in Sparse(1.5, 0.0, 0.6, schedule="half-cosine").warning
    assert Sparse().warning == SparseClassifierFree().warning == Sparse(1.0, 0.9, 0.1).warning == ""
    with pytest.raises(InputError, match=r"starts at 0\.8"):
        Sparse(t_min=0.8, t_max=0.2)


def test_a_model_without_routes_is_refused() -> None:
    network = Ours("single_route")
    labels = ClassLabels(torch.tensor([1]))
    with pytest.raises(InputError, match="trained with token routing"):
        GuidedField(Predict(network, 2), labels, Sparse())
