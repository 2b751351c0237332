"""Measured depth is read in every form, and the figure shows what was measured."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest
from PIL import Image

from pfstudio.core.depth import SPREAD_LABEL, DepthMap, DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.reliability import check_depth, read_truth, table, write_figure


def found(ensemble_size=4, noise=0.3, useful=True):
    """A map whose errors grow to the right, and whose spread says so (or the opposite)."""
    random = np.random.default_rng(0)
    ramp = np.linspace(0, 1, 48, dtype=np.float32)
    inverse = np.float32(0.5) + random.random((32, 48), np.float32)
    error = noise * ramp * random.standard_normal((32, 48)).astype(np.float32)
    spread = np.broadcast_to(ramp if useful else 1 - ramp, (32, 48)).astype(np.float32)
    worked = np.stack([-np.log(np.maximum(inverse + error, 0.05)), spread, spread])
    picture = np.zeros((32, 48, 3), np.uint8)
    request = DepthRequest(ensemble_size=ensemble_size)
    return DepthMap(request, "tiny", picture, worked, np.zeros((4, 4, 4, 4), np.float32)), inverse


def test_a_useful_spread_beats_a_random_order_and_a_misleading_one_does_not():
    good = dict(table(check_depth(*found())))
    bad = dict(table(check_depth(*found(useful=False))))
    random = good["AUSE of a random order"]
    assert good["AUSE, spread of log-depth"] < 0.7 * random < random
    assert bad["AUSE, spread of log-depth"] > random
    assert good["rank correlation of spread and error"] > 0.25
    assert check_depth(*found(noise=0)).fit.abs_rel < 1e-5


def test_tenths_grow_with_a_useful_spread():
    spread = check_depth(*found()).spread
    assert len(spread.bin_spread) == len(spread.bin_error) == 10
    assert (np.diff(spread.bin_spread) >= 0).all()
    assert spread.bin_error[-1] > 2 * spread.bin_error[0]
    assert spread.bin_error.mean() == pytest.approx(spread.risk[-1], rel=0.01)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_figures(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    check = check_depth(*found())
    write_figure(path, check, "<room> & more")
    data = path.read_bytes()
    if kind == "png":
        with Image.open(path) as image:
            pixels = np.asarray(image)
        assert (pixels[0, 0] == 255).all()
        assert (pixels == (0, 90, 181)).all(axis=2).sum() > 1000  # the curve of the spread
    elif kind == "svg":
        text = data.decode()
        assert "&lt;room&gt; &amp; more" in text
        assert SPREAD_LABEL in text
        assert f"AUSE {check.spread.ause:.4f}" in text
        numbers = [float(n) for n in re.findall(r"(?:cx|cy)=\"([\d.]+)\"", text)]
        assert len(numbers) == 20
        assert all(0 < n < 940 for n in numbers)
    else:
        assert data.startswith(b"%PDF")
    assert list(tmp_path.iterdir()) == [path]


def test_truth_in_every_form(tmp_path):
    values = np.array([[0, 2, 4], [1, np.nan, -3]], np.float32)
    np.savez(tmp_path / "a.npz", disp=values)
    np.savez(tmp_path / "d.npz", depth=values)
    np.save(tmp_path / "a.npy", values)
    cv2.imwrite(str(tmp_path / "a.png"), np.array([[0, 2, 4], [1, 0, 0]], np.uint16))
    cleaned = [[0, 2, 4], [1, 0, 0]]
    for name in ("a.npz", "a.npy", "a.png"):
        assert read_truth(tmp_path / name).tolist() == cleaned
    inverted = [[0, 0.5, 0.25], [1, 0, 0]]
    assert read_truth(tmp_path / "d.npz").tolist() == inverted
    assert read_truth(tmp_path / "a.png", "depth").tolist() == inverted


@pytest.mark.parametrize(
    ("name", "data"), [("a.npz", b"x"), ("a.npy", b""), ("a.png", b"no"), ("a.txt", b"1")]
)
def test_files_that_hold_no_depth(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError):
        read_truth(tmp_path / name)


def test_what_cannot_be_checked():
    depth, truth = found()
    with pytest.raises(InputError, match="47 x 32"):
        check_depth(depth, truth[:, :-1])
    with pytest.raises(InputError, match="One member"):
        check_depth(*found(ensemble_size=1))
