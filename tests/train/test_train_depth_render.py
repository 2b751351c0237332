"""The rooms that are planned, and the packing of what a renderer draws; no renderer is needed."""

from __future__ import annotations

import importlib
import json
import math
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from pfstudio.cli.main import main
from pfstudio.core.errors import InputError, RunError
from pfstudio.train import render_blender
from pfstudio.train.config import SourceConfig
from pfstudio.train.depth_data import load_depth_source
from pfstudio.train.render import build_depth_pack, encode_pair, inverse_of, is_good
from pfstudio.train.render_plan import (
    PLANS,
    Piece,
    Placed,
    plan_room,
    plan_still_life,
    read_furniture,
)

SIDE = 32


def piece(library="oak", width=0.8, depth=0.5, height=0.9, elevation=0.0):
    return Piece(library, Path(f"{library}.sh3f"), "a/a.obj", width, depth, height, elevation)


FURNITURE = tuple(piece(name, size) for name in ("oak", "pine") for size in (0.4, 0.8, 1.6))


def view(nearest=1.0, farthest=4.0, light=120.0):
    """A floor that runs away from the camera, and a picture of noise."""
    depth = np.geomspace(farthest, nearest, SIDE, dtype=np.float32)[:, None].repeat(SIDE, 1)
    random = np.random.default_rng(0)
    picture = random.normal(light, 30, (SIDE, SIDE, 1)).clip(0, 255).repeat(3, 2).astype(np.uint8)
    return picture, depth


class Painter:
    """Draws three views of a room: a good one, a flat one, another good one."""

    def __init__(self):
        self.rooms: list[str] = []

    def __call__(self, room, pixels):
        assert pixels == SIDE
        self.rooms.append(room.scene)
        yield view(1.0, 3.0 + len(self.rooms))
        yield view(2.0, 2.1)
        yield view(0.5, 4.0)


def test_the_pack_is_what_the_depth_recipes_read(tmp_path):
    told: list[tuple[int, int]] = []
    pack, labels = build_depth_pack(
        FURNITURE, tmp_path, count=21, draw=Painter(), pixels=SIDE, seed=3,
        progress=lambda *done: told.append(done),
    )  # fmt: skip
    data = load_depth_source(SourceConfig(str(pack), labels=str(labels)), Path())
    assert len(data.train) + len(data.test) == 21
    scenes = {pair.scene for pair in data.train}
    assert len(scenes) == 10
    assert not scenes & {pair.scene for pair in data.test}
    assert told[-1] == (21, 21)
    first = next(pair for pair in data.train if pair.name == "00000-1")
    truth = inverse_of(view(0.5, 4.0)[1])
    np.testing.assert_allclose(first.inverse_depth(), truth, atol=(2 - 0.25) / 4095)
    assert np.abs(first.picture().astype(int) - view()[0]).mean() < 8  # JPEG


def test_a_stopped_run_draws_only_what_is_missing(tmp_path):
    def make(count, draw):
        return build_depth_pack(FURNITURE, tmp_path, count=count, draw=draw, pixels=SIDE)

    once, again = Painter(), Painter()
    make(4, once)
    _, labels = make(8, again)
    assert len(once.rooms) == len(again.rooms) == 2
    assert not set(once.rooms) & set(again.rooms)
    assert len(json.loads(labels.read_text())["pairs"]) == 8
    assert not list(tmp_path.rglob("*.part"))
    whole = Painter()
    other = build_depth_pack(FURNITURE, tmp_path / "b", count=8, draw=whole, pixels=SIDE)
    assert len(whole.rooms) == 4
    names = [json.loads(path.read_text())["pairs"] for path in (labels, other[1])]
    assert names[0][0]["scene"] == names[1][0]["scene"]


def test_rooms_of_other_furniture_or_samples_are_drawn_anew(tmp_path):
    for furniture, samples in ((FURNITURE, 8), (FURNITURE[:3], 8), (FURNITURE, 64)):
        painter = Painter()
        build_depth_pack(furniture, tmp_path, count=2, draw=painter, pixels=SIDE, samples=samples)
        assert len(painter.rooms) == 1


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, True),
        ({"nearest": 2.0, "farthest": 2.8}, False),  # flat
        ({"nearest": 0.05, "farthest": 0.4}, False),  # inside a piece
        ({"light": 5.0}, False),
        ({"light": 255.0}, False),
    ],
)
def test_views_that_are_not_kept(changes, good):
    assert is_good(*view(**changes)) == good


def test_hopeless_rooms_and_numbers_are_told(tmp_path):
    def flat(room, pixels):
        yield view(2.0, 2.1)

    with pytest.raises(RunError, match="nothing worth keeping"):
        build_depth_pack(FURNITURE, tmp_path, count=1, draw=flat, pixels=SIDE)
    with pytest.raises(InputError, match="0 images"):
        build_depth_pack(FURNITURE, tmp_path, count=0, draw=flat)


def test_the_sky_is_far_and_12_bits_hold_the_rest():
    picture, depth = view()
    depth[:4] = 1e10
    _, png, span = encode_pair(picture, depth)
    stored = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    assert span == {"inverse_min": 0.0, "inverse_max": 1.0}
    assert (stored[:4] == 0).all()
    assert stored.max() == 4095


