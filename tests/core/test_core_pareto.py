"""What is best at its price."""

from __future__ import annotations

import numpy as np

from pfstudio.core.pareto import pareto_front


def test_the_front_is_what_nothing_beats() -> None:
    drawn = np.random.default_rng(0).integers(0, 6, (60, 2))
    points = [(x, 9 - x + more) for x, more in drawn.tolist()]
    unbeaten = {
        (x, y)
        for x, y in points
        if not any(a <= x and b <= y and (a, b) != (x, y) for a, b in points)
    }
    front = pareto_front(points)
    assert [points[i] for i in front] == sorted(unbeaten)
    assert len(front) == 6


def test_of_equal_points_the_first_counts() -> None:
    assert pareto_front([(1.0, 2.0), (1.0, 2.0), (1.0, 3.0)]) == (0,)
    assert pareto_front([]) == ()
