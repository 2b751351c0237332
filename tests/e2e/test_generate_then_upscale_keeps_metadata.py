"""What made a picture can still be read once it was upscaled, in one recipe or afterwards."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PIL import Image
from sessions import events_of, finish
from small_models import install_small_model, install_small_upsampler, small_model, small_upsampler

from pfstudio.cli.main import main
from pfstudio.core.events import Finished, Progress, Started
from pfstudio.core.generation import GenerateStep
from pfstudio.core.image_io import read_picture
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.parameter_text import read_parameters
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.core.upscale import Upscale, UpscaleStep

DEVICE = ["--device", "cpu", "--precision", "float32", "--threads", "1"]


@pytest.fixture(autouse=True)
def installed():
    install_small_model()
    install_small_upsampler()


def make(out, *more):
    flags = ["--model", "small", "--class", "cat", "--seed", "5", "--sampler", "euler"]
    command = ["generate", *flags, "--steps", "2", "--out", str(out), *DEVICE, *more]
    assert main(command) == 0
    return sorted(out.glob("*.png"))


def size_of(path):
    with Image.open(path) as image:
        return image.size


def test_upscaled_afterwards(tmp_path) -> None:
    (small,) = make(tmp_path / "small")
    command = ["upscale", str(small), "--model", "small-upsampler", "--out", str(tmp_path / "2")]
    assert main([*command, *DEVICE]) == 0
    (large,) = (tmp_path / "2").glob("*.png")
    assert size_of(large) == (64, 64)
    assert read_recipe(large) == read_recipe(small)
    notes = read_notes(large)
    assert notes.parameters.startswith(read_notes(small).parameters)
    assert "Hires upscale: 2, Hires steps: 2, Hires upscaler: small-upsampler" in notes.parameters
    assert read_parameters(notes.parameters).request.seed == 5
    again = ["upscale", str(large), "--model", "small-upsampler", "--out", str(tmp_path / "4")]
    assert main([*again, *DEVICE, "--steps", "1"]) == 0
    (larger,) = (tmp_path / "4").glob("*.png")
    assert read_recipe(larger) == read_recipe(small)
    done = json.loads(read_notes(larger).pfstudio)["upscaled"]
    assert [step["steps"] for step in done] == [2, 1]


def test_in_one_recipe(tmp_path, capsys) -> None:
    more = ["--count", "2", "--upscale", "4", "--upscale-steps", "3", "--upscale-seed", "8"]
    trace = ["--latents", str(tmp_path / "z.safetensors"), "--json"]
    first, second = make(tmp_path / "large", *more, *trace)
    assert size_of(first) == size_of(second) == (128, 128)
    names = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert names == ["loading", "loading", "started", *["progress"] * 14, "finished"]
    recipe = read_recipe(second)
    assert (recipe.request.seed, recipe.image) == (6, 0)
    wanted = Upscale(read_recipe(first).request.upscale.model, 4, 3, seed=9)
    assert recipe.request.upscale == wanted
    notes = read_notes(second)
    assert "Size: 32x32" in notes.parameters  # of what was sampled
    assert "Hires upscale: 4" in notes.parameters
    # The recipe makes the same picture again, alone.
    request = replace(recipe.request, model="small")
    result = finish(request, small_model(), small_upsampler()).result
    assert (result.images[0] == read_picture(second)).all()


def test_the_trace_keeps_the_small_latents() -> None:
    request = GenerateRequest(sampler=Euler(steps=2), count=2, upscale=Upscale(factor=2))
    events = events_of(request, small_model(), small_upsampler())
    kinds = [type(event) for event in events]
    assert kinds == [Started, *[Progress] * 6, Finished]
    assert [type(event.detail) for event in events[1:-1]] == [
        *[GenerateStep] * 2,
        *[UpscaleStep] * 4,
    ]
    assert [event.call for event in events[1:-1]] == [0, 1, 0, 1, 2, 3]
    last = events[-1].result
    assert last.images.shape == (2, 64, 64, 3)
    assert last.trace.latents.shape == (2, 4, 8, 8)
    plain = finish(replace(request, upscale=None), small_model()).result
    assert (last.trace.latents == plain.trace.latents).all()
    assert any("decoded and encoded again" in notice for notice in events[0].notices)


def test_latents_alone_are_not_upscaled() -> None:
    request = GenerateRequest(sampler=Euler(steps=2), upscale=Upscale(factor=2))
    assert finish(request, small_model(), decode=False).result.images is None
