"""Reading pictures of every kind that people drop, and naming those that cannot be read."""

from __future__ import annotations

import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from pfstudio.core.errors import InputError
from pfstudio.core.image_io import (
    animation_notice,
    open_picture,
    read_colour_and_alpha,
    read_filling,
    read_picture,
    read_thumbnail,
)

RAMP = np.linspace(0, 255, 6 * 8).reshape(6, 8).astype(np.uint8)
COLOUR = np.stack([RAMP, RAMP[::-1], np.full_like(RAMP, 90)], axis=2)


def bomb(path, side=30_000):
    """A tiny PNG that says it is enormous."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    path.write_bytes(data + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b""))
    return path


def test_eight_bit_colour(tmp_path):
    Image.fromarray(COLOUR).save(tmp_path / "a.png")
    assert np.array_equal(read_picture(tmp_path / "a.png"), COLOUR)


def test_grey_in_eight_and_sixteen_bits(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "8.png")
    Image.fromarray(RAMP.astype(np.uint16) * 257).save(tmp_path / "16.png")
    Image.fromarray(RAMP.astype(np.uint16) * 257).save(tmp_path / "16.tiff")
    for name in ("8.png", "16.png", "16.tiff"):
        assert np.array_equal(read_picture(tmp_path / name), np.stack([RAMP] * 3, axis=2)), name


def test_sixteen_bit_colour(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), COLOUR[:, :, ::-1].astype(np.uint16) * 257)
    assert np.array_equal(read_picture(tmp_path / "a.png"), COLOUR)


@pytest.mark.parametrize("scale", [1 / 255, 40.0])
def test_floats(tmp_path, scale):
    Image.fromarray(RAMP.astype(np.float32) * np.float32(scale)).save(tmp_path / "a.tiff")
    assert np.array_equal(read_picture(tmp_path / "a.tiff"), np.stack([RAMP] * 3, axis=2))


def test_transparency_lies_over_white(tmp_path):
    pixels = np.dstack([COLOUR, np.full(RAMP.shape, 255, np.uint8)])
    pixels[0, 0] = (10, 20, 30, 0)
    Image.fromarray(pixels, "RGBA").save(tmp_path / "a.png")
    seen = read_picture(tmp_path / "a.png")
    assert seen[0, 0].tolist() == [255, 255, 255]
    assert np.array_equal(seen[1:], COLOUR[1:])


def test_sixteen_bit_grey_with_a_transparent_shade_is_not_white(tmp_path):
    """Pillow clips such pixels at 255 where it is asked for their transparency."""
    deep = Image.fromarray(RAMP.astype(np.uint16) * 257)
    deep.save(tmp_path / "a.png", transparency=0)
    layers = read_colour_and_alpha(tmp_path / "a.png")
    assert np.array_equal(layers.colours, read_picture(tmp_path / "a.png"))
    assert np.array_equal(layers.colours, np.stack([RAMP] * 3, axis=2))


def test_cmyk_and_palette(tmp_path):
    Image.new("CMYK", (8, 6), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    red = read_picture(tmp_path / "a.jpg").mean(axis=(0, 1))
    assert red[0] > 230
    assert red[1] < 40
    Image.fromarray(COLOUR).quantize(48).save(tmp_path / "a.gif")
    assert read_picture(tmp_path / "a.gif").shape == (6, 8, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation):
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: a.swapaxes(0, 1)[:, ::-1],
        7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
        8: lambda a: a.swapaxes(0, 1)[::-1],
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(COLOUR).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_picture(tmp_path / "a.png"), turns[orientation](COLOUR))


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_thumbnail_is_the_picture_itself_made_small(tmp_path, orientation):
    """Of every kind of file: upright, and what is transparent lies over white."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    grey = np.linspace(0, 65535, 300 * 200).reshape(200, 300).astype(np.uint16)
    cover = np.zeros((200, 300, 4), np.uint8)
    cover[50:, :, :] = (200, 30, 90, 255)
    Image.fromarray(grey).save(tmp_path / "a.png", exif=exif)
    Image.fromarray(cover, "RGBA").save(tmp_path / "b.png", exif=exif)
    Image.fromarray(cover[:, :, :3]).save(tmp_path / "c.jpg", exif=exif, quality=95)
    for path in tmp_path.iterdir():
        pixels, size = read_thumbnail(path, 40)
        whole = read_picture(path)
        assert size == (whole.shape[1], whole.shape[0])
        small = ImageOps.fit(Image.fromarray(whole), (40, 40))
        assert np.abs(pixels.astype(int) - np.asarray(small)).mean() < 2


