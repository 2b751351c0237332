"""Token routing: the published vectors, share 0, and which tokens are really computed."""

from __future__ import annotations

from dataclasses import replace

import patch_forcing_vectors as pf
import pytest
import sparse_vectors as sv
import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.routes import Route, check_routes, kept_tokens, shared_blocks
from pfstudio.nn.condition import ClassLabels, Condition
from pfstudio.nn.interface import Backbone, ComputedLayers
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.token_routing import TokenSelection, random_selection

FORWARD = 2e-5
EVERY_CASE = pytest.mark.parametrize("case", sv.CASES)


def out(
    case: str,
    x: Tensor,
    t: Tensor,
    y: Tensor | None = None,
    selection: TokenSelection | None = None,
) -> Tensor:
    """The published network's answer; without classes that of the null class."""
    net = sv.network(case)
    condition = net.null_condition(len(x)) if y is None else ClassLabels(y)
    assert condition is not None
    return net(x, t, condition, selection=selection).velocity


@EVERY_CASE
@torch.inference_mode()
def test_published_predictions(case: str) -> None:
    v = sv.vectors(case)
    x, t, y = v["x"], v["t"], v["y"]
    dense, null = out(case, x, t, y), out(case, x, t)
    assert sv.difference(dense, v["out_dense_cond"]) < FORWARD
    assert sv.difference(null, v["out_dense_null"]) < FORWARD
    assert sv.difference(null + 2.5 * (dense - null), v["out_cfg_s2p5"]) < FORWARD
    native = sv.selection(case, "routed_native.keep_ids")
    assert sv.difference(out(case, x, t, y, native), v["out_routed_native"]) < FORWARD
    for share in sv.settings(case)["ratios"]:
        selection = sv.selection(case, f"routed_{share:g}.keep_ids")
        routed = out(case, x, t, y, selection)
        assert sv.difference(routed, v[f"out_routed_{share:g}_cond"]) < FORWARD
    strong, weak = (sv.selection(case, f"sg_step.keep_ids_{name}") for name in ("strong", "weak"))
    assert sv.difference(out(case, x, t, y, strong), v["sg_step.v_strong"]) < FORWARD
    assert sv.difference(out(case, x, t, y, weak), v["sg_step.v_weak"]) < FORWARD
    assert sv.difference(out(case, x, t, None, weak), v["sg_step.v_weak_null"]) < FORWARD


@EVERY_CASE
@torch.inference_mode()
def test_published_tokens_after_every_block(case: str) -> None:
    v, net, own = sv.vectors(case), sv.network(case), sv.routes(case)
    blocks = range(1, net.config.depth + 1)
    selection = sv.selection(case, "routed_native.keep_ids")
    told = net(v["x"], v["t"], ClassLabels(v["y"]), selection=selection, capture=blocks).hidden
    assert list(told) == list(blocks)
    for block in blocks:
        expected = v[f"routed_native.block_out.{block - 1}"]
        hidden = told[block]
        inside = [r for r, route in enumerate(own) if route.start <= block <= route.end]
        for r in inside:
            indices = selection.kept[r]
            skipped = ~selection.masks(hidden.shape[1])[:, r]
            assert torch.equal(hidden[skipped], told[own[r].start - 1][skipped])
            if expected.shape[1] != hidden.shape[1]:
                hidden = hidden.gather(1, indices[..., None].expand_as(expected))
        assert sv.difference(hidden, expected) < FORWARD


@EVERY_CASE
def test_masks_and_counts_are_the_published_ones(case: str) -> None:
    v, tokens = sv.vectors(case), sv.settings(case)["num_tokens"]
    selection = sv.selection(case, "routed_native.keep_ids")
    masks = selection.masks(tokens)
    for r in range(len(selection.routes)):
        assert torch.equal(masks[:, r], v[f"routed_native.keep_mask.route{r}"].bool())
    again = TokenSelection.of_masks(selection.routes, masks)
    assert torch.equal(again.masks(tokens), masks)
    for share, count in sv.settings(case)["keep_counts"].items():
        assert kept_tokens(tokens, float(share)) == count
        drawn = random_selection(sv.routes(case, float(share)), 3, tokens, torch.Generator())
        assert [kept.shape for kept in drawn.kept] == [(3, count)] * len(selection.routes)


