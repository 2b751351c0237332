"""The selective scan of Mamba in plain PyTorch, forward and backward, with a float32 state.

"Mamba: Linear-Time Sequence Modeling with Selective State Spaces" (Gu and Dao, 2023, arXiv
2312.00752), algorithm 2. With h_0 = 0, for every channel e and state k

    h_l[k,e] = exp(delta_l[e] a[k,e]) h_{l-1}[k,e] + delta_l[e] x_l[e] b_l[k]
    y_l[e]   = sum_k c_l[k] h_l[k,e]

The recurrence runs over blocks of tokens: decays and inputs of a block are made at once, and its
states are kept only as long as the block. Nothing is ever divided by a product of decays, so that
no decay overflows. The backward pass keeps one state a block and makes the others again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

Recurrence = Callable[[Tensor, Tensor, bool], None]

_LOG2_E = math.log2(math.e)
_LOOP_TOKENS = 8  # of a block on the CPU
_LOOP_NUMBERS = 2**18  # of a block's states: what stays in a core's cache
_CHUNK_TOKENS, _CHUNK = 4096, 32  # of a block on other devices, and of the chunks side by side


def selective_scan(
    x: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, *, recurrence: str = ""
) -> Tensor:
    """y (N,L,E) of inputs x (N,L,E), computed and returned in float32 (float64 if x is).

    Args:
        x: what is written into the states.
        delta: step sizes, >= 0 (N,L,E).
        a: rates of decay, <= 0 (n,E).
        b: how inputs enter the n states (N,L,n).
        c: how states are read (N,L,n).
        recurrence: "loop" (token by token), "chunks" (chunks of tokens side by side, for devices
            where launching costs more than computing) or "" (mamba_ssm's kernel on CUDA where it
            is installed, else what suits the device).
    """
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    values = [value.to(dtype).contiguous() for value in (x, delta, a, b, c)]
    if not recurrence and x.is_cuda and dtype == torch.float32 and find_spec("mamba_ssm"):
        return _compiled(*values)
    with torch.autocast(x.device.type, enabled=False):
        y: Tensor = _SelectiveScan.apply(  # type: ignore[no-untyped-call]
            *values, recurrence or ("loop" if x.device.type == "cpu" else "chunks")
        )
    return y


def _compiled(x: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """By the CUDA kernel of the package mamba_ssm, which has channels before tokens."""
    from mamba_ssm.ops.selective_scan_interface import selective_scan_fn

    first = (value.transpose(1, 2).contiguous() for value in (x, delta))
    states = (value.transpose(1, 2).contiguous() for value in (b, c))
    y: Tensor = selective_scan_fn(*first, a.t().contiguous(), *states)
    return y.transpose(1, 2)


def _loop(states: Tensor, between: Tensor, reverse: bool) -> None:
    """In place s_t += a s_{t-1} (or s_{t+1}): states (N,T,n,E), decays between them (N,T-1,n,E)."""
    own, factors = states.unbind(1), between.unbind(1)
    if reverse:
        for t in range(len(factors) - 1, -1, -1):
            own[t].addcmul_(factors[t], own[t + 1])
    else:
        for t, factor in enumerate(factors):
            own[t + 1].addcmul_(factor, own[t])


def _chunks(states: Tensor, between: Tensor, reverse: bool) -> None:
    """The same as `_loop` in two levels: all chunks at once, then what each hands to the next."""
    if reverse:
        flipped = states.flip(1)
        _chunks(flipped, between.flip(1), False)
        states.copy_(flipped.flip(1))
        return
    batch, tokens = states.shape[:2]
    padding = -tokens % _CHUNK
    shape = (batch, -1, _CHUNK, *states.shape[2:])
    pad = (0, 0, 0, 0, 0, padding)
    s = torch.nn.functional.pad(states, pad).reshape(shape)
    # The decay that leads to each token from the one before; nothing leads to the first.
    to = torch.nn.functional.pad(between, (0, 0, 0, 0, 1, padding)).reshape(shape)
    for t in range(1, _CHUNK):
        s[:, :, t].addcmul_(to[:, :, t], s[:, :, t - 1])
        to[:, :, t].mul_(to[:, :, t - 1])  # now from before the chunk: products of decays, <= 1
    for chunk in range(1, s.shape[1]):
        s[:, chunk, -1].addcmul_(to[:, chunk, -1], s[:, chunk - 1, -1])
    s[:, 1:, :-1].addcmul_(to[:, 1:, :-1], s[:, :-1, -1:])
    states.copy_(s.flatten(1, 2)[:, :tokens])


_RECURRENCES: dict[str, tuple[Recurrence, int, int]] = {
    "loop": (_loop, _LOOP_TOKENS, _LOOP_NUMBERS),
    "chunks": (_chunks, _CHUNK_TOKENS, 2**31),
}


class _SelectiveScan(torch.autograd.Function):
    """Sequences go in groups whose blocks stay in the cache; each group block by block."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, recurrence: str
    ) -> Tensor:
        run, block, numbers = _RECURRENCES[recurrence]
        block = min(block, x.shape[1])
        group = max(1, numbers // (block * a.numel()))
        y = torch.empty_like(x)
        buffers = x.new_empty(2, min(group, len(x)), block, *a.shape)
        needed = any(ctx.needs_input_grad[:5])
        borders: list[list[Tensor]] = []  # the states before each block, of each group
        for rows in torch.arange(len(x)).split(group):
            g = slice(int(rows[0]), int(rows[-1]) + 1)
            h = x.new_zeros(len(rows), *a.shape)
            kept = []
            for part in _blocks(x.shape[1], block):
                if needed:
                    kept.append(h)
                _, s = _states(x[g, part], delta[g, part], a, b[g, part], h, run, buffers)
                torch.matmul(c[g, part, None], s, out=y[g, part, None])
                h = s[:, -1].clone()
            borders.append(kept)
        if needed:
            ctx.save_for_backward(x, delta, a, b, c)
            ctx.borders, ctx.run, ctx.block, ctx.group = borders, run, block, group
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, delta, a, b, c = ctx.saved_tensors
        dx, ddelta, da = torch.empty_like(x), torch.empty_like(x), torch.zeros_like(a)
        db, dc = torch.empty_like(b), torch.empty_like(c)
        dy = dy.contiguous()
        buffers = x.new_empty(2, min(ctx.group, len(x)), ctx.block, *a.shape)
        for index, rows in enumerate(torch.arange(len(x)).split(ctx.group)):
            g = slice(int(rows[0]), int(rows[-1]) + 1)
            carry = x.new_zeros(len(rows), *a.shape)
            blocks = list(enumerate(_blocks(x.shape[1], ctx.block)))
            for place, part in reversed(blocks):
                before, here, steps = ctx.borders[index][place], x[g, part], delta[g, part]
                decay, s = _states(here, steps, a, b[g, part], before, ctx.run, buffers)
                grad = c[g, part, :, None] * dy[g, part, None]  # of the loss by each state
                grad[:, -1] += carry
                ctx.run(grad, decay[:, 1:], True)
                carry = decay[:, 0] * grad[:, 0]
                dc[g, part] = _along_channels(dy[g, part], s)
                db[g, part] = _along_channels(steps * here, grad)
                by_written = torch.matmul(b[g, part, None], grad)[:, :, 0]
                # By delta a, the exponents: the state before, as far as it is left.
                decay[:, 1:].mul_(s[:, :-1])
                decay[:, 0].mul_(before)
                decay.mul_(grad)
                da += torch.mul(decay, steps[:, :, None], out=grad).sum(dim=(0, 1))
                ddelta[g, part] = decay.mul_(a).sum(dim=2) + by_written * here
                dx[g, part] = by_written * steps
        return dx, ddelta, da, db, dc, None


def _along_channels(one: Tensor, states: Tensor) -> Tensor:
    """Sums over the channels of one (N,T,E) times states (N,T,n,E): (N,T,n).

    The row before the matrix: the matrix before a column takes a CPU eight times as long.
    """
    return torch.matmul(one[:, :, None], states.mT)[:, :, 0]


def _blocks(tokens: int, block: int) -> list[slice]:
    return [slice(first, min(first + block, tokens)) for first in range(0, tokens, block)]


def _states(
    x: Tensor,
    delta: Tensor,
    a: Tensor,
    b: Tensor,
    before: Tensor,
    run: Recurrence,
    buffers: Tensor,
) -> tuple[Tensor, Tensor]:
    """Decays and states of a block of tokens, each (N,T,n,E), after the state `before` (N,n,E).

    They lie in the buffers (2,>=N,>=T,n,E), which stay in the cache from block to block.
    """
    decay, s = buffers[:, : len(x), : x.shape[1]].unbind()
    torch.mul(delta[:, :, None], a * _LOG2_E, out=decay)
    decay.exp2_()  # faster than exp
    torch.mul(b[..., None], (delta * x)[:, :, None], out=s)
    s[:, 0].addcmul_(decay[:, 0], before)
    run(s, decay[:, 1:], False)
    return decay, s
