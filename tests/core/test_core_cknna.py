"""Alignment of two kinds of features, against loops over every pair."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pfstudio.core.cknna import cknna


def by_loops(one: np.ndarray, other: np.ndarray, nearest: int) -> float:
    """The published sums, pair by pair."""

    def similar(rows: np.ndarray) -> list[list[float]]:
        return [[float(a @ b) / math.sqrt(float(a @ a) * float(b @ b)) for b in rows] for a in rows]

    def near(table: list[list[float]], i: int) -> set[int]:
        others = [j for j in range(len(table)) if j != i]
        return set(sorted(others, key=lambda j: -table[i][j])[:nearest])

    def align(k: list[list[float]], m: list[list[float]]) -> float:
        total = 0.0
        for i in range(len(k)):
            for j in near(k, i) & near(m, i):
                total += (k[i][j] - sum(k[i]) / len(k)) * (m[i][j] - sum(m[i]) / len(m))
        return total

    k, m = similar(one), similar(other)
    return align(k, m) / math.sqrt(align(k, k) * align(m, m))


def test_it_is_the_published_sum_over_pairs() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=(30, 5))
    other = one @ rng.normal(size=(5, 7)) + 0.5 * rng.normal(size=(30, 7))
    told = cknna(one, other, 4)
    assert told == pytest.approx(by_loops(one, other, 4))
    assert 0.1 < told < 0.9


def test_turned_and_scaled_features_are_the_same_and_strangers_are_not() -> None:
    rng = np.random.default_rng(1)
    one = rng.normal(size=(200, 6))
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    assert cknna(one, 3 * one @ turn) == pytest.approx(1)
    assert abs(cknna(one, rng.normal(size=(200, 6)))) < 0.15
