"""`pfstudio upscale`: files and folders in, pictures with everything that was in them out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file
from small_models import install_small_upsampler
from torch import zeros

import pfstudio
from pfstudio.cli.main import main
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.image_batch import Manifest
from pfstudio.core.image_io import read_picture
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.paths import pictures_folder
from pfstudio.engine.control import Control

DEVICE = ["--device", "cpu", "--precision", "float32", "--threads", "1"]


@pytest.fixture(autouse=True)
def upsampler():
    """Installed, and the shipped ones out of the way of being first."""
    install_small_upsampler()


def write(path, size=(24, 16), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(path.name))
    pixels = random.integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).convert(mode).save(path, **options)
    return path


def upscale(*arguments) -> int:
    return main(["upscale", *map(str, arguments), "--model", "small-upsampler", *DEVICE])


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def size_of(path):
    with Image.open(path) as image:
        return image.size


def test_a_picture(tmp_path, capsys) -> None:
    source, out = write(tmp_path / "a.jpg"), tmp_path / "out"
    assert upscale(source, "--out", out, "--factor", 4, "--steps", 1) == 0
    printed = capsys.readouterr()
    assert printed.out.strip() == str(out / "a-4x.png")
    assert "1 done" in printed.err
    assert size_of(out / "a-4x.png") == (96, 64)
    said = json.loads(read_notes(out / "a-4x.png").pfstudio)["upscaled"]
    assert (said[0]["model"], said[0]["factor"], said[0]["steps"]) == ("small-upsampler", 4, 1)
    assert said[0]["execution"]["torch"].startswith("2.")
    with pytest.raises(InputError, match="not generated"):
        read_recipe(out / "a-4x.png")


@pytest.mark.parametrize("kind", ["png", "webp", "jpg"])
def test_formats_keep_alpha_profile_and_camera(tmp_path, kind) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera", 1
    exif.get_ifd(0x8769)[0x829A] = 0.5
    source = write(tmp_path / "a.png", mode="RGBA", exif=exif, icc_profile=b"profile")
    layered = np.dstack([read_picture(source), np.full((16, 24), 255, np.uint8)])
    layered[:, :12, 3] = 0
    Image.fromarray(layered).save(source, exif=exif, icc_profile=b"profile")
    assert upscale(source, "--out", tmp_path, "--format", kind) == 0
    with Image.open(tmp_path / f"a-2x.{kind}") as image:
        assert image.mode == ("RGB" if kind == "jpg" else "RGBA")
        assert image.info["icc_profile"] == b"profile"
        found = image.getexif()
        assert (found[0x010F], 0x0112 in found) == ("Camera", False)
        assert found.get_ifd(0x8769)[0x829A] == 0.5
        corner = image.convert("RGBA").getpixel((2, 2))
        assert corner[3] == 0 or (kind == "jpg" and min(corner) > 245)
    assert "upscaled" in read_notes(tmp_path / f"a-2x.{kind}").pfstudio


def test_a_folder_of_every_kind(tmp_path, capsys) -> None:
    shots, out = tmp_path / "shots", tmp_path / "out"
    write(shots / "a.png")
    write(shots / "trip" / "grey.png", mode="L")
    write(shots / "trip" / "print.jpg", mode="CMYK")
    deep = np.linspace(0, 65535, 12 * 8).astype(np.uint16).reshape(8, 12)
    Image.fromarray(deep).save(shots / "deep.png")
    (shots / "broken.jpg").write_bytes(b"no image")
    assert upscale(shots, "--out", out, "--json") == 1
    *_, summary = lines(capsys)
    assert summary["done"] == 4
    assert [bad["file"] for bad in summary["failed"]] == [str(shots / "broken.jpg")]
    assert size_of(out / "deep-2x.png") == (24, 16)
    assert size_of(out / "trip" / "grey-2x.png") == size_of(out / "trip" / "print-2x.png")


def test_what_is_done_is_left_out(tmp_path, capsys) -> None:
    source = write(tmp_path / "a.png")

    def again(*more):
        assert upscale(tmp_path, "--out", tmp_path, "--json", *more) == 0
        summary = lines(capsys)[-1]
        return summary["done"], summary["skipped"]

    assert again() == (1, 0)  # the result lies beside its source, and is no input
    assert again() == (0, 1)
    assert again("--steps", "3") == (1, 0)
    assert again("--steps", "3", "--overwrite") == (1, 0)
    write(source, size=(20, 20))
    assert again("--steps", "3") == (1, 0)
    (tmp_path / "a-2-2x.png").unlink()
    assert again("--steps", "3") == (1, 0)


def test_a_picture_written_just_before_a_kill_is_made_again_in_its_place(
    tmp_path, monkeypatch, capsys
) -> None:
    write(tmp_path / "in" / "a.png")
    command = [tmp_path / "in", "--out", tmp_path / "out", "--no-metadata", "--json"]
    with monkeypatch.context() as killed:
        killed.setattr(Manifest, "add", lambda *_: None)
        assert upscale(*command) == 0
    assert upscale(*command) == 0
    assert lines(capsys)[-1]["done"] == 1
    assert [path.name for path in (tmp_path / "out").glob("*.png")] == ["a-2x.png"]


def test_a_picture_that_goes_away_fails_alone(tmp_path, monkeypatch, capsys) -> None:
    """Before its turn it cannot be read; once it was read, its result is kept."""
    a, b = write(tmp_path / "in" / "a.png"), write(tmp_path / "in" / "b.png")
    write(tmp_path / "in" / "c.png")
    claim = Manifest.claim

    def claimed(manifest, job, *about):
        a.unlink(missing_ok=True)
        claim(manifest, job, *about)

    monkeypatch.setattr(Manifest, "claim", claimed)
    monkeypatch.setattr("pfstudio.cli.upscale.tell_left_out", lambda args: b.unlink())
    assert upscale(tmp_path / "in", "--out", tmp_path / "out", "--json") == 1
    summary = lines(capsys)[-1]
    assert summary["done"] == 2
    assert [failed["file"] for failed in summary["failed"]] == [str(b)]
    written = sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    assert written == ["a-2x.png", "c-2x.png"]


def test_events_as_json(tmp_path, capsys) -> None:
    source = write(tmp_path / "a.png", size=(70, 70))
    patch_wise = ["--clock", "patch-wise", "--easy-share", "0.9", "--steps", "3"]
    assert upscale(source, "--json", *patch_wise) == 0
    events = lines(capsys)
    names = [event["event"] for event in events]
    assert names == [
        *("loading", "picture", "started"),
        *["progress"] * 3,
        *("finished", "summary"),
    ]
    assert events[5]["time"] == [1.0]
    assert events[-2]["size"] == [140, 140]
    assert 0 < events[-2]["computed"] <= events[-2]["uniform"]
    assert events[-2]["files"] == [str(pictures_folder() / "Upscaled" / "a-2x.png")]


def test_an_interrupt(tmp_path, monkeypatch, capsys) -> None:
    write(tmp_path / "a.png")
    write(tmp_path / "b.png")
    control = Control()
    control.cancel()
    monkeypatch.setattr("pfstudio.engine.control.Control", lambda: control)
    assert upscale(tmp_path, "--out", tmp_path / "out") == 130
    assert "stopped at" in capsys.readouterr().err
    assert not list((tmp_path / "out").glob("*.png"))


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--steps", "0"], "Steps"),
        (["--clock", "patch-wise", "--solver", "heun"], "Per-patch timesteps need"),
        (["--tile", "8"], "too small"),
        (["--noise", "NOISE"], "shape"),
    ],
)
def test_bad_usage(tmp_path, capsys, flags, sentence) -> None:
    save_file({"noise": zeros(1, 4, 2, 2)}, tmp_path / "noise.safetensors")
    flags = [str(tmp_path / "noise.safetensors") if f == "NOISE" else f for f in flags]
    assert upscale(write(tmp_path / "a.png"), "--out", tmp_path / "out", *flags) == 2
    assert sentence in capsys.readouterr().err


def test_there_is_nothing_to_do(tmp_path, capsys) -> None:
    assert upscale(tmp_path / "none.png") == 2
    assert upscale(tmp_path) == 2
    assert "There is no image" in capsys.readouterr().err


def test_python(tmp_path) -> None:
    model = pfstudio.load_upsampler("small-upsampler", device="cpu", threads=1)
    source = write(tmp_path / "a.png")
    events = []
    found = pfstudio.upscale(model, source, factor=2, steps=1, on_event=events.append)
    pixels = np.asarray(read_picture(source))
    assert (found.image == pfstudio.upscale(model, pixels, steps=1).image).all()
    assert found.image.shape == (32, 48, 3)
    assert len(events) == 3
    with pytest.raises(InputError, match="shape"):
        pfstudio.upscale(model, pixels[0])
    with pytest.raises(InputError, match="do not fit"):
        pfstudio.upscale(model, pixels, speed=3)
    control = Control()
    control.cancel()
    with pytest.raises(RunError, match="cancelled"):
        pfstudio.upscale(model, pixels, control=control)


def test_generate_refuses_flags_that_do_nothing(tmp_path, capsys) -> None:
    command = ["generate", "--model", "small", "--class", "cat", "--out", str(tmp_path)]
    assert main([*command, "--upscale-steps", "2"]) == 2
    assert "--upscale-steps needs --upscale" in capsys.readouterr().err