@pytest.mark.parametrize("number", range(12))
def test_rooms(number):
    room = plan_room(FURNITURE, 5, number)
    assert room == plan_room(FURNITURE, 5, number)
    assert room != plan_room(FURNITURE, 6, number)
    assert {one.piece.library for one in room.placed} == {room.scene.split("-")[0]}
    for place, one in enumerate(room.placed):
        w, d = one.reach
        assert w - 1e-9 <= one.x <= room.width - w + 1e-9
        assert d - 1e-9 <= one.y <= room.depth - d + 1e-9
        assert not any(other.near(one.x, one.y) for other in room.placed[:place])
    assert room.cameras
    for camera in room.cameras:
        x, y, z = camera.at
        assert 0.4 <= x <= room.width - 0.4
        assert 0.4 <= y <= room.depth - 0.4
        assert 0.5 <= z <= room.height - 0.4
        assert not any(one.near(x, y, 0.4) for one in room.placed)
        assert math.dist(camera.at[:2], camera.target[:2]) >= 1.2
        assert camera.target[2] <= 1.0
        assert 45 <= camera.field_of_view <= 80


@pytest.mark.parametrize("number", range(12))
def test_still_lifes(number):
    room = plan_still_life(FURNITURE, 5, number)
    assert room == plan_still_life(FURNITURE, 5, number)
    assert room.scene != plan_room(FURNITURE, 5, number).scene
    assert {one.piece.library for one in room.placed} == {room.scene.split("-")[0]}
    for place, one in enumerate(room.placed):
        sides = one.piece.width, one.piece.depth, one.piece.height
        assert 0.12 - 1e-9 <= max(sides) <= 0.8 + 1e-9
        w, d = one.reach
        assert w < one.x < room.width - w
        assert d < one.y < room.depth - d
        assert not any(other.near(one.x, one.y) for other in room.placed[:place])
    assert room.cameras
    for camera in room.cameras:
        assert 0.1 < camera.at[0] < room.width - 0.1
        assert 0.1 < camera.at[1] < room.depth - 0.1
        assert camera.at[2] < room.height
        assert math.dist(camera.at[:2], camera.target[:2]) <= 2.0 + 1e-9
        assert 22 <= camera.field_of_view <= 50


@pytest.mark.parametrize("subject", PLANS)
def test_a_subject_names_its_pack(tmp_path, subject):
    pack, labels = build_depth_pack(
        FURNITURE, tmp_path, count=2, draw=Painter(), pixels=SIDE, subject=subject
    )
    assert (pack.name, labels.name) == (f"{subject}32.tar", f"{subject}32-labels.json")
    (scene,) = {pair["scene"] for pair in json.loads(labels.read_text())["pairs"]}
    assert scene == PLANS[subject](FURNITURE, 0, 0).scene


def test_the_command_line_knows_all_subjects(capsys):
    with pytest.raises(SystemExit):
        main(["data", "depth", "--help"])
    assert f"{{{','.join(PLANS)}}}" in capsys.readouterr().out


def test_the_box_of_a_turned_piece():
    turned = Placed(piece(width=2.0, depth=1.0), 0, 0, math.pi / 2)
    np.testing.assert_allclose(turned.reach, (0.5, 1.0), atol=1e-9)
    assert turned.near(0.4, 0.9)
    assert not turned.near(0.9, 0.4)
    assert turned.near(0.9, 0.4, margin=0.5)


def library(folder, lines):
    with zipfile.ZipFile(folder / "oak.sh3f", "w") as file:
        file.writestr("PluginFurnitureCatalog.properties", "\n".join(lines))
        file.writestr("a/a.obj", "")


def test_reading_a_library(tmp_path):
    sizes = [f"{name}#{n}={v}" for n in (1, 2, 3, 4) for name, v in (("width", 80), ("depth", 50))]
    lines = [*sizes, *(f"height#{n}=90" for n in (1, 2, 3, 4)), "# a comment", "name=Oak"]
    models = ["model#1=/a/a.obj", "elevation#1=42.0", "model#2=/a/gone.obj"]
    doors = ["model#3=/a/a.obj", "doorOrWindow#3=true", "model#4=/a/a.obj", "modelRotation#4=1 0 0"]
    library(tmp_path, [*lines, *models, *doors])
    (found,) = read_furniture(tmp_path)
    assert (found.library, found.member) == ("oak", "a/a.obj")
    assert (found.width, found.depth, found.height, found.elevation) == (0.8, 0.5, 0.9, 0.42)


def test_a_size_that_is_no_number_is_told(tmp_path):
    library(tmp_path, ["model#1=/a/a.obj", "width#1=1,5", "depth#1=50", "height#1=90"])
    with pytest.raises(InputError, match=r"oak\.sh3f cannot be read .*'1,5'"):
        read_furniture(tmp_path)


def test_what_is_missing_is_said(tmp_path, monkeypatch, capsys):
    arguments = ["data", "depth", "--out", str(tmp_path / "out"), "--count", "1"]
    assert main([*arguments, "--furniture", str(tmp_path)]) == 2
    assert "sweethome3d-furniture" in capsys.readouterr().err
    (tmp_path / "broken.sh3f").write_bytes(b"no zip")
    with pytest.raises(InputError, match=r"broken\.sh3f"):
        read_furniture(tmp_path)

    def missing(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(InputError, match="Blender is not installed") as told:
        render_blender.load_blender()
    assert "pip install bpy==" in told.value.advice
