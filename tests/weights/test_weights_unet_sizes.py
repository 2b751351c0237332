"""The sizes of a U-Net leave traces in its tensors."""

from __future__ import annotations

from dataclasses import asdict

import pytest
import torch

from pfstudio.nn.depth_unet import DepthUNet, DepthUNetConfig
from pfstudio.nn.latent_upsampler import LatentUpsampler, LatentUpsamplerConfig
from pfstudio.nn.unet import UNetSizes, read_unet_sizes


@pytest.mark.parametrize(
    "sizes",
    [
        UNetSizes(32, (1,), 1, ()),
        UNetSizes(32, (1, 2, 4), 2, (2, 4)),
        UNetSizes(64, (2, 2), 3, (1,)),
        UNetSizes(32, (1, 2), 0, (2,)),
        UNetSizes(32, (1,), 0, (1,)),
    ],
)
def test_both_networks_tell_their_sizes(sizes: UNetSizes) -> None:
    told = asdict(sizes)
    with torch.device("meta"):
        depth = DepthUNet(DepthUNetConfig(8, 4, num_heads=2, context_dim=8, **told))
        upsampler = LatentUpsampler(
            LatentUpsamplerConfig(channels=4, num_heads=2, dim_head=16, **told)
        )
    for network in (depth, upsampler):
        assert read_unet_sizes(network.state_dict(), {}) == sizes


def test_other_tensors_have_none() -> None:
    with pytest.raises(KeyError):
        read_unet_sizes({"weight": torch.zeros(1)}, {})


def test_what_the_file_says_comes_first() -> None:
    with torch.device("meta"):
        sizes = UNetSizes(32, (1, 2), 1, (2,))
        network = DepthUNet(DepthUNetConfig(8, 4, num_heads=2, context_dim=8, **asdict(sizes)))
    tensors = network.state_dict()
    said = {"attention_resolutions": [4, 2], "num_res_blocks": 1, "channel_mult": [1, "2"]}
    found = read_unet_sizes(tensors, said)
    assert found == UNetSizes(32, (1, 2), 1, (2, 4))
    assert read_unet_sizes(tensors, {"num_res_blocks": -1, "attention_resolutions": 3}) == sizes
