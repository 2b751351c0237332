"""The times of a run are known before its first call."""

from __future__ import annotations

import pytest
import torch
from patch_forcing_vectors import main_model

from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.requests import PAINT_FIXED
from pfstudio.core.samplers import Adaptive, DualLoop, Euler, Heun, LookAhead, Scheduled
from pfstudio.flow.forecast import expected_times
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import Start
from pfstudio.nn.modulation import ForwardCache

LABELS = torch.tensor([3, 4])


@pytest.mark.parametrize("sampler", [Euler(6), Heun(3), DualLoop(3, 4), LookAhead(5)])
@pytest.mark.parametrize("fixed", [False, True])
@torch.inference_mode()
def test_a_prepared_run_modulates_nothing_more(sampler, fixed):
    model, cache = main_model(), ForwardCache()
    paint = torch.zeros(8, 8, dtype=torch.uint8)
    paint[:3] = PAINT_FIXED if fixed else 0
    start = Start(torch.randn(2, 4, 16, 16), torch.zeros(2, 8, 8), paint)
    model.prepare(cache, expected_times(start, sampler, 2), torch.tensor([3, 4, 10]))
    calls = []
    linear = model.blocks[0].adaLN_modulation[1]
    hook = linear.register_forward_hook(lambda *parts: calls.append(parts))
    rule = ClassifierFree(scale=2.0)
    field = GuidedField(lambda x, t, y: model(x, t, y, cache), LABELS, 10, rule, 2)
    steps = list(sample(field, start, sampler))
    hook.remove()
    assert len(steps) == sampler.calls
    assert not calls


@pytest.mark.parametrize("sampler", [Adaptive(), Scheduled()])
def test_times_that_patches_choose_themselves_are_not_prepared(sampler):
    start = Start(torch.zeros(2, 4, 16, 16), torch.zeros(2, 8, 8))
    assert expected_times(start, sampler, 2).numel() == 0


def test_a_finished_start_needs_nothing():
    start = Start(torch.zeros(1, 4, 16, 16), torch.ones(1, 8, 8))
    assert expected_times(start, Adaptive(), 2).numel() == 0
