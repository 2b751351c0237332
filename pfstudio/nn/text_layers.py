"""Building blocks of the text-conditional transformer: RMS norms, rotary cosine attention, SwiGLU.

Shapes: image tokens (B,F,D) in row-major order of the patches, text tokens (B,L,D). No layer but
the text projection has a bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Generic, Self, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.execution import Kernels
from pfstudio.nn.layers import Linear, ModuleList, scaled_dot_product_attention
from pfstudio.nn.perturbation import AttentionEdit

EPS = 1e-6
FEED_FORWARD_RATIO = 3
Rotation = Tensor  # cosines and sines, (2,F,heads,d/4) float32
Norm = TypeVar("Norm", bound=nn.Module)
Positions = TypeVar("Positions", bound=nn.Module)


class _ScaledNorm(torch.autograd.Function):
    """x / sqrt(mean(x^2) + eps) * factor, with a third of the passes that autograd would make."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, factor: Tensor, eps: float) -> Tensor:
        exact = torch.promote_types(x.dtype, torch.float32)
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=exact)
        inverse = torch.rsqrt(length.square() / x.shape[-1] + eps).to(x.dtype)
        normed = x * inverse
        ctx.save_for_backward(normed, factor, inverse)
        return normed * factor

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        (gradient,) = gradients
        normed, factor, inverse = ctx.saved_tensors
        inner = gradient * factor
        along = torch.linalg.vecdot(inner, normed).unsqueeze(-1) / -normed.shape[-1]
        to_x = torch.addcmul(inner, normed, along).mul_(inverse)
        return to_x, (gradient * normed).sum_to_size(factor.shape), None


def rms_norm(h: Tensor, factor: Tensor, eps: float = EPS) -> Tensor:
    """h / rms(h) * factor over the last dimension, its statistics in float32."""
    factor = factor.to(h.dtype)
    if not torch.is_grad_enabled():
        return F.rms_norm(h, h.shape[-1:], eps=eps) * factor
    return _ScaledNorm.apply(h, factor, eps)  # type: ignore[no-untyped-call]


