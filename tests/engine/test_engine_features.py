"""Features are what the layers hold in the call that was meant, whatever the model is for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from small_models import (
    install_small_depth_model,
    install_small_model,
    install_small_text_model,
    install_small_upsampler,
    small_model,
    small_zigma_model,
)

import pfstudio
from pfstudio.core.conditions import ClassLabel, labels
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Finished, Progress
from pfstudio.core.features import Features, FeaturesRequest
from pfstudio.core.features_file import read_features, write_features
from pfstudio.core.requests import Compute
from pfstudio.core.samplers import Euler
from pfstudio.core.scan_paths import path_word, spiral
from pfstudio.core.trace_file import write_trace
from pfstudio.engine import features as module
from pfstudio.engine.feature_context import PHASES, context_sums, context_times
from pfstudio.engine.feature_source import Hidden
from pfstudio.engine.model import Model
from pfstudio.engine.session import Session
from pfstudio.flow.add_noise import add_noise, ensemble_noise
from pfstudio.flow.path import interpolate, pool
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.hidden import attended
from pfstudio.nn.layers import LAYER_NORM_EPS


@pytest.fixture(scope="module")
def model() -> Model:
    return small_model()


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)


def expected(
    model: Model, pictures: np.ndarray, image: int, time: Any, layer: int, seed: int = 0,
    condition: Any = None,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # fmt: skip
    """Features (4,4,D), difficulty and error (4,4) by a call of the network itself."""
    data = model.encode(pictures)[image : image + 1]
    noise = ensemble_noise(range(1), tuple(data.shape[1:]), seed)
    times = torch.as_tensor(time, dtype=torch.float32).expand(1, 4, 4)
    given = model._given(condition, 1)
    with torch.inference_mode():
        out = model.network(interpolate(data, noise, times, 2), times, given, capture=(layer,))
    wrong = (out.velocity - (data - noise)).square().mean(1, keepdim=True)
    difficulty = pool(out.log_variance.exp(), 2)[0]
    return out.hidden[layer][0].unflatten(0, (4, 4)), difficulty, pool(wrong, 2)[0]


def check(found: Features, at: tuple[int, int], layer: int, wanted: Any) -> None:
    held, difficulty, error = wanted
    (values,) = (one.values for one in found.layers if one.layer == layer)
    np.testing.assert_allclose(values[at], held, atol=2e-3, rtol=2e-3)
    assert found.difficulty is not None
    assert found.error is not None
    np.testing.assert_allclose(found.difficulty[at], difficulty, rtol=1e-4)
    np.testing.assert_allclose(found.error[at], error, rtol=1e-4)


def test_uniform_noise(model: Model, pictures: np.ndarray) -> None:
    found = pfstudio.features(model, pictures, layers=(2, 1), times=(0.25, 0.75), seed=5)
    assert [one.layer for one in found.layers] == [2, 1]
    assert found.layers[0].values.shape == (3, 2, 4, 4, 32)
    for image, index, layer in ((0, 0, 1), (2, 1, 2)):
        wanted = expected(model, pictures, image, found.times[index], layer, 5 + image)
        check(found, (image, index), layer, wanted)


def test_an_ensemble_is_the_mean_of_its_noises(model: Model, pictures: np.ndarray) -> None:
    found = pfstudio.features(model, pictures, layers=(1,), times=(0.5,), ensemble_size=3, seed=1)
    each = [expected(model, pictures, 1, 0.5, 1, 1 + 3 + k) for k in range(3)]
    mean = tuple(torch.stack(parts).mean(0) for parts in zip(*each, strict=True))
    check(found, (1, 0), 1, mean)


def test_clean_pictures_have_no_noise(model: Model, pictures: np.ndarray) -> None:
    found = pfstudio.features(model, pictures, layers=(2,), noise="clean", times=(0.1, 0.2))
    other = pfstudio.features(model, pictures, layers=(2,), noise="clean", seed=8)
    assert found.times == (1.0,)
    np.testing.assert_array_equal(found.layers[0].values, other.layers[0].values)
    check(found, (0, 0), 2, expected(model, pictures, 0, 1.0, 2))


def test_with_clean_context_every_patch_is_noisy_once(model: Model, pictures: np.ndarray) -> None:
    found = pfstudio.features(model, pictures, layers=(2,), noise="context", times=(0.5,))
    for row, column in ((0, 0), (1, 2), (2, 3), (3, 1)):
        times = torch.ones(4, 4)
        times[row % 2 :: 2, column % 2 :: 2] = 0.5
        held, difficulty, error = expected(model, pictures, 1, times, 2, seed=1)
        place = (1, 0, row, column)
        wanted = held[row, column], difficulty[row, column], error[row, column]
        check(found, place, 2, wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("noise", ["uniform", "context"])
def test_attention_is_that_of_the_same_call(model: Model, pictures: np.ndarray, noise: str) -> None:
    asked = {"layers": (2,), "times": (0.5,), "noise": noise}
    found = pfstudio.features(model, pictures, attention=True, **asked)
    shares = found.layers[0].attention
    assert shares is not None
    assert shares.shape == (3, 1, 4, 4, 16)
    np.testing.assert_allclose(shares.astype(float).sum(-1), 1, atol=4e-3)
    data = model.encode(pictures)[1:2]
    drawn = ensemble_noise(range(1), tuple(data.shape[1:]), 1)
    times = torch.full((1, 4, 4), 0.5)
    if noise == "context":
        times = context_times(0.5, (0, 0), (4, 4))[None]
    given = model._given(None, 1)
    with torch.inference_mode(), attended(model.network, (2,)) as known:
        model.network(interpolate(data, drawn, times, 2), times, given)
    np.testing.assert_allclose(shares[1, 0, 2, 2], known[2][0, 10], atol=2e-3)
    assert pfstudio.features(model, pictures, **asked).layers[0].attention is None


def test_the_same_files_are_encoded_once(
    model: Model, pictures: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, file, counted = small_model(), tmp_path / "a.png", []
    Image.fromarray(pictures[0]).save(file)
    encode = module.encode
    monkeypatch.setattr(module, "encode", lambda *args: counted.append(1) or encode(*args))
    first = pfstudio.features(other, file, times=(0.3,))
    second = pfstudio.features(other, file, times=(0.6,))
    assert len(counted) == 1
    np.testing.assert_array_equal(first.pictures, second.pictures)
    check(second, (0, 0), 1, expected(model, pictures[:1], 0, 0.6, 1))
    Image.fromarray(pictures[1]).save(file)
    third = pfstudio.features(other, file, times=(0.6,))
    assert len(counted) == 2
    np.testing.assert_array_equal(third.pictures, pictures[1:2])


def test_a_condition_counts(model: Model, pictures: np.ndarray) -> None:
    found = pfstudio.features(model, pictures, layers=(2,), condition=ClassLabel(3))
    check(found, (0, 0), 2, expected(model, pictures, 0, 0.7, 2, condition=3))


def test_of_a_stored_run(model: Model, tmp_path: Path) -> None:
    kept = pfstudio.generate(model, [1, 4], sampler=Euler(4), guidance="none", seed=3)
    assert kept.trace.states is not None
    file = tmp_path / "run.pftrace"
    write_trace(kept.trace, file)
    found = pfstudio.features(model, file, layers=(2,), times=(0.1, 0.5, 0.55))
    assert found.times == (0.0, 0.5)  # the calls that come nearest, each once
    assert (found.names, found.error) == (("run 1", "run 2"), None)
    np.testing.assert_array_equal(found.pictures, kept.images)
    x = torch.from_numpy(kept.trace.states[2].astype(np.float32))
    out = model.hidden(x, torch.full((2, 4, 4), 0.5), labels(1, 4), (2,))
    held = out.hidden[2].unflatten(1, (4, 4))
    np.testing.assert_allclose(found.layers[0].values[:, 1], held, atol=2e-3, rtol=2e-3)
    for settings in ({"noise": "clean"}, {"ensemble_size": 2}, {"condition": ClassLabel(0)}):
        with pytest.raises(InputError):
            pfstudio.features(model, file, **settings)
    with pytest.raises(InputError, match="together"):
        pfstudio.features(model, [file, file])


def test_of_a_stored_run_along_another_path(tmp_path: Path) -> None:
    scanning = small_zigma_model()
    about = {"sampler": Euler(2), "guidance": "none", "scan": path_word(spiral(4, 4))}
    kept = pfstudio.generate(scanning, [1], **about).trace
    write_trace(kept, tmp_path / "run.pftrace")
    found = pfstudio.features(scanning, tmp_path / "run.pftrace", layers=(3,), times=(0.5,))
    assert kept.states is not None
    x, condition = (
        torch.from_numpy(kept.states[1].astype(np.float32)),
        ClassLabels(torch.tensor([1])),
    )
    with torch.inference_mode():
        out = scanning.network(
            x, torch.full((1, 4, 4), 0.5), condition, capture=(3,), scan=about["scan"]
        )
    held = out.hidden[3].unflatten(1, (4, 4))
    np.testing.assert_allclose(found.layers[0].values[:, 0], held, atol=2e-3, rtol=2e-3)


def picture_file(folder: Path) -> str:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 32, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    return str(folder / "a.png")


def found_by(request: FeaturesRequest) -> Features:
    last = Session().run(request)
    assert isinstance(last, Finished), last
    assert last.files == ()
    return last.result


def test_the_last_stage_of_a_depth_network_makes_its_velocity(tmp_path: Path) -> None:
    install_small_depth_model()
    request = FeaturesRequest((picture_file(tmp_path),), "small-depth", (1, 8), times=(0.0, 0.5))
    with pytest.raises(InputError, match="no layer 99"):
        pfstudio.features(pfstudio.load_depth("small-depth"), request.files, layers=(99,))
    model = pfstudio.load_depth("small-depth", precision="float32", threads=1)
    last = len([*model.network.input_blocks, *model.network.output_blocks]) + 1
    found = found_by(replace(request, layers=(1, last), compute=Compute(precision="float32")))
    image = model.encode(found.pictures[0])
    noise = ensemble_noise(range(1), tuple(image.latent.shape[1:]), 0)
    x = add_noise(image.latent, noise, model.alpha_bar)
    half = x + 0.5 * model.velocity(x, 0.0, image)
    for index, (state, time) in enumerate(((x, 0.0), (half, 0.5))):
        held = torch.from_numpy(found.layers[1].values[:, index]).float().permute(0, 3, 1, 2)
        with torch.inference_mode():
            made = model.network.out(held)
        np.testing.assert_allclose(made, model.velocity(state, time, image), atol=5e-3)
    assert found.difficulty is None


def test_features_of_a_depth_model_do_not_depend_on_its_last_run(tmp_path: Path) -> None:
    install_small_depth_model()
    model = pfstudio.load_depth("small-depth", "", "cpu", "float32", 1)
    file = picture_file(tmp_path)
    before = pfstudio.features(model, file, layers=(8,), times=(0.5,))
    pfstudio.depth(model, file, attention="logscaled", ensemble_size=1, steps=1)
    after = pfstudio.features(model, file, layers=(8,), times=(0.5,))
    np.testing.assert_array_equal(after.layers[0].values, before.layers[0].values)


def test_the_last_block_of_an_upsampler_makes_its_velocity(tmp_path: Path) -> None:
    install_small_upsampler()
    found = found_by(
        FeaturesRequest(
            (picture_file(tmp_path),),
            "small-upsampler",
            (1, 3),
            times=(0.5,),
            compute=Compute(precision="float32"),
        )
    )
    model = pfstudio.load_upsampler("small-upsampler", precision="float32", threads=1)
    pixels = torch.from_numpy(found.pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    context = model.encode(model.enlarged(pixels, 2))
    noise = ensemble_noise(range(1), tuple(context.shape[1:]), 0)
    start, grid = add_noise(context, noise, model.alpha_bar), (context.shape[2] // 2,) * 2
    first, _ = model.velocity(start, torch.zeros(1, *grid), context)
    x, times = start + 0.5 * first, torch.full((1, *grid), 0.5)
    velocity, variance = model.velocity(x, times, context)
    held = torch.from_numpy(found.layers[1].values[:, 0]).float()
    with torch.inference_mode():
        normed = F.silu(F.layer_norm(held, held.shape[-1:], eps=LAYER_NORM_EPS))
        made = model.network.out(normed.permute(0, 3, 1, 2))
    np.testing.assert_allclose(made, velocity, atol=2e-2, rtol=2e-2)
    assert found.difficulty is not None
    assert variance is not None
    np.testing.assert_allclose(found.difficulty[:, 0], variance, rtol=1e-3)


def test_a_text_model_and_the_middle_layer(tmp_path: Path) -> None:
    install_small_text_model()
    found = found_by(FeaturesRequest((picture_file(tmp_path),), "small-text"))
    assert [(one.layer, one.values.shape) for one in found.layers] == [(1, (1, 1, 4, 4, 32))]


def test_what_cannot_be_is_said(model: Model, pictures: np.ndarray, tmp_path: Path) -> None:
    flat = small_model(difficulty=False)
    for wrong, call in (
        ("no layer 3", lambda: pfstudio.features(model, pictures, layers=(3,))),
        ("clean and noisy", lambda: pfstudio.features(flat, pictures, noise="context")),
        ("no image", lambda: pfstudio.features(model, [])),
        ("shape", lambda: pfstudio.features(model, pictures[0])),
        ("between 0 and 1", lambda: pfstudio.features(model, pictures, times=(1.2,))),
        ("twice", lambda: pfstudio.features(model, pictures, layers=(1, 1))),
        ("count from 1", lambda: pfstudio.features(model, pictures, layers=(0,))),
        ("together", lambda: pfstudio.features(model, pictures, colour=1)),
    ):
        with pytest.raises(InputError, match=wrong):
            call()


def test_too_much_is_refused_before_it_is_computed(
    model: Model, pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 2 * 3 * 16 * 32 * 2 - 1)
    calls: list[object] = []
    with pytest.raises(PfstudioError, match="more than"):
        pfstudio.features(model, pictures, layers=(1,), times=(0.1, 0.2), on_event=calls.append)
    assert sum(isinstance(event, Progress) for event in calls) == 1


def test_where_memory_runs_out_pictures_go_in_smaller_batches(
    model: Model, pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pfstudio.features(model, pictures, layers=(1,))
    real = type(model).hidden

    def small(self: Model, x: torch.Tensor, *given: Any) -> Any:
        if len(x) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, x, *given)

    monkeypatch.setattr(type(model), "hidden", small)
    seen: list[Any] = []
    found = pfstudio.features(model, pictures, layers=(1,), on_event=seen.append)
    np.testing.assert_allclose(found.layers[0].values, whole.layers[0].values, atol=2e-3)
    assert found.execution is None
    steps = [event for event in seen if isinstance(event, Progress)]
    assert steps[-1].call + 1 == steps[-1].nfe == 3


def test_a_file_holds_everything(model: Model, pictures: np.ndarray, tmp_path: Path) -> None:
    install_small_model()
    found = pfstudio.features(
        model, pictures, layers=(2, 1), condition=ClassLabel(1), context_shares=(0.0, 0.5)
    )
    write_features(found, tmp_path / "f.safetensors")
    read = read_features(tmp_path / "f.safetensors")
    assert (read.names, read.times, read.model) == (found.names, found.times, "small")
    assert read.request == found.request
    assert read.execution == found.execution
    assert read.context == found.context
    assert read.context is not None
    for layer in (1, 2):
        pair = [next(o.values for o in f.layers if o.layer == layer) for f in (read, found)]
        np.testing.assert_array_equal(*pair)
    np.testing.assert_array_equal(read.error, found.error)
    np.testing.assert_array_equal(read.pictures, found.pictures)


# More context


def test_clean_patches_join_one_after_the_other() -> None:
    shares = (0.0, 0.25, 0.5, 1.0)
    for phase in PHASES:
        each = [context_times(0.5, phase, (4, 4), share, seed=3) for share in shares]
        assert [int((times == 1).sum()) for times in each] == [0, 3, 6, 12]
        for times, more in pairwise(each):
            assert bool((times[phase[0] :: 2, phase[1] :: 2] == 0.5).all())
            assert bool(((more == 1) | (times == 0.5)).all())  # who is clean stays clean
    other = context_times(0.5, (0, 0), (4, 4), 0.5, seed=4)
    assert not torch.equal(other, context_times(0.5, (0, 0), (4, 4), 0.5, seed=3))


def test_more_context_lowers_the_difficulty_of_a_known_gaussian() -> None:
    """All patches of a picture share one unknown number, of variance 1: x = t a + (1 - t) noise.

    Each patch at time t tells a with precision (t / (1 - t))^2, each clean one all of it; the
    variance of the velocity a - noise of a noisy patch follows.
    """
    grid, time, pictures = (4, 4), 0.5, 20000
    generator = torch.Generator().manual_seed(0)
    value = torch.randn(pictures, 1, 1, generator=generator)
    noise = torch.randn(pictures, *grid, generator=generator)

    def call(times: torch.Tensor) -> Hidden:
        if bool((times == 1).any()):
            mean, variance = value, 0.0
        else:
            x = time * value + (1 - time) * noise
            told = (time / (1 - time)) ** 2 * times.numel()
            variance = 1 / (1 + told)
            mean = variance * told * (x / time).mean(dim=(1, 2), keepdim=True)
        velocity = (mean - (time * value + (1 - time) * noise)) / (1 - time)
        # v = (a - x) / (1 - t), so its variance is that of a over (1 - t)^2
        wrong = (velocity - (value - noise)).square()
        said = torch.full_like(wrong, variance / (1 - time) ** 2)
        return Hidden({}, difficulty=said, error=wrong)

    sums = context_sums(call, time, grid, (0.0, 0.5), 0) / (pictures * 16)
    expected = 4 / 17
    assert sums[0].tolist() == pytest.approx([expected, expected], rel=0.02)
    assert sums[1].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_the_curve_of_a_model_is_that_of_its_own_calls(model: Model, pictures: np.ndarray) -> None:
    shares = (0.0, 1.0)
    found = pfstudio.features(
        model, pictures, layers=(1,), times=(0.5,), seed=5, context_shares=shares
    )
    assert found.context is not None
    assert found.context.shares == shares
    for place, share in enumerate(shares):
        said, wrong = [], []
        for image in range(len(pictures)):
            for phase in PHASES:
                times = context_times(0.5, phase, (4, 4), share, seed=5)
                _, difficulty, error = expected(model, pictures, image, times, 1, 5 + image)
                said.append(difficulty[phase[0] :: 2, phase[1] :: 2])
                wrong.append(error[phase[0] :: 2, phase[1] :: 2])
        assert found.context.variance[place] == pytest.approx(float(torch.stack(said).mean()))
        assert found.context.error[place] == pytest.approx(float(torch.stack(wrong).mean()))
    assert pfstudio.features(model, pictures, layers=(1,)).context is None


def test_shares_of_clean_patches_are_shares() -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        FeaturesRequest(context_shares=(0.0, 1.5))
