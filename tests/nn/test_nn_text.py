"""The text-conditional networks: stored numbers, padding, other sizes, their gradients."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from patch_forcing_vectors import (
    FORWARD_TOLERANCE,
    as_map,
    difference,
    tensors,
    text,
    text_baseline_model,
    text_model,
)

from pfstudio.core.errors import InputError
from pfstudio.core.execution import Kernels
from pfstudio.flow.objective import patch_forcing_loss
from pfstudio.flow.path import interpolate, target_velocity
from pfstudio.nn.condition import ClassLabels, TextEmbeddings, concatenate
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.text_layers import rms_norm, rotate, unit
from pfstudio.nn.text_patch_forcing import (
    TextPatchForcingConfig,
    TextPatchForcingTransformer,
    axial_positions,
)

TINY = TextPatchForcingConfig(
    4, 8, 2, hidden_size=32, depth=2, head_dim=16, mapping_dim=8, mapping_depth=1,
    text_dim=12, refiner_dim=32, refiner_head_dim=16, refiner_depth=1,
)  # fmt: skip
LATENT_FACTOR = 8  # pixels of a latent pixel in the crop metadata of the published training
KERNELS = [Kernels(), Kernels("matmul"), Kernels(linear="packed")]


@pytest.mark.parametrize("times", ["uniform", "hetero"])
@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("cached", [False, True])
def test_forward_equals_the_published_network(times, kernels, cached, monkeypatch):
    vectors, model = tensors("t2i/vectors"), text_model()
    monkeypatch.setattr(model, "kernels", kernels)
    t, words = as_map(vectors[f"t_{times}"], 4), text(vectors["txt_emb"])
    with torch.inference_mode():
        out = model(vectors["x"], t, words, cache=ForwardCache() if cached else None)
    assert difference(out.velocity, vectors[f"v_{times}"]) < FORWARD_TOLERANCE
    assert difference(out.log_variance, vectors[f"logvar_{times}"]) < FORWARD_TOLERANCE


@torch.inference_mode()
def test_a_rectangular_latent_equals_the_published_network():
    vectors = tensors("t2i/vectors")
    t = vectors["nonsquare/t"].view(1, 3, 5)
    out = text_model()(vectors["nonsquare/x"], t, text(vectors["txt_emb"][:1]))
    assert difference(out.velocity, vectors["nonsquare/v"]) < FORWARD_TOLERANCE
    assert difference(out.log_variance, vectors["nonsquare/logvar"]) < FORWARD_TOLERANCE


def crop_positions() -> torch.Tensor:
    crops = tensors("t2i/vectors")["crop/meta_top_left_origh_origw_px"] // LATENT_FACTOR
    return torch.stack([axial_positions((4, 4), 2, tuple(crop)) for crop in crops.tolist()])


@torch.inference_mode()
def test_a_crop_equals_the_published_network():
    vectors = tensors("t2i/vectors")
    t = as_map(vectors["t_hetero"], 4)
    out = text_model()(vectors["x"], t, text(vectors["txt_emb"]), positions=crop_positions())
    assert difference(out.velocity, vectors["crop/v"]) < FORWARD_TOLERANCE
    assert difference(out.log_variance, vectors["crop/logvar"]) < FORWARD_TOLERANCE


@torch.inference_mode()
def test_loss_equals_the_published_one():
    vectors = tensors("t2i/vectors")
    data, noise = vectors["loss/x1_data"], vectors["loss/x0_noise"]
    t = as_map(vectors["t_hetero"], 4)
    x = interpolate(data, noise, t, 2)
    out = text_model()(x, t, text(vectors["txt_emb"]), positions=crop_positions())
    loss = patch_forcing_loss(out.velocity, out.log_variance, target_velocity(data, noise), 0.01)
    for name in ("total", "nll"):
        torch.testing.assert_close(
            getattr(loss, name), vectors[f"loss/{name}"][0], rtol=1e-5, atol=0
        )
    torch.testing.assert_close(loss.flow, vectors["loss/flow_loss"][0], rtol=1e-5, atol=0)


@pytest.mark.parametrize("mapped", [False, True])
@torch.inference_mode()
def test_baseline_equals_the_published_network(mapped):
    vectors = tensors("dit_t2i/vectors")
    t = vectors["t"].view(2, 1, 1).expand(2, 4, 4) if mapped else vectors["t"]
    out = text_baseline_model()(vectors["x"], t, text(vectors["txt_emb"]))
    assert difference(out.velocity, vectors["v"]) < FORWARD_TOLERANCE
    assert out.log_variance is None


def test_baseline_refuses_different_times():
    vectors = tensors("dit_t2i/vectors")
    t = torch.rand(2, 4, 4)
    with pytest.raises(InputError, match="only one time per image"):
        text_baseline_model()(vectors["x"], t, text(vectors["txt_emb"]))


@pytest.mark.parametrize("shape", ["6x10", "8x8", "10x6"])
def test_positions_equal_the_published_ones(shape):
    grid = tuple(int(side) for side in shape.split("x"))
    assert difference(axial_positions(grid, 1), tensors("ops")[f"axial_pos/{shape}"]) < 1e-6


def test_crop_positions_equal_the_published_ones():
    vectors = tensors("ops")
    crop = vectors["axial_pos_crop/top_left_origh_origw_px"] // LATENT_FACTOR
    expected = vectors["axial_pos_crop/latent_size8"].flatten(0, 1)
    assert difference(axial_positions((8, 8), 1, tuple(crop.tolist())), expected) < 1e-6


def fresh() -> TextPatchForcingTransformer:
    """A tiny model that has left its silent start."""
    torch.manual_seed(0)
    model = TextPatchForcingTransformer(TINY)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data.add_(0.2 * torch.randn_like(parameter))
    return model.eval()


@pytest.mark.parametrize("kernels", KERNELS)
@torch.inference_mode()
def test_padding_is_not_attended(kernels):
    model = fresh()
    model.kernels = kernels
    x, t = torch.randn(2, 4, 8, 8), torch.rand(2, 4, 4)
    long, short = torch.randn(1, 7, 12), torch.randn(1, 3, 12)
    both = model(x, t, concatenate(text(long), text(short)))
    for row, tokens in enumerate((long, short)):
        alone = model(x[row : row + 1], t[row : row + 1], text(tokens))
        assert difference(both.velocity[row : row + 1], alone.velocity) < 1e-5
    assert difference(both.velocity[:1], both.velocity[1:]) > 1e-2


@torch.inference_mode()
def test_words_and_their_order_matter():
    model = fresh()
    x, t, tokens = torch.randn(1, 4, 8, 8), torch.rand(1, 4, 4), torch.randn(1, 5, 12)
    out = model(x, t, text(tokens)).velocity
    assert difference(model(x, t, text(tokens.flip(1))).velocity, out) > 1e-3


@torch.inference_mode()
def test_hidden_states_are_those_after_the_layers_asked_for():
    model = fresh()
    x, t, tokens = torch.randn(1, 4, 8, 8), torch.rand(1, 4, 4), torch.randn(1, 5, 12)
    out = model(x, t, text(tokens), capture=(2,))
    assert set(out.hidden) == {2}
    last = model.split(out.hidden[2])
    assert difference(last[..., 0], out.velocity[:, 0, ::2, ::2].flatten(1)) < 1e-6


@pytest.mark.parametrize("kernels", KERNELS)
@torch.inference_mode()
def test_attention_is_what_a_plain_computation_gives(kernels):
    model = fresh()
    model.kernels = kernels
    x, t = torch.randn(2, 4, 8, 8), torch.rand(2, 4, 4)
    words = concatenate(text(torch.randn(1, 7, 12)), text(torch.randn(1, 3, 12)))
    asked = []

    def listen(module, inputs, output):
        (h, (k, _), mask, rotation, _, _), heads = inputs, module.heads
        q = rotate(unit(module.q_proj(h, Kernels()).view(2, 16, heads, -1), module.scale), rotation)
        scores = torch.einsum("bfhd,blhd->bhfl", q, k).exp() * mask[:, None, None, :]
        asked.append((scores / scores.sum(dim=-1, keepdim=True)).mean(dim=1))

    for block in model.blocks:
        block.cross_attn.register_forward_hook(listen)
    out = model(x, t, words, attention=2)
    assert out.attention.shape == (2, 2, 16, 7)
    assert difference(out.attention, torch.stack(asked, dim=1)) < 1e-6
    assert difference(out.attention.sum(dim=-1), torch.ones(2, 2, 16)) < 1e-6
    assert not out.attention[1, ..., 3:].any()
    assert bool((out.attention[1, ..., :3] > 0).all())


@torch.inference_mode()
def test_attention_is_that_of_the_last_pictures_and_changes_nothing():
    model = fresh()
    x, t, words = torch.randn(3, 4, 8, 8), torch.rand(3, 4, 4), text(torch.randn(3, 5, 12))
    all_of_them, last = (model(x, t, words, attention=count) for count in (3, 1))
    assert difference(all_of_them.attention[2:], last.attention) < 1e-6
    plain = model(x, t, words)
    assert plain.attention is None
    assert torch.equal(plain.velocity, last.velocity)


def test_a_fresh_model_predicts_nothing_and_its_parameters_all_learn():
    torch.manual_seed(0)
    model = TextPatchForcingTransformer(TINY)
    x, t, tokens = torch.randn(2, 4, 8, 8), torch.rand(2, 4, 4), torch.randn(2, 5, 12)
    out = model(x, t, text(tokens))
    assert not out.velocity.any()
    assert not out.log_variance.any()
    model = fresh()
    model(x, t, text(tokens)).velocity.square().mean().backward()
    silent = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert not silent
    fixed = {name.rsplit(".", 1)[1] for name, p in model.named_parameters() if not p.requires_grad}
    assert fixed == {"freqs"}


def test_hand_written_gradients_are_right():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 2, 8, dtype=torch.float64, generator=generator, requires_grad=True)
    for shape in ((3, 2, 8), (8,), (2, 1)):
        factor = torch.randn(shape, dtype=torch.float64, generator=generator, requires_grad=True)
        torch.autograd.gradcheck(rms_norm, (x, factor))
    angles = torch.randn(3, 2, 2, dtype=torch.float64, generator=generator)
    rotation = (angles.cos(), angles.sin())
    torch.autograd.gradcheck(lambda q: rotate(q, rotation), (x.detach()[None].requires_grad_(),))


@pytest.mark.parametrize(
    ("x", "condition", "message"),
    [
        (torch.zeros(1, 4, 8, 8), ClassLabels(torch.zeros(1, dtype=torch.int64)), "takes texts"),
        (torch.zeros(1, 4, 8, 8), text(torch.zeros(2, 3, 12)), "need 1 texts"),
        (torch.zeros(1, 4, 8, 8), text(torch.zeros(1, 3, 11)), "width 12"),
        (torch.zeros(1, 3, 8, 8), text(torch.zeros(1, 3, 12)), "3 channels"),
        (torch.zeros(1, 4, 7, 8), text(torch.zeros(1, 3, 12)), "cannot be cut"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(x, condition, message):
    with pytest.raises(InputError, match=message):
        fresh()(x, torch.zeros(1, 4, 4), condition)


@pytest.mark.parametrize(
    "change",
    [
        {"head_dim": 24},
        {"head_dim": 4},
        {"patch_size": 3},
        {"refiner_head_dim": 12},
        {"mapping_dim": 7},
    ],
)
def test_sizes_that_do_not_fit_are_refused(change):
    with pytest.raises(InputError):
        replace(TINY, **change)


@pytest.mark.parametrize("kernels", KERNELS)
@torch.inference_mode()
def test_cached_calls_equal_plain_calls(kernels):
    model, cache = fresh(), ForwardCache()
    for call, (rows, columns, length) in enumerate([(4, 4, 5), (2, 6, 5), (4, 4, 3), (4, 4, 5)]):
        torch.manual_seed(call)
        x, tokens = torch.randn(2, 4, 2 * rows, 2 * columns), torch.randn(2, length, 12)
        t = torch.tensor([0.25, 0.5])[torch.randint(2, (2, rows, columns))]
        words = TextEmbeddings(tokens, torch.arange(length) < torch.tensor([[length], [2]]))
        model.kernels = Kernels()
        plain = model(x, t, words)
        model.kernels = kernels
        for _ in range(2):
            fast = model(x, t, words, cache=cache)
            assert difference(fast.velocity, plain.velocity) < 1e-5
            assert difference(fast.log_variance, plain.log_variance) < 1e-5


@torch.inference_mode()
def test_a_run_reads_its_text_and_modulates_each_time_once():
    model, cache = fresh(), ForwardCache()
    rows = {"text": 0, "time": 0}

    def count(kind):
        def add(module, inputs, output):
            rows[kind] += output.shape[:-1].numel()

        return add

    model.txt_proj.register_forward_hook(count("text"))
    model.blocks[0].ff.norm.linear.register_forward_hook(count("time"))
    x, words = torch.randn(2, 4, 8, 8), text(torch.randn(2, 5, 12))
    t = torch.tensor([0.25, 0.5])[torch.randint(2, (2, 4, 4))]
    model.prepare(cache, torch.tensor([0.25, 0.75]), words)
    assert rows == {"text": 0, "time": 2}
    for _ in range(3):
        model(x, t, words, cache=cache)
    assert rows == {"text": 10, "time": 3}
