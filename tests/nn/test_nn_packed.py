"""A packed network computes what it computed before, and its autograd is given up."""

from __future__ import annotations

import copy

import pytest
import torch
from depth_vectors import close, network, vectors
from torch import nn

from pfstudio.core.depth import ATTENTION_MODES
from pfstudio.engine.autotune import can_pack
from pfstudio.nn.depth_unet import DepthUNet, DepthUNetConfig
from pfstudio.nn.packed import PackedConv2d, PackedLinear, pack

pytestmark = pytest.mark.skipif(not can_pack(torch.float32), reason="oneDNN is not built in")


@pytest.mark.parametrize("mode", ATTENTION_MODES)
@torch.inference_mode()
def test_the_packed_network_meets_the_published_one(mode):
    unet = network()
    pack(unet)
    stored = vectors()
    inputs = [stored[f"unet.{key}"] for key in ("x", "t", "context", "context_ca")]
    close(unet(*inputs, mode=mode), f"{mode}.unet.out")
    kinds = {type(module) for module in unet.modules()}
    assert {PackedConv2d, PackedLinear} <= kinds
    assert not kinds & {nn.Conv2d, nn.Linear}
    assert not list(unet.time_embed.named_children())[1][1].inplace
    assert unet.out[1].inplace


@pytest.mark.parametrize("side", [3, 16, 40])
@torch.inference_mode()
def test_any_size_strides_and_missing_biases(side):
    plain = nn.Sequential(nn.Conv2d(8, 24, 3, 2, 1), nn.Flatten(2), nn.Linear(1, 1, bias=False))
    plain[2] = nn.Linear(((side + 1) // 2) ** 2, 5, bias=False)
    packed = copy.deepcopy(plain)
    pack(packed)
    x = torch.randn(2, 8, side, side)
    torch.testing.assert_close(packed(x), plain(x), atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_the_input_of_a_silu_that_follows_no_norm_is_kept():
    layers = nn.Sequential(nn.SiLU(), nn.Linear(4, 4))
    pack(layers)
    x = torch.randn(2, 4)
    before = x.clone()
    layers(x)
    assert torch.equal(x, before)


@torch.inference_mode()
def test_grouped_convolutions_stay_as_they_are():
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(4, 8, 1), nn.Conv2d(8, 8, 3, groups=8))
    packed = copy.deepcopy(plain)
    pack(packed)
    x = torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(packed(x), plain(x), atol=1e-5, rtol=1e-5)
    assert [type(layer) for layer in packed] == [PackedConv2d, nn.Conv2d]


@torch.inference_mode()
def test_a_packed_network_that_sees_computes_the_same():
    torch.manual_seed(0)
    config = DepthUNetConfig(4, 2, 32, (1, 2), 1, (), 2, 8, image_features=True, linear_skip=True)
    plain = DepthUNet(config).eval()
    packed = copy.deepcopy(plain)
    pack(packed)
    picture, tokens = torch.randn(1, 3, 32, 32), torch.randn(1, 1, 8)
    x, image = torch.randn(2, 2, 8, 8), torch.randn(2, 2, 8, 8)
    plain_found, packed_found = (
        unet(x, torch.zeros(2), image, tokens, unet.encode_image(picture))
        for unet in (plain, packed)
    )
    torch.testing.assert_close(packed_found, plain_found, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
@torch.inference_mode()
def test_packing_is_offered_only_where_it_computes(dtype):
    plain, x = nn.Linear(24, 16).to(dtype), torch.randn(2, 24).to(dtype)
    if can_pack(dtype):
        torch.testing.assert_close(PackedLinear(plain)(x), plain(x), atol=2e-2, rtol=2e-2)
    else:
        with pytest.raises(RuntimeError):
            PackedLinear(plain)(x)
