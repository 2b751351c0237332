"""A run comes back bit for bit from its own files, whatever "auto" would choose by now."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sessions import finish
from small_models import install_small_model, install_small_upsampler

from pfstudio.core.conditions import labels
from pfstudio.core.execution import Kernels
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.metadata import read_recipe
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.results import SavedResult, list_results, save_result
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.core.upscale import Upscale
from pfstudio.engine import api, execution, generate
from pfstudio.engine.autotune import Best, Setting
from pfstudio.engine.execution import ExecutionConfig
from pfstudio.engine.model import load
from pfstudio.engine.model_cache import ModelCache, generator

THEN = Setting("bfloat16", kernels=Kernels("matmul", "erf"), threads=1)
NOW = Setting("float32", "medium", Kernels(linear="packed"), 1)
HERE = ExecutionConfig("cpu", torch.bfloat16, 1, THEN.kernels).record()
REQUEST = GenerateRequest("small", labels(3), seed=7, sampler=DualLoop(steps=2, inner_steps=2))


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> object:
    """What the measurement will find from now on."""

    def finds(setting: Setting) -> None:
        def decide(probe: object, precision: str, *rest: object) -> Best:
            found = setting if precision == "auto" else replace(setting, precision=precision)
            return Best(found, 1.0, ())

        monkeypatch.setattr(execution, "decide", decide)
        monkeypatch.setattr(execution, "decide_threads", lambda probe, s, most: Best(s, 1.0, ()))
        (execution.cache_folder() / execution.AUTOTUNE_FILE).unlink(missing_ok=True)

    return finds


def run(request: GenerateRequest) -> Trace:
    model = ModelCache().get(generator(request.model, request.compute))
    made = finish(request, model).result
    save_result(made.images, made.trace)
    return made.trace


def saved(trace: Trace) -> SavedResult:
    return next(result for result in list_results() if result.request() == trace.request)


def test_what_auto_chose_is_on_record_everywhere(choose) -> None:
    install_small_model()
    choose(THEN)
    trace = run(REQUEST)
    found = trace.execution
    assert found is not None
    assert (found.dtype, found.kernels, found.threads) == ("bfloat16", THEN.kernels, 1)
    files = saved(trace)
    assert files.trace is not None
    assert read_trace(files.trace).execution == found
    assert read_recipe(files.images[0]).execution == found
    assert files.execution() == found


def test_a_run_comes_back_bit_for_bit(choose) -> None:
    install_small_model()
    choose(THEN)
    first = run(REQUEST)
    files = saved(first)
    choose(NOW)
    other = run(REQUEST)
    assert not np.array_equal(other.latents, first.latents)  # else this would prove nothing
    recipe = read_recipe(files.images[0])
    exactly = replace(recipe.request, compute=Compute(execution=recipe.execution))
    again = run(exactly)
    for name in ("latents", "difficulty", "speed", "time", "states"):
        np.testing.assert_array_equal(getattr(again, name), getattr(first, name), err_msg=name)
    assert again.execution == first.execution


def test_several_pictures_at_once_come_back_as_they_were(choose) -> None:
    """In bfloat16 a product of more rows may round otherwise, so the batch is on record too."""
    install_small_model()
    choose(THEN)
    first = run(replace(REQUEST, count=5, compute=Compute(execution=replace(HERE, batch=2))))
    assert first.execution is not None
    assert first.execution.batch == 2
    again = run(replace(REQUEST, count=5, compute=Compute(execution=saved(first).execution())))
    np.testing.assert_array_equal(again.latents, first.latents)
    assert again.execution == first.execution


def test_the_upsampler_follows_the_wishes_also_where_the_generator_is_as_then() -> None:
    install_small_model()
    install_small_upsampler()
    wishes = Compute("cpu", "float32", 1, execution=HERE)
    model, upsampler = generate.load(
        replace(REQUEST, upscale=Upscale("small-upsampler"), compute=wishes), ModelCache()
    )
    assert model.precision == HERE.dtype == "bfloat16"
    assert (upsampler.precision, upsampler.execution.compute.execution) == ("float32", None)


def test_python_brings_a_run_back_from_its_trace(choose) -> None:
    install_small_model()
    choose(THEN)
    first = api.generate(load("small"), 3, seed=7, nfe=4)
    assert first.trace.request.compute == Compute()
    choose(NOW)
    model = load("small", execution=first.trace.execution)
    again = api.generate(model, 3, seed=7, nfe=4)
    np.testing.assert_array_equal(again.latents, first.latents)
    assert again.trace.request.compute.execution == first.trace.execution


def test_python_fills_in_the_wishes_of_the_loaded_model() -> None:
    install_small_model()
    made = api.generate(load("small", "cpu", "float32", 1), 0, nfe=2)
    assert made.trace.request.compute == Compute("cpu", "float32", 1)
    assert made.trace.execution is not None
    assert (made.trace.execution.dtype, made.trace.execution.threads) == ("float32", 1)


def test_kernels_follow_the_size_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    install_small_model()
    asked: list[int] = []

    def remembered(path: Path, key: str, measure: Callable[[int], Best]) -> Best:
        asked.append(int(re.search(r"(\d+) tokens", key)[1]))
        small = asked[-1] <= 16
        return Best(Setting("float32", kernels=Kernels("matmul" if small else "sdpa")), 1.0, ())

    monkeypatch.setattr(execution, "_remembered", remembered)
    model = load("small", "cpu", "float32")
    monkeypatch.setattr(execution, "_MOST_THREADS", 1)
    kernels = []
    for side in (0, 64, 32):
        made = api.generate(model, 0, nfe=2, height=side, width=side)
        assert made.trace.execution is not None
        kernels.append(made.trace.execution.kernels.attention)
        assert model.network.kernels == made.trace.execution.kernels
    assert kernels == ["matmul", "sdpa", "matmul"]
    assert asked == [16, 16, 64, 16]


def test_threads_follow_the_images_that_go_through_the_network_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two of them for each image that guidance asks about twice; whatever ran before."""
    install_small_model()
    monkeypatch.setattr(execution, "_MOST_THREADS", 2)
    measured: list[int] = []

    def remembered(path: Path, key: str, measure: Callable[[int], Best]) -> Best:
        several = re.search(r"(\d+) images", key)
        if several is None:
            return Best(Setting("float32"), 1.0, ())
        measured.append(int(several[1]))
        return Best(Setting("float32", threads=2 if measured[-1] > 2 else 1), 1.0, ())

    monkeypatch.setattr(execution, "_remembered", remembered)
    model, threads = load("small", "cpu", "float32"), []
    plain, guided = NoGuidance(), ClassifierFree(scale=3.0)
    for images, guidance in ((1, plain), (5, plain), (1, guided), (2, guided), (1, plain)):
        made = api.generate(model, 0, count=images, nfe=2, guidance=guidance)
        assert made.trace.execution is not None
        threads.append(made.trace.execution.threads)
    assert measured == [4, 2, 4]
    assert threads == [1, 2, 1, 2, 1]


def test_a_damaged_record_is_no_record(tmp_path: Path) -> None:
    result = SavedResult(tmp_path, (), None)
    for text in ("", "[]", "{}", '{"device": "tpu"}'):
        (tmp_path / "execution.json").write_text(text)
        assert result.execution() is None


def test_a_start_image_is_encoded_with_the_threads_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its latents' last bits depend on them, and a first run finds what was set before."""
    install_small_model()
    model = load("small", "cpu", "float32", 1)
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(tmp_path / "a.png")
    seen: list[int] = []
    encode = model.encode

    def encoding(pixels: np.ndarray) -> torch.Tensor:
        seen.append(torch.get_num_threads())
        return encode(pixels)

    monkeypatch.setattr(model, "encode", encoding)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        finish(replace(REQUEST, image_file=str(tmp_path / "a.png"), start_time=0.5), model)
    finally:
        torch.set_num_threads(before)
    assert seen == [1]
