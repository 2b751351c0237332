"""Building blocks of the diffusion transformers: embeddings, attention, feed-forward, final layer.

Shapes: tokens (B,F,D) in row-major order of the patches; modulations broadcast against them, so
they are (B,F,D) where every patch has its own time and (B,1,D) where an image has one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast, overload

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.execution import Kernels
from pfstudio.nn.perturbation import AttentionEdit

TIME_FEATURES = 256
LAYER_NORM_EPS = 1e-6
PACKED_ROWS = 256  # tokens that packed weights are laid out for; any number can be computed
Layer = TypeVar("Layer", bound=nn.Module)
Network = TypeVar("Network", bound=nn.Module)


class ModuleList(nn.ModuleList, Generic[Layer]):
    """nn.ModuleList, but the type checker knows what is in it."""

    if TYPE_CHECKING:

        def __init__(self, modules: Iterable[Layer] = ()) -> None: ...

        def __iter__(self) -> Iterator[Layer]: ...

        @overload
        def __getitem__(self, idx: slice) -> Self: ...

        @overload
        def __getitem__(self, idx: int) -> Layer: ...

        def __getitem__(self, idx: slice | int) -> Self | Layer: ...


def channels_last(module: Network) -> Network:
    """Put a network's weights, in place, in the order that CPUs convolve fastest in."""
    return module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def time_features(t: Tensor, width: int = TIME_FEATURES) -> Tensor:
    """Sinusoidal features of times t (...) -> (...,width) float32, cosines first, t not scaled."""
    half = width // 2
    exponents = torch.arange(half, dtype=torch.float32, device=t.device) / half
    angles = t.float().unsqueeze(-1) * torch.exp(-math.log(10000.0) * exponents)
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def position_table(rows: int, columns: int, width: int) -> Tensor:
    """Fixed sine-cosine table (1,rows*columns,width): the column's half first, then the row's."""
    frequencies = 10000.0 ** (-torch.arange(width // 4, dtype=torch.float64) / (width // 4))

    def half(coordinate: Tensor) -> Tensor:
        angles = coordinate.reshape(-1, 1).double() * frequencies
        return torch.cat([angles.sin(), angles.cos()], dim=1)

    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.cat([half(column), half(row)], dim=1).float().unsqueeze(0)


def resample_positions(table: Tensor, grid: tuple[int, int]) -> Tensor:
    """Stretch a square table (1,F,D) over another grid of patches, bicubically (an extension)."""
    side = math.isqrt(table.shape[1])
    square = table.float().reshape(1, side, side, -1).permute(0, 3, 1, 2)
    stretched = F.interpolate(square, size=grid, mode="bicubic", align_corners=False)
    return stretched.flatten(2).transpose(1, 2).to(table.dtype)


def unpatchify(tokens: Tensor, grid: tuple[int, int], patch_size: int) -> Tensor:
    """(B,F,p*p*C) with features ordered (row, column, channel) -> (B,C,n*p,m*p)."""
    batch, (rows, columns), p = tokens.shape[0], grid, patch_size
    pixels = tokens.reshape(batch, rows, columns, p, p, -1).permute(0, 5, 1, 3, 2, 4)
    return pixels.reshape(batch, -1, rows * p, columns * p)


def scaled_dot_product_attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, scale: float | None = None
) -> Tensor:
    """torch's, in float32 where a CPU takes its gradient: in 16 bits that lasts ten times as long.

    Args:
        mask: bool, True where a key is attended, broadcast to (...,F,L); None: everywhere.
        scale: of q k^T; None: 1 / sqrt(d).
    """
    halved = q.dtype in (torch.bfloat16, torch.float16) or torch.is_autocast_enabled("cpu")
    if q.device.type != "cpu" or not torch.is_grad_enabled() or not halved:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale)
    with torch.autocast("cpu", enabled=False):
        mixed = F.scaled_dot_product_attention(
            q.float(), k.float(), v.float(), attn_mask=mask, scale=scale
        )
        return mixed.to(q.dtype)


def modulate(h: Tensor, shift: Tensor, factor: Tensor) -> Tensor:
    """Layer norm without learned affine, then factor (1 + scale) and shift from the condition."""
    return torch.addcmul(shift, F.layer_norm(h, h.shape[-1:], eps=LAYER_NORM_EPS), factor)


class PatchEmbedding(nn.Module):
    """(B,C,H,W) -> (B,F,D) by one linear map of each p x p patch."""

    def __init__(self, channels: int, width: int, patch_size: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, width, patch_size, stride=patch_size)

    def forward(self, x: Tensor) -> Tensor:
        # Contiguous, or the whole residual stream inherits the strides and gets copied everywhere.
        return self.proj(x).flatten(2).transpose(1, 2).contiguous()


