"""Six ways to write a flow, against the closed form of a mixture of Gaussians."""

from __future__ import annotations

import numpy as np
import pytest

from pfstudio.core.formulations import (
    FORMULATIONS,
    MIXTURE,
    Mixture,
    ddpm,
    edm,
    errors,
    flow_matching,
    stochastic_interpolant,
)

NOISE = np.random.default_rng(0).normal(size=(1500, 2))
DATA = MIXTURE.sample(1500, np.random.default_rng(1))
LEVELS = (np.array([0.6, 0.3]), np.array([0.5, 0.8]))


def log_density(x: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of states a x1 + b n, up to a constant: Gaussians of variance a^2 s^2 + b^2."""
    variance = a**2 * MIXTURE.std**2 + b**2
    away = ((x[:, None] - a * MIXTURE.means) ** 2 / variance).sum(-1)
    return np.log((MIXTURE.weights * np.exp(-away / 2)).sum(1))


def test_the_score_is_the_gradient_of_the_density() -> None:
    x, step = NOISE[:20], 1e-5
    found = MIXTURE.score(x, *LEVELS)
    for axis in range(2):
        aside = step * np.eye(2)[axis]
        slope = (log_density(x + aside, *LEVELS) - log_density(x - aside, *LEVELS)) / (2 * step)
        np.testing.assert_allclose(found[:, axis], slope, rtol=1e-4, atol=1e-6)


def test_what_is_expected_is_the_mean_of_what_it_may_be() -> None:
    """Draw data and noise, and average the data of states near one point."""
    generator = np.random.default_rng(2)
    data, noise = MIXTURE.sample(200_000, generator), generator.normal(size=(200_000, 2))
    a, b = LEVELS
    states, point = a * data + b * noise, np.array([[0.4, -0.2]])
    near = np.linalg.norm(states - point, axis=1) < 0.08
    assert near.sum() > 200
    np.testing.assert_allclose(data[near].mean(0), MIXTURE.denoised(point, a, b)[0], atol=0.1)


@pytest.mark.parametrize("way", FORMULATIONS, ids=lambda way: way.name)
def test_every_way_ends_in_the_same_distribution(way) -> None:  # type: ignore[no-untyped-def]
    end = way.solve(MIXTURE, NOISE, DATA, 100).states[-1]
    away = np.linalg.norm(end[:, None] - MIXTURE.means, axis=-1)
    nearest = away.argmin(axis=1)
    shares = np.bincount(nearest, minlength=4) / len(end)
    np.testing.assert_allclose(shares, MIXTURE.weights, atol=0.035)
    for k, mean in enumerate(MIXTURE.means):
        own = end[nearest == k]
        np.testing.assert_allclose(own.mean(axis=0), mean, atol=0.03)
        np.testing.assert_allclose(own.std(axis=0), MIXTURE.std, rtol=0.16)


@pytest.mark.parametrize("way", FORMULATIONS, ids=lambda way: way.name)
def test_states_have_the_distribution_of_their_levels(way) -> None:  # type: ignore[no-untyped-def]
    """Half-way: mean and covariance of a x1 + b n."""
    path = way.solve(MIXTURE, NOISE, DATA, 100)
    step = len(path.states) // 2
    a, b = path.a[step], path.b[step]
    centre = MIXTURE.weights @ MIXTURE.means
    spread = (MIXTURE.means - centre).T * MIXTURE.weights @ (MIXTURE.means - centre)
    spread += MIXTURE.std**2 * np.eye(2)
    scale = np.hypot(a, b)
    np.testing.assert_allclose(path.scaled(step).mean(0), a * centre / scale, atol=0.06)
    expected = (np.outer(a, a) * spread + np.diag(b**2)) / np.outer(scale, scale)
    np.testing.assert_allclose(np.cov(path.scaled(step).T), expected, atol=0.09)


def test_one_gaussian_is_solved_in_closed_form() -> None:
    """From noise n a single Gaussian ends at mean + std n, whatever the way."""
    single = Mixture(np.ones(1), np.array([[0.7, -0.4]]), 0.5)
    for solve in (ddpm, edm, flow_matching, stochastic_interpolant):
        end = solve(single, NOISE[:50], DATA[:50], 500).states[-1]
        np.testing.assert_allclose(end, single.means + 0.5 * NOISE[:50], atol=0.02)


def test_four_ways_are_one_path_at_other_times() -> None:
    """The same noise ends at the same data, and at equal b/a the scaled states agree."""
    ways = (ddpm, edm, flow_matching, stochastic_interpolant)
    paths = [solve(MIXTURE, NOISE[:80], DATA, 500) for solve in ways]
    ends = np.stack([path.states[-1] for path in paths])
    assert np.median(np.linalg.norm(ends - ends[1], axis=-1), axis=1).max() < 0.02
    scaled = []
    for path in paths:
        ratio = path.b[:-1, 0] / np.maximum(path.a[:-1, 0], 1e-9)
        step = int(np.abs(np.log(np.maximum(ratio, 1e-9))).argmin())  # b = a
        scaled.append(path.states[step] / path.a[step])
    for one in scaled:
        assert np.median(np.linalg.norm(one - scaled[1], axis=-1)) < 0.05


def test_more_calls_come_closer() -> None:
    for way in FORMULATIONS:
        found = errors(way, MIXTURE, NOISE[:100], DATA[:100], (4, 16, 64))
        assert found[0] > found[1] > found[2]