def test_a_picture_fills_a_size(tmp_path):
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = (10, 200, 30)
    Image.fromarray(wide).save(tmp_path / "a.png")
    middle = read_filling(tmp_path / "a.png", (40, 40))
    assert middle.shape == (40, 40, 3)
    assert (middle[:, 5:35] == (10, 200, 30)).all()  # the middle third, twice as large


def test_damaged_exif_is_no_reason_to_refuse(tmp_path):
    Image.fromarray(COLOUR).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x01")
    assert read_picture(tmp_path / "a.jpg").shape == COLOUR.shape
    assert read_thumbnail(tmp_path / "a.jpg", 4)[1] == COLOUR.shape[1::-1]


@pytest.mark.parametrize("side", [15_000, 30_000])
def test_a_decompression_bomb_is_never_unpacked(tmp_path, side):
    with pytest.raises(InputError, match=r"b\.png would unpack to more"):
        read_picture(bomb(tmp_path / "b.png", side))


def test_a_photo_of_196_megapixels_is_an_ordinary_photo(tmp_path):
    """A warning, which fails here, is what a person would see of Pillow's own lower bounds."""
    with open_picture(bomb(tmp_path / "b.png", 14_000)) as image:
        assert image.size == (14_000, 14_000)


def test_what_is_no_picture_is_told(tmp_path):
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "empty.jpg").touch()
    Image.fromarray(COLOUR).resize((200, 200)).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:300])
    Image.fromarray(COLOUR).save(tmp_path / "program.eps")
    for name in ("text.png", "empty.jpg", "cut.png", "program.eps", "missing.png"):
        with pytest.raises(InputError, match=f"{name} is not an image that can be read"):
            read_picture(tmp_path / name)
    with pytest.raises(InputError, match="is a folder"):
        read_picture(tmp_path)


@pytest.mark.parametrize(("bits", "top"), [(8, 255), (10, 1023), (12, 4095), (16, 65535)])
def test_sixteen_bits_of_which_few_are_used_are_not_black(tmp_path, bits, top):
    Image.fromarray((RAMP.astype(np.float64) / 255 * top).astype(np.uint16)).save(
        tmp_path / "a.png"
    )
    assert abs(read_picture(tmp_path / "a.png")[:, :, 0].astype(int) - RAMP).max() <= 1


@pytest.mark.parametrize("name", ["a.jfif", "a.avif"])
def test_other_names_and_kinds_are_read(tmp_path, name):
    Image.fromarray(COLOUR).save(tmp_path / name, "JPEG" if name == "a.jfif" else "AVIF")
    assert read_picture(tmp_path / name).shape == COLOUR.shape


def test_long_texts_do_no_harm(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("workflow", "x" * (2 * 2**20), zip=True)
    Image.fromarray(COLOUR).save(tmp_path / "a.png", pnginfo=info)
    assert np.array_equal(read_picture(tmp_path / "a.png"), COLOUR)


def test_cmyk_by_its_profile(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    cmyk = Image.fromarray(COLOUR).convert("CMYK")
    cmyk.save(tmp_path / "a.tiff", icc_profile=profile)  # of another kind: as if there were none
    assert np.array_equal(read_picture(tmp_path / "a.tiff"), np.array(cmyk.convert("RGB")))


def test_what_starts_other_programs_is_no_picture(tmp_path):
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    (tmp_path / "b.heic").write_bytes(b"\0\0\0\x18ftypheic")
    with pytest.raises(InputError, match="no known kind"):
        read_picture(tmp_path / "a.png")
    with pytest.raises(InputError) as told:
        read_picture(tmp_path / "b.heic")
    assert "Convert it" in told.value.advice


def test_an_animation_is_said_so(tmp_path):
    frames = [Image.fromarray(COLOUR), Image.fromarray(COLOUR[::-1].copy())]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "b.png")
    assert "2 frames" in animation_notice(tmp_path / "a.gif")[0]
    assert animation_notice(tmp_path / "b.png") == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_a_pipe_is_no_picture_and_nobody_waits_for_it(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(InputError, match="it is no ordinary file"):
        read_picture(tmp_path / "a.png")
