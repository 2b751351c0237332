"""What a dropped file is, and what restoring it would change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from pfstudio.core.conditions import Prompt, labels
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution, Kernels
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.metadata import Notes, picture_notes, save_picture
from pfstudio.core.paint import Paint
from pfstudio.core.requests import Branch, Compute, GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.core.samplers import Euler
from pfstudio.core.sparse_guidance import Sparse
from pfstudio.core.trace import Role, Trace
from pfstudio.core.trace_file import write_trace
from pfstudio.core.upscale_settings import Upscale
from pfstudio.ui.pages import generate_files
from pfstudio.ui.pages.generate_files import _pictures
from pfstudio.ui.restore import Change, Dropped, changes, look_at, restored

PIXELS = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
MODELS = ("emoji",)


def make_trace(request: GenerateRequest) -> Trace:
    maps = np.zeros((2, 1, 2, 2), np.float32)
    latent = np.zeros((1, 4, 4, 4), np.float32)
    return Trace(
        request=request,
        model=request.model,
        noise=latent,
        latents=latent,
        time=maps,
        difficulty=maps,
        role=np.full(maps.shape, Role.TOGETHER, np.uint8),
        speed=maps,
        tokens=np.array([4, 4], np.int32),
        seconds=np.array([0.1, 0.2], np.float32),
    )


def saved(path: Path, request: GenerateRequest) -> Path:
    save_picture(path, PIXELS, picture_notes(request, 0, (16, 16)))
    return path


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg"])
def test_a_picture_of_ours_restores_its_recipe(tmp_path: Path, suffix: str) -> None:
    request = GenerateRequest(model="emoji", conditions=labels(3), seed=9, sampler=Euler(steps=7))
    dropped = look_at(saved(tmp_path / f"a{suffix}", request))
    now = GenerateRequest(model="emoji", compute=Compute(threads=2))
    back = restored(dropped, now, MODELS)
    assert back.request == replace(request, compute=now.compute)
    assert back.notices == ()


HERE = Execution("cpu", "float32", 2, torch="2.9", machine="this one")
THEN = replace(HERE, dtype="bfloat16", threads=1, kernels=Kernels("matmul"))


def recorded(path: Path, then: Execution | None, model: str = "emoji") -> Dropped:
    request = GenerateRequest(model=model, seed=9, compute=Compute("cpu", "auto", 4))
    save_picture(path, PIXELS, picture_notes(request, 0, (16, 16), execution=then))
    return look_at(path)


def test_exactly_as_then_sets_what_ran_and_what_was_wished(tmp_path: Path) -> None:
    now = GenerateRequest(model="emoji", compute=Compute("auto", "float32", 2))
    back = restored(recorded(tmp_path / "a.png", THEN), now, MODELS, HERE)
    assert back.exact is not None
    assert back.exact.compute == Compute("cpu", "auto", 4, THEN)
    assert replace(back.exact, compute=now.compute) == back.request
    assert back.refusal == ""
    (row,) = changes(back.request, back.exact)
    assert (row.now, row.then) == ("as the settings say", "cpu, bfloat16, 1 thread")
    # Restored plainly, a recipe that was computed as another run goes back to the settings.
    assert restored(recorded(tmp_path / "a.png", THEN), back.exact, MODELS, HERE).request == (
        replace(back.request, compute=Compute("cpu", "auto", 4))
    )


@pytest.mark.parametrize(
    ("here", "words"),
    [
        (replace(HERE, machine="another"), "It ran on this one, but here is another. So"),
        (replace(HERE, torch="3.0"), "It ran with torch 2.9, but here is torch 3.0. So"),
        (None, "not known yet"),
    ],
)
def test_exactly_as_then_is_refused_in_a_sentence(
    tmp_path: Path, here: Execution | None, words: str
) -> None:
    back = restored(recorded(tmp_path / "a.png", THEN), GenerateRequest(), MODELS, here)
    assert back.exact is None
    assert words in back.refusal
    assert back.request.seed == 9  # the recipe itself can be restored


def test_a_picture_of_several_at_once_cannot_come_back_alone(tmp_path: Path) -> None:
    then = replace(THEN, batch=2)
    request = GenerateRequest(model="emoji", count=2)
    trace = replace(make_trace(request), execution=then)
    result = save_result(np.stack([PIXELS] * 2), trace, root=tmp_path)
    back = restored(look_at(result.images[1]), GenerateRequest(), MODELS, HERE)
    assert back.exact is None
    assert "2 at once" in back.refusal
    back = restored(look_at(result.folder / "request.json"), GenerateRequest(), MODELS, HERE)
    assert back.exact is not None
    assert back.exact.images == 2


def test_exactly_as_then_needs_a_record_and_the_model(tmp_path: Path) -> None:
    for dropped in (
        recorded(tmp_path / "a.png", None),
        recorded(tmp_path / "b.png", THEN, model="not here"),
    ):
        back = restored(dropped, GenerateRequest(), MODELS, HERE)
        assert (back.exact, back.refusal) == (None, "")


def test_a_request_file_beside_its_record_restores_exactly(tmp_path: Path) -> None:
    trace = replace(make_trace(GenerateRequest(model="emoji", seed=9)), execution=THEN)
    result = save_result(PIXELS[None], trace, root=tmp_path)
    back = restored(look_at(result.folder / "request.json"), GenerateRequest(), MODELS, HERE)
    assert back.exact is not None
    assert back.exact.compute.execution == THEN


def test_changes_are_said_in_words() -> None:
    now = GenerateRequest(model="emoji", conditions=labels(0), seed=1)
    then = replace(
        now, conditions=labels(1), sampler=Euler(steps=7), guidance=ClassifierFree(scale=2.5)
    )
    rows = {c.label: (c.now, c.then) for c in changes(now, then, (), ("cat", "dog"))}
    assert rows["Class"] == ("class 0", "dog")
    assert rows["Sampler"][1] == "Euler (steps 7)"
    assert rows["Guidance"][1] == "CFG (scale 2.5)"
    assert set(rows) == {"Class", "Sampler", "Guidance"}
    text = replace(now, conditions=(Prompt("a fox"),))
    (row,) = changes(text, replace(text, conditions=(Prompt("a fox", "rain"),)))
    assert (row.label, row.now, row.then) == ("Prompt", "a fox", "a fox (negative: rain)")


def test_upscaling_is_restored_and_said_in_words(tmp_path: Path) -> None:
    request = GenerateRequest(model="emoji", upscale=Upscale("upsampler-s", 4, steps=3))
    back = restored(look_at(saved(tmp_path / "a.png", request)), GenerateRequest(), MODELS)
    assert back.request.upscale == request.upscale
    assert back.notices == ()
    (row,) = changes(replace(back.request, upscale=None), back.request)
    assert (row.label, row.now) == ("Upscale", "off")
    assert row.then.startswith("4 × by upsampler-s (steps 3, solver euler")
    foreign = replace(request, upscale=Upscale("not-here"))
    back = restored(look_at(saved(tmp_path / "b.png", foreign)), GenerateRequest(), MODELS)
    assert back.notices == ("The upsampler not-here is not installed here.",)


def test_a_text_of_another_program_restores_what_it_can(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42")
    Image.fromarray(PIXELS).save(tmp_path / "a1111.png", pnginfo=info)
    now = GenerateRequest(model="emoji", conditions=labels(5), masks_file="run.pftrace")
    back = restored(look_at(tmp_path / "a1111.png"), now, MODELS)
    assert back.request.masks_file == ""  # whose guidance it was is set anew
    assert (back.request.seed, back.request.sampler) == (42, Euler(steps=20))
    assert back.request.guidance == ClassifierFree(scale=7.0)
    assert (back.request.model, back.request.conditions) == ("emoji", labels(5))
    assert "A1111" in back.notices[0]


def test_a_prompt_of_another_program_goes_to_a_text_model(tmp_path: Path) -> None:
    text = "a cat,\non a mat\nNegative prompt: dog,\nrain\nSteps: 20, CFG scale: 7, Seed: 42"
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", text)
    Image.fromarray(PIXELS).save(tmp_path / "a1111.png", pnginfo=info)
    now = GenerateRequest(model="writer", conditions=(Prompt("a fox"),))
    back = restored(look_at(tmp_path / "a1111.png"), now, MODELS)
    assert back.request.conditions == (Prompt("a cat, on a mat", "dog, rain"),)


def test_a_foreign_picture_is_only_a_picture(tmp_path: Path) -> None:
    Image.fromarray(PIXELS).save(tmp_path / "photo.png")
    dropped = look_at(tmp_path / "photo.png")
    assert dropped.is_picture
    assert dropped.recipe is None
    assert dropped.trace is None


def test_a_trace_opens(tmp_path: Path) -> None:
    write_trace(make_trace(GenerateRequest(model="emoji", seed=4)), tmp_path / "t.safetensors")
    dropped = look_at(tmp_path / "t.safetensors")
    assert dropped.trace is not None
    assert dropped.trace.request.seed == 4


def test_files_of_a_recipe_are_found_beside_its_result(tmp_path: Path) -> None:
    """A saved recipe holds the names of its files, not the user's folders."""
    start = tmp_path / "elsewhere" / "start.png"
    start.parent.mkdir()
    Image.fromarray(PIXELS).save(start)
    request = GenerateRequest(
        model="/models/emoji", image_file=str(start), paint=(Paint.FIXED, 0, 0, 0), seed=2
    )
    result = save_result(PIXELS[None], make_trace(request), root=tmp_path / "pictures")
    lost = restored(look_at(result.images[0]), GenerateRequest(model="emoji"), MODELS)
    assert lost.request.image_file == ""
    beside = result.images[0].with_name("start.png")
    beside.write_bytes(start.read_bytes())
    back = restored(look_at(result.images[0]), GenerateRequest(model="emoji"), MODELS)
    assert back.request.image_file == str(beside)
    assert back.request.paint == (Paint.FIXED, 0, 0, 0)


