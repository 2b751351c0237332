"""Depth requests, the views and the spread of depth maps, and what tells how good they are."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from depth_vectors import close, vectors
from hypothesis import given, settings
from hypothesis import strategies as st

from pfstudio.core.depth import ATTENTION_MODES, SOLVERS, DepthMap, DepthRequest
from pfstudio.core.depth_measures import (
    accuracy,
    aligned_members,
    aligned_std,
    fit_affine,
    log_std,
    relative_depth,
    reliability,
    spread_of,
    view,
)
from pfstudio.core.errors import InputError
from pfstudio.core.requests import Compute


@settings(deadline=None)
@given(
    st.builds(
        DepthRequest,
        image_file=st.text(),
        model=st.text(),
        ensemble_size=st.integers(1, 100),
        steps=st.integers(1, 1000),
        solver=st.sampled_from(SOLVERS),
        attention=st.sampled_from(ATTENTION_MODES),
        processing_resolution=st.integers(-1, 4096),
        tile=st.integers(0, 4096),
        seed=st.integers(0, 2**62),
        compute=st.just(Compute("cpu", "bfloat16", 2)),
    )
)
def test_a_request_survives_json(request_):
    assert DepthRequest.from_json(request_.to_json()) == request_


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ensemble_size": 0}, "Ensemble size is 0"),
        ({"steps": 0}, "Steps is 0"),
        ({"solver": "rk9"}, "rk9"),
        ({"attention": "linear"}, "linear"),
        ({"processing_resolution": -2}, "resolution is -2"),
        ({"tile": -1}, "Tile is -1"),
        ({"seed": -1}, "Seed is -1"),
    ],
)
def test_impossible_requests_are_told(changes, words):
    with pytest.raises(InputError, match=words):
        replace(DepthRequest(), **changes)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1, "solvers": 3}', '"text"'])
def test_other_json_is_told(text):
    with pytest.raises(InputError, match="not a depth recipe"):
        DepthRequest.from_json(text)


def test_a_newer_schema_is_told():
    data = json.loads(DepthRequest().to_json()) | {"schema": 2}
    with pytest.raises(InputError, match="schema 2"):
        DepthRequest.from_json(json.dumps(data))


def members():
    return vectors()["standard.pipe.member_log_depth"][:, 0].numpy()


def test_relative_depth_is_the_published_one():
    close(relative_depth(vectors()["minmax.in"].numpy()), "minmax.out")
    mean = members().mean(axis=0)
    close(relative_depth(mean)[None, None], "standard.pipe.depth")


def test_both_spreads_are_the_stored_ones():
    close(log_std(members())[None, None], "standard.conf.log_std")
    close(aligned_members(members())[:, None], "standard.conf.aligned_members")
    close(aligned_std(members())[None, None], "standard.conf.aligned_std")


def test_a_flat_map_has_a_depth_and_no_spread():
    flat = np.full((3, 4, 5), 0.25, np.float32)
    assert (relative_depth(flat) == 0).all()
    assert (aligned_std(flat) == 0).all()
    assert (log_std(flat) == 0).all()


def noisy_ramp():
    """Log-depths (E,H,W) from near to far; the members lie 0.1 apart everywhere."""
    noise = 0.1 * np.random.default_rng(0).normal(size=(50, 50, 200))
    return (np.linspace(-1, 1, 200) + noise).astype(np.float32)


def test_each_quantity_has_the_spread_of_its_own_members():
    members = noisy_ramp()
    processed = np.stack([members.mean(axis=0), log_std(members), aligned_std(members)])
    picture = np.zeros((50, 200, 3), np.uint8)
    depth = DepthMap(DepthRequest(), "m", picture, processed, np.zeros((1, 4, 6, 8), np.float32))
    assert np.array_equal(spread_of(depth, "depth"), aligned_std(members))
    assert np.array_equal(spread_of(depth, "log-depth"), log_std(members))
    found, true = spread_of(depth, "disparity"), aligned_std(-members)
    ratio = found.mean(axis=0) / true.mean(axis=0)
    assert np.allclose(ratio, ratio.mean(), rtol=0.05)  # the width of one member is larger
    assert 1 < ratio.mean() < 1.5


def test_a_flat_map_without_spread_has_none_in_disparity():
    processed = np.zeros((3, 4, 5), np.float32)
    picture = np.zeros((4, 5, 3), np.uint8)
    depth = DepthMap(DepthRequest(), "m", picture, processed, np.zeros((1, 4, 6, 8), np.float32))
    assert (spread_of(depth, "disparity") == 0).all()


def test_views():
    ramp = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    near_to_far = view(ramp, "depth").ravel()
    assert (np.diff(near_to_far) > 0).all()
    assert (np.diff(view(ramp, "disparity").ravel()) < 0).all()
    assert view(ramp, "log-depth") is ramp
    assert near_to_far[[0, -1]].tolist() == [0, 1]
    with pytest.raises(InputError, match="metres"):
        view(ramp, "metres")


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(-5, 5))
def test_an_affine_map_is_found(scale, shift):
    values = np.random.default_rng(0).normal(size=(4, 6))
    found = fit_affine(values, scale * values + shift)
    assert found == pytest.approx((scale, shift), abs=1e-9)
    assert fit_affine(np.ones(5), np.arange(5)) == (0.0, 2.0)


def scene(seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(1, 5, (20, 30)).astype(np.float32)
    wrong = rng.uniform(0, 0.1, truth.shape).astype(np.float32)
    sign = rng.choice([-1, 1], truth.shape)
    return truth, (truth + wrong * sign * truth).astype(np.float32), wrong


def test_accuracy_does_not_mind_scale_and_shift():
    truth, prediction, _ = scene()
    here = accuracy(prediction, truth)
    there = accuracy(0.3 * prediction - 7, truth)
    assert there.abs_rel == pytest.approx(here.abs_rel, rel=1e-4)
    assert there.delta1 == pytest.approx(here.delta1, abs=0.01)
    perfect = accuracy(2 * truth + 1, truth)
    assert (perfect.abs_rel, perfect.delta1) == (pytest.approx(0, abs=1e-6), 1.0)


def test_accuracy_by_hand():
    truth = np.array([[1.0, 2.0, 3.0, 0.0, np.nan]], np.float32)
    flat = np.ones_like(truth)  # becomes 2 everywhere
    found = accuracy(flat, truth)
    assert found.abs_rel == pytest.approx((1 + 0 + 1 / 3) / 3)
    assert found.delta1 == pytest.approx(1 / 3)
    only = accuracy(flat, truth, np.array([[True, False, False, True, True]]))
    assert (only.abs_rel, only.delta1) == (0.0, 1.0)
    with pytest.raises(InputError, match="no valid pixel"):
        accuracy(flat, np.zeros_like(truth))


def test_a_spread_that_knows_the_errors_beats_one_that_does_not():
    truth, prediction, wrong = scene()
    knows = reliability(wrong, prediction, truth)
    random = reliability(
        np.random.default_rng(5).random(truth.shape, np.float32), prediction, truth
    )
    nothing = reliability(np.ones_like(truth), prediction, truth)
    assert knows.ause < 0.2 * knows.random_ause
    assert knows.rank_correlation > 0.8
    assert knows.risk[0] < knows.risk[9] < knows.risk[-1]
    assert random.ause == pytest.approx(random.random_ause, rel=0.3)
    assert nothing.ause == pytest.approx(nothing.random_ause)
    assert np.isnan(nothing.rank_correlation)
    for curve in (knows, random, nothing):
        assert curve.coverage[-1] == 1.0
        assert curve.risk[-1] == pytest.approx(curve.oracle[-1])
        assert (curve.risk >= curve.oracle - 1e-12).all()
