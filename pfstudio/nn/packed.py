"""Convolutions and products whose weights oneDNN laid out once, instead of at every call.

For inference on the CPU. The plain weights are given up, so a packed network needs no more memory,
but can neither be trained nor saved.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_ROWS = 256  # rows that a product is laid out for; any number can be computed


class PackedConv2d(nn.Module):
    """A convolution without dilation and groups: (B,C,H,W) -> (B,D,h,w)."""

    def __init__(self, plain: nn.Conv2d) -> None:
        super().__init__()
        self.bias = plain.bias
        self.shape = (list(plain.padding), list(plain.stride), [1, 1], 1)
        self.weight = torch.ops.mkldnn._reorder_convolution_weight(
            plain.weight.detach(), *self.shape, None
        )

    def forward(self, h: Tensor) -> Tensor:
        return torch.ops.mkldnn._convolution_pointwise(
            h, self.weight, self.bias, *self.shape, "none", [], ""
        )


class PackedLinear(nn.Module):
    """(...,in) -> (...,out)."""

    def __init__(self, plain: nn.Linear) -> None:
        super().__init__()
        self.bias = plain.bias
        self.weight = torch.ops.mkldnn._reorder_linear_weight(plain.weight.detach(), _ROWS)

    def forward(self, h: Tensor) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(h, self.weight, self.bias, "none", [], "")


def pack(module: nn.Module) -> None:
    """Pack plain convolutions and products below a module in place, for `inference_mode` only.

    Its SiLUs after a normalisation then overwrite their input, which nothing else reads.
    """
    after_norm = False
    for name, child in module.named_children():
        if isinstance(child, nn.SiLU) and after_norm:
            child.inplace = True
        after_norm = isinstance(child, nn.GroupNorm)
        if type(child) is nn.Conv2d and child.groups == 1:
            setattr(module, name, PackedConv2d(child))
        elif isinstance(child, nn.Linear):
            setattr(module, name, PackedLinear(child))
        else:
            pack(child)