def test_lost_files_are_told_and_left_out(tmp_path: Path) -> None:
    request = GenerateRequest(
        model="emoji", image_file="/gone/start.png", paint=(Paint.FIXED, 1, 0, 0), start_time=0.5
    )
    back = restored(look_at(saved(tmp_path / "a.png", request)), GenerateRequest(), MODELS)
    assert back.request.image_file == ""
    assert back.request.paint == (0, 1, 0, 0)
    assert back.request.start_time == 0
    assert any("start.png" in notice for notice in back.notices)

    request = GenerateRequest(model="emoji", branch=Branch("/gone/run.safetensors", 3))
    back = restored(look_at(saved(tmp_path / "b.png", request)), GenerateRequest(), MODELS)
    assert back.request.branch is None
    assert any("run.safetensors" in notice for notice in back.notices)


def test_what_a_run_made_is_not_what_it_began_from(tmp_path: Path) -> None:
    """It began from another run, whose files have the same names in another folder."""
    request = GenerateRequest(
        model="emoji",
        image_file="/day/first/image-000.png",
        masks_file="/day/first/trace.pftrace",
        branch=Branch("/day/first/trace.pftrace", 1),
        noise_file="/day/first/n.safetensors",
    )
    trace = replace(make_trace(request), execution=HERE)
    result = save_result(PIXELS[None], trace, root=tmp_path / "results")
    beside = result.folder / "n.safetensors"
    beside.touch()  # laid there by hand
    for name in ("image-000.png", "request.json"):
        back = restored(look_at(result.folder / name), GenerateRequest(), MODELS, HERE)
        assert (back.request.image_file, back.request.masks_file) == ("", "")
        assert (back.request.branch, back.request.noise_file) == (None, str(beside))
        assert back.notices == (
            "The trace trace.pftrace was not found: this starts from noise instead.",
            "The masks file trace.pftrace was not found: masks are drawn instead.",
            "The start image image-000.png was not found.",
        )
        assert back.exact is None


