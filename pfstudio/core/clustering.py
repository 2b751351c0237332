"""Places into groups: k-means, spectral clusters, merged attention, scribbles. No randomness but
of the seed that is given.

P places, D features, K groups.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pfstudio.core.feature_maps import cosine_similarity, unit

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.floating]
Labels = npt.NDArray[np.intp]
NO_LABEL = -1
_MOST_ROUNDS = 100
_POWER = 3  # of the similarity, as an affinity
_MOST_ANCHORS = 256  # a grid of 16 x 16, as in DiffSeg
_THRESHOLDS = 129  # that are tried at most, evenly spread over all divergences


def squared_distances(rows: Array, centres: Array) -> Array:
    """(P,K) between rows (P,D) and centres (K,D)."""
    inner = rows @ centres.T
    found = (rows**2).sum(1)[:, None] - 2 * inner + (centres**2).sum(1)
    return np.maximum(found, 0)


def k_means(rows: Array, groups: int, seed: int = 0, tries: int = 4) -> Labels:
    """Lloyd's algorithm from k-means++ starts, the best of several: (P,) labels in 0..K-1.

    Fewer groups come out where there are fewer distinct rows. Labels go by the size of their
    groups, the largest first.
    """
    generator = np.random.default_rng(seed)
    exact = rows.astype(np.float64)
    best, least = np.zeros(len(rows), np.intp), np.inf
    for _ in range(tries):
        labels, spread = _lloyd(exact, _starts(exact, groups, generator))
        if spread < least:
            best, least = labels, spread
    return _by_size(best)


def _starts(rows: Array, groups: int, generator: np.random.Generator) -> Array:
    """k-means++ (Arthur and Vassilvitskii 2007): far rows are likelier."""
    centres = [rows[generator.integers(len(rows))]]
    while len(centres) < groups:
        away = squared_distances(rows, np.stack(centres)).min(axis=1)
        away[away < 1e-12] = 0
        if not away.any():
            break
        centres.append(rows[generator.choice(len(rows), p=away / away.sum())])
    return np.stack(centres)


def _lloyd(rows: Array, centres: Array) -> tuple[Labels, float]:
    labels = np.full(len(rows), NO_LABEL, np.intp)
    for _ in range(_MOST_ROUNDS):
        away = squared_distances(rows, centres)
        found = away.argmin(axis=1)
        if (found == labels).all():
            break
        labels = found
        for group in np.unique(labels):
            centres[group] = rows[labels == group].mean(axis=0)
    return labels, float(away.min(axis=1).sum())


def _by_size(labels: Labels) -> Labels:
    names, counts = np.unique(labels, return_counts=True)
    rank = np.empty(len(names), np.intp)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(names))
    return rank[np.searchsorted(names, labels)]


def spectral_clusters(rows: Array, groups: int, seed: int = 0) -> Labels:
    """Normalised cut on the similarity of rows (P,D): (P,) labels.

    Ng, Jordan and Weiss, "On Spectral Clustering" (NeurIPS 2001), with the affinity cos^3, 0 where
    it is negative. Costs P^3: for a few thousand places.
    """
    affinity = np.maximum(cosine_similarity(rows, rows).astype(np.float64), 0) ** _POWER
    root = 1 / np.sqrt(np.maximum(affinity.sum(axis=1), 1e-12))
    _, vectors = np.linalg.eigh(affinity * root[:, None] * root)
    return k_means(unit(vectors[:, -groups:]), groups, seed)


def symmetric_divergence(one: Array, other: Array) -> Array:
    """Half the Kullback-Leibler divergences in both directions, of rows that sum to 1.

    Shapes (P,N), (Q,N) -> (P,Q).
    """
    log_one, log_other = (np.log(np.maximum(part, 1e-12)) for part in (one, other))
    forward = (one * log_one).sum(1)[:, None] - one @ log_other.T
    backward = (other * log_other).sum(1) - log_one @ other.T
    return (forward + backward) / 2


def merge_attention(
    attention: Array, anchors: Labels, threshold: float = 1.0, rounds: int = 3
) -> Labels:
    """DiffSeg: attention maps that agree are merged; each place joins the map highest on it.

    Tian et al., "Diffuse, Attend, and Segment" (CVPR 2024), algorithm 1.

    Args:
        attention: (P,P), each row a distribution over places.
        anchors: places whose maps are the first proposals.
        threshold: of the symmetric divergence, halved as there.

    Returns:
        (P,) labels in 0..K-1, without empty groups.
    """
    exact = attention.astype(np.float64)
    near = symmetric_divergence(exact[anchors], exact) < threshold
    near[np.arange(len(anchors)), anchors] = True  # however low the threshold is
    proposals = near.astype(np.float64) @ exact / np.maximum(near.sum(1), 1)[:, None]
    for _ in range(rounds - 1):
        merged: list[Array] = []
        left = np.ones(len(proposals), bool)
        for i in range(len(proposals)):
            if left[i]:
                away = symmetric_divergence(proposals[i : i + 1], proposals)[0]
                alike = left & ((away < threshold) | (np.arange(len(left)) == i))
                merged.append(proposals[alike].mean(axis=0))
                left &= ~alike
        proposals = np.stack(merged)
    return _by_size(proposals.argmax(axis=0))


def attention_groups(attention: Array, groups: int) -> Labels:
    """DiffSeg with the lowest threshold that leaves at most `groups`: (P,) labels.

    A fixed threshold, as published, fits one network and one layer of it.

    Args:
        attention: (P,P), each row a distribution over places.
    """
    anchors = np.arange(0, len(attention), -(-len(attention) // _MOST_ANCHORS))
    exact = attention.astype(np.float64)
    away = symmetric_divergence(exact[anchors], exact)
    thresholds = np.quantile(away, np.linspace(0, 1, _THRESHOLDS))
    thresholds[-1] = np.inf
    low, high = 0, _THRESHOLDS - 1
    while low < high:
        middle = (low + high) // 2
        if merge_attention(exact, anchors, float(thresholds[middle])).max() < groups:
            high = middle
        else:
            low = middle + 1
    return merge_attention(exact, anchors, float(thresholds[high]))


def spread_scribbles(rows: Array, scribbles: Labels, nearest: int = 5) -> Labels:
    """A label for every place from a few that a person gave.

    Each place asks the most similar labelled ones, weighted by exp(cos / 0.07), as DINO's k-NN.

    Args:
        rows: (P,D).
        scribbles: (P,), NO_LABEL where there is none; with none at all, none comes out.
    """
    given = np.flatnonzero(scribbles != NO_LABEL)
    if not len(given):
        return scribbles.copy()
    found = nearest_labels(rows[given], scribbles[given], rows, nearest)
    found[given] = scribbles[given]
    return found


def nearest_labels(known: Array, labels: Labels, asked: Array, nearest: int = 20) -> Labels:
    """k-NN by cosine similarity, each vote weighted by exp(cos / 0.07).

    Caron et al., "Emerging Properties in Self-Supervised Vision Transformers" (ICCV 2021).

    Args:
        known: (P,D) with labels (P,) in 0..K-1.
        asked: (Q,D).

    Returns:
        (Q,).
    """
    similar = cosine_similarity(asked, known)
    count = min(nearest, len(known))
    best = np.argpartition(-similar, count - 1, axis=1)[:, :count]
    weights = np.exp((np.take_along_axis(similar, best, 1) - 1) / 0.07)
    votes = np.zeros((len(asked), int(labels.max()) + 1))
    np.add.at(votes, (np.arange(len(asked))[:, None], labels[best]), weights)
    return votes.argmax(axis=1)
