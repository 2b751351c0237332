"""What other programs write into pictures is read as far as it means something here."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from pfstudio.core.conditions import Prompt
from pfstudio.core.errors import InputError
from pfstudio.core.metadata import Notes, has_recipe, read_notes, read_recipe, save_picture
from pfstudio.core.parameter_text import is_parameter_text, read_parameters

LINE = "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x512"
PICTURE = Image.new("RGB", (8, 8))


def test_a_negative_prompt_of_several_lines_and_lines_behind_the_settings() -> None:
    text = f"a cat,\non a mat\nNegative prompt: dog,\nugly\n{LINE}\nTemplate: a cat"
    request = read_parameters(text).request
    assert request.conditions == (Prompt("a cat, on a mat", "dog, ugly"),)
    assert request.seed == 5


@pytest.mark.parametrize(
    ("old", "new", "set_back"),
    [
        ("Seed: 5", "Seed: -1", ("Seed",)),
        ("Seed: 5", f"Seed: {2**70}", ("Seed",)),
        ("Steps: 20", "Steps: 2000", ("Steps",)),
        ("CFG scale: 7", "CFG scale: 35", ("CFG scale",)),
        ("CFG scale: 7", "CFG scale: nan", ("CFG scale",)),
        ("Sampler: Euler", "Sampler: DPM++ 2M", ("Sampler",)),
        ("Size: 512x512", "Size: 512x99999999", ("Size",)),
        ("", "", ()),
    ],
)
def test_what_is_not_possible_is_set_back_and_said_so(
    old: str, new: str, set_back: tuple[str, ...]
) -> None:
    found = read_parameters("a cat\n" + LINE.replace(old, new))
    assert found.set_back == set_back
    assert found.request.prompt == "a cat"


@pytest.mark.parametrize("text", ["", "Holiday in Rome", "f: 2.8, iso: 100, Shutter: 1/60", "\0"])
def test_any_other_comment_is_none(text: str) -> None:
    assert not is_parameter_text(text)
    with pytest.raises(InputError):
        read_parameters(text)


@pytest.mark.parametrize("order", ["be", "le"])
def test_a_comment_in_either_order_of_bytes(tmp_path: Path, order: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + f"ein Kätzchen\n{LINE}".encode(f"utf-16-{order}")
    PICTURE.save(tmp_path / "a.jpg", exif=exif)
    assert read_recipe(tmp_path / "a.jpg").request.prompt == "ein Kätzchen"


def test_a_photo_with_a_comment_has_no_recipe(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "Holiday in Rome".encode("utf-16-be")
    PICTURE.save(tmp_path / "a.jpg", exif=exif)
    assert not has_recipe(read_notes(tmp_path / "a.jpg"))


def test_the_comment_is_written_as_the_standard_says(tmp_path: Path) -> None:
    save_picture(tmp_path / "a.jpg", np.zeros((8, 8, 3), np.uint8), Notes(LINE, "{}"))
    data = (tmp_path / "a.jpg").read_bytes()
    place = data.index(b"\x92\x86") if b"MM\0*" in data else data.index(b"\x86\x92")
    kind = data[place + 2 : place + 4]
    assert int.from_bytes(kind, "big" if b"MM\0*" in data else "little") == 7  # UNDEFINED


def test_texts_behind_the_pixels_are_found(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    body = b"tEXtparameters\0a cat\n" + LINE.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    (tmp_path / "a.png").write_bytes(data[:-12] + chunk + data[-12:])
    assert read_recipe(tmp_path / "a.png").request.seed == 5


@pytest.mark.parametrize(
    ("key", "name"), [("workflow", "ComfyUI"), ("invokeai_metadata", "InvokeAI")]
)
def test_other_programs_are_named(tmp_path: Path, key: str, name: str) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text(key, "{}")
    PICTURE.save(tmp_path / "a.png", pnginfo=info)
    assert not has_recipe(read_notes(tmp_path / "a.png"))
    with pytest.raises(InputError, match=name):
        read_recipe(tmp_path / "a.png")


def test_words_about_a_negative_prompt_inside_a_prompt_stay_there() -> None:
    prompt = Prompt("a sign says Negative prompt: stop, now", "rain, Steps: none")
    text = f"{prompt.text}\nNegative prompt: {prompt.negative}\n{LINE}"
    assert read_parameters(text).request.conditions == (prompt,)
