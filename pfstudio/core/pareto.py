"""What is best at its price."""

from __future__ import annotations

from collections.abc import Sequence


def pareto_front(points: Sequence[tuple[float, float]]) -> tuple[int, ...]:
    """Of points (cost, loss) those that no other one beats in one without losing in the other.

    Their places, from the cheapest on; of equal points the first.
    """
    front: list[int] = []
    for place in sorted(range(len(points)), key=lambda i: points[i]):
        if not front or points[place][1] < points[front[-1]][1]:
            front.append(place)
    return tuple(front)
