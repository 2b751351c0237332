"""Both upsamplers: the published one against its stored activations, ours for what it promises."""

from __future__ import annotations

import pytest
import torch
from upsampler_vectors import CONFIG, close, config_of, network, vectors, weights

from pfstudio.core.errors import InputError
from pfstudio.nn.latent_upsampler import (
    LatentUpsampler,
    LatentUpsamplerConfig,
    PatchUpsampler,
    PatchUpsamplerConfig,
)
from pfstudio.nn.unet import time_features

SMALL = PatchUpsamplerConfig(widths=(8, 12, 16), blocks=(1, 1, 1), embedding=8)
BLOCKS = ["input_blocks.0", "input_blocks.1", "input_blocks.2", "input_blocks.3", "middle_block"]
BLOCKS += ["output_blocks.0", "output_blocks.1", "output_blocks.2", "output_blocks.3"]


def inputs() -> tuple[torch.Tensor, ...]:
    return tuple(vectors()[f"unet.{key}"] for key in ("x", "t", "context"))


@torch.no_grad()
def stirred(config: PatchUpsamplerConfig = SMALL) -> PatchUpsampler:
    """A network none of whose layers is zero."""
    torch.manual_seed(5)
    net = PatchUpsampler(config).eval()
    for value in net.parameters():
        value.copy_(torch.randn(value.shape) / max(1.0, value[0].numel() ** 0.5))
    return net


def test_the_names_are_the_published_ones():
    mine = LatentUpsampler(config_of(CONFIG["net_cfg"])).state_dict()
    assert {k: v.shape for k, v in mine.items()} == {k: v.shape for k, v in weights().items()}


def test_the_default_is_the_published_size():
    with torch.device("meta"):
        unet = LatentUpsampler(LatentUpsamplerConfig())
    state = unet.state_dict()
    assert len(state) == 408
    assert sum(value.numel() for value in state.values()) == 305_806_340
    assert unet.config.factor == 8


def test_time_features():
    close(time_features(vectors()["temb.t"], 32), "temb.out")


@torch.no_grad()
def test_output_and_every_block():
    unet, seen = network(), {}
    for name in BLOCKS:
        unet.get_submodule(name).register_forward_hook(
            lambda module, args, out, name=name: seen.update({name: out})
        )
    close(unet(*inputs()), "unet.out")
    for name, out in seen.items():
        close(out[0, :8], f"trace.{name}")
    assert len(seen) == sum(key.startswith("trace.") for key in vectors())


@torch.no_grad()
def test_residual_block_and_attention():
    unet, stored = network(), vectors()
    block, attention, _ = unet.middle_block
    close(block(stored["res.in"], stored["res.emb"]), "res.out")
    close(attention(stored["attn.in"]), "attn.out")


@torch.no_grad()
def test_the_attention_is_not_one_of_pixels():
    """With the transpose that is missing in the published code the result is far off."""
    attention, x = network().middle_block[1], vectors()["attn.in"]
    heads, size = attention.heads, attention.dim_head
    tokens = attention.qkv(attention.norm(x).flatten(2)).unflatten(1, (heads, 3 * size))
    q, k, v = tokens.transpose(2, 3).chunk(3, dim=-1)
    mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v)
    out = x + attention.proj_out(mixed.transpose(2, 3).flatten(1, 2)).view_as(x)
    assert (out - vectors()["attn.out"]).abs().max() > 0.5


def test_impossible_widths_are_refused():
    with pytest.raises(InputError, match="widths"):
        LatentUpsamplerConfig(model_channels=20)
    with pytest.raises(InputError, match="patches of 2"):
        PatchUpsamplerConfig(patch=2)
    with pytest.raises(InputError, match="blocks"):
        PatchUpsamplerConfig(blocks=(1, 1))


@torch.no_grad()
def test_ours_gives_a_velocity_and_a_difficulty_per_patch():
    net = stirred()
    x, context, t = torch.randn(2, 4, 8, 12), torch.randn(2, 4, 8, 12), torch.rand(2, 2, 3)
    velocity, log_variance = net(x, t, context)
    assert velocity.shape == x.shape
    assert log_variance.shape == t.shape
    alone = net(x[1:], t[1:], context[1:])
    torch.testing.assert_close(velocity[1:], alone[0])
    torch.testing.assert_close(log_variance[1:], alone[1])
    assert (net(x, t, context + 1)[0] - velocity).abs().max() > 1e-3


@torch.no_grad()
def test_the_time_of_a_patch_reaches_that_patch_first():
    net = stirred()
    x, context, t = torch.randn(1, 4, 32, 32), torch.randn(1, 4, 32, 32), torch.zeros(1, 8, 8)
    later = t.clone()
    later[0, 2, 5] = 0.7
    change = (net(x, later, context)[0] - net(x, t, context)[0]).abs().sum(dim=1)[0]
    inside = change[8:12, 20:24]
    assert inside.min() > 0
    assert inside.mean() > 2 * change.mean()


@torch.no_grad()
def test_beyond_its_reach_nothing_has_influence():
    """So that a tile with a margin of `reach`, cut at whole patches, agrees with the whole."""
    net, reach = stirred(), SMALL.reach
    side = 2 * reach + 8
    x, context = torch.randn(1, 4, side, side), torch.randn(1, 4, side, side)
    t = torch.rand(1, side // 4, side // 4)
    whole = net(x, t, context)
    cut = slice(0, side - 4)  # one patch less on the right
    tile = net(x[..., cut], t[..., : side // 4 - 1], context[..., cut])
    inner = side - 4 - reach
    torch.testing.assert_close(tile[0][..., :inner], whole[0][..., :inner])
    torch.testing.assert_close(tile[1][..., : inner // 4], whole[1][..., : inner // 4])
    assert not torch.allclose(tile[0], whole[0][..., cut])


@torch.no_grad()
def test_bfloat16_gives_float32_close_to_it():
    net = stirred()
    x, context, t = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8), torch.rand(1, 2, 2)
    velocity, _ = net(x, t, context)
    rough, rough_variance = net.to(torch.bfloat16)(x, t, context)
    assert rough.dtype == rough_variance.dtype == torch.float32
    assert (rough - velocity).abs().mean() < 0.03 * velocity.abs().mean()
