"""Colours, similarity, matches, groups and calibration against closed forms and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pfstudio.core.calibration import calibration
from pfstudio.core.clustering import (
    NO_LABEL,
    attention_groups,
    k_means,
    merge_attention,
    nearest_labels,
    spectral_clusters,
    spread_scribbles,
    symmetric_divergence,
)
from pfstudio.core.feature_maps import (
    carry_over,
    cosine_similarity,
    fit_components,
    mutual_nearest,
    subplace_match,
)
from pfstudio.core.probes import (
    accuracy,
    choose_linear_probe,
    fit_linear_probe,
    mcnemar,
    pooled,
    softmax,
    split,
    wilson_interval,
)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_components_are_those_of_the_singular_values(random: np.random.Generator) -> None:
    rows = random.normal(size=(60, 7)) * np.arange(7, 0, -1)
    found = fit_components(rows.reshape(3, 4, 5, 7))
    _, _, axes = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    np.testing.assert_allclose(np.abs((found.axes * axes[:3]).sum(1)), 1, atol=1e-4)
    assert (found.axes[np.arange(3), np.abs(found.axes).argmax(1)] > 0).all()
    colours = found.colours(rows)
    assert colours.min() == 0
    assert colours.max() == 1
    turned = fit_components(-rows[::-1])  # neither order nor sign of the data turns the axes
    np.testing.assert_allclose(turned.axes, found.axes, atol=1e-4)


def test_a_missing_component_is_black(random: np.random.Generator) -> None:
    colours = fit_components(random.normal(size=(9, 2))).colours(random.normal(size=(9, 2)))
    assert colours.shape == (9, 3)
    assert not colours[:, 2].any()


def test_similarity_and_mutual_matches(random: np.random.Generator) -> None:
    one, other = random.normal(size=(12, 5)), random.normal(size=(9, 5))
    found = cosine_similarity(one, other)
    for i, j in ((0, 0), (11, 8), (4, 2)):
        angle = one[i] @ other[j] / math.sqrt((one[i] @ one[i]) * (other[j] @ other[j]))
        assert found[i, j] == pytest.approx(angle, abs=1e-5)
    best, mutual = mutual_nearest(found)
    for i in range(12):
        assert found[i, best[i]] == max(found[i])
        assert mutual[i] == (found[i, best[i]] == max(found[:, best[i]]))
    assert cosine_similarity(np.zeros((1, 5)), other).tolist() == [[0.0] * 9]


def test_a_match_between_places() -> None:
    similarity = np.zeros((4, 5))
    similarity[2, 3] = similarity[2, 2] = 0.9
    similarity[0, 0] = 0.85  # far off: it must not pull
    row, column = subplace_match(similarity, 400.0)
    assert (row, column) == (pytest.approx(2), pytest.approx(2.5))


def test_a_mask_is_carried_to_where_its_places_went(random: np.random.Generator) -> None:
    features, moved = random.normal(size=(20, 8)), random.permutation(20)
    mask = np.arange(20) < 6
    carried = carry_over(mask, cosine_similarity(features, features[moved]))
    np.testing.assert_array_equal(carried, mask[moved])


def blobs(random: np.random.Generator, each: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    truth = np.repeat(np.arange(len(each)), each)
    centres = 10 * np.eye(len(each), 6)
    return centres[truth] + random.normal(size=(len(truth), 6)), truth


@pytest.mark.parametrize("method", [k_means, spectral_clusters])
def test_clusters_are_found(method: object, random: np.random.Generator) -> None:
    rows, truth = blobs(random, (30, 20, 10))
    order = random.permutation(60)
    found = method(rows[order], 3, seed=4)  # type: ignore[operator]
    np.testing.assert_array_equal(found, truth[order])  # the largest group is 0
    np.testing.assert_array_equal(found, method(rows[order], 3, seed=4))  # type: ignore[operator]


def test_k_means_assigns_the_nearest_centre(random: np.random.Generator) -> None:
    rows = random.normal(size=(80, 3))
    found = k_means(rows, 5)
    centres = np.stack([rows[found == k].mean(0) for k in range(5)])
    for row, label in zip(rows, found, strict=True):
        assert label == int(np.argmin([((row - c) ** 2).sum() for c in centres]))
    assert len(np.unique(k_means(np.ones((4, 2)), 3))) == 1


def test_divergence_is_half_of_both_directions(random: np.random.Generator) -> None:
    p, q = (random.dirichlet(np.ones(4), 3) for _ in range(2))
    found = symmetric_divergence(p, q)
    for i in range(3):
        for j in range(3):
            both = (p[i] * np.log(p[i] / q[j])).sum() + (q[j] * np.log(q[j] / p[i])).sum()
            assert found[i, j] == pytest.approx(both / 2)


def test_attention_within_parts_gives_the_parts(random: np.random.Generator) -> None:
    truth = np.repeat([0, 1, 2], (20, 12, 4))
    attention = np.where(truth[:, None] == truth, 1.0, 0.01) * random.uniform(0.9, 1.1, (36, 36))
    attention /= attention.sum(1, keepdims=True)
    found = merge_attention(attention, np.arange(0, 36, 2), 1.0)
    np.testing.assert_array_equal(found, truth)
    assert not merge_attention(attention, np.arange(0, 36, 2), 50.0).any()
    for scale in (1.0, 0.2):  # however flat the maps are
        flat = attention**scale
        flat /= flat.sum(1, keepdims=True)
        np.testing.assert_array_equal(attention_groups(flat, 3), truth)
        assert attention_groups(flat, 2).max() == 1
        assert not attention_groups(flat, 1).any()


def test_scribbles_spread(random: np.random.Generator) -> None:
    rows, truth = blobs(random, (30, 20, 10))
    scribbles = np.full(60, NO_LABEL)
    scribbles[[1, 2, 31, 55]] = [7, 7, 2, 0]
    np.testing.assert_array_equal(spread_scribbles(rows, scribbles), np.array([7, 2, 0])[truth])
    nothing = np.full(60, NO_LABEL)
    np.testing.assert_array_equal(spread_scribbles(rows, nothing), nothing)


def test_nearest_neighbours_vote_by_their_nearness() -> None:
    def at(degrees: float) -> list[float]:
        return [math.cos(math.radians(degrees)), math.sin(math.radians(degrees))]

    known = np.array([at(0), at(60), at(61)])
    labels = np.array([1, 0, 0])
    votes = [math.exp(math.cos(math.radians(angle)) / 0.07) for angle in (20, 40, 41)]
    assert votes[0] > votes[1] + votes[2]
    assert nearest_labels(known, labels, np.array([at(20)]), 3) == [1]
    assert nearest_labels(known, labels, np.array([at(29)]), 3) == [0]
    assert nearest_labels(known, labels, np.array([at(29)]), 1) == [1]


def test_a_linear_probe_is_where_its_slope_ends(random: np.random.Generator) -> None:
    features, labels = random.normal(size=(90, 4)) * 3 + 1, random.integers(0, 3, 90)
    probe = fit_linear_probe(features, labels, 0.1)
    rows = (features - features.mean(0)) / features.std(0)
    wrong = softmax(rows @ probe.weights + probe.bias) - np.eye(3)[labels]
    np.testing.assert_allclose(rows.T @ wrong / 90 + 0.1 * probe.weights, 0, atol=2e-5)
    np.testing.assert_allclose(wrong.mean(0), 0, atol=2e-5)


def test_separable_items_are_told_apart(random: np.random.Generator) -> None:
    rows, truth = blobs(random, (60, 60, 60))
    train, validation, test = split(truth, (0.4, 0.2))
    assert sorted(np.concatenate([train, validation, test])) == list(range(180))
    assert [len(part) for part in (train, validation, test)] == [72, 36, 72]
    probe, right = choose_linear_probe(
        (rows[train], truth[train]), (rows[validation], truth[validation])
    )
    assert right == 1
    assert accuracy(probe.labels(rows[test]), truth[test]) == 1
    noise = random.permutation(truth)
    probe, _ = choose_linear_probe(
        (rows[train], noise[train]), (rows[validation], noise[validation])
    )
    assert accuracy(probe.labels(rows[test]), noise[test]) < 0.5


def test_pooling_is_mean_and_spread(random: np.random.Generator) -> None:
    values = random.normal(size=(2, 3, 4, 5)).astype(np.float16)
    rows = values.astype(float).reshape(2, 12, 5)
    np.testing.assert_allclose(pooled(values), np.hstack([rows.mean(1), rows.std(1)]))


def test_intervals_and_pairs() -> None:
    low, high = wilson_interval(8, 10)
    assert (low, high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    one, other = np.zeros(20, bool), np.zeros(20, bool)
    one[:9], other[8:10] = True, True  # 8 to 1
    assert mcnemar(one, other) == pytest.approx(2 * (1 + 9) / 2**9)
    assert mcnemar(one, one) == 1


def test_a_known_gaussian_is_calibrated(random: np.random.Generator) -> None:
    shape = (40, 10, 10, 10)
    variance = random.uniform(0.2, 3, shape)
    error = variance * random.normal(size=shape) ** 2
    found = calibration(variance, error)
    assert found.ratio == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(found.order.bin_error, found.order.bin_spread, rtol=0.1)
    assert calibration(variance * 4, error).ratio == pytest.approx(found.ratio / 4)
    perfect = calibration(error, error)
    assert (perfect.order.ause, perfect.within_time) == (0, pytest.approx(1))
    assert calibration(-error, error).within_time == pytest.approx(-1)
    assert found.patches == 40_000


def test_the_order_within_a_time_does_not_gain_from_the_times(random: np.random.Generator) -> None:
    times = np.arange(1, 11)[:, None, None]
    variance, error = (times * random.uniform(0.9, 1.1, (40, 10, 4, 4)) for _ in range(2))
    found = calibration(variance, error)
    assert found.order.rank_correlation > 0.9
    assert found.within_time == pytest.approx(0, abs=0.05)
