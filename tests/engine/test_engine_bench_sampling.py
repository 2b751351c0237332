"""The sampling bench on a tiny network: what it counts, and that it compares like with like."""

from __future__ import annotations

import pytest
import torch
from toy_text import ToyTextNetwork

from pfstudio.core.errors import InputError
from pfstudio.engine import bench_sampling
from pfstudio.engine.bench_sampling import (
    BFLOAT16,
    FAST,
    PUBLISHED,
    ModelResult,
    bench_model,
    call_flop,
    machine_state,
    random_network,
)
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.dit import DiffusionTransformer
from pfstudio.nn.patch_forcing import PatchForcingConfig, flops
from pfstudio.nn.text_architectures import TEXT_PATCH_FORCING
from pfstudio.nn.text_patch_forcing import TextPatchForcingConfig

TINY = PatchForcingConfig(input_size=8, hidden_size=32, depth=2, num_heads=2, num_classes=5)
TINY_TEXT = TextPatchForcingConfig(
    4, 8, 2, hidden_size=32, depth=2, head_dim=16, mapping_dim=8, mapping_depth=1,
    text_dim=12, refiner_dim=32, refiner_head_dim=16, refiner_depth=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def result() -> ModelResult:
    return bench_model("tiny", random_network("patch-forcing", TINY), nfe=8, runs=2)


def test_every_way_runs_the_same_calls(result: ModelResult) -> None:
    assert (result.sampler, result.nfe, result.runs) == ("dual-loop", 8, 2)
    assert result.tokens == 8 * 16
    assert [way.name for way in result.ways] == [PUBLISHED, FAST, BFLOAT16]


def test_figures_hang_together(result: ModelResult) -> None:
    peaks = dict(result.peaks)
    assert set(peaks) == {"float32", "bfloat16"}
    for way in result.ways:
        precision = "bfloat16" if way.name == BFLOAT16 else "float32"
        assert way.seconds > 0
        assert way.wall_seconds > 0
        assert way.ratio_low <= way.ratio <= way.ratio_high
        assert way.peak_share == pytest.approx(way.gflop / way.seconds / peaks[precision])
        assert way.how.startswith(precision)
    assert result.ways[0].ratio == 1.0


def test_errors_are_against_the_published_way(result: ModelResult) -> None:
    published, fast, half = result.ways
    assert published.error == 0.0
    assert fast.error < 1e-5
    assert 1e-5 < half.error < 5e-2


def test_the_published_way_modulates_every_token(result: ModelResult) -> None:
    published, fast, half = result.ways
    assert fast.gflop == half.gflop == pytest.approx(flops(TINY, 16) / 1e9)
    c = TINY
    per_token = (6 * c.depth + 2) * c.hidden_size**2 + (256 + c.hidden_size) * c.hidden_size
    assert published.gflop - fast.gflop == pytest.approx(2 * 16 * per_token / 1e9)


def test_operations_of_pft_b_are_the_published_ones() -> None:
    config, tokens, d = PatchForcingConfig(), 256, 768
    ends = 2 * tokens * (2 * d * d + (256 + d) * d)  # left out of the published 33.8 GMAC
    alone, cached = call_flop(
        random_network("patch-forcing", config), ClassLabels(torch.tensor([0]))
    )
    assert (alone - ends) / 2e9 == pytest.approx(33.8, abs=0.1)
    assert cached == flops(config, tokens)
    assert cached / 2e9 == pytest.approx(23.0, abs=0.1)


def test_a_text_network_is_compared_the_same_way() -> None:
    network = random_network("text-patch-forcing", TINY_TEXT)
    result = bench_model("text", network, nfe=8, runs=1)
    assert (result.sampler, result.nfe, result.tokens) == ("dual-loop", 8, 8 * 16)
    assert result.sizes == "text, width 32, 2 heads, 2 blocks, 16 tokens"
    published, fast, half = result.ways
    words = 2 * 2 * 2 * 16 * 16 * 32  # cross-attention, which the estimate leaves out
    assert fast.gflop * 1e9 == TEXT_PATCH_FORCING.flops(TINY_TEXT, 16) + words
    assert published.gflop > 1.2 * fast.gflop  # its text is read again in each call
    assert fast.error < 1e-5 < half.error < 5e-2


def test_a_network_without_a_choice_of_kernels_is_refused() -> None:
    with pytest.raises(InputError, match="in one way only"):
        bench_model("toy", ToyTextNetwork())


def test_a_model_without_difficulty_runs_euler() -> None:
    network = DiffusionTransformer(TINY)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    result = bench_model("dit", network.eval(), nfe=3, runs=1)
    assert (result.sampler, result.nfe) == ("euler", 3)
    assert result.ways[1].error < 1e-5


def test_the_clock_is_undisturbed_with_one_thread_only() -> None:
    assert bench_sampling.clock_of(2) is bench_sampling.time.perf_counter


def test_machine_state_names_the_machine() -> None:
    state = machine_state(1)
    assert state.cpu
    assert state.cores >= 1
    assert state.torch == torch.__version__
