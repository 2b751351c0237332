"""Depth files read back exactly, also by other programs, and appear whole or not at all."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from safetensors.numpy import load_file

from pfstudio.core import depth_files
from pfstudio.core.depth import SPREAD_LABEL, DepthMap, DepthRequest
from pfstudio.core.depth_files import FORMATS, DepthExport, file_paths, read_png16, write_depth
from pfstudio.core.depth_measures import QUANTITIES, least_certain, spread_of, view
from pfstudio.core.errors import InputError
from pfstudio.core.exr import write_exr

ALL = tuple(FORMATS)


def depth_map(height=7, width=9):
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(3, height, width)).astype(np.float32)
    picture = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    latents = rng.normal(size=(2, 2, 3, 4)).astype(np.float32).transpose(0, 3, 1, 2)
    request = DepthRequest("/home/someone/secret/cat.jpg", "/home/someone/m.ckpt")
    maps[1:] = abs(maps[1:])
    return DepthMap(request, "m", picture, maps, latents)


def read_exr(path):
    """Values by the standard's own rules, from the attributes and the table of offsets."""
    data = path.read_bytes()
    assert struct.unpack_from("<ii", data) == (20000630, 2)
    place, attributes = 8, {}
    while data[place]:
        name, kind, rest = data[place:].split(b"\0", 2)
        size = struct.unpack_from("<i", rest)[0]
        attributes[name.decode()] = (kind.decode(), rest[4 : 4 + size])
        place = len(data) - len(rest) + 4 + size
    left, top, right, bottom = struct.unpack("<4i", attributes["dataWindow"][1])
    assert (left, top) == (0, 0)
    assert attributes["compression"] == ("compression", b"\0")
    listed, names = attributes["channels"][1], []
    while listed != b"\0":
        name, listed = listed.split(b"\0", 1)
        assert struct.unpack_from("<i", listed)[0] == 2  # 32-bit floats
        names, listed = [*names, name.decode()], listed[16:]
    width, content = right + 1, 4 * (right + 1) * len(names)
    offsets = struct.unpack_from(f"<{bottom + 1}Q", data, place + 1)
    lines = []
    for row, offset in enumerate(offsets):
        assert struct.unpack_from("<ii", data, offset) == (row, content)
        values = np.frombuffer(data, "<f4", width * len(names), offset + 8)
        lines.append(values.reshape(len(names), width))
    assert offsets[-1] + 8 + content == len(data)
    channels = dict(zip(names, np.stack(lines, axis=1), strict=True))
    return channels, attributes["comments"][1].decode()


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_float_formats_keep_every_bit(tmp_path, quantity):
    depth = depth_map()
    export = DepthExport(("npy", "tiff", "exr"), quantity)
    npy, tiff, exr = write_depth(tmp_path, "a", depth, export)
    expected = view(depth.log_depth, quantity)
    assert np.array_equal(np.load(npy), expected)
    assert np.load(npy).dtype == np.float32
    assert np.array_equal(np.asarray(Image.open(tiff)), expected)
    assert np.array_equal(cv2.imread(str(tiff), cv2.IMREAD_UNCHANGED), expected)
    channels, comments = read_exr(exr)
    assert list(channels) == ["Y", "Z"]  # Y is what picture programs show
    assert np.array_equal(channels["Z"], expected)
    assert (channels["Y"].min(), channels["Y"].max()) == (0, 1)
    assert json.loads(comments)["quantity"] == quantity


