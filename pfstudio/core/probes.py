"""Probes: how well labels can be told from features. Flat functions over arrays.

N items with D features, C classes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Array = npt.NDArray[np.floating]
Labels = npt.NDArray[np.intp]
STRENGTHS = tuple(10.0**power for power in range(-5, 3))  # of the penalty that validation chooses
BEST_LAYER = "best probe layer"  # how a card names what validation chose
_ROUNDS, _ENOUGH = 300, 1e-5


@dataclass(frozen=True)
class LinearProbe:
    """Multinomial logistic regression on standardised features."""

    mean: Doubles  # (D,)
    scale: Doubles  # (D,)
    weights: Doubles  # (D,C)
    bias: Doubles  # (C,)

    def scores(self, features: Array) -> Doubles:
        """Log-probabilities but for a constant, (N,C)."""
        return ((features - self.mean) / self.scale) @ self.weights + self.bias

    def labels(self, features: Array) -> Labels:
        return self.scores(features).argmax(axis=1)


def pooled(values: Array) -> Doubles:
    """Mean and spread over the places, (N,h,w,D) -> (N,2D)."""
    exact = values.astype(np.float64)
    return np.concatenate([exact.mean(axis=(1, 2)), exact.std(axis=(1, 2))], axis=1)


def fit_linear_probe(features: Array, labels: Labels, penalty: float) -> LinearProbe:
    """Minimise the mean cross-entropy + penalty/2 * |weights|^2.

    Convex, so there is one answer; found by Nesterov's method, which is begun anew where it
    overshoots (O'Donoghue and Candes 2015), with the step of the largest curvature.

    Args:
        labels: (N,) in 0..C-1.
    """
    exact = features.astype(np.float64)
    mean, scale = exact.mean(axis=0), exact.std(axis=0)
    scale[scale < 1e-9] = 1
    rows = np.concatenate([(exact - mean) / scale, np.ones((len(exact), 1))], axis=1)
    classes = int(labels.max()) + 1
    wanted = np.eye(classes)[labels]
    decay = np.full((rows.shape[1], 1), penalty)
    decay[-1] = 0  # the bias is free
    curvature = _largest_curvature(rows) / 2 + penalty
    weights = ahead = np.zeros((rows.shape[1], classes))
    momentum = 1.0
    for _ in range(_ROUNDS):
        slope = rows.T @ (softmax(rows @ ahead) - wanted) / len(rows) + decay * ahead
        if np.abs(slope).max() < _ENOUGH:
            break
        new = ahead - slope / curvature
        if ((ahead - new) * (new - weights)).sum() > 0:
            momentum, ahead = 1.0, new
        else:
            faster = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
            ahead = new + (momentum - 1) / faster * (new - weights)
            momentum = faster
        weights = new
    return LinearProbe(mean, scale, ahead[:-1], ahead[-1])


def softmax(scores: Doubles) -> Doubles:
    """Probabilities of each row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _largest_curvature(rows: Doubles) -> float:
    """Largest eigenvalue of rows^T rows / N."""
    small = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    return float(np.linalg.eigvalsh(small)[-1] / len(rows))


def choose_linear_probe(
    train: tuple[Array, Labels], validation: tuple[Array, Labels]
) -> tuple[LinearProbe, float]:
    """The probe with the penalty that is best on the validation items, and its share right there.

    The test items have no say.
    """
    found = [fit_linear_probe(*train, strength) for strength in STRENGTHS[::2]]
    right = [accuracy(probe.labels(validation[0]), validation[1]) for probe in found]
    best = int(np.argmax(right))
    return found[best], right[best]


def accuracy(told: Labels, truth: Labels) -> float:
    """Share that is right."""
    return float((told == truth).mean())


def wilson_interval(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share (Wilson 1927); z 1.96 for 95 %."""
    share, square = right / count, z**2 / count
    middle = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return middle - half, middle + half


def mcnemar(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Exact two-sided p that two probes are equally good (McNemar 1947).

    Args:
        one, other: (N,) whether each was right on the same items.
    """
    a, b = int((one & ~other).sum()), int((other & ~one).sum())
    tail = sum(math.comb(a + b, k) for k in range(min(a, b) + 1))
    return min(1.0, 2 * tail / 2 ** (a + b))


def split(labels: Labels, shares: tuple[float, float], seed: int = 0) -> tuple[Labels, ...]:
    """Items for training, validation and test, each class in the same shares.

    Args:
        shares: of the first two; the rest is for the test.
    """
    generator, parts = np.random.default_rng(seed), ([], [], [])  # type: ignore[var-annotated]
    for name in np.unique(labels):
        items = generator.permutation(np.flatnonzero(labels == name))
        first, second = (round(share * len(items)) for share in shares)
        for part, chosen in zip(
            parts, (items[:first], items[first : first + second], items[first + second :]),
            strict=True,
        ):  # fmt: skip
            part.append(chosen)
    return tuple(np.sort(np.concatenate(part)) for part in parts)