class TimeEmbedding(nn.Module):
    """Times (...) -> (...,D)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(TIME_FEATURES, width), nn.SiLU(), nn.Linear(width, width)
        )

    def forward(self, t: Tensor) -> Tensor:
        weight = cast(Tensor, self.mlp[0].weight)
        return self.mlp(time_features(t).to(weight.dtype))


class LabelEmbedding(nn.Module):
    """Labels (...) -> (...,D). With label dropping the last row is the null class."""

    def __init__(self, num_classes: int, width: int, dropout: float) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.dropout = dropout
        self.embedding_table = nn.Embedding(num_classes + (dropout > 0), width)

    def forward(self, y: Tensor) -> Tensor:
        if self.training and self.dropout > 0:
            dropped = torch.rand(y.shape, device=y.device) < self.dropout
            y = torch.where(dropped, self.num_classes, y)
        return self.embedding_table(y)


class Linear(nn.Linear):
    """nn.Linear that can also run on a packed copy of its weight, made at the first such call."""

    _packed: Tensor | None = None

    def forward(self, h: Tensor, kernels: Kernels | None = None, gelu: str = "") -> Tensor:
        """h (...,in) -> (...,out); `gelu`, "tanh" or "none" (the erf form), is applied as well."""
        packed = kernels is not None and kernels.linear == "packed"
        if packed and h.device.type == "cpu" and not torch.is_grad_enabled():
            return self._forward_packed(h, gelu)
        out = super().forward(h)
        return F.gelu(out, approximate=gelu) if gelu else out

    def _forward_packed(self, h: Tensor, gelu: str) -> Tensor:
        if self._packed is None:
            self._packed = torch.ops.mkldnn._reorder_linear_weight(
                self.weight.detach(), PACKED_ROWS
            )
        then: tuple[str, list[float], str]
        then = ("gelu", [], "tanh") if gelu else ("none", [], "")
        return torch.ops.mkldnn._linear_pointwise(h, self._packed, self.bias, *then)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_packed": None}  # a copy makes its own

    def _apply(self, *args: Any, **kwargs: Any) -> Self:
        self._packed = None
        return super()._apply(*args, **kwargs)  # type: ignore[no-untyped-call]

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        self._packed = None
        super()._load_from_state_dict(*args, **kwargs)


class Attention(nn.Module):
    """Multi-head self-attention over all tokens; one product makes q, k and v."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = Linear(width, 3 * width)
        self.proj = Linear(width, width)

    def forward(self, h: Tensor, kernels: Kernels, edit: AttentionEdit | None = None) -> Tensor:
        batch, tokens, width = h.shape
        split = self.qkv(h, kernels).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        attend = scaled_dot_product_attention if kernels.attention == "sdpa" else _matmul_attention
        mixed = attend(q, k, v) if edit is None else edit(q, v, lambda other: attend(other, k, v))
        return self.proj(mixed.transpose(1, 2).reshape(batch, tokens, width), kernels)

    def weights(self, h: Tensor) -> Tensor:
        """Which tokens each token looks at, (B,F,F) float32: averaged over heads, rows sum to 1."""
        q, k, _ = self.qkv(h).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(2, 3) * q.shape[-1] ** -0.5
        return scores.softmax(dim=-1, dtype=torch.float32).mean(dim=1)


def _matmul_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k^T / sqrt(d)) v with q, k, v (B,heads,F,d), as two batched products."""
    q_, k_, v_ = (part.flatten(0, 1) for part in (q, k, v))
    unused = q_.new_empty(())
    scale = q.shape[-1] ** -0.5
    scores = torch.baddbmm(unused, q_, k_.transpose(1, 2), beta=0, alpha=scale)
    return torch.bmm(scores.softmax(dim=-1), v_).unflatten(0, q.shape[:2])


class FeedForward(nn.Module):
    """Linear, GELU (tanh form), Linear."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = Linear(width, hidden)
        self.fc2 = Linear(hidden, width)

    def forward(self, h: Tensor, kernels: Kernels) -> Tensor:
        erf = kernels.gelu == "erf" and h.dtype == torch.bfloat16
        return self.fc2(self.fc1(h, kernels, gelu="none" if erf else "tanh"), kernels)


class Block(nn.Module):
    """Transformer block whose norms and residuals are modulated by the condition (adaLN-Zero)."""

    def __init__(self, width: int, heads: int, mlp_ratio: float) -> None:
        super().__init__()
        self.attn = Attention(width, heads)
        self.mlp = FeedForward(width, round(width * mlp_ratio))
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))

    def forward(
        self,
        h: Tensor,
        modulation: Sequence[Tensor],
        kernels: Kernels,
        edit: AttentionEdit | None = None,
    ) -> Tensor:
        """h (B,F,D); modulation: shift, factor, gate of attention, then of the MLP, (B,F|1,D)."""
        shift1, factor1, gate1, shift2, factor2, gate2 = modulation
        h = torch.addcmul(h, gate1, self.attn(modulate(h, shift1, factor1), kernels, edit=edit))
        return torch.addcmul(h, gate2, self.mlp(modulate(h, shift2, factor2), kernels))


class FinalLayer(nn.Module):
    """Modulated norm and the linear map to p*p*channels features of each patch."""

    def __init__(self, width: int, features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, features)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))

    def forward(self, h: Tensor, modulation: Sequence[Tensor]) -> Tensor:
        """h (B,F,D); modulation: shift, factor, (B,F|1,D)."""
        return self.linear(modulate(h, *modulation))
