"""Whether skipping tokens saves the time that it should: calls with routes against dense ones.

Every share is timed right beside the dense call, in changing order, so that whatever else the
machine does hits both alike. With one thread the time that it really computed is counted.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from pfstudio.core.execution import Kernels
from pfstudio.core.routes import Route
from pfstudio.engine.autotune import torch_settings
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.patch_forcing import PatchForcingTransformer, flops
from pfstudio.nn.token_routing import TokenSelection, random_selection

SHARES = (0.0, 0.2, 0.4, 0.6, 0.8)
_WARM = 2


@dataclass(frozen=True)
class RoutedCall:
    """One share of the tokens taken out. Ratios are this call / the dense one."""

    share: float
    gflop: float  # of a call
    flop_ratio: float
    seconds: float  # of a call, median
    time_ratio: float  # median of the pairs
    time_ratio_low: float
    time_ratio_high: float

    @property
    def off(self) -> float:
        """By how much the time differs from what the operations say, relative."""
        return self.time_ratio / self.flop_ratio - 1


@torch.inference_mode()
def bench_routing(
    network: PatchForcingTransformer,
    route: Route,
    *,
    shares: Sequence[float] = SHARES,
    threads: int = 1,
    runs: int = 5,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[RoutedCall, ...]:
    """Time one image's calls at one time for the whole picture, in the network's own precision."""
    config, network.kernels = network.config, Kernels(linear="packed")
    clock = time.thread_time if threads == 1 else time.perf_counter
    side = config.input_size // config.patch_size
    tokens, generator = side * side, torch.Generator().manual_seed(0)
    x = torch.randn(
        1, config.in_channels, config.input_size, config.input_size, generator=generator
    )
    t, label, cache = (
        torch.full((1, side, side), 0.5),
        ClassLabels(torch.tensor([0])),
        ForwardCache(),
    )
    dense = random_selection((replace(route, share=0.0),), 1, tokens, generator)

    def seconds(selection: TokenSelection) -> float:
        begun = clock()
        network(x, t, label, cache=cache, selection=selection)
        return clock() - begun

    found = []
    with torch_settings(threads, "highest"):
        for share in shares:
            say(f"{share:.0%} of the tokens taken out")
            routed = random_selection((replace(route, share=share),), 1, tokens, generator)
            for _ in range(_WARM):
                seconds(dense), seconds(routed)
            pairs = []
            for run in range(runs):
                own, other = (routed, dense) if run % 2 else (dense, routed)
                took = {id(own): seconds(own), id(other): seconds(other)}
                pairs.append((took[id(routed)], took[id(dense)]))
            ratios = [one / whole for one, whole in pairs]
            blocks = routed.tokens_of_blocks(tokens, config.depth)
            count = flops(config, tokens, blocks)
            found.append(
                RoutedCall(
                    share,
                    count / 1e9,
                    count / flops(config, tokens),
                    statistics.median(one for one, _ in pairs),
                    statistics.median(ratios),
                    min(ratios),
                    max(ratios),
                )
            )
    return tuple(found)
