"""Looks at a running job stay within their budget, by what they cost."""

from __future__ import annotations

import pytest

from pfstudio.ui.frame_budget import SLOWEST_MS, TICK_MS, FrameBudget


@pytest.mark.parametrize(("quick", "full", "share"), [(2.0, 6.0, 0.015), (0.5, 9.0, 0.03)])
def test_all_looks_together_take_their_share(quick: float, full: float, share: float) -> None:
    budget, now, spent, fulls, looks = FrameBudget(share), 100.0, 0.0, 0, 0
    while now < 160.0:
        is_full = budget.can_be_full(now)
        cost = full if is_full else quick
        budget.took(cost, full=is_full)
        spent, fulls, looks = spent + cost, fulls + is_full, looks + 1
        now += budget.wait / 1000
    assert spent / 60_000 == pytest.approx(share, rel=0.1)
    assert 10 < fulls < looks / 2


def test_looks_come_neither_too_seldom_nor_too_often() -> None:
    budget = FrameBudget(0.015)
    assert budget.wait == TICK_MS
    budget.took(500.0, full=False)
    assert budget.wait == SLOWEST_MS
    for _ in range(100):
        budget.took(0.0, full=False)
    assert budget.wait == TICK_MS


def test_full_looks_are_saved_up_for() -> None:
    budget = FrameBudget(0.1)
    assert budget.can_be_full(1.0)
    budget.took(10.0, full=True)
    assert not budget.can_be_full(1.05)
    assert budget.can_be_full(1.21)
    budget.took(10.0, full=True)
    assert not budget.can_be_full(1.25)


def test_a_long_rest_pays_for_one_full_look_only() -> None:
    budget = FrameBudget(0.1)
    budget.can_be_full(0.0)
    budget.took(10.0, full=True)
    assert budget.can_be_full(1000.0)
    budget.took(10.0, full=True)
    assert not budget.can_be_full(1000.01)
