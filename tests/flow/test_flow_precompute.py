"""The times of a run are known before it begins."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pfstudio.core.paint import Paint
from pfstudio.core.samplers import Adaptive, DualLoop, Euler, Heun, LookAhead, Sampler, Scheduled
from pfstudio.flow.precompute import calls_of_run, times_of_run
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import InitialState, Prediction

SAMPLERS = (
    Euler(steps=7),
    Euler(steps=2, grid=(0.0, 0.3, 1.0)),
    Heun(steps=5),
    DualLoop(steps=5, inner_steps=3),
    DualLoop(steps=3, inner_steps=4, easy_share=0.0),
    LookAhead(steps=30),
    LookAhead(steps=7, context_ratio=2.5, easy_share=0.9),
)


class RandomField:
    """Answers at random and notes the times it was asked for."""

    patch_size = 2

    def __init__(self) -> None:
        self.generator = torch.Generator().manual_seed(0)
        self.asked: set[float] = set()

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        self.asked.update(t.unique().tolist())
        log_variance = torch.randn(len(x), 1, *x.shape[2:], generator=self.generator)
        return Prediction(x, x, log_variance, t.numel())


def asked_by(settings: Sampler, start: InitialState) -> set[float]:
    field = RandomField()
    list(sample(field, start, settings))
    return field.asked


@pytest.mark.parametrize("settings", SAMPLERS, ids=lambda s: f"{s.name}-{s.nfe}")
@pytest.mark.parametrize("first", [0.0, 0.35])
def test_every_time_is_foreseen_exactly(settings: Sampler, first: float) -> None:
    start = InitialState(torch.randn(2, 4, 8, 8), torch.full((2, 4, 4), first))
    known = times_of_run(settings, torch.tensor([first]))
    assert asked_by(settings, start) <= set(known.tolist())
    assert len(known) <= 2 * settings.nfe


@pytest.mark.parametrize("settings", SAMPLERS, ids=lambda s: f"{s.name}-{s.nfe}")
@pytest.mark.parametrize("first", [(0.0, 0.0), (0.03, 0.03), (0.35, 0.0), (1.0, 0.02)])
def test_every_call_is_foreseen(settings: Sampler, first: tuple[float, float]) -> None:
    time = torch.full((2, 4, 4), first[0])
    time[:, 2:] = first[1]
    start = InitialState(torch.randn(2, 4, 8, 8), time)
    assert calls_of_run(settings, start) == len(list(sample(RandomField(), start, settings)))


def test_fixed_patches_keep_their_time() -> None:
    settings = DualLoop(steps=4, inner_steps=3)
    paint = torch.zeros(4, 4, dtype=torch.uint8)
    paint[0] = Paint.FIXED
    start = InitialState(torch.randn(1, 4, 8, 8), torch.full((1, 4, 4), 0.2), paint)
    known = times_of_run(settings, torch.tensor([0.2, 1.0]))
    assert asked_by(settings, start) <= set(known.tolist())
    assert 1.0 in known.tolist()


@pytest.mark.parametrize("settings", [Adaptive(max_nfe=8), Scheduled(steps=8)])
def test_nothing_is_promised_where_the_network_decides(settings: Sampler) -> None:
    assert times_of_run(settings, torch.zeros(1)).numel() == 0
