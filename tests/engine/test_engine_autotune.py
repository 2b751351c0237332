"""Which way of computing is chosen, from made-up measurements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from fake_probe import FakeProbe

from pfstudio.core.execution import Kernels
from pfstudio.engine import autotune
from pfstudio.engine.autotune import MachineProbe, Measured, Setting, decide
from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer
from pfstudio.nn.text_patch_forcing import TextPatchForcingConfig, TextPatchForcingTransformer

SMALL = PatchForcingConfig(input_size=8, hidden_size=32, depth=2, num_heads=2)
TEXT = TextPatchForcingConfig(
    4, 8, 2, hidden_size=32, depth=2, head_dim=16, mapping_dim=8, mapping_depth=1,
    text_dim=12, refiner_dim=32, refiner_head_dim=16, refiner_depth=1,
)  # fmt: skip


@pytest.fixture(autouse=True)
def packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the processor."""
    monkeypatch.setattr(autotune, "can_pack", lambda dtype: True)


def plain(setting: Setting) -> float:
    return 1.0


def test_nothing_faster_keeps_the_plain_way() -> None:
    best = decide(FakeProbe(plain), "auto", 0, 4)
    assert best.setting == Setting()
    assert best.block_seconds == 1.0


@pytest.mark.parametrize(
    ("measured", "mode"),
    [
        (Measured(0.5, 0.5, 4e-7), "medium"),  # true float32 and faster: AMD
        (Measured(0.3, 0.3, 2e-3), "highest"),  # bfloat16 in disguise: AMX
        (Measured(1.0, 1.0, 4e-7), "highest"),  # no gain
        (Measured(0.5, 0.5, float("nan")), "highest"),
    ],
)
def test_medium_products_only_where_they_are_float32(measured: Measured, mode: str) -> None:
    best = decide(FakeProbe(plain, medium=measured), "float32", 1, 1)
    assert best.setting.float32_matmul == mode


def test_bfloat16_only_where_it_is_clearly_faster() -> None:
    def cost(share: float) -> Callable[[Setting], float]:
        return lambda setting: share if setting.precision == "bfloat16" else 1.0

    assert decide(FakeProbe(cost(0.7)), "auto", 1, 1).setting.precision == "bfloat16"
    assert decide(FakeProbe(cost(0.9)), "auto", 1, 1).setting.precision == "float32"
    assert decide(FakeProbe(cost(0.1)), "float32", 1, 1).setting.precision == "float32"
    assert decide(FakeProbe(cost(3.0)), "bfloat16", 1, 1).setting.precision == "bfloat16"


def test_every_faster_kernel_is_taken() -> None:
    def cost(setting: Setting) -> float:
        k = setting.kernels
        return 1.0 - 0.2 * (k.attention == "matmul") - 0.3 * (k.linear == "packed")

    kernels = decide(FakeProbe(cost), "float32", 1, 1).setting.kernels
    assert kernels == Kernels(attention="matmul", linear="packed")


def test_explicit_attention_is_left_out_where_it_is_not_wanted() -> None:
    def cost(setting: Setting) -> float:
        return 0.1 if setting.kernels.attention == "matmul" else 1.0

    asked = FakeProbe(cost)
    best = decide(asked, "auto", 0, 2, explicit_attention=False)
    assert best.setting.kernels.attention == "sdpa"
    assert all(setting.kernels.attention == "sdpa" for setting in asked.asked)


def test_inaccurate_kernels_are_refused() -> None:
    def cost(setting: Setting) -> float:
        return 0.1 if setting.kernels.attention == "matmul" else 1.0

    def error(setting: Setting) -> float:
        return 1e-4 if setting.kernels.attention == "matmul" else 0.0

    best = decide(FakeProbe(cost, error), "float32", 1, 1).setting
    assert best.kernels.attention == "sdpa"
    best = decide(FakeProbe(cost, error), "bfloat16", 1, 1).setting
    assert best.kernels.attention == "matmul"  # bfloat16 rounds more than that anyway


