"""Measured depth is read in every form, and the figure shows what was measured."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from pfstudio.core.depth import SPREAD_LABEL, DepthMap, DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.reliability import FIGURES, check_depth, read_truth, table, write_figure


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


@pytest.mark.parametrize("kind", FIGURES)
def test_figures(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    check = check_depth(*found())
    check = replace(check, aligned=replace(check.aligned, risk=check.aligned.risk * 0.9))
    write_figure(path, check, "<room> & $5 more")
    data = path.read_bytes()
    if kind == "png":
        with Image.open(path) as image:
            pixels = np.asarray(image)[..., :3]
        assert (pixels[0, 0] == 255).all()
        for colour in ((0, 90, 181), (213, 94, 0), (0, 128, 96)):  # spread, aligned, best
            assert (pixels == colour).all(axis=2).sum() > 1000
    elif kind == "svg":
        text = data.decode()
        assert "&lt;room&gt; &amp; $5 more" in text
        assert SPREAD_LABEL in text
        assert f"AUSE {check.spread.ause:.4f}" in text
        markers = re.findall(r'<use [^>]*y="([\d.]+)" style="fill: #005ab5', text)
        assert len(markers) == 11  # a tenth of the pixels each, and the legend's
        heights = -np.array(markers[:10], float)  # y grows downwards
        errors = check.spread.bin_error
        assert np.corrcoef(heights, errors)[0, 1] == pytest.approx(1)
    else:
        assert data.startswith(b"%PDF")
        assert b"/Subtype /Type0" in data  # words as words
        assert b"/Subtype /Image" not in data
    assert list(tmp_path.iterdir()) == [path]


def test_a_figure_does_not_follow_the_users_own_settings_and_leaves_them(tmp_path):
    import matplotlib  # late: it makes a folder in HOME

    check = check_depth(*found())
    write_figure(tmp_path / "a.svg", check, "room")
    own = {"font.size": 40, "lines.linewidth": 9, "axes.facecolor": "black"}
    with matplotlib.rc_context(own):
        write_figure(tmp_path / "b.svg", check, "room")
        assert {name: matplotlib.rcParams[name] for name in own} == own
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_without_matplotlib_a_sentence_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match="needs matplotlib") as error:
        write_figure(tmp_path / "a.png", check_depth(*found()), "room")
    assert "`figures`" in error.value.advice
    assert not list(tmp_path.iterdir())


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
