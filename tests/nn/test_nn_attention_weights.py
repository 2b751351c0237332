"""The attention that is told is the one that the layers mix values with."""

from __future__ import annotations

import torch
from small_models import small_model
from torch.testing import assert_close

from pfstudio.core.execution import Kernels
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.hidden import attended
from pfstudio.nn.layers import Attention
from pfstudio.nn.text_layers import ImageRotation, RmsNorm, SelfAttention


def test_weights_of_one_head_mix_its_values() -> None:
    torch.manual_seed(0)
    h = torch.randn(2, 9, 16)
    plain = Attention(16, 1)
    with torch.no_grad():
        weights = plain.weights(h)
        v = plain.qkv(h)[..., 32:]
        assert_close(plain(h, Kernels()), plain.proj(weights @ v))
    assert_close(weights.sum(-1), torch.ones(2, 9))

    cosine = SelfAttention(16, 16, RmsNorm(16), ImageRotation(1, 16))
    rotation = cosine.pos_emb(torch.rand(9, 2))
    with torch.no_grad():
        weights = cosine.weights(h, rotation)
        v = cosine.qkv_proj(h)[..., 32:]
        assert_close(cosine(h, rotation, Kernels()), cosine.out_proj(weights @ v))
    assert_close(weights.sum(-1), torch.ones(2, 9))


def test_a_call_leaves_the_attention_of_the_layers_that_are_asked() -> None:
    network = small_model().network
    x, t = torch.randn(3, 4, 8, 8), torch.full((3, 4, 4), 0.5)
    given = ClassLabels(torch.tensor([0, 1, 2]))
    with torch.no_grad(), attended(network, (2,)) as found:
        network(x, t, given)
    assert {layer: maps.shape for layer, maps in found.items()} == {2: (3, 16, 16)}
    with torch.no_grad():
        found.clear()
        network(x, t, given)
    assert not found  # nothing listens any more