def test_erf_gelu_only_in_bfloat16_with_plain_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    def cost(setting: Setting) -> float:
        return 0.5 if setting.kernels.gelu == "erf" else 1.0

    assert decide(FakeProbe(cost), "float32", 1, 1).setting.kernels.gelu == "tanh"
    assert decide(FakeProbe(cost), "bfloat16", 1, 1).setting.kernels.gelu == "erf"
    monkeypatch.setattr(autotune, "can_pack", lambda dtype: False)
    asked = FakeProbe(cost)
    decide(asked, "auto", 1, 1)
    assert all(setting.kernels.linear == "plain" for setting in asked.asked)


@pytest.mark.parametrize(
    ("walls", "expected"),
    [
        ({1: 1.0, 2: 0.55, 4: 0.3, 6: 0.2}, 6),
        ({1: 1.0, 2: 0.55, 4: 0.5, 6: 0.45}, 2),
        ({1: 1.0, 2: 1.3, 4: 2.0, 6: 3.0}, 1),  # another program is busy
    ],
)
def test_threads_only_while_they_help(walls: dict[int, float], expected: int) -> None:
    class Walls(FakeProbe):
        def block(self, setting: Setting) -> Measured:
            return replace(super().block(setting), seconds=walls[setting.threads])

    best = decide(Walls(plain), "float32", 0, 6)
    assert best.setting.threads == expected
    assert best.block_seconds == (1.0 if expected == 1 else walls[expected])
    assert decide(Walls(plain), "float32", 2, 6).setting.threads == 2


def test_kernels_are_compared_by_work_not_by_the_wall_clock() -> None:
    class Disturbed(FakeProbe):
        def block(self, setting: Setting) -> Measured:
            packed = setting.kernels.linear == "packed"
            return Measured(9.0 if packed else 1.0, 0.5 if packed else 1.0, 0.0)

    assert decide(Disturbed(plain), "float32", 1, 1).setting.kernels.linear == "packed"


def test_every_measurement_can_be_read() -> None:
    lines = decide(FakeProbe(plain), "auto", 0, 2).lines
    assert lines[0].startswith("product, highest: 1000.000 ms")
    assert any("bfloat16" in line for line in lines)
    assert any("2 threads" in line for line in lines)


@pytest.mark.parametrize("kind", ["class", "text"])
def test_a_block_of_two_images_is_two_blocks(kind: str) -> None:
    network = (
        PatchForcingTransformer(SMALL) if kind == "class" else TextPatchForcingTransformer(TEXT)
    ).eval()
    sample = network.block_sample(16, 2)
    each_image_has_its_own = [len(part) == 2 for part in sample.inputs]
    assert sum(each_image_has_its_own) == (1 if kind == "class" else 3)  # tokens; keys and values
    with torch.inference_mode():
        whole = sample.block(*sample.inputs, *sample.exact, Kernels())
        for image in (slice(0, 1), slice(1, 2)):
            own = (part[image] if len(part) == 2 else part for part in sample.inputs)
            torch.testing.assert_close(whole[image], sample.block(*own, *sample.exact, Kernels()))


def test_the_real_probe_measures_and_restores_torch() -> None:
    network = PatchForcingTransformer(SMALL).eval()
    before = (torch.get_num_threads(), torch.get_float32_matmul_precision())
    weights = {name: w.clone() for name, w in network.state_dict().items()}
    real = MachineProbe(network.block_sample(16))
    exact, rounded = real.block(Setting()), real.block(Setting(precision="bfloat16", threads=2))
    assert exact.error == 0.0
    assert 0 < rounded.error < autotune.BFLOAT16_ERROR
    assert min(exact.seconds, exact.work, rounded.seconds) > 0
    assert real.product("highest").error < 1e-6
    assert (torch.get_num_threads(), torch.get_float32_matmul_precision()) == before
    assert all(torch.equal(w, weights[name]) for name, w in network.state_dict().items())
