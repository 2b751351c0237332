"""The sampling bench on a tiny network: what it counts, and that it compares like with like."""

from __future__ import annotations

import pytest
import torch

from pfstudio.engine import bench_sampling
from pfstudio.engine.bench_sampling import (
    BFLOAT16,
    FAST,
    PUBLISHED,
    ModelResult,
    bench_model,
    machine_state,
    per_token_flop,
    random_network,
)
from pfstudio.nn.dit import DiffusionTransformer
from pfstudio.nn.patch_forcing import PatchForcingConfig, flops

TINY = PatchForcingConfig(input_size=8, hidden_size=32, depth=2, num_heads=2, num_classes=5)


@pytest.fixture(scope="module")
def result() -> ModelResult:
    return bench_model("tiny", random_network(TINY), nfe=8, runs=2)


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
    published, fast, _ = result.ways
    assert fast.gflop == pytest.approx(flops(TINY, 16) / 1e9)
    assert published.gflop - fast.gflop == pytest.approx(per_token_flop(TINY) / 1e9)


def test_operations_of_pft_b_are_the_published_ones() -> None:
    config, tokens, d = PatchForcingConfig(), 256, 768
    ends = 2 * tokens * (2 * d * d + (256 + d) * d)  # left out of the published 33.8 GMAC
    both = flops(config, tokens) + per_token_flop(config)
    assert (both - ends) / 2e9 == pytest.approx(33.8, abs=0.1)
    assert flops(config, tokens) / 2e9 == pytest.approx(23.0, abs=0.1)


def test_a_model_without_difficulty_runs_euler() -> None:
    network = DiffusionTransformer(TINY)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    result = bench_model("dit", network.eval(), nfe=3, runs=1)
    assert (result.sampler, result.nfe) == ("euler", 3)
    assert result.ways[1].error < 1e-5


def test_the_clock_is_undisturbed_with_one_thread_only() -> None:
    assert bench_sampling._clock(2) is bench_sampling.time.perf_counter


def test_machine_state_names_the_machine() -> None:
    state = machine_state(1)
    assert state.cpu
    assert state.cores >= 1
    assert state.torch == torch.__version__