def networks() -> dict[str, tuple[Backbone, Condition]]:
    """Every kind of block stack, with a condition for two pictures."""
    text = pf.tensors("t2i/vectors")["txt_emb"][:2]
    labels = ClassLabels(torch.tensor([1, 3]))
    return {
        "class": (pf.main_model(), labels),
        "baseline": (pf.baseline_model(), labels),
        "repa": (pf.repa_model(), labels),
        "text": (pf.text_model(), pf.text(text)),
        "text baseline": (
            pf.text_baseline_model(),
            pf.text(pf.tensors("dit_t2i/vectors")["txt_emb"][:2]),
        ),
    }


EVERY_KIND = pytest.mark.parametrize("kind", ["class", "baseline", "repa", "text", "text baseline"])


def inputs(network: Backbone, kind: str) -> tuple[Tensor, Tensor]:
    """A state and times, one for each patch where the network takes them."""
    config, generator = network.config, torch.Generator().manual_seed(3)
    side = config.input_size // config.patch_size
    x = torch.randn(
        2, config.in_channels, config.input_size, config.input_size, generator=generator
    )
    t = torch.rand(2, side, side, generator=generator)
    return x, t[:, :1, :1].expand_as(t) if "baseline" in kind else t


@EVERY_KIND
@torch.inference_mode()
def test_share_0_equals_dense_bit_for_bit(kind: str) -> None:
    network, condition = networks()[kind]
    x, t = inputs(network, kind)
    tokens, depth = t[0].numel(), network.routable_layers
    nothing = random_selection((Route(1, depth, 0.0),), 2, tokens, torch.Generator())
    for cache in (None, ForwardCache()):
        dense = network(x, t, condition, cache=cache)
        routed = network(x, t, condition, cache=cache, selection=nothing)
        assert torch.equal(dense.velocity, routed.velocity)
        some = replace(nothing, kept=(nothing.kept[0][:, ::2],))
        assert not torch.equal(
            dense.velocity, network(x, t, condition, cache=cache, selection=some).velocity
        )


@EVERY_KIND
@torch.inference_mode()
def test_skipped_tokens_are_not_computed_and_not_seen(kind: str) -> None:
    """The kept tokens of a route over all blocks go as if the others were not there."""
    network, condition = networks()[kind]
    x, t = inputs(network, kind)
    tokens, depth = t[0].numel(), network.routable_layers
    selection = random_selection((Route(1, depth, 0.6),), 2, tokens, torch.Generator())
    seen: list[int] = []
    handles = [
        block.register_forward_hook(lambda module, given, out: seen.append(given[0].shape[1]))
        for block in network.blocks  # type: ignore[union-attr]
    ]
    routed = network(x, t, condition, selection=selection)
    for handle in handles:
        handle.remove()
    assert seen == selection.tokens_of_blocks(tokens, depth)
    assert seen == [kept_tokens(tokens, 0.6)] * depth
    mask, p = selection.masks(tokens)[:, 0].view(t.shape), network.config.patch_size
    hidden = (~mask).repeat_interleave(p, 1).repeat_interleave(p, 2)[:, None]
    t_other = torch.where(mask, t, 0.5) if "baseline" not in kind else t
    other = network(torch.where(hidden, 9.0, x), t_other, condition, selection=selection)
    kept = ~hidden.expand_as(x)
    torch.testing.assert_close(other.velocity[kept], routed.velocity[kept], rtol=0, atol=1e-6)
    assert not torch.allclose(other.velocity[~kept], routed.velocity[~kept])


@EVERY_KIND
@torch.inference_mode()
def test_layers_before_the_route_are_taken_over(kind: str) -> None:
    network, condition = networks()[kind]
    x, t = inputs(network, kind)
    depth, tokens = network.routable_layers, t[0].numel()
    routes = (Route(depth, depth, 0.5),)
    strong, weak = (random_selection(routes, 2, tokens, torch.Generator()) for _ in range(2))
    count = shared_blocks(routes)
    assert count == depth - 1
    if not count:
        return
    first = network(x, t, condition, selection=strong, capture=(count,))
    own = network(x, t, condition, selection=weak)
    computed = ComputedLayers(count, first.hidden[count])
    assert torch.equal(
        own.velocity, network(x, t, condition, selection=weak, computed=computed).velocity
    )


