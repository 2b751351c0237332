"""MobileNetV2: what a network that learned to name photos sees in a picture.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018), table 2, width 1.
The batch norms are folded into the convolutions before them, so there is nothing left to adapt.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
LAYERS = 18  # without the last convolution to FEATURE_WIDTH
FEATURE_WIDTH = 1280


def _conv(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups), nn.ReLU6()
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
            nn.Conv2d(hidden, outputs, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.skip else self.conv(x)


class MobileNetV2(nn.Module):
    """The feature part, frozen.

    Args:
        head: with the last convolution, which `pooled` needs.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, head: bool = True) -> None:
        super().__init__()
        layers: list[nn.Module] = [_conv(3, 32, 3, 2)]
        width = 32
        for expansion, channels, repeats, stride in _STAGES:
            for i in range(repeats):
                layers.append(
                    _InvertedResidual(width, channels, stride if i == 0 else 1, expansion)
                )
                width = channels
        if head:
            layers.append(_conv(width, FEATURE_WIDTH, 1))
        self.features = nn.ModuleList(layers)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), False)
        self.requires_grad_(False)

    def maps(self, picture: Tensor, layers: tuple[int, ...]) -> list[Tensor]:
        """What these layers (counted from 0, rising) give for pictures (B,3,H,W) in -1..1."""
        x, found = self._normalised(picture), []
        for index, layer in enumerate(self.features[: layers[-1] + 1]):
            x = layer(x)
            if index in layers:
                found.append(x)
        return found

    def pooled(self, picture: Tensor, side: int = 224) -> Tensor:
        """(B,1280) features of pictures in -1..1, resized to `side` (bicubic, antialiased)."""
        x = F.interpolate(
            picture, (side, side), mode="bicubic", antialias=True, align_corners=False
        )
        return self.maps(x.clamp(-1, 1), (LAYERS,))[0].mean(dim=(2, 3)).float()

    def _normalised(self, picture: Tensor) -> Tensor:
        return ((picture + 1) / 2 - self.mean) / self.std
