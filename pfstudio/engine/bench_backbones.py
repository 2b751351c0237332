"""What a network call costs against the number of tokens: zigzag Mamba and a transformer.

Both have random weights and, layer by layer, as many parameters: two ZigMa layers stand against one
of the transformer. A call of a tall network is that many times a call of this one.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from pfstudio.engine.bench_sampling import clock_of, random_network
from pfstudio.engine.tensor_memory import TensorMemory
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.patch_forcing import PatchForcingConfig
from pfstudio.nn.zigma import PatchForcingZigMaConfig

TOKENS = (256, 1024, 4096, 16384)
HEAD_WIDTH = 64


@dataclass(frozen=True)
class BackboneCost:
    """What one call takes at each number of tokens."""

    name: str
    parameters: int
    seconds: tuple[float, ...]  # medians
    memory: tuple[int, ...]  # bytes: the most that its tensors hold at once, beside the weights

    def growth(self, tokens: Sequence[int]) -> float:
        """By which power of the tokens the time grows between the last two: 1 is linear."""
        return math.log(self.seconds[-1] / self.seconds[-2]) / math.log(tokens[-1] / tokens[-2])


def bench_backbones(
    tokens: Sequence[int] = TOKENS,
    width: int = 256,
    runs: int = 3,
    threads: int = 1,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[BackboneCost, BackboneCost]:
    """Time both networks in turns, so that a busy machine slows both alike; then count memory.

    Args:
        tokens: squares of whole numbers, rising.
        width: of both networks, a multiple of 64.
        runs: of each size that count; one more comes first.
        threads: of every call. One is measured in the time that it computed.
    """
    torch.set_num_threads(threads)
    clock, ends = clock_of(threads), {"patch_size": 1, "num_classes": 10, "hidden_size": width}
    heads = {"num_heads": width // HEAD_WIDTH}
    found: dict[str, list[float]] = {"zigzag Mamba": [], "transformer": []}
    memory: dict[str, list[int]] = {name: [] for name in found}
    sizes: dict[str, int] = {}
    for count in tokens:
        side = math.isqrt(count)
        config = PatchForcingConfig(**ends, **heads, input_size=side, depth=1)  # type: ignore[arg-type]
        zigzag = PatchForcingZigMaConfig(**ends, input_size=side, depth=2)  # type: ignore[arg-type]
        networks = {
            "zigzag Mamba": random_network("zigma-patch-forcing", zigzag),
            "transformer": random_network("patch-forcing", config),
        }
        x, t = torch.randn(1, 4, side, side), torch.full((1, side, side), 0.5)
        label = ClassLabels(torch.zeros(1, dtype=torch.long))
        times: dict[str, list[float]] = {name: [] for name in networks}
        for run in range(runs + 1):
            say(f"{count:,} tokens: run {run} of {runs}" + ("" if run else " (warming up)"))
            for name, network in networks.items():
                begin = clock()
                with torch.inference_mode():
                    network(x, t, label)
                times[name].append(clock() - begin)
        for name, network in networks.items():
            found[name].append(statistics.median(times[name][1:]))
            with torch.inference_mode(), TensorMemory() as counted:
                network(x, t, label)
            memory[name].append(counted.peak)
            parameters = network.named_parameters()
            sizes[name] = sum(p.numel() for key, p in parameters if key.startswith("blocks."))
    mamba, transformer = (
        BackboneCost(name, sizes[name], tuple(seconds), tuple(memory[name]))
        for name, seconds in found.items()
    )
    return mamba, transformer


def crossing(
    tokens: Sequence[int], first: Sequence[float], second: Sequence[float]
) -> float | None:
    """Tokens from which the first is faster than the second, between the measured sizes, on
    logarithmic scales; None: at none of them, or at all."""
    ratios = [math.log(a / b) for a, b in zip(first, second, strict=True)]
    for place in range(1, len(ratios)):
        before, after = ratios[place - 1], ratios[place]
        if before > 0 >= after:
            along = before / (before - after)
            return tokens[place - 1] * (tokens[place] / tokens[place - 1]) ** along
    return None