@torch.inference_mode()
def test_modulations_from_a_cache_go_with_their_tokens() -> None:
    network, condition = networks()["class"]
    x, t = inputs(network, "class")
    t = (t > 0.5).float() * 0.25 + 0.5  # two times, as the samplers have
    selection = random_selection((Route(1, 1, 0.5),), 2, t[0].numel(), torch.Generator())
    plain = network(x, t, condition, selection=selection)
    cached = network(x, t, condition, selection=selection, cache=ForwardCache())
    torch.testing.assert_close(cached.velocity, plain.velocity, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_what_skipped_a_layer_attends_to_no_word_there() -> None:
    network, condition = networks()["text"]
    x, t = inputs(network, "text")
    routes, tokens = (Route(2, 2, 0.5),), t[0].numel()
    selection = random_selection(routes, 2, tokens, torch.Generator())
    dense = network(x, t, condition, attention=1)
    routed = network(x, t, condition, attention=1, selection=selection)
    assert dense.attention is not None
    assert routed.attention is not None
    assert routed.attention.shape == dense.attention.shape
    mask = selection.masks(tokens)[1, 0]
    shares = routed.attention.sum(dim=-1)[0]
    assert (shares[1][~mask] == 0).all()
    torch.testing.assert_close(shares[1][mask], torch.ones(int(mask.sum())))
    torch.testing.assert_close(routed.attention[:, 0], dense.attention[:, 0])


def test_positions_of_each_picture_go_with_its_tokens() -> None:
    network, condition = networks()["text"]
    x, t = inputs(network, "text")
    selection = random_selection((Route(1, 1, 0.5),), 2, t[0].numel(), torch.Generator())
    side = t.shape[1]
    step = torch.linspace(-1, 1, side)
    where = torch.stack(torch.meshgrid(step, step, indexing="ij"), dim=-1).flatten(0, 1)
    with torch.inference_mode():
        one = network(x, t, condition, selection=selection, positions=where)
        two = network(x, t, condition, selection=selection, positions=where.expand(2, -1, -1))
    torch.testing.assert_close(one.velocity, two.velocity, rtol=0, atol=1e-6)


@EVERY_KIND
def test_gradients_reach_every_weight(kind: str) -> None:
    network, condition = networks()[kind]
    x, t = inputs(network, kind)
    selection = random_selection((Route(1, 1, 0.5),), 2, t[0].numel(), torch.Generator())
    network.zero_grad()
    network(x, t, condition, selection=selection).velocity.square().mean().backward()
    for name, parameter in network.blocks.named_parameters():  # type: ignore[union-attr]
        if parameter.requires_grad:
            assert parameter.grad is not None, name
            assert bool(parameter.grad.any()), name
    network.zero_grad()


def test_routes_that_do_not_fit() -> None:
    for routes, words in (
        ((Route(2, 7),), "does not fit 6 blocks"),
        ((Route(4, 2),), "does not fit"),
        ((Route(1, 3), Route(3, 4)), "begins before"),
    ):
        with pytest.raises(InputError, match=words):
            check_routes(routes, 6)
    with pytest.raises(InputError, match="Share is 1"):
        Route(1, 2, 1.0)
    network, condition = networks()["class"]
    x, t = inputs(network, "class")
    few = random_selection((Route(1, 2),), 1, t[0].numel(), torch.Generator())
    with pytest.raises(InputError, match="do not fit this batch"):
        network(x, t, condition, selection=few)
    uneven = torch.tensor([[[True, True, False]], [[True, False, False]]])
    with pytest.raises(InputError, match="same number"):
        TokenSelection.of_masks((Route(1, 2),), uneven)
    with pytest.raises(InputError, match="2 masks for 1 routes"):
        TokenSelection.of_masks((Route(1, 2),), torch.ones(1, 2, 3, dtype=torch.bool))


def test_a_route_in_words() -> None:
    assert str(Route(3, 9, 0.5)) == "50 % of the patches skip blocks 3 to 9"
    assert str(Route(2, 2, 0.25)) == "25 % of the patches skip block 2"