class RmsNorm(nn.Module):
    """(...,D) -> (...,D) with a learned scale."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, h: Tensor) -> Tensor:
        return rms_norm(h, self.scale)


class AdaRmsNorm(nn.Module):
    """A norm whose factor is 1 + a linear map of the time features (...,M)."""

    def __init__(self, width: int, features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, width, bias=False)


class SwiGLU(nn.Module, Generic[Norm]):
    """SwiGLU: first half * SiLU(second half), and back."""

    def __init__(self, width: int, norm: Norm) -> None:
        super().__init__()
        self.norm = norm
        self.up_proj = Linear(width, 2 * FEED_FORWARD_RATIO * width, bias=False)
        self.down_proj = Linear(FEED_FORWARD_RATIO * width, width, bias=False)

    def forward(self, h: Tensor, kernels: Kernels) -> Tensor:
        """Normed h (B,F,D) -> (B,F,D)."""
        value, gate = self.up_proj(h, kernels).chunk(2, dim=-1)
        return self.down_proj(value * F.silu(gate), kernels)


class Frequencies(nn.Module):
    """Fixed frequencies, which stay float32 in a network of any precision.

    Multiplied by positions or times they are angles of many turns, which bfloat16 would blur.
    """

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        return super()._apply(  # type: ignore[no-untyped-call]
            lambda own: own.to(fn(own).device), recurse
        )


class ImageRotation(Frequencies):
    """Rotary angles of positions (y,x): d/8 frequencies per head and axis, between pi and 10 pi."""

    def __init__(self, heads: int, head_dim: int) -> None:
        super().__init__()
        axis = _frequencies(math.log(math.pi), math.log(10 * math.pi), heads, head_dim // 8)
        self.freqs = nn.Parameter(torch.stack([axis, axis]), requires_grad=False)

    def forward(self, positions: Tensor) -> Rotation:
        """Of positions (...,F,2): (2,...,F,heads,d/4)."""
        angles = positions[..., None, :, None] * self.freqs.transpose(0, 1)
        return _turn(angles.flatten(-2))


class TextRotation(Frequencies):
    """Rotary angles of a text's tokens 0 .. L-1: d/4 frequencies per head, between 1e-4 and 1."""

    def __init__(self, heads: int, head_dim: int) -> None:
        super().__init__()
        freqs = _frequencies(math.log(1e-4), 0.0, heads, head_dim // 4)
        self.freqs = nn.Parameter(freqs, requires_grad=False)

    def forward(self, length: int) -> Rotation:
        index = torch.arange(length, dtype=torch.float32, device=self.freqs.device)
        return _turn(index[:, None, None] * self.freqs)


def _frequencies(low: float, high: float, heads: int, count: int) -> Tensor:
    """(heads,count) from exp(low) up to below exp(high), dealt out to the heads in turn."""
    every = torch.linspace(low, high, heads * count + 1)[:-1].exp()
    return every.view(count, heads).T.contiguous()


def _turn(angles: Tensor) -> Rotation:
    return torch.stack([angles.cos(), angles.sin()])


def _rotated(q: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    quarter = cos.shape[-1]
    out = q.clone()
    first, second = out[..., :quarter], out[..., quarter : 2 * quarter]
    turned = first * sin
    first.mul_(cos).addcmul_(second, sin, value=-1)
    second.mul_(cos).add_(turned)
    return out


class _Rotate(torch.autograd.Function):
    """Its gradient is the opposite turn."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        ctx.save_for_backward(cos, sin)
        return _rotated(q, cos, sin)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        cos, sin = ctx.saved_tensors
        return _rotated(gradients[0], cos, -sin), None, None


def rotate(q: Tensor, rotation: Rotation) -> Tensor:
    """Turn the pairs (j, j + d/4), j < d/4, of q (B,F,heads,d); the second half of d passes."""
    if not torch.is_grad_enabled():
        return _rotated(q, *rotation)
    return _Rotate.apply(q, *rotation)  # type: ignore[no-untyped-call]


def unit(q: Tensor, scale: Tensor) -> Tensor:
    """q (B,F,heads,d) with length sqrt(scale) of its head (heads,)."""
    size = q.shape[-1]
    return rms_norm(q, (scale / size).sqrt()[:, None], EPS / size)


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, kernels: Kernels) -> Tensor:
    """softmax(q k^T) v of q (B,F,heads,d), k and v (B,L,heads,d): (B,F,heads*d).

    Args:
        mask: (B,L) bool, which tokens of k are attended; None: all.
    """
    if kernels.attention == "sdpa":
        q, k, v = (part.transpose(1, 2) for part in (q, k, v))
        seen = None if mask is None else mask[:, None, None, :]
        mixed = scaled_dot_product_attention(q, k, v, seen, scale=1.0)
    else:
        batch, heads = q.shape[0], q.shape[2]
        q, k, v = (part.transpose(1, 2).flatten(0, 1) for part in (q, k, v))
        scores = torch.bmm(q, k.transpose(1, 2)).unflatten(0, (batch, heads))
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None, None, :], -math.inf)
        mixed = torch.bmm(scores.softmax(dim=-1).flatten(0, 1), v).unflatten(0, (batch, heads))
    return mixed.transpose(1, 2).flatten(2)


def attention_weights(q: Tensor, k: Tensor, mask: Tensor | None) -> Tensor:
    """softmax(q k^T) of q (...,B,F,heads,d), k (...,B,L,heads,d), averaged over heads: (...,B,F,L).

    Args:
        mask: (B,L) bool, which tokens of k are attended; the others get 0. None: all.
    """
    scores = q.transpose(-3, -2) @ k.movedim(-3, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None, None, :], -math.inf)
    return scores.softmax(dim=-1, dtype=torch.float32).mean(dim=-3)


class SelfAttention(nn.Module, Generic[Norm, Positions]):
    """Cosine attention over all tokens; one product makes q, k and v."""

    def __init__(self, width: int, head_dim: int, norm: Norm, rotation: Positions) -> None:
        super().__init__()
        self.heads = width // head_dim
        self.norm = norm
        self.qkv_proj = Linear(width, 3 * width, bias=False)
        self.scale = nn.Parameter(torch.full((self.heads,), 10.0))
        self.pos_emb = rotation
        self.out_proj = Linear(width, width, bias=False)

    def forward(
        self,
        h: Tensor,
        rotation: Rotation,
        kernels: Kernels,
        mask: Tensor | None = None,
        edit: AttentionEdit | None = None,
    ) -> Tensor:
        """Normed h (B,F,D) -> (B,F,D)."""
        qkv = self.qkv_proj(h, kernels).unflatten(-1, (3, self.heads, -1))
        q, k = rotate(unit(qkv[:, :, :2], self.scale), rotation.unsqueeze(-3)).unbind(2)
        v = qkv[:, :, 2]
        if edit is None:
            return self.out_proj(attend(q, k, v, mask, kernels), kernels)

        def plainly(other: Tensor) -> Tensor:
            mixed = attend(other.transpose(1, 2), k, v, mask, kernels)
            return mixed.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        mixed = edit(q.transpose(1, 2), v.transpose(1, 2), plainly)
        return self.out_proj(mixed.transpose(1, 2).flatten(2), kernels)

    def weights(self, h: Tensor, rotation: Rotation) -> Tensor:
        """Which tokens each token looks at, (B,F,F) float32: averaged over heads, rows sum to 1."""
        qkv = self.qkv_proj(h).unflatten(-1, (3, self.heads, -1))
        q, k = rotate(unit(qkv[:, :, :2], self.scale), rotation.unsqueeze(-3)).unbind(2)
        return attention_weights(q, k, None)


class CrossAttention(nn.Module):
    """Cosine attention of image tokens to text tokens; as published, only q is rotated."""

    def __init__(self, width: int, head_dim: int, text_width: int, features: int) -> None:
        super().__init__()
        self.heads = width // head_dim
        self.norm = AdaRmsNorm(width, features)
        self.norm_cross = RmsNorm(text_width)
        self.q_proj = Linear(width, width, bias=False)
        self.kv_proj = Linear(text_width, 2 * width, bias=False)
        self.scale = nn.Parameter(torch.full((self.heads,), 10.0))
        self.pos_emb = ImageRotation(self.heads, head_dim)
        self.out_proj = Linear(width, width, bias=False)

    def keys_values(self, text: Tensor, kernels: Kernels) -> tuple[Tensor, Tensor]:
        """What is attended of a refined text (B,L,D'): k and v (B,L,heads,d)."""
        both = self.kv_proj(self.norm_cross(text), kernels)
        k, v = both.unflatten(-1, (2, self.heads, -1)).unbind(2)
        return unit(k, self.scale), v

    def forward(
        self,
        h: Tensor,
        keys_values: tuple[Tensor, Tensor],
        mask: Tensor | None,
        rotation: Rotation,
        kernels: Kernels,
        queries: list[Tensor] | None = None,
    ) -> Tensor:
        """Normed h (B,F,D) -> (B,F,D); q (B,F,heads,d) is added to `queries`."""
        q = self.q_proj(h, kernels).unflatten(-1, (self.heads, -1))
        q = rotate(unit(q, self.scale), rotation)
        if queries is not None:
            queries.append(q)
        return self.out_proj(attend(q, *keys_values, mask, kernels), kernels)


class TextBlock(nn.Module):
    """Self-attention, cross-attention to the text, feed-forward; each added to what it reads."""

    def __init__(self, width: int, head_dim: int, text_width: int, features: int) -> None:
        super().__init__()
        self.self_attn = SelfAttention(
            width, head_dim, AdaRmsNorm(width, features), ImageRotation(width // head_dim, head_dim)
        )
        self.cross_attn = CrossAttention(width, head_dim, text_width, features)
        self.ff = SwiGLU(width, AdaRmsNorm(width, features))

    def forward(
        self,
        h: Tensor,
        factors: Sequence[Tensor],
        k: Tensor,
        v: Tensor,
        own_rotation: Rotation,
        cross_rotation: Rotation,
        kernels: Kernels,
        mask: Tensor | None = None,
        queries: list[Tensor] | None = None,
        edit: AttentionEdit | None = None,
    ) -> Tensor:
        """h (B,F,D).

        Args:
            factors: of the three norms, (B,F|1,D) each.
            k, v: of the text, from `CrossAttention.keys_values`.
            mask: (B,L) bool, which tokens of the text are attended; None: all.
            queries: where what the cross-attention asks (B,F,heads,d) is wanted.
        """
        own, cross, feed = factors
        h = h + self.self_attn(rms_norm(h, own), own_rotation, kernels, edit=edit)
        h = h + self.cross_attn(rms_norm(h, cross), (k, v), mask, cross_rotation, kernels, queries)
        return h + self.ff(rms_norm(h, feed), kernels)


class RefinerLayer(nn.Module):
    """A transformer layer on the text tokens (B,L,D)."""

    def __init__(self, width: int, head_dim: int) -> None:
        super().__init__()
        self.self_attn = SelfAttention(
            width, head_dim, RmsNorm(width), TextRotation(width // head_dim, head_dim)
        )
        self.ff = SwiGLU(width, RmsNorm(width))

    def forward(self, text: Tensor, mask: Tensor | None, kernels: Kernels) -> Tensor:
        attention = self.self_attn
        rotation = attention.pos_emb(text.shape[1])
        text = text + attention(attention.norm(text), rotation, kernels, mask)
        return text + self.ff(self.ff.norm(text), kernels)


class TimeMapping(nn.Module):
    """Times (...) -> (...,M): random Fourier features and residual SwiGLU blocks."""

    def __init__(self, features: int, depth: int) -> None:
        super().__init__()
        self.time_emb = FourierFeatures(features)
        self.time_in_proj = nn.Linear(features, features, bias=False)
        self.mapping = MappingNetwork(features, depth)

    def forward(self, t: Tensor) -> Tensor:
        features = self.time_emb(t).to(self.time_in_proj.weight.dtype)
        return self.mapping(self.time_in_proj(features))


class FourierFeatures(Frequencies):
    """Times (...) -> (...,M): cosines, then sines, of random multiples."""

    weight: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.randn(features // 2, 1))

    def forward(self, t: Tensor) -> Tensor:
        angles = 2 * math.pi * t.float()[..., None] * self.weight[:, 0]
        return torch.cat([angles.cos(), angles.sin()], dim=-1)


class MappingNetwork(nn.Module):
    """Residual SwiGLU blocks (...,M) -> (...,M) between two norms."""

    def __init__(self, features: int, depth: int) -> None:
        super().__init__()
        self.in_norm = RmsNorm(features)
        self.blocks = ModuleList(SwiGLU(features, RmsNorm(features)) for _ in range(depth))
        self.out_norm = RmsNorm(features)

    def forward(self, h: Tensor) -> Tensor:
        h = self.in_norm(h)
        plain = Kernels()
        for block in self.blocks:
            h = h + block(block.norm(h), plain)
        return self.out_norm(h)
