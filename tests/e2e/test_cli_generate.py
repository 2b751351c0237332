"""`pfstudio generate` as a person meets it."""

from __future__ import annotations

import errno
import json
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file
from small_models import install_small_model, install_small_text_model
from toy_text import toy_text_model

from pfstudio.cli import generate as verb
from pfstudio.cli.main import main
from pfstudio.core.conditions import Prompt, labels
from pfstudio.core.guidance import ClassifierFree, Interval
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.results import list_results
from pfstudio.core.samplers import DualLoop, Euler, LookAhead
from pfstudio.core.trace_file import read_trace
from pfstudio.ui.recipe.command_line import command_line

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def model() -> Path:
    return install_small_model()


def generate(*flags: object) -> int:
    return main(["generate", "--model", "small", *map(str, flags)])


def test_pictures_and_trace_land_where_they_should(tmp_path: Path, capsys: Capture) -> None:
    out, trace_file = tmp_path / "out", tmp_path / "run.pftrace"
    flags = ["--class", "cat", "--class", 1, "--seed", 7, "--count", 2, "--out", out]
    assert generate(*flags, "--sampler", "euler", "--steps", 3, "--trace", trace_file) == 0
    printed = capsys.readouterr().out.split()
    pictures = sorted(out.iterdir())
    assert [p.name for p in pictures] == [f"small-seed7-00{i}.png" for i in range(4)]
    assert printed == [*map(str, pictures), str(trace_file)]
    with Image.open(pictures[0]) as image:
        assert image.size == (32, 32)
    recipe = read_recipe(pictures[3]).request
    assert (recipe.conditions, recipe.seed, recipe.sampler) == (labels(1), 10, Euler(3))
    assert read_notes(pictures[0]).parameters.startswith("cat\nSteps: 3, Sampler: euler")
    trace = read_trace(trace_file)
    assert (trace.nfe, trace.model, trace.request.per_image) == (3, "small", labels(0, 1, 0, 1))


def test_without_out_the_result_is_saved_with_request_and_trace(capsys: Capture) -> None:
    assert generate("--class", 2, "--nfe", 4) == 0
    (result,) = list_results()
    assert capsys.readouterr().out.split() == list(result.files)
    assert result.request().sampler == DualLoop(steps=1)
    assert result.request().guidance == ClassifierFree(2.0)  # the model's own best


def test_formats_and_no_metadata(tmp_path: Path) -> None:
    for name, kind in (("png", "PNG"), ("webp", "WEBP"), ("jpg", "JPEG")):
        out = tmp_path / name
        assert generate("--class", 0, "--nfe", 2, "--out", out, "--format", name) == 0
        (path,) = out.iterdir()
        with Image.open(path) as image:
            assert image.format == kind
        assert read_recipe(path).request.conditions == labels(0)
    out = tmp_path / "bare"
    assert generate("--class", 0, "--nfe", 2, "--out", out, "--no-metadata") == 0
    assert read_notes(next(out.iterdir())).parameters == ""


def test_latents_without_decoding(tmp_path: Path) -> None:
    file = tmp_path / "latents.safetensors"
    assert generate("--class", 0, "--class", 1, "--nfe", 2, "--latents", file) == 0
    assert load_file(file)["latents"].shape == (2, 4, 8, 8)
    assert os.listdir(tmp_path) == ["latents.safetensors"]
    assert list_results() == []


