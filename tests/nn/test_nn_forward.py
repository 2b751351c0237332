"""The networks against the published system's stored numbers, and their initialisation."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from patch_forcing_vectors import (
    FORWARD_TOLERANCE,
    as_map,
    baseline_model,
    difference,
    main_model,
    predict,
    repa_model,
    tensors,
)

from pfstudio.core.errors import InputError
from pfstudio.core.execution import Kernels
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.dit import DiffusionTransformer
from pfstudio.nn.layers import position_table, time_features, unpatchify
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer
from pfstudio.nn.repa import RepaConfig

TINY = PatchForcingConfig(input_size=8, hidden_size=32, depth=2, num_heads=4, num_classes=3)


@pytest.mark.parametrize("times", ["uniform", "hetero"])
@pytest.mark.parametrize("label", ["cond", "null"])
@pytest.mark.parametrize("kernels", [Kernels(), Kernels("matmul"), Kernels(linear="packed")])
@pytest.mark.parametrize("cached", [False, True])
def test_forward_equals_the_published_network(times, label, kernels, cached, monkeypatch):
    vectors, model = tensors("forward"), main_model()
    monkeypatch.setattr(model, "kernels", kernels)
    y = vectors["y" if label == "cond" else "y_null"]
    with torch.inference_mode():
        velocity, log_variance = predict(
            model,
            vectors["x"],
            as_map(vectors[f"t_{times}"]),
            y,
            ForwardCache() if cached else None,
        )
    assert difference(velocity, vectors[f"v_{times}_{label}"]) < FORWARD_TOLERANCE
    assert difference(log_variance, vectors[f"logvar_{times}_{label}"]) < FORWARD_TOLERANCE


@torch.inference_mode()
def test_internal_activations_equal_the_published_ones():
    vectors, model = tensors("forward"), main_model()
    modules = {
        "patch_embed_out": model.x_embedder,
        "t_embedding": model.t_embedder,
        "y_embedding": model.y_embedder,
        "block0_attn_out": model.blocks[0].attn,
        "block0_mlp_out": model.blocks[0].mlp,
        "block0_out": model.blocks[0],
        "block1_out": model.blocks[1],
        "final_layer_out": model.final_layer,
    }
    seen: dict[str, torch.Tensor] = {}

    def keep(name):
        return lambda module, inputs, output: seen.update({name: output})

    hooks = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    predict(model, vectors["x"][:1], as_map(vectors["t_hetero"][:1]), vectors["y"][:1])
    for hook in hooks:
        hook.remove()
    for name, value in seen.items():
        expected = vectors[f"debug_{name}"]
        assert difference(value.reshape(expected.shape), expected) < FORWARD_TOLERANCE, name
    assert set(seen) == set(modules)


@torch.inference_mode()
def test_baseline_equals_the_published_network():
    vectors, model = tensors("dit/vectors"), baseline_model()
    for label, expected in (("y", "v_cond"), ("y_null", "v_null")):
        velocity, log_variance = predict(model, vectors["x"], vectors["t"], vectors[label])
        assert difference(velocity, vectors[expected]) < FORWARD_TOLERANCE
        assert log_variance is None
        as_uniform_map = vectors["t"][:, None, None].expand(-1, 4, 4)
        again, _ = predict(model, vectors["x"], as_uniform_map, vectors[label], ForwardCache())
        assert difference(again, velocity) < FORWARD_TOLERANCE


@torch.inference_mode()
def test_repa_variant_equals_the_published_network():
    vectors, model = tensors("repa/vectors"), repa_model()
    t = as_map(vectors["t"], 4)
    layer = model.config.encoder_depth
    out = model(vectors["x"], t, ClassLabels(vectors["y"]), capture=(layer,))
    velocity, log_variance, z = out.velocity, out.log_variance, model.projector(out.hidden[layer])
    assert difference(velocity, vectors["v"]) < FORWARD_TOLERANCE
    assert difference(log_variance, vectors["logvar"]) < FORWARD_TOLERANCE
    assert difference(z, vectors["z"]) < FORWARD_TOLERANCE
    plain = predict(model, vectors["x"], t, vectors["y"])
    assert torch.equal(plain[0], velocity)
    assert torch.equal(plain[1], log_variance)


@torch.inference_mode()
def test_compact_checkpoint_gives_the_stored_outputs(parity):
    saved = torch.load(parity / "patch_forcing/ckpt/step000010_ema_model.ckpt", weights_only=True)
    sizes = {key: value for key, value in saved["config"]["params"].items() if key != "compile"}
    model = PatchForcingTransformer(PatchForcingConfig(**sizes)).eval()
    model.load_state_dict(saved["state_dict"])
    vectors = tensors("ckpt/vectors")
    side = sizes["input_size"] // sizes["patch_size"]
    velocity, log_variance = predict(model, vectors["x"], as_map(vectors["t"], side), vectors["y"])
    assert difference(velocity, vectors["ema_v"]) < FORWARD_TOLERANCE
    assert difference(log_variance, vectors["ema_logvar"]) < FORWARD_TOLERANCE


@pytest.mark.parametrize(("name", "width"), [("pos_embed_b", 768), ("pos_embed_xl", 1152)])
def test_position_table_equals_the_published_one(name, width):
    vectors = tensors("ops")
    table = position_table(16, 16, width)[0]
    assert difference(table[vectors[f"{name}/rows"]], vectors[f"{name}/values"]) < 1e-6


def test_time_features_equal_the_published_ones():
    vectors = tensors("ops")
    assert (
        difference(time_features(vectors["time_features/t"]), vectors["time_features/out"]) < 1e-6
    )


def test_unpatchify_equals_the_published_one():
    vectors = tensors("ops")
    image = unpatchify(vectors["unpatchify/tokens"], (8, 8), 2)
    assert torch.equal(image, vectors["unpatchify/image"])


@given(
    st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3)
)
def test_unpatchify_undoes_cutting_into_patches(batch, rows, columns, p, channels):
    image = torch.arange(batch * channels * rows * p * columns * p, dtype=torch.float32)
    image = image.reshape(batch, channels, rows * p, columns * p)
    cut = image.unfold(2, p, p).unfold(3, p, p)  # (B,C,n,m,p,p)
    tokens = cut.permute(0, 2, 3, 4, 5, 1).reshape(batch, rows * columns, p * p * channels)
    assert torch.equal(unpatchify(tokens, (rows, columns), p), image)


def test_fresh_model_predicts_zero_and_follows_the_published_initialisation():
    torch.manual_seed(0)
    model = PatchForcingTransformer(TINY)
    velocity, log_variance = predict(
        model, torch.randn(2, 4, 8, 8), torch.rand(2, 4, 4), torch.tensor([0, 3])
    )
    assert not velocity.any()
    assert not log_variance.any()
    assert abs(model.y_embedder.embedding_table.weight.std().item() - 0.02) < 0.004
    assert abs(model.t_embedder.mlp[0].weight.std().item() - 0.02) < 0.002
    qkv = model.blocks[0].attn.qkv
    limit = (6 / (32 + 96)) ** 0.5  # Xavier-uniform
    assert 0.95 * limit < qkv.weight.abs().max().item() <= limit
    patch = model.x_embedder.proj.weight
    assert 0.9 * (6 / (16 + 32)) ** 0.5 < patch.abs().max().item() <= (6 / (16 + 32)) ** 0.5
    assert not any(b.any() for n, b in model.named_parameters() if n.endswith("bias"))
    assert not model.pos_embed.requires_grad


def test_labels_are_dropped_in_training_only():
    torch.manual_seed(0)
    model = PatchForcingTransformer(TINY)
    y = torch.zeros(4000, dtype=torch.long)
    null = model.y_embedder.embedding_table.weight[3]
    dropped = (model.y_embedder(y) == null).all(dim=1).float().mean().item()
    assert abs(dropped - 0.1) < 0.02
    model.eval()
    assert not (model.y_embedder(y) == null).all(dim=1).any()
    assert model.null_label == 3


def test_model_without_label_dropping_has_no_null_class():
    config = PatchForcingConfig(
        input_size=8, hidden_size=32, depth=1, num_heads=4, num_classes=3, class_dropout_prob=0.0
    )
    model = PatchForcingTransformer(config)
    assert model.null_label is None
    assert len(model.y_embedder.embedding_table.weight) == 3


def test_training_reaches_every_parameter_but_the_positions():
    model = PatchForcingTransformer(TINY)
    torch.manual_seed(0)
    for parameter in model.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    velocity, log_variance = predict(
        model, torch.randn(2, 4, 8, 8), torch.rand(2, 4, 4), torch.tensor([0, 1])
    )
    (velocity.square().sum() + log_variance.square().sum()).backward()
    missing = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert missing == ["pos_embed"]


@torch.inference_mode()
def test_rectangular_latents_use_a_stretched_position_table():
    model = main_model()
    x, t = torch.randn(1, 4, 12, 24), torch.rand(1, 6, 12)
    velocity, log_variance = predict(model, x, t, torch.tensor([1]))
    assert velocity.shape == x.shape
    assert log_variance.shape == (1, 1, 12, 24)
    assert model.extended(12, 24)
    assert not model.extended(16, 16)


@pytest.mark.parametrize(
    ("x", "t", "y", "words"),
    [
        ((1, 3, 16, 16), (1, 8, 8), (1,), "3 channels"),
        ((1, 4, 15, 16), (1, 8, 8), (1,), "cut into"),
        ((1, 4, 16, 16), (1, 64), (1,), "times must have shape"),
        ((2, 4, 16, 16), (2, 8, 8), (1,), "2 latents need 2 labels"),
    ],
)
def test_wrong_shapes_are_said_plainly(x, t, y, words):
    with pytest.raises(InputError, match=words):
        predict(main_model(), torch.zeros(x), torch.zeros(t), torch.zeros(y, dtype=torch.long))


def test_baseline_refuses_different_times_in_one_picture():
    vectors = tensors("dit/vectors")
    with pytest.raises(InputError, match="only one time per image"):
        predict(baseline_model(), vectors["x"], torch.rand(3, 4, 4), vectors["y"])


def test_impossible_sizes_are_said_plainly():
    with pytest.raises(InputError, match="no multiple of the patch"):
        PatchForcingConfig(input_size=9)
    with pytest.raises(InputError, match="must be a multiple"):
        PatchForcingConfig(hidden_size=50, num_heads=4)
    with pytest.raises(InputError, match="between 1 and 2"):
        RepaConfig(depth=2, encoder_depth=3)


def test_baseline_has_no_difficulty_rows():
    assert DiffusionTransformer(TINY).final_layer.linear.out_features == 16
    assert PatchForcingTransformer(TINY).final_layer.linear.out_features == 20


@pytest.mark.parametrize("wrong", [{"attention": "flash"}, {"gelu": "exact"}, {"linear": "int8"}])
def test_unknown_kernels_are_refused(wrong):
    with pytest.raises(InputError, match="not a choice"):
        Kernels(**wrong)
