"""The blocks of a zigzag Mamba network: the mixer of "Mamba" (Gu and Dao, 2023, arXiv 2312.00752),
along any path over the tokens, with the norm, modulation and cross-attention of ZigMa around it.

Names of the weights are those of the published ZigMa checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.execution import Kernels
from pfstudio.core.scan_maps import GROUPS
from pfstudio.nn.layers import Linear, modulate, scaled_dot_product_attention
from pfstudio.nn.modulation import Parts, adaptive_norm
from pfstudio.nn.selective_scan import selective_scan

STATES, EXPANSION = 16, 2
_CONV = 4  # tokens that the causal convolution sees
_STEP = (1e-3, 0.1)  # step sizes of a fresh network, log-uniform
_HEADS, _HEAD_WIDTH = 8, 64  # of the attention to a text, whatever the width
_NORM_EPS = 1e-5
_SEEN = 4  # states of each channel whose decay is recorded
KeysValues = tuple[Tensor, Tensor]  # (B,heads,T,head width) each
# How many sequences the tokens are, one after another, which are scanned each for itself; and
# whether what the first token of one gives goes to its last, and so on.
Cut = tuple[int, bool]
WHOLE: Cut = (1, False)


@dataclass(frozen=True)
class DecayGroups:
    """The (channel, state) pairs whose decays are recorded, G groups one after another.

    A group holds pairs that forget alike fast at rest, so that the product of their mean decays is
    close to the mean of the products. Each channel stands in with `_SEEN` of its states, evenly
    spaced, and the next channel with the next ones. With all of them a record would cost a third
    of a call, and the mean decay would differ by 0.003 at most (512 channels; 0.01 with 48).
    """

    channels: Tensor  # of each pair (G*K,) int64
    rates: Tensor  # of decay, < 0 (G*K,)

    def __call__(self, delta: Tensor) -> Tensor:
        """-log of the mean of exp(delta rate) over each group, at step sizes (B,L,E): (B,G,L)."""
        decays = delta[..., self.channels].mul_(self.rates).exp_()
        means = decays.unflatten(-1, (GROUPS, -1)).mean(dim=-1)
        return -means.clamp_(torch.finfo(means.dtype).tiny, 1.0).log_().transpose(1, 2)


@dataclass
class ScanRecords:
    """What the forward scan of each layer did, for the last `images` pictures, in its order.

    `layers` holds a record (B',G+2,L) for each layer: see `core.scan_maps`.
    """

    images: int
    groups: Sequence[DecayGroups]  # of each layer
    layers: list[Tensor] = field(default_factory=list)


def causal_conv(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Each channel of x (B,L,E) with its own filter (E,1,w), which sees a token and those before
    it: (B,L,E)."""
    size = weight.shape[-1]
    padded = F.pad(x, (0, 0, size - 1, 0))
    out = padded[:, size - 1 :] * weight[:, 0, size - 1]
    if bias is not None:
        out = out + bias
    for place in range(size - 1):
        out = torch.addcmul(out, padded[:, place : place + x.shape[1]], weight[:, 0, place])
    return out


class Mamba(nn.Module):
    """A selective state-space layer along a path over the tokens: (B,L,D) -> (B,L,D).

    It stands alone: `Mamba(D)(tokens, path)`.

    Args:
        width: D.
        bidirectional: a second scan with its own weights runs the other way.
        depth: layers of the network that it belongs to, for the initial weights.
    """

    def __init__(self, width: int, bidirectional: bool = False, depth: int = 1) -> None:
        super().__init__()
        inner, self.rank = EXPANSION * width, math.ceil(width / 16)
        self.in_proj = Linear(width, 2 * inner, bias=False)
        self.suffixes = ("", "_b") if bidirectional else ("",)
        for suffix in self.suffixes:
            conv = nn.Conv1d(inner, inner, _CONV, groups=inner, padding=_CONV - 1)
            self.add_module(f"conv1d{suffix}", conv)
            features = Linear(inner, self.rank + 2 * STATES, bias=False)
            self.add_module(f"x_proj{suffix}", features)
            self.add_module(f"dt_proj{suffix}", _step_layer(self.rank, inner))
            rates = torch.arange(1.0, STATES + 1).log().expand(inner, -1).contiguous()
            self.register_parameter(f"A{suffix}_log", nn.Parameter(rates))
            self.register_parameter(f"D{suffix}", nn.Parameter(torch.ones(inner)))
        self.out_proj = Linear(inner, width, bias=False)
        nn.init.kaiming_uniform_(self.out_proj.weight, a=math.sqrt(5))
        with torch.no_grad():
            self.out_proj.weight.div_(math.sqrt(depth))

    def forward(
        self,
        tokens: Tensor,
        path: Tensor | None = None,
        kernels: Kernels | None = None,
        records: ScanRecords | None = None,
    ) -> Tensor:
        """Scan tokens (B,L,D).

        Args:
            path: (L,) int64, position k holds token path[k]; None: as the tokens come.
            records: where to leave what the forward scan did.
        """
        if path is not None:
            tokens = tokens[:, path]
        x, z = self.in_proj(tokens, kernels).chunk(2, dim=-1)
        gate = F.silu(z)
        mixed = self._scan(x, "", gate, records) * gate
        if len(self.suffixes) > 1:
            mixed = mixed + self._scan(x.flip(1), "_b").flip(1) * gate
        out: Tensor = self.out_proj(mixed.to(tokens.dtype), kernels)
        return out if path is None else torch.empty_like(out).index_copy(1, path, out)

    def decay_groups(self) -> DecayGroups:
        """Of the forward scan."""
        a = -self.get_parameter("A_log").float().exp()
        step = F.softplus(self.get_submodule("dt_proj").get_parameter("bias").float())  # at rest
        channels = torch.arange(len(a), device=a.device)[:, None]
        states = (channels + torch.arange(0, STATES, STATES // _SEEN, device=a.device)) % STATES
        seen = a.gather(1, states)
        order = (-seen * step[:, None]).flatten().argsort()
        return DecayGroups(order // _SEEN, seen.flatten()[order])

    def _scan(
        self,
        x: Tensor,
        suffix: str,
        gate: Tensor | None = None,
        records: ScanRecords | None = None,
    ) -> Tensor:
        """Convolve and scan x (B,L,E), in float32."""
        conv = self.get_submodule(f"conv1d{suffix}")
        weight = conv.get_parameter("weight")
        x = F.silu(causal_conv(x.to(weight.dtype), weight, conv.get_parameter("bias")))
        features = self.get_submodule(f"x_proj{suffix}")(x)
        steps, b, c = features.split([self.rank, STATES, STATES], dim=-1)
        step = self.get_submodule(f"dt_proj{suffix}")
        steps = F.linear(steps, step.get_parameter("weight")).float()
        delta = F.softplus(steps + step.get_parameter("bias"))
        a = -self.get_parameter(f"A{suffix}_log").float().exp().t()
        y = selective_scan(x, delta, a, b, c)
        if records is not None and gate is not None:
            own = slice(len(x) - records.images, None)
            written = (delta[own] * x[own]).square().mean(dim=-1).sqrt()
            written = written * b[own].float().norm(dim=-1)
            let_through = gate[own].float().abs().mean(dim=-1)
            rates = records.groups[len(records.layers)](delta[own])
            records.layers.append(torch.cat([rates, torch.stack([written, let_through], 1)], 1))
        return y + self.get_parameter(f"D{suffix}").float() * x


def _step_layer(rank: int, inner: int) -> Linear:
    """Features (rank) -> what softplus turns into step sizes, which begin within `_STEP`."""
    layer = Linear(rank, inner)
    nn.init.uniform_(layer.weight, -(rank**-0.5), rank**-0.5)
    low, high = (math.log(limit) for limit in _STEP)
    steps = torch.exp(torch.rand(inner) * (high - low) + low)
    with torch.no_grad():
        layer.bias.copy_(steps + torch.log(-torch.expm1(-steps)))  # the inverse of softplus
    return layer


class TextAttention(nn.Module):
    """Attention of the tokens to a text, with heads of a fixed size."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = _HEADS * _HEAD_WIDTH
        self.to_q = Linear(width, inner, bias=False)
        self.to_k = nn.Linear(width, inner, bias=False)
        self.to_v = nn.Linear(width, inner, bias=False)
        self.to_out = nn.Sequential(Linear(inner, width))

    def keys_values(self, text: Tensor) -> KeysValues:
        """Of a projected text (B,T,D)."""
        return _heads(self.to_k(text)), _heads(self.to_v(text))

    def forward(
        self, tokens: Tensor, keys_values: KeysValues, mask: Tensor | None, kernels: Kernels
    ) -> Tensor:
        """tokens (B,L,D); mask (B,T) bool, False where the text is padding."""
        seen = None if mask is None else mask[:, None, None]
        q = _heads(self.to_q(tokens, kernels))
        mixed = scaled_dot_product_attention(q, *keys_values, seen)
        return self.to_out[0](mixed.transpose(1, 2).flatten(2), kernels)


def _heads(features: Tensor) -> Tensor:
    return features.unflatten(-1, (_HEADS, _HEAD_WIDTH)).transpose(1, 2)


class ZigMaBlock(nn.Module):
    """Norm, modulation and mixer, and attention where there is a text.

    The branch that the next block adds to the residual stream holds the normed stream itself, as
    in the published code.
    """

    def __init__(self, width: int, depth: int, bidirectional: bool, text: bool) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width, eps=_NORM_EPS)
        self.adaLN_modulation = nn.Sequential(
            nn.SiLU(), nn.Linear(width, (6 if text else 3) * width)
        )
        self.mixer = Mamba(width, bidirectional, depth)
        if text:
            self.msa = TextAttention(width)

    def modulation(self, features: Tensor) -> Parts:
        """Shifts, factors and gates, at activated features (...,D)."""
        return adaptive_norm(cast(nn.Linear, self.adaLN_modulation[1]), features)

    def forward(
        self,
        stream: Tensor,
        modulation: Sequence[Tensor],
        kernels: Kernels,
        cut: Cut = WHOLE,
        text: tuple[KeysValues, Tensor | None] | None = None,
        records: ScanRecords | None = None,
    ) -> Tensor:
        """The branch (B,F,D) of a stream (B,F,D), whose tokens are in the order of the scan.

        Args:
            modulation: shift, factor, gate of the mixer, then of the attention; (B,F|1,D) each.
            text: keys, values and mask.
            records: see `Mamba.forward`.
        """
        u = self.norm(stream.to(self.norm.weight.dtype))
        shift, factor, gate = modulation[:3]
        told = torch.addcmul(shift, u, factor)
        sequences, backwards = cut
        rows = told.reshape(len(told) * sequences, -1, told.shape[-1])
        mixed = self.mixer(rows, None, kernels, records)
        mixed = mixed.flip(1) if backwards else mixed
        h = torch.addcmul(u, gate, mixed.reshape(told.shape))
        if text is not None:
            shift, factor, gate = modulation[3:]
            h = torch.addcmul(h, gate, self.msa(modulate(h, shift, factor), *text, kernels))
        return h
