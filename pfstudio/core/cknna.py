"""How alike two kinds of features see the same items: which are near each other in both."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Doubles = npt.NDArray[np.float64]


def cknna(one: Array, other: Array, nearest: int = 10) -> float:
    """Centred kernel nearest-neighbour alignment of two kinds of features of the same N items.

    1 if the items have the same neighbours at the same similarities, 0 if no neighbour is shared.
    Similarity is the cosine.

    Huh et al., "The Platonic Representation Hypothesis" (ICML 2024), appendix A.

    Args:
        one, other: (N,D) and (N,E); N must be above `nearest`.
    """
    a, b = _similarities(one), _similarities(other)
    near_a, near_b = _neighbours(a, nearest), _neighbours(b, nearest)
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    own = (a[near_a] ** 2).sum() * (b[near_b] ** 2).sum()
    return float((a * b)[near_a & near_b].sum() / np.sqrt(own))


def _similarities(rows: Array) -> Doubles:
    exact = rows.astype(np.float64)
    exact = exact / np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), 1e-12)
    return exact @ exact.T


def _neighbours(similar: Doubles, count: int) -> npt.NDArray[np.bool_]:
    """Whether item j is among the `count` nearest of item i, (N,N)."""
    others = similar.copy()
    np.fill_diagonal(others, -np.inf)
    chosen = np.argpartition(-others, count - 1, axis=1)[:, :count]
    near = np.zeros(similar.shape, bool)
    np.put_along_axis(near, chosen, True, axis=1)
    return near
