"""Features as pictures: joint colours, similarity, matches. Flat functions over arrays.

P places in all, D features. Places of a picture are in row-major order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.floating]
Indices = npt.NDArray[np.intp]
_LOW, _HIGH = 1.0, 99.0  # percentiles that become the ends of a colour channel


@dataclass(frozen=True)
class Components:
    """Principal components that were fitted once, for all pictures and times that are compared."""

    mean: Floats  # (D,)
    axes: Floats  # (K,D) unit vectors; the largest loading of each is positive
    low: Floats  # (K,) of the coordinates
    high: Floats  # (K,)

    def coordinates(self, features: Array) -> Floats:
        """Along the axes: (...,D) -> (...,K)."""
        return np.asarray((features - self.mean) @ self.axes.T, np.float32)

    def colours(self, features: Array) -> Floats:
        """As RGB in 0..1, (...,D) -> (...,3), black where a component is missing."""
        span = np.maximum(self.high - self.low, 1e-12)
        found = np.clip((self.coordinates(features) - self.low) / span, 0, 1)
        short = 3 - found.shape[-1]
        return np.pad(found, [(0, 0)] * (found.ndim - 1) + [(0, short)]) if short > 0 else found


def fit_components(features: Array, count: int = 3) -> Components:
    """Principal components of features (...,D), of unequal directions at most `count`.

    Colours do not flicker while one looks from picture to picture and time to time: the axes are
    fitted to all of them, and their signs are fixed by the largest loading (DINOv2's maps).
    """
    rows = features.reshape(-1, features.shape[-1]).astype(np.float32)
    mean = rows.mean(axis=0)
    centred = rows - mean
    # Of D x D rather than P x D: P may be large, D is not.
    variances, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    order = np.argsort(variances)[::-1][: min(count, rows.shape[1])]
    axes = vectors[:, order].T
    largest = np.abs(axes).argmax(axis=1)
    axes = (axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]).astype(np.float32)
    low, high = np.percentile(centred @ axes.T, (_LOW, _HIGH), axis=0).astype(np.float32)
    return Components(mean, axes, low, high)


def unit(features: Array) -> Floats:
    """Each (...,D) at length 1; zeros stay."""
    found = features.astype(np.float32)
    length = np.linalg.norm(found, axis=-1, keepdims=True)
    return np.asarray(found / np.where(length > 0, length, 1), np.float32)


def cosine_similarity(one: Array, other: Array) -> Floats:
    """Of every place of one (P,D) with every place of the other (Q,D): (P,Q) in -1..1."""
    return np.clip(unit(one) @ unit(other).T, -1, 1)


def mutual_nearest(similarity: Array) -> tuple[Indices, npt.NDArray[np.bool_]]:
    """The most similar place for each of P, and whether that one finds it too: (P,) both.

    Args:
        similarity: (P,Q).
    """
    best, back = similarity.argmax(axis=1), similarity.argmax(axis=0)
    return best, back[best] == np.arange(len(best))


def subplace_match(similarity: Array, sharpness: float = 20.0) -> Floats:
    """Where the similarity (h,w) with one place is highest, between places too: (row, column).

    Soft-argmax over the 3 x 3 places around the highest; whole numbers are middles of places.
    """
    row, column = divmod(int(similarity.argmax()), similarity.shape[1])
    top, left = max(0, row - 1), max(0, column - 1)
    window = similarity[top : row + 2, left : column + 2].astype(np.float64)
    weights = np.exp(sharpness * (window - window.max()))
    weights /= weights.sum()
    places = np.indices(window.shape) + np.array([top, left])[:, None, None]
    return (weights * places).sum(axis=(1, 2)).astype(np.float32)


def carry_over(mask: npt.NDArray[np.bool_], similarity: Array) -> npt.NDArray[np.bool_]:
    """A painted mask (P,) on another picture: each of its Q places asks the most similar of P.

    Args:
        similarity: (P,Q).
    """
    return mask[similarity.argmax(axis=0)]
