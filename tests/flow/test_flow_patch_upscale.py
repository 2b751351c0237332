"""Patch-wise upscaling: Euler where nothing is easy, one step where everything is."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.flow.ode import solve, uniform_times
from pfstudio.flow.patch_upscale import patch_wise
from pfstudio.flow.path import to_pixels

GRID = (3, 4)
PATCH = 2


def velocity(x, time):
    """Depends on the state, the place and the time of each patch."""
    t = to_pixels(time[None], PATCH)
    return torch.sin(3 * x + torch.arange(8.0)) * (1 + t) - x.roll(1, -1)


def run(x, steps, easy_share):
    """The end of the solution, and all that was asked: states, times, wanted patches."""
    asked = []

    def note(x, time, then, wanted):
        asked.append((x, time, wanted))
        return velocity(x, time), DIFFICULTY

    return patch_wise(note, x, GRID, steps, easy_share), asked


DIFFICULTY = torch.tensor([[5.0, 1.0, 9.0, 2.0], [0.5, 7.0, 3.0, 8.0], [6.0, 4.0, 11.0, 10.0]])


def start(seed=0):
    return torch.randn(1, 4, 6, 8, generator=torch.Generator().manual_seed(seed))


@given(st.integers(1, 7), st.integers(0, 20))
def test_without_easy_patches_it_is_euler(steps, seed) -> None:
    found, asked = run(start(seed), steps, 0.0)
    plain = []

    def uniform(x, t):
        plain.append((x, torch.full(GRID, t)))
        return velocity(*plain[-1])

    assert torch.equal(found, solve("euler", uniform, start(seed), uniform_times(steps)))
    for (state, time, wanted), (other_state, other_time) in zip(asked, plain, strict=True):
        assert torch.equal(time, other_time)
        assert torch.equal(state, other_state)
        assert bool(wanted.all())


@given(st.integers(2, 5), st.sampled_from([0.25, 0.5, 0.75]))
def test_easy_patches_finish_in_the_first_step(steps, share) -> None:
    x = start()
    found, asked = run(x, steps, share)
    count = round(share * DIFFICULTY.numel())
    easy = DIFFICULTY.flatten().sort().values[count] > DIFFICULTY
    assert len(asked) == steps
    _, time, wanted = asked[1]
    assert torch.equal(wanted, ~easy)
    assert bool((time[easy] == 1).all())
    assert bool((time[~easy] == 1 / steps).all())
    done = to_pixels(easy[None], PATCH).expand_as(x)
    whole = x + velocity(x, torch.zeros(GRID))
    assert torch.equal(found[done], whole[done])  # never moved again
    assert not torch.allclose(found[~done], whole[~done])


@given(st.integers(1, 5))
def test_when_everything_is_easy_one_call_is_made(steps) -> None:
    x = start()
    found, asked = run(x, steps, 1.0)
    assert len(asked) == 1
    assert torch.equal(found, x + velocity(x, torch.zeros(GRID)))
