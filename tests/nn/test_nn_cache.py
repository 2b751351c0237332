"""The fast path (shared, cached modulations; other kernels) equals the plain path."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from patch_forcing_vectors import difference, main_model, predict, tensors

from pfstudio.core.execution import Kernels
from pfstudio.engine.autotune import can_pack
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.patch_forcing import PatchForcingTransformer

FLOAT32_TOLERANCE = 1e-5
BFLOAT16_TOLERANCE = 0.05  # of the output's own size, against the float32 network
PACKED_BFLOAT16 = pytest.mark.skipif(
    not can_pack(torch.bfloat16), reason="oneDNN cannot pack bfloat16 weights on this processor"
)


def small_maps(draw_times: list[float], batch: int, rows: int, columns: int, seed: int):
    generator = torch.Generator().manual_seed(seed)
    choice = torch.randint(len(draw_times), (batch, rows, columns), generator=generator)
    x = torch.randn(batch, 4, 2 * rows, 2 * columns, generator=generator)
    y = torch.randint(11, (batch,), generator=generator)
    return x, torch.tensor(draw_times)[choice], y


@settings(max_examples=25, deadline=None)
@given(
    times=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=80),
    batch=st.integers(1, 4),
    rows=st.integers(1, 9),
    columns=st.integers(1, 9),
    seed=st.integers(0, 999),
    attention=st.sampled_from(["sdpa", "matmul"]),
    linear=st.sampled_from(["plain", "packed"]),
)
@torch.inference_mode()
def test_cached_calls_equal_plain_calls(times, batch, rows, columns, seed, attention, linear):
    model, cache = main_model(), ForwardCache()
    try:
        for call in range(3):  # the second and third call find rows of the first
            x, t, y = small_maps(times, batch, rows, columns, seed + call)
            model.kernels = Kernels()
            plain = predict(model, x, t, y)
            model.kernels = Kernels(attention=attention, linear=linear)
            fast = predict(model, x, t, y, cache)
            assert difference(fast[0], plain[0]) < FLOAT32_TOLERANCE
            assert difference(fast[1], plain[1]) < FLOAT32_TOLERANCE
    finally:
        model.kernels = Kernels()


def modulated_rows(model: PatchForcingTransformer, call) -> int:
    """How many conditions the first block's modulation was computed for in `call`."""
    rows = []
    linear = model.blocks[0].adaLN_modulation[1]
    hook = linear.register_forward_hook(
        lambda module, inputs, output: rows.append(output.numel() // module.out_features)
    )
    with torch.inference_mode():
        call()
    hook.remove()
    return sum(rows)


def test_each_distinct_time_and_label_is_modulated_once_per_run():
    model, cache = main_model(), ForwardCache()
    x, t, y = small_maps([0.25, 0.5], 2, 8, 8, 0)
    y = torch.tensor([4, 4])
    assert modulated_rows(model, lambda: predict(model, x, t, y)) == 128
    assert modulated_rows(model, lambda: predict(model, x, t, y, cache)) == 2
    assert modulated_rows(model, lambda: predict(model, x, t, y, cache)) == 0
    y = torch.tensor([4, 5])
    assert modulated_rows(model, lambda: predict(model, x, t, y, cache)) == 2
    assert modulated_rows(model, lambda: predict(model, x, -(t * 0), y, cache)) == 2
    assert modulated_rows(model, lambda: predict(model, x, t * 0, y, cache)) == 0


def test_distinct_times_are_modulated_per_token_without_detour():
    model, cache = main_model(), ForwardCache()
    x, y = torch.randn(1, 4, 16, 16), torch.tensor([4])
    t = torch.rand(1, 8, 8)
    assert modulated_rows(model, lambda: predict(model, x, t, y, cache)) == 64
    assert modulated_rows(model, lambda: predict(model, x, t, y, cache)) == 64


def test_known_times_can_be_prepared_in_one_go():
    model, cache = main_model(), ForwardCache()
    grid = torch.linspace(0, 1, 6)
    rows = modulated_rows(
        model, lambda: model.prepare(cache, grid, ClassLabels(torch.tensor([4, 4, 10])))
    )
    assert rows == 12
    x, t, y = torch.randn(2, 4, 16, 16), grid[3].expand(2, 8, 8), torch.tensor([10, 4])
    with torch.inference_mode():
        plain = predict(model, x, t, y)
    assert modulated_rows(model, lambda: predict(model, x, t, y, cache)) == 0
    with torch.inference_mode():
        assert difference(predict(model, x, t, y, cache)[0], plain[0]) < FLOAT32_TOLERANCE


def test_a_cache_filled_to_the_brim_is_kept():
    model = main_model()
    cache = ForwardCache(max_bytes=3 * 4 * (2 * 6 * 56 + 2 * 56))
    modulated_rows(
        model,
        lambda: model.prepare(cache, torch.tensor([0.1, 0.2, 0.3]), ClassLabels(torch.tensor([4]))),
    )
    x, t, _ = small_maps([0.2], 2, 8, 8, 1)
    assert modulated_rows(model, lambda: predict(model, x, t, torch.tensor([4, 4]), cache)) == 0


@torch.inference_mode()
def test_full_cache_starts_anew_and_stays_right():
    model = main_model()
    row_bytes = 4 * (2 * 6 * 56 + 2 * 56)
    cache = ForwardCache(max_bytes=3 * row_bytes)
    for time in (0.1, 0.2, 0.3, 0.4, 0.1):
        x, t, y = small_maps([time], 2, 8, 8, 1)
        assert (
            difference(predict(model, x, t, y, cache)[0], predict(model, x, t, y)[0])
            < FLOAT32_TOLERANCE
        )
    x, t, y = small_maps([0.1, 0.2, 0.3, 0.4, 0.5], 1, 8, 8, 1)  # more than the cache can hold
    assert (
        difference(predict(model, x, t, y, cache)[0], predict(model, x, t, y)[0])
        < FLOAT32_TOLERANCE
    )


def test_a_cache_serves_calls_with_and_without_inference_mode():
    model, cache = main_model(), ForwardCache()
    for guard in (torch.inference_mode, torch.no_grad, torch.inference_mode):
        for time in (0.2, torch.rand(()).item()):
            x, t, y = small_maps([time], 2, 8, 8, 1)
            with guard():
                assert (
                    difference(predict(model, x, t, y, cache)[0], predict(model, x, t, y)[0])
                    < FLOAT32_TOLERANCE
                )


def test_training_ignores_the_cache():
    model, vectors = main_model(), tensors("forward")
    velocity, _ = predict(model, vectors["x"], torch.zeros(3, 8, 8), vectors["y"], ForwardCache())
    velocity.sum().backward()
    assert model.blocks[0].adaLN_modulation[1].weight.grad.any()
    model.zero_grad()


@pytest.mark.parametrize("attention", ["sdpa", "matmul"])
@pytest.mark.parametrize("gelu", ["tanh", "erf"])
@pytest.mark.parametrize("linear", ["plain", pytest.param("packed", marks=PACKED_BFLOAT16)])
@torch.inference_mode()
def test_bfloat16_stays_near_float32(attention, gelu, linear):
    vectors = tensors("forward")
    exact, _ = predict(
        main_model(), vectors["x"], vectors["t_hetero"].reshape(3, 8, 8), vectors["y"]
    )
    model = PatchForcingTransformer(main_model().config).eval()
    model.load_state_dict(main_model().state_dict())
    model.bfloat16()
    model.kernels = Kernels(attention=attention, gelu=gelu, linear=linear)
    velocity, log_variance = predict(
        model, vectors["x"], vectors["t_hetero"].reshape(3, 8, 8), vectors["y"], ForwardCache()
    )
    assert velocity.dtype == log_variance.dtype == torch.float32
    assert ((velocity - exact).norm() / exact.norm()).item() < BFLOAT16_TOLERANCE


@torch.inference_mode()
def test_erf_gelu_is_not_used_in_float32(monkeypatch):
    vectors, model = tensors("forward"), main_model()
    inputs = vectors["x"], vectors["t_uniform"].reshape(3, 8, 8), vectors["y"]
    plain = predict(model, *inputs)[0]
    monkeypatch.setattr(model, "kernels", Kernels(gelu="erf"))
    assert torch.equal(predict(model, *inputs)[0], plain)


def test_packed_weights_follow_the_weights():
    vectors, model = tensors("forward"), PatchForcingTransformer(main_model().config).eval()
    model.kernels = Kernels(linear="packed")
    inputs = vectors["x"], vectors["t_hetero"].reshape(3, 8, 8), vectors["y"]
    with torch.inference_mode():
        assert not predict(model, *inputs)[
            0
        ].any()  # packs the fresh weights, which predict nothing
    model.load_state_dict(main_model().state_dict())
    with torch.inference_mode():
        assert difference(predict(model, *inputs)[0], vectors["v_hetero_cond"]) < 5e-6
        model.to(torch.bfloat16)
        if can_pack(torch.bfloat16):
            assert difference(predict(model, *inputs)[0], vectors["v_hetero_cond"]) < 0.1
        model.to(torch.float32)  # rounded by now
        packed = predict(model, *inputs)[0]
        model.kernels = Kernels()
        assert difference(packed, predict(model, *inputs)[0]) < 5e-6
    assert set(model.state_dict()) == set(main_model().state_dict())


def test_a_copy_of_a_packed_network_packs_its_own_weights():
    vectors, model = tensors("forward"), copy.deepcopy(main_model())
    model.kernels = Kernels(linear="packed")
    inputs = vectors["x"], vectors["t_hetero"].reshape(3, 8, 8), vectors["y"]
    with torch.inference_mode():
        expected = predict(model, *inputs)[0]
        assert torch.equal(predict(copy.deepcopy(model), *inputs)[0], expected)


def test_packed_weights_are_left_alone_where_gradients_are_wanted():
    model = PatchForcingTransformer(main_model().config)
    model.kernels = Kernels(linear="packed")
    model.load_state_dict(main_model().state_dict())
    vectors = tensors("forward")
    predict(model, vectors["x"], vectors["t_hetero"].reshape(3, 8, 8), vectors["y"])[
        0
    ].sum().backward()
    assert model.blocks[0].attn.qkv.weight.grad.any()


@torch.inference_mode()
def test_the_tables_are_no_larger_than_they_need_to_be():
    model, cache = main_model(), ForwardCache()
    row_bytes = 4 * (2 * 6 * 56 + 2 * 56)
    model.prepare(cache, torch.tensor([0.1, 0.2, 0.3]), ClassLabels(torch.tensor([4])))
    assert cache.bytes == 3 * row_bytes
    x, t, y = small_maps([0.7], 2, 8, 8, 1)
    predict(model, x, t, y, cache)
    assert 4 * row_bytes <= cache.bytes <= 8 * row_bytes


def test_what_is_remembered_stays_within_the_limit():
    cache = ForwardCache(max_bytes=1000)
    made = []

    def texts(key: str, numbers: int):
        return cache.remember("texts", key, lambda: made.append(key) or ([torch.zeros(numbers)], 1))

    for key in ("a", "b", "a"):
        texts(key, 100)
    assert (made, cache.bytes) == (["a", "b"], 800)
    texts("c", 100)
    assert cache.bytes == 800  # "a" went
    texts("huge", 1000)
    assert cache.bytes == 4000  # one must be there
    texts("a", 100)
    assert (made, cache.bytes) == (["a", "b", "c", "huge", "a"], 400)