def test_a_picture_of_a_result_is_found_where_it_was_copied(tmp_path: Path) -> None:
    path = tmp_path / "image-000.png"
    saved(path, GenerateRequest(model="emoji"))
    start = GenerateRequest(model="emoji", image_file="/day/first/image-000.png")
    back = restored(look_at(saved(tmp_path / "a.png", start)), GenerateRequest(), MODELS)
    assert back.request.image_file == str(path)
    back = restored(look_at(saved(path, start)), GenerateRequest(), MODELS)
    assert back.request.image_file == ""  # it did not begin with itself
    assert back.notices == ("The start image image-000.png was not found.",)


def test_patches_that_kept_a_lost_trace_are_free(tmp_path: Path) -> None:
    branch = Branch("/gone/run.pftrace", 3)
    request = GenerateRequest(model="emoji", branch=branch, paint=(Paint.FIXED, 1, 0, 0))
    back = restored(look_at(saved(tmp_path / "a.png", request)), GenerateRequest(), MODELS)
    assert (back.request.branch, back.request.paint) == (None, (0, 1, 0, 0))
    assert len(back.notices) == 1


def test_masks_come_back_from_beside_the_picture(tmp_path: Path) -> None:
    request = GenerateRequest(model="emoji", guidance=Sparse(), masks_file="/elsewhere/run.pftrace")
    picture = saved(tmp_path / "a.png", request)
    back = restored(look_at(picture), GenerateRequest(), MODELS)
    assert back.request.masks_file == ""
    assert back.notices == ("The masks file run.pftrace was not found: masks are drawn instead.",)
    write_trace(make_trace(GenerateRequest(model="emoji")), tmp_path / "run.pftrace")
    back = restored(look_at(picture), GenerateRequest(), MODELS)
    assert back.request.masks_file == str(tmp_path / "run.pftrace")
    assert back.notices == ()