def test_json_prints_one_event_a_line(tmp_path: Path, capsys: Capture) -> None:
    flags = ["--class", 0, "--sampler", "look-ahead", "--steps", 3, "--out", tmp_path / "o"]
    assert generate(*flags, "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [line["event"] for line in lines]
    assert kinds == ["loading", "started", *["progress"] * LookAhead(3).nfe, "finished"]
    step = lines[3]
    assert {"call", "nfe", "tokens", "elapsed", "eta", "time", "difficulty"} <= step.keys()
    assert sum(step["role"].values()) == 16
    assert lines[-1]["files"] == [str(tmp_path / "o" / "small-seed0-000.png")]
    assert lines[-1]["execution"]["dtype"] == lines[1]["precision"]
    recorded = read_recipe(tmp_path / "o" / "small-seed0-000.png").execution
    assert recorded is not None
    assert lines[-1]["execution"] == asdict(recorded)


def test_flags_reach_the_request(tmp_path: Path) -> None:
    trace = tmp_path / "t.safetensors"
    flags = "--class red --class 4 --sampler look-ahead --steps 2 --easy-share 0.7 --pooling max"
    flags += " --context-ratio 2.0 --guidance interval --scale 3 --t-min 0.2 --t-max 0.6 --seed 9"
    flags += f" --width 48 --height 24 --precision float32 --threads 1 --trace {trace}"
    assert generate(*flags.split()) == 0
    request = read_trace(trace).request
    assert request.conditions == labels(2, 4)
    assert request.sampler == LookAhead(2, 0.7, 2.0, "max")
    assert request.guidance == Interval(3.0, 0.2, 0.6)
    assert (request.width, request.height, request.seed) == (48, 24, 9)
    assert (request.compute.precision, request.compute.threads) == ("float32", 1)


def test_branch_and_paint(tmp_path: Path) -> None:
    trace, again = tmp_path / "t.safetensors", tmp_path / "b.safetensors"
    euler = ["--class", 0, "--sampler", "euler", "--steps", 4]
    assert generate(*euler, "--trace", trace) == 0
    (tmp_path / "paint.txt").write_text("3300\n0000\n0 1 1 0\n2,2,2,2\n")
    paint = ["--paint", tmp_path / "paint.txt"]
    assert generate(*euler, "--branch", trace, "--at", 3, "--trace", again, *paint) == 0
    branched = read_trace(again)
    assert branched.request.paint == (3, 3, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 2, 2, 2, 2)
    assert branched.nfe == 2
    whole = read_trace(trace)
    np.testing.assert_allclose(branched.latents[..., :2, :4], whole.latents[..., :2, :4])
    line = command_line(branched.request)
    assert main([*shlex.split(line)[1:], "--trace", str(tmp_path / "same")]) == 0
    same = read_trace(tmp_path / "same")
    assert same.request == branched.request
    np.testing.assert_array_equal(same.latents, branched.latents)
    np.save(tmp_path / "paint.npy", np.ones((4, 4), np.uint8))
    assert generate(*euler, "--paint", tmp_path / "paint.npy", "--overwrite", "--trace", again) == 0
    assert read_trace(again).request.paint == (1,) * 16


def test_a_contact_sheet_of_all_pictures(tmp_path: Path, capsys: Capture) -> None:
    sheet = tmp_path / "sheet.png"
    assert generate("--class", 0, "--class", 1, "--count", 3, "--nfe", 4, "--sheet", sheet) == 0
    assert str(sheet) in capsys.readouterr().out.split()
    with Image.open(sheet) as picture:
        assert picture.width > picture.height  # four columns, two rows
    assert generate("--class", 0, "--count", 20, "--nfe", 1, "--sheet", tmp_path / "many.png") == 0
    with Image.open(tmp_path / "many.png") as picture:
        assert picture.width > picture.height  # five columns, four rows
    assert generate("--class", 0, "--sheet", tmp_path / "sheet.pdf") == 2
    assert "cannot be saved as" in capsys.readouterr().err


def test_a_video_of_every_call(tmp_path: Path) -> None:
    video = tmp_path / "run.gif"
    assert generate("--class", 0, "--class", 1, "--nfe", 4, "--video", video) == 0
    with Image.open(video) as frames:
        assert frames.n_frames == 4
    (result,) = list_results()
    assert len(result.images) == 2


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("--class wolf", "no class named 'wolf'"),
        ("--class fox", "fits several classes"),
        ("--class 5", "no class 5"),
        ("", "No class was given"),
        ("--prompt fox", "small takes no text"),
        ("--class 0 --negative fox", "small takes no text"),
        ("--class 0 --prompt fox", "cannot be mixed"),
        ("--class 0 --sampler euler --easy-share 0.5", "euler has no --easy-share"),
        ("--class 0 --guidance cfg --t-min 0.5", "cfg has no --t-min"),
        ("--class 0 --steps 5 --nfe 5", "--nfe chooses"),
        ("--class 0 --sampler euler --grid 0,1 --easy-share 0.5", "euler has no --easy-share"),
        ("--class 0 --nfe 0", "--nfe is 0"),
        ("--class 0 --steps 0", "between 1 and 1000"),
        ("--class 0 --seed -1", "Seed is -1"),
        ("--class 0 --device tpu", "Unknown device"),
        ("--class 0 --branch x", "belong together"),
        ("--class 0 --start-time 0.5", "image to start from"),
        ("--class 0 --width 30", "multiples of 8"),
        ("--class 0 --noise none.safetensors", "none.safetensors cannot be read"),
        ("--class 0 --paint-code 3x7", "3x7 does not say what is painted"),
        ("--class 0 --paint none.txt", "none.txt cannot be read"),
        ("--class 0 --video run.avi", "run.avi is no video"),
        ("--class 0 --trace /", "is a folder"),
        ("--class 0 --out /proc/nothing", "/proc/nothing"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(flags: str, sentence: str, capsys: Capture) -> None:
    assert generate(*flags.split()) == 2
    out, error = capsys.readouterr()
    assert sentence in error
    assert len(error.strip().splitlines()) == 1
    assert "Traceback" not in error
    assert out == ""
    assert list_results() == []


@pytest.mark.parametrize("codes", [[0, 1, np.inf], [0, 1, 1.5], [0, 1, 4], [1 + 1j, 0, 0]])
def test_codes_that_nobody_can_paint_are_told(
    codes: list[complex], tmp_path: Path, capsys: Capture
) -> None:
    np.save(tmp_path / "paint.npy", np.array(codes))
    assert generate("--class", 0, "--paint", tmp_path / "paint.npy") == 2
    assert "paint.npy is no grid of patches" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags", ["--sampler warp", "--steps many", "--format bmp", "--unknown", "--precision int8"]
)
def test_what_argparse_knows_is_exit_2(flags: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        generate("--class", 0, *flags.split())
    assert stopped.value.code == 2
    assert "usage: pfstudio" in capsys.readouterr().err


def test_where_no_model_is_named_one_takes_what_is_given(tmp_path: Path) -> None:
    install_small_text_model()
    for words, name in ((("--prompt", "a fox"), "small-text"), (("--class", "cat"), "small")):
        out = tmp_path / name
        flags = ["--sampler", "euler", "--steps", "2", "--out", str(out)]
        assert main(["generate", *words, *flags]) == 0
        (picture,) = out.iterdir()
        assert read_recipe(picture).request.model == name


def test_prompts_and_a_negative_one_for_a_model_that_takes_text(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfstudio.engine.model_cache.load", lambda *_: toy_text_model())
    (tmp_path / "prompts.txt").write_text("a cat\n", encoding="utf-8")
    prompts = ["--prompt", "a red fox", "--prompt-file", str(tmp_path / "prompts.txt")]
    prompts += ["--negative", "rain"]
    out, sheet = tmp_path / "out", tmp_path / "sheet.png"
    assert generate(*prompts, "--steps", 2, "--count", 2, "--out", out, "--sheet", sheet) == 0
    recipes = [read_recipe(path).request for path in sorted(out.iterdir())]
    texts = [Prompt("a red fox", "rain"), Prompt("a cat", "rain")]
    assert [recipe.conditions for recipe in recipes] == [(one,) for one in texts * 2]
    assert {recipe.guidance for recipe in recipes} == {ClassifierFree(3.0)}
    assert sheet.is_file()
    for flags, sentence in (("--class 0", "takes no classes"), ("", "No prompt was given")):
        assert generate(*flags.split()) == 2
        assert sentence in capsys.readouterr().err


def test_an_unknown_class_suggests_the_nearest(capsys: Capture) -> None:
    assert generate("--class", "arctic foxx") == 2
    assert "3 arctic fox, white fox" in capsys.readouterr().err


def test_the_folder_is_proved_before_anything_is_loaded(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("pfstudio.engine.model_cache.load", lambda *_: pytest.fail("was loaded"))
    for flag in ("--out", "--trace", "--latents"):
        assert generate("--class", 0, flag, tmp_path / "file" / "x") == 2
        assert "cannot be written" in capsys.readouterr().err


def test_a_read_only_folder_is_one_sentence(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:  # as root, permissions alone would not
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pfstudio.core.files.tempfile.TemporaryFile", refuse)
    assert generate("--class", 0, "--out", tmp_path) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"pfstudio: {tmp_path} cannot be written (Permission denied).")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Image.Image, path: Path, **_: Any) -> None:
        Path(path).write_bytes(b"half an image")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    assert generate("--class", 0, "--nfe", 2, "--out", tmp_path) == 1
    assert "The disk is full" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_broken_weights_name_the_call(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    from pfstudio.nn.patch_forcing import PatchForcingTransformer

    real = PatchForcingTransformer.forward

    def broken(self: PatchForcingTransformer, *args: Any, **options: Any) -> Any:
        out = real(self, *args, **options)
        return replace(out, velocity=out.velocity * float("nan"))

    monkeypatch.setattr(PatchForcingTransformer, "forward", broken)
    assert generate("--class", 0, "--nfe", 4) == 1
    assert "not finite at call 1" in capsys.readouterr().err
    assert list_results() == []


def test_interruption_in_process_keeps_the_partial_trace(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def show(self: Any, what: str, done: int, total: int, left: float) -> None:
        calls.append(done)
        if done == 3:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(verb.ProgressBar, "show", show)
    flags = ["--class", 0, "--sampler", "euler", "--steps", 50]
    assert generate(*flags, "--out", tmp_path) == 130
    (trace,) = tmp_path.iterdir()
    assert capsys.readouterr().out.strip() == str(trace)
    assert read_trace(trace).nfe == 3 == len(calls)
    assert generate(*flags) == 130
    (result,) = list_results()
    assert result.trace is not None
    assert read_trace(result.trace).nfe == 3


def test_ctrl_c_in_a_real_process_is_exit_130_with_a_trace_that_opens(tmp_path: Path) -> None:
    trace = tmp_path / "t.safetensors"
    flags = f"--model small --class 0 --sampler euler --steps 1000 --trace {trace} --json"
    child = subprocess.Popen(
        [sys.executable, "-m", "pfstudio", "generate", *flags.split()],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        event = json.loads(line)
        if event["event"] == "progress" and event["call"] == 2:
            child.send_signal(signal.SIGINT)
            break
    rest = [json.loads(line) for line in child.stdout]
    child.stdout.close()
    assert child.wait(timeout=60) == 130
    assert rest[-1]["event"] == "cancelled"
    assert rest[-1]["files"] == [str(trace)]
    assert read_trace(trace).nfe == rest[-1]["nfe"] >= 3