@given(arrays.arrays(np.float32, (3, 5), elements=st.floats(width=32, allow_nan=False)))
@settings(deadline=None, max_examples=30)
def test_exr_keeps_any_number(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("exr") / "a.exr"
    write_exr(path, {"Z": values, "A": -values})
    channels, _ = read_exr(path)
    assert np.array_equal(channels["Z"], values)
    assert np.array_equal(channels["A"], -values)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_png_uses_all_codes_and_says_its_range(tmp_path, quantity):
    depth = depth_map()
    (path,) = write_depth(tmp_path, "a", depth, DepthExport(("png16",), quantity))
    expected = view(depth.log_depth, quantity)
    codes = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert codes.dtype == np.uint16
    assert (codes.min(), codes.max()) == (0, 65535)
    values, about = read_png16(path)
    width = float(expected.max() - expected.min())
    assert np.abs(values - expected).max() <= 0.51 * width / 65535
    assert (about["low"], about["high"]) == (expected.min(), expected.max())
    assert about["quantity"] == quantity
    assert about["spread"] == SPREAD_LABEL
    assert DepthRequest.from_json(json.dumps(about["request"])).ensemble_size == 5


def test_what_is_written_again_is_the_same(tmp_path):
    """Reading a PNG and writing its values again gives the same codes."""
    (path,) = write_depth(tmp_path, "a", depth_map(), DepthExport(("png16",)))
    values, about = read_png16(path)
    depth_files.write_png16(tmp_path / "b.png", values, about)
    assert np.array_equal(np.asarray(Image.open(path)), np.asarray(Image.open(tmp_path / "b.png")))


def test_a_flat_map_is_written(tmp_path):
    depth = depth_map()
    flat = replace(depth, processed=np.zeros((3, 7, 9), np.float32))
    paths = write_depth(tmp_path, "a", flat, DepthExport(ALL))
    assert (read_png16(paths[0])[0] == 0).all()


def test_points_lie_on_the_rays_of_their_pixels(tmp_path):
    depth = depth_map()
    (path,) = write_depth(tmp_path, "a", depth, DepthExport(("ply",), field_of_view=90))
    header, body = path.read_bytes().split(b"end_header\n", 1)
    assert b"element vertex 63" in header
    points = np.frombuffer(body, np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)])).reshape(7, 9)
    z = points["xyz"][..., 2]
    assert np.array_equal(z, np.exp(depth.log_depth))
    assert np.array_equal(points["rgb"], depth.picture)
    np.testing.assert_allclose(points["xyz"][3, 4, :2], 0, atol=1e-6)  # the middle pixel
    # 90 degrees over nine pixels: the centre of the last one lies at 4/4.5 of the half width.
    np.testing.assert_allclose(points["xyz"][:, 8, 0] / z[:, 8], 4 / 4.5, rtol=1e-5)
    np.testing.assert_allclose(points["xyz"][0, :, 1] / z[0], -3 / 4.5, rtol=1e-5)


def test_large_pictures_get_fewer_points(tmp_path, monkeypatch):
    monkeypatch.setattr(depth_files, "PLY_POINTS", 20)
    (path,) = write_depth(tmp_path, "a", depth_map(), DepthExport(("ply",)))
    assert b"element vertex 20" in path.read_bytes()  # 4 rows x 5 columns


def test_colours_spread_and_latents(tmp_path):
    depth = depth_map()
    colour, spread, latents = write_depth(
        tmp_path, "a", depth, DepthExport(("colour", "spread", "latents"), colours="grey")
    )
    expected = np.rint(view(depth.log_depth, "depth") * 255)
    assert np.array_equal(np.asarray(Image.open(colour))[..., 0], expected)
    assert np.array_equal(np.load(spread), np.stack([depth.log_std, depth.aligned_std]))
    assert np.array_equal(load_file(latents)["latents"], depth.latents)


def test_no_folder_of_the_user_is_written(tmp_path):
    for path in write_depth(tmp_path, "a", depth_map(), DepthExport(ALL)):
        data = path.read_bytes()
        assert b"secret" not in data
        assert b"someone" not in data


def test_names_and_nothing_half_written(tmp_path, monkeypatch):
    paths = write_depth(tmp_path / "new", "cat", depth_map(), DepthExport(ALL))
    assert paths == file_paths(tmp_path / "new", "cat", ALL)
    assert {path.name for path in (tmp_path / "new").iterdir()} == {path.name for path in paths}
    before = paths[2].read_bytes()

    def full(path, *_, **__):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(depth_files, "write_exr", full)
    with pytest.raises(Exception, match="disk is full"):
        write_depth(tmp_path / "new", "cat", depth_map(), DepthExport(("exr",)))
    assert paths[2].read_bytes() == before
    assert len(list((tmp_path / "new").iterdir())) == len(paths)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"formats": ("png16", "jpg")}, "jpg"),
        ({"formats": ()}, "No format"),
        ({"quantity": "metres"}, "metres"),
        ({"field_of_view": 180}, "180 degrees"),
    ],
)
def test_impossible_exports_are_told(changes, words):
    with pytest.raises(InputError, match=words):
        DepthExport(**changes)


def test_another_png_is_no_depth_map(tmp_path):
    Image.new("L", (3, 3)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png is no depth map"):
        read_png16(tmp_path / "a.png")


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("threshold", [None, 0.7])
def test_the_mask_is_black_where_the_spread_is_larger(tmp_path, quantity, threshold):
    depth = depth_map()
    export = DepthExport(("mask",), quantity, threshold=threshold)
    (path,) = write_depth(tmp_path, "a", depth, export)
    spread = spread_of(depth, quantity)
    limit = least_certain(spread) if threshold is None else threshold
    with Image.open(path) as image:
        assert json.loads(image.text["pfstudio-depth"])["hidden_above"] == limit
        mask = np.asarray(image)
    assert np.array_equal(mask == 0, spread > limit)
    assert set(np.unique(mask)) == {0, 255}


@pytest.mark.parametrize("threshold", [-1.0, float("nan"), float("inf")])
def test_a_mask_that_cannot_begin_there_is_refused(threshold):
    with pytest.raises(InputError, match="The mask cannot begin at a spread of"):
        DepthExport(threshold=threshold)
