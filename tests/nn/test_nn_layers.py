"""What the transformers' building blocks share."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from pfstudio.nn.layers import scaled_dot_product_attention


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("trained", [False, True])
def test_half_precision_attention_is_float32_only_where_a_cpu_trains(
    autocast, trained, monkeypatch
):
    """Torch's own backward pass in bfloat16 lasts ten times as long."""
    computed = []
    original = F.scaled_dot_product_attention

    def recorded(q, k, v, **options):
        computed.append((q.dtype, torch.is_autocast_enabled("cpu")))
        return original(q, k, v, **options)

    monkeypatch.setattr(F, "scaled_dot_product_attention", recorded)
    dtype = torch.float32 if autocast else torch.bfloat16
    generator = torch.Generator().manual_seed(3)
    q, k, v = (torch.randn(2, 3, 5, 8, generator=generator).to(dtype) for _ in range(3))
    for part in (q, k, v):
        part.requires_grad_(trained)
    mask = (torch.arange(5) < 4)[None]
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast), torch.set_grad_enabled(trained):
        mixed = scaled_dot_product_attention(q, k, v, mask, scale=0.5)
    assert computed == [(torch.float32, False) if trained else (dtype, autocast)]
    exact = original(q.float(), k.float(), v.float(), attn_mask=mask, scale=0.5)
    assert mixed.dtype == (torch.bfloat16 if not (autocast and trained) else dtype)
    assert torch.allclose(mixed.float(), exact, atol=0.03)
    if trained:
        gradients = torch.autograd.grad(mixed.float().square().sum(), (q, k, v))
        expected = torch.autograd.grad(exact.square().sum(), (q, k, v))
        for ours, its in zip(gradients, expected, strict=True):
            assert torch.allclose(ours.float(), its.float(), atol=0.05)
