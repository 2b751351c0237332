"""Patch-wise upscaling: Euler where nothing is easy, one step where everything is."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.flow.ode import OdeResult, solve
from pfstudio.flow.patch_upscale import patch_wise
from pfstudio.flow.path import to_pixels

GRID = (3, 4)
PATCH = 2


def velocity(x, time):
    """Depends on the state, the place and the time of each patch."""
    t = to_pixels(time[None], PATCH)
    return torch.sin(3 * x + torch.arange(8.0)) * (1 + t) - x.roll(1, -1)


def run(asks):
    asked, answer = [], None
    while True:
        try:
            ask = asks.send(answer)
        except StopIteration as end:
            return end.value, asked
        asked.append(ask)
        answer = OdeResult(velocity(ask.state, ask.time), DIFFICULTY)


DIFFICULTY = torch.tensor([[5.0, 1.0, 9.0, 2.0], [0.5, 7.0, 3.0, 8.0], [6.0, 4.0, 11.0, 10.0]])


def start(seed=0):
    return torch.randn(1, 4, 6, 8, generator=torch.Generator().manual_seed(seed))


@given(st.integers(1, 7), st.integers(0, 20))
def test_without_easy_patches_it_is_euler(steps, seed) -> None:
    found, asked = run(patch_wise(start(seed), GRID, steps, 0.0))
    expected, plain = run(solve("euler", start(seed), GRID, steps))
    assert torch.equal(found, expected)
    for one, other in zip(asked, plain, strict=True):
        assert torch.equal(one.time, other.time)
        assert torch.equal(one.state, other.state)
        assert bool(one.wanted.all())


@given(st.integers(2, 5), st.sampled_from([0.25, 0.5, 0.75]))
def test_easy_patches_finish_in_the_first_step(steps, share) -> None:
    x = start()
    found, asked = run(patch_wise(x, GRID, steps, share))
    count = round(share * DIFFICULTY.numel())
    easy = DIFFICULTY.flatten().sort().values[count] > DIFFICULTY
    assert len(asked) == steps
    assert torch.equal(asked[1].wanted, ~easy)
    assert bool((asked[1].time[easy] == 1).all())
    assert bool((asked[1].time[~easy] == 1 / steps).all())
    done = to_pixels(easy[None], PATCH).expand_as(x)
    whole = x + velocity(x, torch.zeros(GRID))
    assert torch.equal(found[done], whole[done])  # never moved again
    assert not torch.allclose(found[~done], whole[~done])


@given(st.integers(1, 5))
def test_when_everything_is_easy_one_call_is_made(steps) -> None:
    x = start()
    found, asked = run(patch_wise(x, GRID, steps, 1.0))
    assert len(asked) == 1
    assert torch.equal(found, x + velocity(x, torch.zeros(GRID)))
