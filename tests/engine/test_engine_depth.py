"""The depth task against the stored pipeline of the published program, and its own promises."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from depth_vectors import CONFIG, FOLDER, close, vectors, write_autoencoder
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load_file, save_file
from sessions import events_of

from pfstudio.core.depth import SOLVERS, DepthRequest
from pfstudio.core.depth_measures import relative_depth
from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Failed, Finished, Progress, Started
from pfstudio.core.image_io import read_picture
from pfstudio.core.requests import Compute
from pfstudio.engine.control import Control
from pfstudio.engine.depth import processing_size, resized
from pfstudio.engine.depth_model import DepthModel, default_depth_model, load_depth
from pfstudio.engine.execution import default_execution

SIZE = 24  # longest side of the stored picture
PIPE = CONFIG["pipeline"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("depth")
    state = {k: v.float() for k, v in load_file(FOLDER / "weights.safetensors").items()}
    tree = {
        "noising_step": 400,
        "empty_text_embedding": vectors()["empty_text_embedding"],
        "ldm_hparams": CONFIG["ldm_hparams"],
        "state_dict": state,
    }
    torch.save(tree, folder / "tiny.ckpt")
    write_autoencoder(folder / "vae")
    return folder / "tiny.ckpt"


@pytest.fixture(scope="module")
def model(checkpoint) -> DepthModel:
    return load_depth(str(checkpoint), str(checkpoint.parent / "vae"), "cpu", "float32", 1)


@pytest.fixture
def picture():
    return vectors()["vae.image_u8"].permute(1, 2, 0).numpy()


@pytest.fixture
def wide():
    """A smooth picture of 16 x 56 pixels."""
    ramp = np.linspace(0, 1, 56)[None, :] * np.linspace(1, 0.4, 16)[:, None]
    return (np.stack([ramp, ramp**2, 1 - ramp], axis=2) * 255).astype(np.uint8)


def request(**changes) -> DepthRequest:
    return replace(
        DepthRequest(ensemble_size=4, steps=2, processing_resolution=SIZE, tile=SIZE), **changes
    )


def given_noise(tmp_path, name):
    save_file({"noise": vectors()[name]}, tmp_path / "noise.safetensors")
    return str(tmp_path / "noise.safetensors")


def finish(model, request, picture, **others):
    events = events_of(request, model, picture=picture, **others)
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1].result, events


@pytest.mark.parametrize("mode", CONFIG["attention_modes"])
def test_the_ensemble_is_the_published_one(model, picture, tmp_path, mode):
    wish = request(
        ensemble_size=PIPE["ensemble"],
        steps=PIPE["num_steps"],
        attention=mode,
        noise_file=given_noise(tmp_path, "pipe.noise"),
    )
    result, _ = finish(model, wish, picture)
    close(result.latents, f"{mode}.pipe.depth_z")
    close(relative_depth(result.log_depth)[None, None], f"{mode}.pipe.depth")
    if mode == "standard":
        stored = vectors()["standard.pipe.member_log_depth"].mean(dim=0)[0]
        np.testing.assert_allclose(result.log_depth, stored, atol=1e-4, rtol=1e-3)
        close(result.log_std[None, None], "standard.conf.log_std")
        close(result.aligned_std[None, None], "standard.conf.aligned_std")


@pytest.mark.parametrize("mode", CONFIG["attention_modes"])
def test_a_single_step_is_the_published_one(model, picture, tmp_path, mode):
    noise = given_noise(tmp_path, "single.noise")
    wish = request(ensemble_size=1, steps=1, attention=mode, noise_file=noise)
    result, _ = finish(model, wish, picture)
    close(result.latents, f"{mode}.single.depth_z")
    close(relative_depth(result.log_depth)[None, None], f"{mode}.single.depth")
    assert (result.log_std == 0).all()


@torch.inference_mode()
def test_the_parts_of_the_pipeline(model, picture):
    close(model.encode(picture).latent, "vae.latent")
    close(model.autoencoder.decode(vectors()["vae.decode_in"]), "vae.decode_out")
    depths = vectors()["standard.pipe.depth_z"]
    close(model.autoencoder.decode(depths[:1]), "standard.pipe.decoded_member0")
    close(model.decode(depths)[:, None], "standard.pipe.member_log_depth")


def test_mirrored_members_find_the_mirrored_depth(model, picture, tmp_path):
    """Half of the members work on the mirrored picture, and their depth is turned back."""
    turned = np.ascontiguousarray(picture[:, ::-1])
    noise = vectors()["pipe.noise"][:2]
    parts = []
    for number, seen in enumerate((picture, turned)):
        save_file({"noise": noise[number : number + 1]}, tmp_path / "one.safetensors")
        wish = request(ensemble_size=1, noise_file=str(tmp_path / "one.safetensors"))
        parts.append(finish(model, wish, seen)[0].log_depth)
    save_file({"noise": noise}, tmp_path / "both.safetensors")
    wish = request(
        ensemble_size=2, flip_augmentation=True, noise_file=str(tmp_path / "both.safetensors")
    )
    result, events = finish(model, wish, picture)
    wanted = (parts[0] + parts[1][:, ::-1]) / 2
    np.testing.assert_allclose(result.log_depth, wanted, atol=1e-5)
    steps = [event for event in events if isinstance(event, Progress)]
    assert [step.detail.first for step in steps] == [0, 0, 1, 1]
    assert steps[-1].call + 1 == steps[-1].nfe == 4


def test_a_single_member_is_never_mirrored(model, picture):
    plain, mirrored = (
        finish(model, request(ensemble_size=1, flip_augmentation=turn), picture)[0].log_depth
        for turn in (False, True)
    )
    np.testing.assert_array_equal(plain, mirrored)


def test_the_start_is_the_published_one(model, picture, tmp_path):
    wish = request(noise_file=given_noise(tmp_path, "pipe.noise"), steps=1)
    _, events = finish(model, wish, picture)
    first = next(event for event in events if isinstance(event, Progress))
    source = vectors()["pipe.x_source"].numpy()[: first.detail.count]
    np.testing.assert_allclose(first.detail.state, source, atol=4e-3)  # told in float16
    assert model.alpha_bar == pytest.approx(0.6545023, abs=1e-7)


def test_the_resize_rule_is_the_published_one():
    for width, height, resolution, new_width, new_height in CONFIG["resize_cases"]["rows"]:
        rows, columns = processing_size(height, width, resolution, 64)
        if new_width is None:  # the published rule fails here
            assert min(rows, columns) == 64
        else:
            assert (rows, columns) == (new_height, new_width)


def test_resizing_is_the_published_one():
    source = vectors()["pre.src_u8"].numpy()
    size = processing_size(*source.shape[:2], CONFIG["pre"]["processing_res"], 64)
    assert np.array_equal(resized(source, size), vectors()["pre.resized_u8"].numpy())


@settings(deadline=None)
@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(1, 2000), st.sampled_from([4, 64]))
def test_every_size_can_be_worked_at(height, width, resolution, unit):
    rows, columns = processing_size(height, width, resolution, unit)
    assert rows % unit == columns % unit == 0
    assert unit <= max(rows, columns) <= max(unit, resolution + unit // 2)


@pytest.mark.parametrize("solver", SOLVERS)
def test_events_of_a_run(model, picture, solver):
    ticks = itertools.count()
    wish = request(solver=solver, ensemble_size=2)
    result, events = finish(model, wish, picture, clock=lambda: float(next(ticks)))
    assert isinstance(events[0], Started)
    steps = [event for event in events if isinstance(event, Progress)]
    assert len(steps) == events[0].nfe == 2 * (1 if solver == "euler" else 2)
    assert [step.call for step in steps] == list(range(len(steps)))
    assert all(step.elapsed > 0 and step.eta >= 0 for step in steps)
    assert steps[-1].eta == 0
    assert steps[0].detail.prediction.shape == result.latents.shape == (2, 4, 8, 12)
    assert result.log_depth.shape == picture.shape[:2]


def test_better_solvers_come_nearer(model, picture):
    def latents(steps, solver="euler"):
        wish = request(steps=steps, ensemble_size=1, solver=solver)
        return finish(model, wish, picture)[0].latents

    fine = latents(40)
    errors = {name: np.abs(latents(8, name) - fine).max() for name in SOLVERS}
    assert max(errors["midpoint"], errors["heun"]) < errors["euler"]


def test_a_member_does_not_depend_on_its_batch(model, picture, monkeypatch):
    together = finish(model, request(), picture)[0]
    monkeypatch.setattr("pfstudio.engine.depth.batch_size", lambda *_: 1)
    alone, events = finish(model, request(), picture)
    assert events[0].nfe == 8
    np.testing.assert_allclose(alone.latents, together.latents, atol=1e-5)
    fewer = finish(model, request(ensemble_size=2), picture)[0]
    np.testing.assert_allclose(fewer.latents, together.latents[:2], atol=1e-5)
    later = finish(model, request(ensemble_size=1, seed=3), picture)[0]
    np.testing.assert_allclose(later.latents[0], together.latents[3], atol=1e-5)


def test_the_picture_is_encoded_once(model, picture, monkeypatch):
    calls = []
    encode = model.encode
    monkeypatch.setattr(model, "encode", lambda pixels: calls.append(1) or encode(pixels))
    finish(model, request(), picture)
    assert len(calls) == 1


def test_maps_have_the_pictures_own_size(model, wide):
    result, _ = finish(model, request(ensemble_size=2), wide)
    assert result.log_depth.shape == result.log_std.shape == result.aligned_std.shape == (16, 56)
    assert result.latents.shape == (2, 4, 4, 12)  # worked at 8 x 24
    assert result.tiles == 0


def test_tiles_cover_a_large_picture(model, wide):
    result, events = finish(model, request(ensemble_size=2, processing_resolution=-1), wide)
    steps = [event for event in events if isinstance(event, Progress)]
    assert result.tiles == max(step.detail.tile for step in steps) == 3
    assert len(steps) == events[0].nfe == 2 * (1 + 3)
    assert all((step.detail.state is None) == (step.detail.tile > 0) for step in steps)
    for values in (result.log_depth, result.log_std, result.aligned_std):
        assert values.shape == (16, 56)
        assert np.isfinite(values).all()


def test_tiles_of_one_scene_have_no_seams(model, wide, monkeypatch):
    """A network that answers each tile with a scale and shift of its own, as real ones do."""
    truth = np.linspace(-1, 1, 56, dtype=np.float32)[None].repeat(16, axis=0)
    count = itertools.count(1)

    def decode(latents):
        height, width = latents.shape[-2] * 2, latents.shape[-1] * 2
        if height == 8:  # the pass over the whole
            return np.stack([cv2.resize(truth, (width, height))] * len(latents))
        number = next(count)
        part = {1: truth[:, :24], 2: truth[:, 16:40], 3: truth[:, 32:]}[number]
        return np.stack([part * (0.5 + number) + 3 * number] * len(latents))

    monkeypatch.setattr(model, "decode", decode)
    result, _ = finish(model, request(ensemble_size=1, steps=1, processing_resolution=-1), wide)
    np.testing.assert_allclose(result.log_depth, truth, atol=0.03)


@pytest.mark.parametrize("made_up", ["reversed", "flat", "noise"])
def test_tiles_that_tell_nothing_keep_the_layout(model, wide, monkeypatch, made_up):
    """Parts of a very large picture show too little: what is found there must not replace it."""
    layout = np.linspace(-1, 1, 24, dtype=np.float32)[None].repeat(8, axis=0)
    random = np.random.default_rng(0)

    def decode(latents):
        height, width = latents.shape[-2] * 2, latents.shape[-1] * 2
        if height == 8:  # the pass over the whole
            return np.stack([layout] * len(latents))
        ramp = np.linspace(1, -1, width, dtype=np.float32)[None].repeat(height, axis=0)
        noise = random.normal(size=(height, width)).astype(np.float32)
        part = {"reversed": ramp, "flat": np.zeros_like(ramp), "noise": noise}[made_up]
        return np.stack([part] * len(latents))

    monkeypatch.setattr(model, "decode", decode)
    result, _ = finish(model, request(ensemble_size=1, steps=1, processing_resolution=-1), wide)
    assert result.tiles == 3
    np.testing.assert_allclose(result.log_depth, cv2.resize(layout, (56, 16)), atol=0.15)


def test_given_noise_must_fit(model, picture, wide, tmp_path):
    noise = given_noise(tmp_path, "pipe.noise")
    for wish, pixels, words in (
        (request(ensemble_size=3, noise_file=noise), picture, r"\(3, 4, 8, 12\)"),
        (request(noise_file=noise, processing_resolution=-1), wide, "processed in tiles"),
        (request(noise_file=str(tmp_path / "no")), picture, "cannot be read"),
    ):
        failed = events_of(wish, model, picture=pixels)[-1]
        assert isinstance(failed, Failed)
        assert failed.exit_code == 2
        assert re.search(words, failed.message)


def test_cancel_stops_before_the_next_call(model, picture):
    control = Control()

    def at(event):
        if isinstance(event, Progress) and event.call == 3:
            control.cancel()

    wish = request(steps=50)
    events = events_of(wish, model, control=control, job=7, at=at, picture=picture)
    assert events[-1] == Cancelled(7)
    assert sum(isinstance(event, Progress) for event in events) == 4


def test_a_picture_that_cannot_be_read_fails_in_one_event(model, tmp_path):
    (tmp_path / "x.png").write_text("no image")
    events = events_of(request(image_file=str(tmp_path / "x.png")), model)
    assert len(events) == 1
    assert isinstance(events[0], Failed)
    assert events[0].exit_code == 2


def test_numbers_that_are_not_finite_are_told(model, picture, monkeypatch):
    monkeypatch.setattr(model, "velocity", lambda x, *given: x * torch.nan)
    failed = events_of(request(), model, picture=picture)[-1]
    assert isinstance(failed, Failed)
    assert "not finite at call 1" in failed.message


def test_memory_that_runs_out_halves_the_batch(model, picture, monkeypatch):
    velocity, sizes = model.velocity, []

    def tight(x, *given):
        sizes.append(len(x))
        if len(x) > 2:
            raise RuntimeError("CUDA out of memory")
        return velocity(x, *given)

    expected = finish(model, request(), picture)[0]
    monkeypatch.setattr(model, "velocity", tight)
    result, events = finish(model, request(), picture)
    assert sizes == [4, 2, 2, 2, 2]
    np.testing.assert_allclose(result.latents, expected.latents, atol=1e-5)
    assert [event.call for event in events if isinstance(event, Progress)] == [0, 1, 2, 3]


def test_out_of_memory_for_one_member_is_told(model, picture, monkeypatch):
    def never(*given):
        raise RuntimeError("not enough memory")

    monkeypatch.setattr(model, "velocity", never)
    monkeypatch.setattr(model, "lighter", None)
    failed = events_of(request(), model, picture=picture)[-1]
    assert isinstance(failed, Failed)
    assert failed.message == "There is not enough memory for this run."


def test_a_single_member_goes_on_in_bfloat16(model, picture, monkeypatch):
    def never(*given):
        raise RuntimeError("not enough memory")

    expected = finish(model, request(ensemble_size=1), picture)[0]
    monkeypatch.setattr(model, "velocity", never)
    result, events = finish(model, request(ensemble_size=1), picture)
    starts = [event for event in events if isinstance(event, Started)]
    assert [start.precision for start in starts] == ["float32", "bfloat16"]
    assert "goes on in bfloat16" in starts[1].notices[-1]
    assert model.precision == "float32"
    np.testing.assert_allclose(result.log_depth, expected.log_depth, atol=0.05)


def test_other_precisions_come_close(checkpoint, picture, model):
    half = load_depth(str(checkpoint), str(checkpoint.parent / "vae"), "cpu", "bfloat16", 1)
    assert half.precision == "bfloat16"
    exact = finish(model, request(), picture)[0].log_depth
    rough = finish(half, request(), picture)[0].log_depth
    assert 0 < np.abs(rough - exact).mean() < 0.05
    assert "bfloat16" in default_execution(Compute("cpu", "float16")).notes[0]
    with pytest.raises(InputError, match="Threads"):
        default_execution(Compute(threads=-1))


@pytest.mark.parametrize(
    ("flag", "chosen"),
    [("amx_bf16", "bfloat16"), ("avx512_bf16", "bfloat16"), ("avx512f", "float32")],
)
def test_bfloat16_is_chosen_where_the_processor_has_units_for_it(monkeypatch, flag, chosen):
    monkeypatch.setattr("pfstudio.engine.execution.cpu_flags", lambda: (flag,))
    assert default_execution(Compute("cpu")).dtype is getattr(torch, chosen)
    assert default_execution(Compute("cpu", "float32")).dtype is torch.float32


def test_the_shipped_model_is_the_default():
    assert default_depth_model() == "depthfm-s"


def test_without_any_model_the_sentence_says_which_to_bring(monkeypatch):
    monkeypatch.setattr("pfstudio.engine.depth_model.installed_models", lambda task: ())
    with pytest.raises(InputError, match=r"open depthfm-v1\.ckpt as its model"):
        default_depth_model()


def test_a_flat_picture_has_finite_maps(model):
    flat = np.full((16, 24, 3), 128, np.uint8)
    result, _ = finish(model, request(ensemble_size=2, steps=1), flat)
    assert np.isfinite(result.aligned_std).all()


def test_a_picture_of_one_pixel(model):
    result, _ = finish(model, request(ensemble_size=1, steps=1), np.zeros((1, 1, 3), np.uint8))
    assert result.log_depth.shape == (1, 1)


def test_a_file_is_read_upright(model, picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture).save(tmp_path / "a.png", exif=exif)
    wish = request(image_file=str(tmp_path / "a.png"), ensemble_size=1, steps=1)
    result = events_of(wish, model)[-1].result
    assert result.log_depth.shape == (24, 16)
    assert np.array_equal(result.picture, read_picture(tmp_path / "a.png"))


def test_a_model_that_sees_needs_latents_of_its_factor(monkeypatch):
    monkeypatch.setattr("pfstudio.engine.depth_model.IMAGE_ENCODER_FACTOR", 8)  # all at hand have 4
    with pytest.raises(InputError, match=r"latents of 1/8 .* ae-f4 makes them 1/4"):
        load_depth("depthfm-s", device="cpu", precision="float32", threads=1)
