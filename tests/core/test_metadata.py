from __future__ import annotations

import dataclasses
import errno
import struct
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from core_strategies import executions, requests, traces
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from pfstudio.core import results
from pfstudio.core.conditions import Prompt, labels
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.execution import Execution
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.metadata import (
    Notes,
    picture_notes,
    read_notes,
    read_recipe,
    recipe_in,
    recipe_of,
    save_picture,
)
from pfstudio.core.parameter_text import read_parameters
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.results import list_results, result_of, save_pictures, save_result
from pfstudio.core.samplers import DualLoop, Euler, Heun
from pfstudio.core.sparse_guidance import Auto
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace

PIXELS = np.arange(8 * 12 * 3, dtype=np.uint8).reshape(8, 12, 3)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(request=requests())
def test_a_request_survives_json(request: GenerateRequest) -> None:
    assert GenerateRequest.from_json(request.to_json()) == request


@SLOW
@example(request=GenerateRequest(guidance=Auto(weak_model="folder\\weak")), execution=None)
@given(request=requests(), execution=st.none() | executions())
def test_every_format_carries_the_recipe(
    request: GenerateRequest,
    execution: Execution | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("m")
    index = request.images - 1
    for suffix in (".png", ".webp", ".jpg"):
        path = folder / f"a{suffix}"
        notes = picture_notes(request, index, (8, 12), title="Käse: a, b", execution=execution)
        save_picture(path, PIXELS, notes)
        recipe = read_recipe(path)
        assert recipe.complete
        assert recipe.execution == execution
        again = recipe.request
        assert again.seeds[recipe.image] == request.seeds[index]
        assert again.per_image[recipe.image] == request.per_image[index]
        assert (again.sampler, again.guidance) == (
            request.sampler,
            request.without_folders().guidance,
        )
        condition = request.per_image[index]
        about = " ".join(condition.text.split()) if isinstance(condition, Prompt) else "Käse"
        assert read_notes(path).parameters.startswith(about)


@SLOW
@given(request=requests())
def test_the_a1111_text_alone_restores_the_settings(request: GenerateRequest) -> None:
    notes = picture_notes(request, 0, (64, 96))
    again = read_parameters(notes.parameters).request
    assert again.seed == request.seed
    condition = request.conditions[0]
    if isinstance(condition, Prompt):  # in one line each
        condition = Prompt(" ".join(condition.text.split()), " ".join(condition.negative.split()))
    assert again.conditions == (condition,)
    assert again.sampler == request.sampler
    assert again.guidance == request.without_folders().guidance
    assert (again.height, again.width) == (64, 96)


def test_a_foreign_a1111_picture_restores_what_it_can(tmp_path: Path) -> None:
    text = (
        "a cat, sitting\nNegative prompt: dog\n"
        'Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x768, Model: "x, y"'
    )
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", text)
    Image.fromarray(PIXELS).save(tmp_path / "a.png", pnginfo=info)
    recipe = read_recipe(tmp_path / "a.png")
    assert not recipe.complete
    assert recipe.request == GenerateRequest(
        model="x, y",
        conditions=(Prompt("a cat, sitting", "dog"),),
        seed=965400086,
        sampler=Euler(steps=20),
        guidance=ClassifierFree(7.0),
        height=768,
        width=512,
    )
    heun = read_parameters("Steps: 9, Sampler: Heun, CFG scale: 1, Seed: 3").request
    assert heun.sampler == Heun(steps=9)
    assert heun.guidance == NoGuidance()


def test_each_picture_gets_its_own_seed_and_class(tmp_path: Path) -> None:
    request = GenerateRequest(
        model="/home/me/secret/m.ckpt", conditions=labels(4, 5), count=2, seed=10
    )
    images = np.stack([PIXELS] * 4)
    names = ["", "", "", "", "cat", "dog"]
    paths = save_pictures(tmp_path, "x", images, request, class_names=names)
    single = read_recipe(paths[3]).request
    assert (single.seed, single.conditions, single.count) == (13, labels(5), 1)
    assert read_notes(paths[3]).parameters.startswith("dog\n")
    assert b"secret" not in paths[3].read_bytes()


@pytest.mark.parametrize("shared", ["noise_file", "masks_file"])
def test_a_picture_whose_file_is_for_all_names_all(shared: str) -> None:
    request = GenerateRequest(model="m", count=3, **{shared: "of-three.safetensors"})
    assert recipe_of(request, 2) == request


def test_an_upscaled_picture_keeps_the_recipe_of_another_program() -> None:
    upscaled = '{"app": "pfstudio", "upscaled": []}'
    text = "a red fox\nSteps: 9, Sampler: Euler, CFG scale: 1, Seed: 3"
    recipe = recipe_in(Notes(text, upscaled), "fox.png")
    assert (recipe.request.prompt, recipe.request.seed, recipe.complete) == ("a red fox", 3, False)
    for nothing in ("", "taken in Rome"):
        with pytest.raises(InputError, match=r"fox\.png was upscaled here, but not generated"):
            recipe_in(Notes(nothing, upscaled), "fox.png")


def test_no_path_leaks_from_files_the_request_names(tmp_path: Path) -> None:
    request = GenerateRequest(
        noise_file="/home/me/secret/n.safetensors",
        image_file=r"C:\secret\photo.png",
        branch=Branch("/secret/t.safetensors", 2),
    )
    notes = picture_notes(request, 0, (8, 8))
    assert "secret" not in notes.pfstudio + notes.parameters


def test_opting_out_writes_no_notes(tmp_path: Path) -> None:
    for suffix in (".png", ".webp", ".jpg"):
        path = tmp_path / f"a{suffix}"
        save_picture(path, PIXELS, None)
        assert (read_notes(path).parameters, read_notes(path).pfstudio) == ("", "")
        with pytest.raises(InputError, match="no generation settings"):
            read_recipe(path)


def test_bad_pictures_are_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG but not really")
    with pytest.raises(InputError, match="not an image"):
        read_recipe(tmp_path / "a.png")
    info = PngImagePlugin.PngInfo()
    info.add_itxt("pfstudio", '{"app": "pfstudio 1", "request": 3}')
    Image.fromarray(PIXELS).save(tmp_path / "b.png", pnginfo=info)
    with pytest.raises(InputError, match="recipe"):
        read_recipe(tmp_path / "b.png")
    with pytest.raises(InputError, match=r"\.bmp"):
        save_picture(tmp_path / "a.bmp", PIXELS)


def test_png_is_lossless(tmp_path: Path) -> None:
    save_picture(tmp_path / "a.png", PIXELS)
    with Image.open(tmp_path / "a.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), PIXELS)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trace=traces())
def test_a_result_is_saved_whole(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> None:
    trace = dataclasses.replace(trace, request=GenerateRequest(model="tiny", seed=5))
    root = tmp_path_factory.mktemp("r")
    when = datetime(2026, 11, 23, 14, 25, 1)
    saved = save_result(PIXELS[None], trace, root=root, when=when)
    twin = save_result(None, trace, root=root, when=when)
    assert saved.folder == root / "2026-11-23" / "142501-tiny-seed5"
    assert twin.folder.name == "142501-tiny-seed5-2"
    known = ["execution.json"] * (trace.execution is not None)
    assert [Path(f).name for f in saved.files] == [
        "image-000.png", "request.json", *known, "trace.pftrace",
    ]  # fmt: skip
    assert saved.request() == trace.request
    assert saved.execution() == read_recipe(saved.images[0]).execution == trace.execution
    assert saved.trace is not None
    assert read_trace(saved.trace).nfe == trace.nfe
    assert list_results(root) == [twin, saved]
    assert result_of(saved.images[0]) == saved
    assert result_of(root / "x.png") is None


def test_a_full_disk_leaves_no_half_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    maps = np.zeros((1, 1, 2, 2), np.float32)
    latents = np.zeros((1, 4, 4, 4), np.float32)
    one = np.ones(1, np.int32)
    trace = Trace(
        GenerateRequest(sampler=DualLoop()), "m", latents, latents, maps, maps,
        maps.astype(np.uint8), maps, one, one.astype(np.float32),
    )  # fmt: skip
    monkeypatch.setattr(results, "write_text", lambda path, text: full())
    with pytest.raises(OSError, match="No space"):
        save_result(PIXELS[None], trace, root=tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises((InputError, RunError), match="file"):
        save_result(PIXELS[None], trace, root=blocked)


def test_a_png_is_unpacked_only_for_what_stands_behind_its_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(path)
    data = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(PngImagePlugin.PngImageFile, "load", pytest.fail)
        assert read_notes(path).parameters == ""
    text = b"tEXtparameters\0a cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 8x8"
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    path.write_bytes(data[:-12] + chunk + data[-12:])
    assert read_notes(path).parameters.startswith("a cat")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_model_whose_name_is_no_utf8_is_noted(tmp_path: Path, suffix: str) -> None:
    request = GenerateRequest(model="caf\udce9")
    path = tmp_path / f"a{suffix}"
    save_picture(path, np.zeros((8, 8, 3), np.uint8), picture_notes(request, 0, (8, 8)))
    assert read_recipe(path).request == request
    assert "Model: caf?" in read_notes(path).parameters