def test_a_branch_comes_back_with_its_call(tmp_path: Path) -> None:
    trace = tmp_path / "run.safetensors"
    write_trace(make_trace(GenerateRequest(model="emoji")), trace)
    request = GenerateRequest(model="emoji", branch=Branch("/elsewhere/run.safetensors", 3))
    back = restored(look_at(saved(tmp_path / "a.png", request)), GenerateRequest(), MODELS)
    assert back.request.branch == Branch(str(trace), 3)
    assert back.notices == ()


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", GenerateRequest(model="big"))
    back = restored(look_at(path), GenerateRequest(model="emoji"), MODELS)
    assert back.notices == ("The model big is not installed here.",)


def test_other_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match=r"notes\.txt"):
        look_at(tmp_path / "notes.txt")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(InputError, match=r"broken\.png"):
        look_at(tmp_path / "broken.png")


@pytest.mark.parametrize(
    ("name", "kind"), [("a.jfif", "JPEG"), ("a.tif", "TIFF"), ("a.bmp", "BMP")]
)
def test_every_picture_that_can_be_read_can_be_started_from(
    tmp_path: Path, name: str, kind: str
) -> None:
    Image.fromarray(PIXELS).save(tmp_path / name, kind)
    assert look_at(tmp_path / name).is_picture


def test_pictures_beside_a_trace_that_are_too_large_are_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = make_trace(GenerateRequest(count=1))
    result = save_result(PIXELS[None], trace, root=tmp_path)
    shown = _pictures(result, trace)
    assert shown is not None
    assert (shown == PIXELS).all()
    monkeypatch.setattr(generate_files, "MOST_PIXELS", PIXELS.shape[0] * PIXELS.shape[1] - 1)
    monkeypatch.setattr(generate_files, "read_picture", pytest.fail)
    assert _pictures(result, trace) is None


def test_another_scan_is_told_in_words(qapp: object) -> None:
    own = GenerateRequest()
    (row,) = changes(own, replace(own, scan="spiralN8"))
    assert row == Change("Scan", "the model's own", "Spiral, 8 directions")
    (row,) = changes(replace(own, scan="curveN1"), replace(own, scan="2,1,3-16"))
    assert row == Change("Scan", "Hilbert curve, 1 direction", "Drawn by hand")


def test_what_is_only_recorded_is_no_change() -> None:
    own = GenerateRequest()
    assert changes(own, replace(own, scan_maps=True, word_maps=True)) == ()


def test_what_a_text_asks_in_vain_is_told(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 2000, Sampler: DPM++ 2M, CFG scale: 7, Seed: -1")
    Image.fromarray(PIXELS).save(tmp_path / "a1111.png", pnginfo=info)
    now = GenerateRequest(model="emoji", conditions=labels(5))
    _, set_back, prompt = restored(look_at(tmp_path / "a1111.png"), now, MODELS).notices
    assert set_back == "Not possible here, so as usual: Seed, Sampler, Steps."
    assert prompt == "Its prompt needs a model that takes text."


def test_a_text_of_ours_restores_the_size(tmp_path: Path) -> None:
    name = "pft-emoji-text-128"
    request = GenerateRequest(model=name, conditions=(Prompt("a fox"),), height=192, width=128)
    text = picture_notes(request, 0, (192, 128)).parameters
    save_picture(tmp_path / "a.png", PIXELS, Notes(text, ""))
    now = GenerateRequest(model=name, conditions=(Prompt("mine"),), width=256)
    back = restored(look_at(tmp_path / "a.png"), now, (name,)).request
    assert (back.height, back.width) == (192, 0)  # 128 is the model's own
