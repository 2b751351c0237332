"""`pfstudio bench routing`: what it times and what it prints."""

from __future__ import annotations

import pytest

from pfstudio.cli import bench_routing as verb
from pfstudio.core.routes import Route
from pfstudio.engine.bench_routing import RoutedCall, bench_routing
from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer


def test_each_share_is_timed_beside_the_dense_call() -> None:
    config = PatchForcingConfig(input_size=16, hidden_size=32, depth=4, num_heads=2)
    network, seen = PatchForcingTransformer(config).eval(), list[int]()
    network.blocks[1].register_forward_hook(lambda module, given, out: seen.append(out.shape[1]))
    calls = bench_routing(network, Route(2, 3), shares=(0.0, 0.5), runs=3)
    assert [call.share for call in calls] == [0.0, 0.5]
    assert calls[0].flop_ratio == 1.0
    assert 0.5 < calls[1].flop_ratio < 0.8
    assert all(call.seconds > 0 for call in calls)
    # Two warm pairs, then three in changing order.
    assert seen[10:] == [64, 32, 64, 32, 64, 32, 32, 64, 64, 32]


def test_what_it_prints() -> None:
    call = RoutedCall(0.5, 20.0, 0.8, 0.1, 0.88, 0.85, 0.9)
    assert call.off == pytest.approx(0.1)
    head, _, line = verb.routing_lines((call,), Route(3, 9))
    assert "blocks 3 to 9" in head
    assert line.split() == ["50%", "20.0", "0.80", "100.0", "0.88", "0.85", "-", "0.90", "+10%"]
