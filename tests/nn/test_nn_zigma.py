"""The zigzag Mamba networks against the published system's stored numbers, and what is ours."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from zigma_vectors import FORWARD_TOLERANCE, difference, settings, tensors

from pfstudio.core.errors import InputError
from pfstudio.core.scan_maps import GATE, GROUPS, RECORDED, WRITTEN
from pfstudio.core.scan_paths import inverse, layer_path, path_word, spiral
from pfstudio.nn import mamba
from pfstudio.nn.condition import ClassLabels, Condition, TextEmbeddings, Unconditional
from pfstudio.nn.mamba import Mamba, causal_conv
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.zigma import (
    ClassZigMa,
    ClassZigMaConfig,
    PatchForcingZigMa,
    PatchForcingZigMaConfig,
    TextZigMa,
    TextZigMaConfig,
    ZigMa,
    ZigMaConfig,
)

MODELS = ("zigzag8_uncond", "hilbert8", "sweep2_class", "text_zigzag2")
TINY: dict[str, Any] = {
    "input_size": 8,
    "patch_size": 2,
    "hidden_size": 16,
    "depth": 3,
    "num_classes": 3,
}


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def model(name: str) -> ZigMa:
    """A tiny published network with its stored weights."""
    said = settings(f"{name}/config")
    sizes: dict[str, Any] = {
        "in_channels": said["in_channels"],
        "input_size": said["img_dim"],
        "patch_size": said["patch_size"],
        "hidden_size": said["embed_dim"],
        "depth": said["depth"],
        "scan": said["scan_type"],
        "positions": ("none", "sincos", "learned")[said["use_pe"]],
    }
    made: ZigMa
    if said.get("has_text"):
        made = TextZigMa(TextZigMaConfig(**sizes, text_dim=said["d_context"]))
    elif "num_classes" in said:
        made = ClassZigMa(ClassZigMaConfig(**sizes, num_classes=said["num_classes"]))
    else:
        made = ZigMa(ZigMaConfig(**sizes))
    made.load_state_dict(tensors(f"{name}/weights"))
    return made.eval()


def condition(name: str) -> Condition:
    stored = tensors(f"{name}/tensors")
    if name == "text_zigzag2":
        text = stored["y"]
        return TextEmbeddings(text, torch.ones(text.shape[:2], dtype=torch.bool))
    return ClassLabels(stored["y"]) if "y" in stored else Unconditional(len(stored["x"]))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("cached", [False, True])
@torch.inference_mode()
def test_forward_equals_the_published_network(name: str, cached: bool) -> None:
    stored, network = tensors(f"{name}/tensors"), model(name)
    layers = range(1, network.config.depth + 1)
    store = ForwardCache() if cached else None
    out = network(stored["x"], stored["t"], condition(name), capture=layers, cache=store)
    assert difference(out.velocity, stored["out"]) < FORWARD_TOLERANCE
    assert out.log_variance is None
    for layer in layers:
        left = stored[f"block{layer - 1}.hidden"] + stored[f"block{layer - 1}.residual"]
        assert difference(out.hidden[layer], left) < FORWARD_TOLERANCE, layer
    again = network(stored["x"], stored["t"], condition(name), cache=store)
    assert torch.equal(again.velocity, out.velocity)


@pytest.mark.parametrize("name", MODELS)
@torch.inference_mode()
def test_mixer_stands_alone_with_any_path(name: str) -> None:
    stored, network = tensors(f"{name}/tensors"), model(name)
    mixer = network.blocks[0].mixer
    path = stored.get("block0.perm")
    out = mixer(stored["block0.mixer_in"], path)
    assert difference(out, stored["block0.mixer_out"]) < FORWARD_TOLERANCE
    if path is not None:
        rows = columns = int(len(path) ** 0.5)
        own = layer_path(network.config.scan, 0, rows, columns)
        assert np.array_equal(own, path.numpy())
        assert np.array_equal(inverse(own), stored["block0.unperm"].numpy())


def test_causal_convolution_equals_the_published_one() -> None:
    stored = tensors("causal_conv")
    x, weight, bias = stored["x"].transpose(1, 2), stored["weight"][:, None], stored["bias"]
    linear = causal_conv(x, weight, bias).transpose(1, 2)
    assert difference(linear, stored["out_linear"]) < 1e-6
    assert difference(torch.nn.functional.silu(linear), stored["out_silu"]) < 1e-6
    plain = causal_conv(x, weight, None).transpose(1, 2)
    assert difference(torch.nn.functional.silu(plain), stored["out_nobias"]) < 1e-6


def patch_forcing(**sizes: Any) -> PatchForcingZigMa:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        network = PatchForcingZigMa(PatchForcingZigMaConfig(**{**TINY, **sizes})).eval()
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
    return network


def states(batch: int, *sides: int) -> Tensor:
    return torch.randn(batch, 4, *sides, generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def test_every_patch_has_its_own_time_and_a_difficulty() -> None:
    network, x = patch_forcing(), states(2, 8, 8)
    labels = ClassLabels(torch.tensor([0, 2]))
    t = torch.rand(2, 4, 4, generator=torch.Generator().manual_seed(2))
    out = network(x, t, labels)
    assert out.velocity.shape == x.shape
    assert out.log_variance is not None
    assert out.log_variance.shape == (2, 1, 8, 8)
    cached = network(x, t, labels, cache=ForwardCache())
    torch.testing.assert_close(cached.velocity, out.velocity, rtol=1e-4, atol=1e-5)
    # Two times, which the cache tells apart, in the order of every layer's scan.
    two = torch.where(t > 0.5, 0.8, 0.1)
    torch.testing.assert_close(
        network(x, two, labels, cache=ForwardCache()).velocity,
        network(x, two, labels).velocity,
        rtol=1e-4,
        atol=1e-5,
    )
    later = t.clone()
    later[0, 1, 2] = 0.99
    moved = network(x, later, labels).velocity - out.velocity
    assert moved[0].abs().max() > 1e-3
    assert moved[1].abs().max() == 0


def test_a_fresh_patch_forcing_network_predicts_nothing_and_trains() -> None:
    network = PatchForcingZigMa(PatchForcingZigMaConfig(**TINY)).train()
    out = network(states(2, 8, 8), torch.rand(2, 4, 4), ClassLabels(torch.tensor([0, 1])))
    assert not out.velocity.any()
    assert out.log_variance is not None
    assert not out.log_variance.any()
    trained = patch_forcing()
    out = trained(states(2, 8, 8), torch.rand(2, 4, 4), ClassLabels(torch.tensor([0, 1])))
    (out.velocity.square().mean() + out.log_variance.mean()).backward()
    for name, parameter in trained.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@torch.inference_mode()
def test_rectangles_and_other_sizes_are_scanned() -> None:
    network = patch_forcing(positions="none")
    labels = ClassLabels(torch.tensor([0]))
    for rows, columns in ((4, 12), (6, 2)):
        x = states(1, rows, columns)
        out = network(x, torch.full((1, rows // 2, columns // 2), 0.5), labels)
        assert out.velocity.shape == x.shape
    assert not network.extended(4, 12)
    assert patch_forcing().extended(4, 12)
    assert patch_forcing()(states(1, 4, 12), torch.full((1, 2, 6), 0.5), labels) is not None


@torch.inference_mode()
def test_another_scan_changes_what_is_predicted_and_must_fit() -> None:
    network, x = patch_forcing(), states(1, 8, 8)
    t, labels = torch.full((1, 4, 4), 0.5), ClassLabels(torch.tensor([0]))
    before = network(x, t, labels).velocity
    assert torch.equal(network(x, t, labels, scan="zigzagN8").velocity, before)
    other = network(x, t, labels, scan=path_word(spiral(4, 4))).velocity
    assert not torch.allclose(other, before)
    assert torch.equal(network(x, t, labels, scan="spiralN1").velocity, other)
    assert torch.equal(network(x, t, labels).velocity, before)  # nothing is left of it
    with pytest.raises(InputError, match="visits 12 patches, but the image has 16"):
        network(x, t, labels, scan=path_word(spiral(4, 3)))


@torch.inference_mode()
def test_records_say_what_the_scan_did_to_each_patch(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, network = tensors("zigzag8_uncond/tensors"), model("zigzag8_uncond")
    assert network.scan_layers == network.config.depth
    scans = network(stored["x"], stored["t"], Unconditional(2), record=2).scans
    assert scans is not None
    mixer = network.blocks[0].mixer
    bias = mixer.get_submodule("dt_proj").get_parameter("bias")
    delta = torch.nn.functional.softplus(stored["block0.scan.delta"] + bias[:, None])
    rates = -mixer.get_parameter("A_log").exp()
    decays = (delta[..., None] * rates[:, None]).exp()  # (B,E,L,n)
    back = stored["block0.unperm"]
    assert scans.shape == (2, network.config.depth, RECORDED, len(back))
    held = torch.exp(-scans[:, 0, :GROUPS])
    mean = decays.mean(dim=(1, 3))[:, back]
    assert (held.mean(dim=1) - mean).abs().max() < 0.015  # from a quarter of so few states
    with monkeypatch.context() as every_state:
        every_state.setattr(mamba, "_SEEN", mamba.STATES)
        exact = network(stored["x"], stored["t"], Unconditional(2), record=2).scans
    assert exact is not None
    torch.testing.assert_close(torch.exp(-exact[:, 0, :GROUPS]).mean(dim=1), mean)
    # Over some tokens the groups' products are what is left; those of one mean would not be.
    for tokens in (2, 5, 10):
        span = stored["block0.perm"][:tokens]
        left = decays[:, :, :tokens].prod(dim=2).mean(dim=(1, 2))
        assert (held[..., span].prod(dim=-1).mean(dim=1) - left).abs().max() < 0.02
        assert (held.mean(dim=1)[:, span].prod(dim=-1) - left).abs().max() > 0.03
    inputs = (delta * stored["block0.scan.u"]).square().mean(dim=1).sqrt()
    written = inputs * stored["block0.scan.B"].norm(dim=1)
    torch.testing.assert_close(scans[:, 0, WRITTEN], written[:, back])
    gate = torch.nn.functional.silu(stored["block0.scan.z"]).abs().mean(dim=1)
    torch.testing.assert_close(scans[:, 0, GATE], gate[:, back])
    last = network(stored["x"], stored["t"], Unconditional(2), record=1).scans
    assert last is not None
    assert torch.equal(last[0], scans[1])
    assert network(stored["x"], stored["t"], Unconditional(2)).scans is None


def test_wrong_inputs_are_named() -> None:
    network, x = patch_forcing(), states(1, 8, 8)
    with pytest.raises(InputError, match="takes classes"):
        network(x, torch.zeros(1, 4, 4), Unconditional(1))
    with pytest.raises(InputError, match="1 latents need 1 conditions, not 2"):
        network(x, torch.zeros(1, 4, 4), ClassLabels(torch.tensor([0, 1])))
    with pytest.raises(InputError, match="takes text"):
        model("text_zigzag2")(states(1, 5, 5)[:, :3], torch.zeros(1), Unconditional(1))
    with pytest.raises(InputError, match="takes no conditions"):
        model("hilbert8")(x, torch.zeros(1), ClassLabels(torch.tensor([0])))
    with pytest.raises(InputError, match="positions"):
        ZigMaConfig(positions="rotary")
    with pytest.raises(InputError, match="no scan"):
        ZigMaConfig(scan="zigzagN9")


def test_padding_of_a_text_is_not_looked_at() -> None:
    network = model("text_zigzag2")
    stored = tensors("text_zigzag2/tensors")
    mask = torch.ones(2, 7, dtype=torch.bool)
    mask[:, 4:] = False
    short = TextEmbeddings(stored["y"][:, :4], mask[:, :4])
    with torch.inference_mode():
        padded = network(stored["x"], stored["t"], TextEmbeddings(stored["y"], mask)).velocity
        cut = network(stored["x"], stored["t"], short).velocity
    torch.testing.assert_close(padded, cut)


def test_a_mixer_of_ones_own() -> None:
    tokens = torch.randn(2, 10, 24)
    out = Mamba(24, bidirectional=True)(tokens, torch.randperm(10))
    assert out.shape == tokens.shape
    # Causal along the path: what comes first does not see what comes later.
    path = torch.randperm(10)
    mixer, changed = Mamba(24), tokens.clone()
    changed[:, path[6]] += 1
    difference_of = (mixer(changed, path) - mixer(tokens, path)).abs().amax(dim=(0, 2))
    assert (difference_of[path[:6]] == 0).all()
    assert (difference_of[path[6:]] > 0).all()
