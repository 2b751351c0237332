"""Distances between sets of features, rank correlation and calibration, in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
NEIGHBOURS = 3  # k of precision and recall, as published


def frechet_distance(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Frechet distance of two sets of features (N,D) and (M,D), as between two Gaussians.

    Dowson and Landau, "The Frechet distance between multivariate normal distributions" (1982).
    The trace of the root of the covariances' product is the nuclear norm of A B^T, with A and B the
    centred and scaled features: exact also where N < D, without a matrix root. Biased upwards by
    about 1/N: compare at equal N only, and beside the distance of two real sets.
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    mean = x.mean(axis=0) - y.mean(axis=0)
    # The triangular factor has the same products and at most D rows.
    x, y = (_triangular((z - z.mean(axis=0)) / np.sqrt(len(z) - 1)) for z in (x, y))
    shared = np.linalg.svd(x @ y.T, compute_uv=False).sum()
    return float(mean @ mean + (x * x).sum() + (y * y).sum() - 2 * shared)


def _triangular(values: Array) -> Array:
    return np.asarray(np.linalg.qr(values, mode="r"), dtype=np.float64)


def kernel_distance(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Kernel inception distance: the unbiased squared MMD with the kernel (x.y / D + 1)^3.

    Binkowski et al., "Demystifying MMD GANs" (2018). Unbiased, so that it may be below 0.
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    n, m, width = len(x), len(y), x.shape[1]

    def kernel(p: Array, q: Array) -> Array:
        return (p @ q.T / width + 1) ** 3

    xx, yy, xy = kernel(x, x), kernel(y, y), kernel(x, y)
    within_x = (xx.sum() - np.trace(xx)) / (n * (n - 1))
    within_y = (yy.sum() - np.trace(yy)) / (m * (m - 1))
    return float(within_x + within_y - 2 * xy.mean())


def precision_recall(
    made: npt.ArrayLike, real: npt.ArrayLike, neighbours: int = NEIGHBOURS
) -> tuple[float, float]:
    """Improved precision and recall of generated features (N,D) beside real ones (M,D).

    Kynkaanniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models"
    (2019): the share of the generated ones that lie no farther from some real one than its k-th
    nearest real neighbour does, and the same the other way round. Both depend on N and M: compare
    at equal numbers only.

    Raises:
        ValueError: a set has no k neighbours.
    """
    x, y = np.asarray(made, dtype=np.float64), np.asarray(real, dtype=np.float64)
    if min(len(x), len(y)) <= neighbours:
        raise ValueError(f"{min(len(x), len(y))} features have no {neighbours} neighbours.")
    apart = _squared_distances(x, y)
    return (
        float((apart <= _reach(y, neighbours)).any(axis=1).mean()),
        float((apart <= _reach(x, neighbours)[:, None]).any(axis=0).mean()),
    )


def _reach(features: Array, neighbours: int) -> Array:
    """Squared distance of each feature (N,D) to its k-th nearest other one: (N,)."""
    apart = _squared_distances(features, features)
    np.fill_diagonal(apart, np.inf)
    return np.partition(apart, neighbours - 1, axis=1)[:, neighbours - 1]


def _squared_distances(a: Array, b: Array) -> Array:
    """(N,D), (M,D) -> (N,M)."""
    lengths = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)
    return np.maximum(lengths - 2 * a @ b.T, 0.0)


def _ranks(values: Array) -> Array:
    """Ranks from 0; equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts + 1) / 2)[inverse]


def rank_correlation(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Spearman's rank correlation of two lists of the same length; 0 where one is constant."""
    x = _ranks(np.asarray(a, dtype=np.float64).ravel())
    y = _ranks(np.asarray(b, dtype=np.float64).ravel())
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale > 0 else 0.0


@dataclass(frozen=True)
class Calibration:
    """Predicted variance against true squared error, in bins of equal count, rising."""

    predicted: tuple[float, ...]  # mean prediction of each bin
    actual: tuple[float, ...]  # mean squared error there
    ratio: float  # mean prediction / mean error; 1 is calibrated


def calibration(predicted: npt.ArrayLike, actual: npt.ArrayLike, bins: int = 10) -> Calibration:
    """How far exp(log-variance) can be read as the expected squared velocity error."""
    p = np.asarray(predicted, dtype=np.float64).ravel()
    e = np.asarray(actual, dtype=np.float64).ravel()
    parts = np.array_split(np.argsort(p, kind="stable"), bins)
    return Calibration(
        tuple(float(p[part].mean()) for part in parts),
        tuple(float(e[part].mean()) for part in parts),
        float(p.mean() / e.mean()),
    )
