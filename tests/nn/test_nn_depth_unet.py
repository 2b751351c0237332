"""The depth network against the published one's stored activations."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from depth_vectors import CONFIG, close, config_of, network, vectors, weights
from hypothesis import given, settings
from hypothesis import strategies as st

from pfstudio.core.depth import ATTENTION_MODES
from pfstudio.core.errors import InputError
from pfstudio.nn.depth_unet import (
    DepthUNet,
    DepthUNetConfig,
    attention_scale,
)
from pfstudio.nn.unet import time_features


def inputs():
    stored = vectors()
    return tuple(stored[f"unet.{key}"] for key in ("x", "t", "context", "context_ca"))


def test_the_names_are_the_published_ones():
    names = DepthUNet(config_of(CONFIG["ldm_hparams"])).state_dict()
    stored = weights()
    assert {k: v.shape for k, v in names.items()} == {k: v.shape for k, v in stored.items()}


def test_the_default_is_the_published_size():
    with torch.device("meta"):
        unet = DepthUNet(DepthUNetConfig())
    state = unet.state_dict()
    assert len(state) == 686
    assert sum(value.numel() for value in state.values()) == 865_922_244
    assert tuple(state["input_blocks.0.0.weight"].shape) == (320, 8, 3, 3)
    assert tuple(state["output_blocks.8.0.in_layers.2.weight"].shape) == (640, 960, 3, 3)
    assert unet.config.factor == 8


def test_time_features():
    close(time_features(vectors()["temb.t"], 32), "temb.out")


@pytest.mark.parametrize("mode", ATTENTION_MODES)
@torch.no_grad()
def test_output_and_transformer_in_both_modes(mode):
    unet = network()
    seen = {}
    unet.middle_block[1].register_forward_hook(
        lambda module, args, out: seen.update(before=args[0], after=out)
    )
    close(unet(*inputs(), mode=mode), f"{mode}.unet.out")
    close(seen["before"], f"{mode}.st.in")
    close(seen["after"], f"{mode}.st.out")


@torch.no_grad()
def test_every_stage():
    unet = network()
    seen = {}
    for name, module in unet.named_modules():
        if f"standard.trace.{name}" in vectors():
            module.register_forward_hook(
                lambda module, args, out, name=name: seen.update({name: out[0, :8]})
            )
    unet(*inputs())
    assert len(seen) == 9
    for name, activation in seen.items():
        close(activation, f"standard.trace.{name}")


@torch.no_grad()
def test_one_prompt_serves_the_whole_batch():
    unet = network()
    x, t, context, tokens = inputs()
    shared = unet(x, t, context, tokens[:1])
    torch.testing.assert_close(shared, unet(x, t, context, tokens[:1].expand(2, -1, -1)))


def test_the_modes_differ_only_by_their_scale():
    assert attention_scale("standard", 4096, 64) == pytest.approx(1 / 8)
    published = {4096: 0.926, 1024: 0.913, 256: 0.894, 64: 0.866}
    for tokens, share in published.items():
        assert attention_scale("logscaled", tokens, 64) * 8 == pytest.approx(share, abs=6e-4)
    assert attention_scale("logscaled", 1, 64) == 0.0  # one token: any scale gives the same


@given(st.integers(1, 3), st.integers(1, 3), st.sampled_from([(1,), (1, 2), (2, 1, 2)]))
@settings(max_examples=8, deadline=None)
@torch.no_grad()
def test_every_size_that_fits_runs(rows, columns, widths):
    config = DepthUNetConfig(8, 4, 32, widths, 1, (2,), 4, 6)
    side = config.factor
    x = torch.randn(2, 4, rows * side, columns * side)
    out = DepthUNet(config)(x, torch.rand(2), torch.randn_like(x), torch.randn(1, 2, 6))
    assert out.shape == x.shape


@pytest.mark.parametrize(("width", "heads"), [(48, 8), (64, 5)])
def test_impossible_sizes_are_told(width, heads):
    with pytest.raises(InputError, match="cannot have the widths"):
        DepthUNetConfig(model_channels=width, num_heads=heads)


SMALL = DepthUNetConfig(
    model_channels=32,
    channel_mult=(1, 2),
    num_res_blocks=1,
    attention_resolutions=(2,),
    num_heads=2,
    context_dim=8,
    image_features=True,
    linear_skip=True,
)


def small(config: DepthUNetConfig = SMALL) -> DepthUNet:
    torch.manual_seed(0)
    return DepthUNet(config).eval()


@torch.no_grad()
def test_what_is_seen_reaches_every_level():
    unet, picture = small(), torch.randn(1, 3, 64, 96)
    x, tokens = torch.randn(2, 4, 16, 24), torch.randn(1, 1, 8)
    image = torch.randn(2, 4, 16, 24)
    seen = unet.encode_image(picture)
    assert [tuple(one.shape) for one in seen] == [(1, 24, 16, 24), (1, 32, 8, 12)]
    found = unet(x, torch.zeros(2), image, tokens, seen)
    for level in range(2):
        other = [one + (index == level) for index, one in enumerate(seen)]
        assert not torch.allclose(found, unet(x, torch.zeros(2), image, tokens, other))


@torch.no_grad()
def test_one_picture_serves_all_members():
    unet, picture = small(), torch.randn(1, 3, 64, 64)
    x, image, tokens = torch.randn(2, 4, 16, 16), torch.randn(2, 4, 16, 16), torch.randn(1, 1, 8)
    seen = unet.encode_image(picture)
    both = unet(x, torch.zeros(2), image, tokens, seen)
    again = [one.expand(2, -1, -1, -1) for one in seen]
    torch.testing.assert_close(unet(x, torch.zeros(2), image, tokens, again), both)


@torch.no_grad()
def test_the_linear_skip_is_linear_in_the_state():
    unet = small(replace(SMALL, image_features=False))
    torch.nn.init.zeros_(unet.out[-1].weight)
    torch.nn.init.zeros_(unet.out[-1].bias)
    torch.nn.init.zeros_(unet.linear_skip.bias)
    x, image = torch.randn(1, 4, 16, 16), torch.zeros(1, 4, 16, 16)
    ask = lambda state: unet(state, torch.zeros(1), image, torch.zeros(1, 1, 8))  # noqa: E731
    torch.testing.assert_close(ask(3 * x), 3 * ask(x))
    assert unet.encode_image(torch.zeros(1, 3, 64, 64)) == ()


def test_an_image_encoder_has_four_levels():
    with pytest.raises(InputError, match="at most 4 levels"):
        replace(SMALL, channel_mult=(1, 1, 1, 1, 1))
