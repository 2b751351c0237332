"""Upscaling as a job of the worker: the model comes from the cache, the result is saved."""

from __future__ import annotations

import json

import pytest
from PIL import Image
from small_models import install_small_model, install_small_upsampler

from pfstudio.core.events import Failed, Finished, Loading, Progress, Started
from pfstudio.core.guidance import NoGuidance
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.paths import pictures_folder
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.results import list_results
from pfstudio.core.samplers import Euler
from pfstudio.core.upscale import Upscale, UpscaleRequest
from pfstudio.engine.model_cache import ModelCache
from pfstudio.engine.saving import Saving
from pfstudio.engine.session import SaveByItself, Session, save_nothing

CPU = Compute("cpu", "float32", 1)
HOW = Upscale("small-upsampler", steps=1)
BY_ITSELF = SaveByItself()


@pytest.fixture
def picture(tmp_path):
    install_small_upsampler()
    Image.new("RGB", (20, 12), (10, 200, 30)).save(tmp_path / "leaf.png")
    return tmp_path / "leaf.png"


def events_of(request, save=BY_ITSELF, cache=None):
    events = []
    Session(cache, save).run(request, events.append)
    return events


def test_results_are_saved_among_the_pictures(picture) -> None:
    cache = ModelCache()
    request = UpscaleRequest(str(picture), HOW, compute=CPU)
    first = events_of(request, cache=cache)
    assert [type(e) for e in first] == [Loading, Started, Progress, Finished]
    assert first[0].what == "Loading small-upsampler"
    second = events_of(request, cache=cache)
    assert isinstance(second[0], Started)  # it was kept
    paths = [events[-1].files[0] for events in (first, second)]
    files = sorted(pictures_folder().glob("*/*.png"))
    assert sorted(paths) == [str(file) for file in files]
    assert len(files) == 2
    assert all(file.name.endswith("-2x.png") and "-leaf" in file.name for file in files)
    with Image.open(files[0]) as image:
        assert image.size == (40, 24)
    assert "upscaled" in json.loads(read_notes(files[0]).pfstudio)
    assert list_results() == []  # these are pictures, not runs


def test_nothing_is_saved_unasked(picture) -> None:
    last = events_of(UpscaleRequest(str(picture), HOW, compute=CPU), save_nothing)[-1]
    assert isinstance(last, Finished)
    assert last.files == ()
    assert not pictures_folder().exists()


def test_what_cannot_be_saved_is_told(picture, tmp_path) -> None:
    save = SaveByItself(Saving(tmp_path / "leaf.png"))  # a file, not a folder
    last = events_of(UpscaleRequest(str(picture), HOW, compute=CPU), save)[-1]
    assert isinstance(last, Finished)
    assert "not saved" in last.notices[0]


def test_a_bad_picture_fails(picture, tmp_path) -> None:
    (tmp_path / "bad.png").write_bytes(b"x")
    last = events_of(UpscaleRequest(str(tmp_path / "bad.png"), HOW, compute=CPU))[-1]
    assert isinstance(last, Failed)
    assert "bad.png" in last.message


def test_a_recipe_that_upscales(picture) -> None:
    install_small_model()
    request = GenerateRequest(
        "small", seed=4, sampler=Euler(2), guidance=NoGuidance(), upscale=HOW, compute=CPU
    )
    events = events_of(request)
    kinds = [type(event) for event in events]
    assert kinds == [Loading, Loading, Started, *[Progress] * 3, Finished]
    assert events[-1].result.images.shape == (1, 64, 64, 3)
    (result,) = list_results()
    assert result.request() == request
    with Image.open(result.images[0]) as image:
        assert image.size == (64, 64)
    assert read_recipe(result.images[0]).request == request
