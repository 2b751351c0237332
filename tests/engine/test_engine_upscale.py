"""The upscaling task against the stored pipeline of FM boosting, and its own promises."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import upsampler_vectors as stored
from PIL import Image
from safetensors.torch import save_file
from sessions import events_of
from small_models import small_upsampler

from pfstudio.core.back_projection import shrunk
from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Failed, Finished, Progress, Started
from pfstudio.core.requests import Compute
from pfstudio.core.upscale import Upscale, UpscaleRequest, UpscaleStep
from pfstudio.engine.control import Control
from pfstudio.engine.execution import default_execution
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.tiled_upscaler import TiledUpscaler, to_bytes, to_unit
from pfstudio.engine.upscale_model import UpscaleModel, default_upsampler, load_upsampler
from pfstudio.weights.load import load_autoencoder
from pfstudio.weights.upsampler import LoadedUpsampler


@functools.cache
def own() -> UpscaleModel:
    return small_upsampler()


@functools.cache
def published() -> UpscaleModel:
    card = ModelCard("tiny", "Tiny", "latent-upsampler")
    loaded = LoadedUpsampler(stored.network(), card, stored.CONFIG["noising_step"])
    autoencoder = load_autoencoder(str(stored.FOLDER / "autoencoder.safetensors"))
    return UpscaleModel(loaded, autoencoder, default_execution(Compute("cpu", "float32", 1)))


def picture(height=40, width=56, seed=0):
    """Blobs and noise."""
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 256, (5, 7, 3), np.uint8))
    smooth = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    return (smooth + random.integers(-9, 10, smooth.shape)).clip(0, 255).astype(np.uint8)


def finish(pixels, model=None, control=None, **settings):
    request = UpscaleRequest(upscale=Upscale(**settings))
    events = events_of(request, model or own(), control=control, picture=pixels)
    assert isinstance(events[0], Started), events[0]
    assert isinstance(events[-1], Finished), events[-1]
    steps = events[1:-1]
    assert all(isinstance(step.detail, UpscaleStep) for step in steps)
    return events[-1].result, events[0], steps


def upscaled(model, image, noise, **settings):
    """The unclipped picture (1,3,H,W) of a float picture (1,3,h,w)."""
    upscale = Upscale(consistency=0.0, **settings)
    report = Reporter(lambda event: None)
    upscaler = TiledUpscaler(model, upscale, tuple(image.shape[2:]), report)
    upscaler.begin()
    found = upscaler.run(image[0].permute(1, 2, 0).numpy(), 0, noise)
    return torch.from_numpy(found.image).permute(2, 0, 1)[None]


# Parity.


@pytest.mark.parametrize(
    ("name", "solver", "steps"), [("euler_n5", "euler", 4), ("rk4_n3", "rk4", 2)]
)
def test_the_stored_pipeline_from_a_latent(name, solver, steps) -> None:
    model, values = published(), stored.vectors()
    small = model.decode(values["e2e.lr_latent"])
    found = upscaled(model, small, values["e2e.noise"], solver=solver, steps=steps)
    torch.testing.assert_close(found, model.decode(values[f"e2e.z_{name}"]), atol=2e-4, rtol=1e-3)
    if solver == "euler":
        stored.close(found, "e2e.image_euler_n5")


def test_the_stored_context_and_start_from_pixels(monkeypatch) -> None:
    model, values = published(), stored.vectors()
    seen = []
    velocity = model.velocity

    def spy(x, t, context):
        seen.append((x, context))
        return velocity(x, t, context)

    monkeypatch.setattr(model, "velocity", spy)
    pixels = values["e2e.lr_image_u8"].permute(1, 2, 0).numpy()
    small = torch.from_numpy(to_unit(pixels)).permute(2, 0, 1)[None]
    upscaled(model, small, values["e2e_px.noise"], steps=1)
    stored.close(seen[0][0], "e2e_px.x_source")
    stored.close(seen[0][1], "e2e_px.context")


@pytest.mark.parametrize("model", [own, published])
def test_latents_can_be_enlarged_instead_of_pixels(monkeypatch, model) -> None:
    model, seen = model(), []
    velocity = model.velocity

    def spy(x, t, context):
        seen.append(context)
        return velocity(x, t, context)

    monkeypatch.setattr(model, "velocity", spy)
    small = torch.from_numpy(to_unit(picture(64, 32))).permute(2, 0, 1)[None]
    found = upscaled(model, small, None, steps=1, enlarge="latents")
    assert found.shape == (1, 3, 128, 64)
    large = F.interpolate(model.encode(small), scale_factor=2, mode=model.resize)
    torch.testing.assert_close(seen[0], large)


# Sizes and kinds of pictures.


@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (17, 5), (24, 24), (33, 70)])
@pytest.mark.parametrize("factor", [2, 4])
def test_any_size(shape, factor) -> None:
    pixels = picture(*shape)
    result, started, steps = finish(pixels, factor=factor, steps=1)
    assert result.image.shape == (factor * shape[0], factor * shape[1], 3)
    assert result.image.dtype == np.uint8
    side = own().patch * own().factor
    grid = (-(-factor * shape[0] // side), -(-factor * shape[1] // side))
    assert started.grid == grid == result.nfe.shape == result.difficulty.shape
    assert (result.picture == pixels).all()
    assert steps[-1].detail.time.shape == grid
    assert (steps[-1].detail.time == 1).all()


def test_alpha_is_kept(tmp_path) -> None:
    layered = np.dstack([picture(), np.zeros((40, 56), np.uint8)])
    layered[:, 20:, 3] = 255
    result, *_ = finish(layered)
    assert result.alpha.shape == (80, 112)
    assert (result.alpha[:, :38] == 0).all()
    assert (result.alpha[:, 42:] == 255).all()
    Image.fromarray(layered).save(tmp_path / "a.png")
    request = UpscaleRequest(str(tmp_path / "a.png"), Upscale())
    last = events_of(request, own())[-1]
    assert (last.result.alpha == result.alpha).all()
    assert finish(picture())[0].alpha is None


@pytest.mark.parametrize("factor", [2, 4])
def test_the_edge_of_alpha_is_made_as_sharp_as_that_of_colours(factor) -> None:
    """Compared with the true edge of a disc, against a plain resize."""
    y, x = np.mgrid[0:512, 0:512]
    disc = ((x - 250) ** 2 + (y - 260) ** 2 < 180**2).astype(np.uint8) * 255
    true, alpha = (
        np.asarray(Image.fromarray(disc).resize((side, side), Image.Resampling.BOX), np.float32)
        for side in (128, 128 // factor)
    )
    small = Image.fromarray(alpha.astype(np.uint8))
    layered = np.dstack([picture(*alpha.shape), small])
    result, started, steps = finish(layered, load_upsampler("", device="cpu"), factor=factor)
    resized = np.asarray(small.resize((128, 128), Image.Resampling.LANCZOS), np.float32)
    assert ((result.alpha - true) ** 2).mean() < 0.5 * ((resized - true) ** 2).mean()
    assert started.nfe == len(steps) == steps[-1].nfe


def test_files_are_read_upright(tmp_path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side
    Image.fromarray(picture()).convert("L").save(tmp_path / "a.jpg", exif=exif)
    last = events_of(UpscaleRequest(str(tmp_path / "a.jpg")), own())[-1]
    assert last.result.image.shape == (112, 80, 3)


# Numbers.


def test_full_consistency_gives_the_picture_back() -> None:
    pixels = picture()

    def error(consistency):
        image = finish(pixels, consistency=consistency)[0].image.astype(np.float32)
        return np.abs(shrunk(image, pixels) - pixels).mean()

    assert error(1.0) < 1 < error(0.0)


def test_the_seed_decides() -> None:
    one, same, other = (finish(picture(), seed=s, consistency=0.0)[0].image for s in (3, 3, 4))
    assert (one == same).all()
    assert (one != other).any()


def test_the_adaptive_solver_and_many_steps_agree() -> None:
    adaptive, *_ = finish(picture(), solver="dopri5", consistency=0.0)
    steps, *_ = finish(picture(), solver="rk4", steps=6, consistency=0.0)
    assert np.abs(adaptive.image.astype(int) - steps.image).max() <= 1


@pytest.mark.parametrize("solver", ["euler", "heun", "rk4", "dopri5"])
@pytest.mark.parametrize("factor", [2, 4])
def test_calls_are_counted(solver, factor) -> None:
    result, started, steps = finish(picture(), factor=factor, solver=solver, steps=3)
    assert [step.call for step in steps] == list(range(len(steps)))
    details = [step.detail for step in steps]
    assert steps[-1].nfe == len(steps)
    assert solver == "dopri5" or started.nfe == len(steps)
    assert steps[-1].eta == 0
    assert all(step.eta >= 0 for step in steps)
    assert [detail.level for detail in details] == sorted(detail.level for detail in details)
    assert details[-1].level == details[-1].levels - 1
    assert (result.nfe == sum(detail.level == details[-1].level for detail in details)).all()
    assert solver == "dopri5" or result.computed == result.uniform


def test_tiles_agree_with_the_whole() -> None:
    pixels = picture(130, 170)
    whole, *_ = finish(pixels, consistency=0.0)
    tiled, started, steps = finish(pixels, tile=256, consistency=0.0)  # its margin is the reach
    tiles = steps[0].detail.tiles
    assert started.nfe == len(steps) == 2 * tiles > 2
    assert [step.detail.tile for step in steps] == [*range(1, tiles + 1)] * 2
    difference = np.abs(whole.image.astype(int) - tiled.image)
    assert difference.max() <= 1
    assert difference.mean() < 0.01


def test_without_easy_patches_the_clock_is_uniform() -> None:
    plain, _, steps = finish(picture(), steps=3)
    wise, _, others = finish(picture(), steps=3, clock="patch-wise", easy_share=0.0)
    assert (plain.image == wise.image).all()
    assert (plain.nfe == wise.nfe).all()
    assert wise.computed == wise.uniform == plain.computed
    assert all((a.detail.time == b.detail.time).all() for a, b in zip(steps, others, strict=True))


class _CornerIsHard:
    """The small model, but only the first patches look difficult."""

    def __init__(self, model):
        self.calls, self._velocity = [], model.velocity

    def __call__(self, x, t, context):
        velocity, difficulty = self._velocity(x, t, context)
        self.calls.append(tuple(x.shape))
        difficulty = torch.full_like(difficulty, 0.1)
        if len(self.calls) == 1:
            difficulty[:, :2, :3] = 1.0
        return velocity, difficulty


def test_only_windows_around_hard_patches_are_computed(monkeypatch) -> None:
    model = small_upsampler()
    hard = _CornerIsHard(model)
    monkeypatch.setattr(model, "velocity", hard)
    rows, columns = 20, 30
    share = 1 - 6 / (rows * columns)
    pixels = picture(rows * 4, columns * 4)
    settings = {"clock": "patch-wise", "easy_share": share, "steps": 4}
    result, started, steps = finish(pixels, model, **settings)
    assert (result.nfe[:2, :3] == 4).all()
    assert result.nfe.sum() == rows * columns + 6 * 3
    assert result.uniform == 4 * rows * columns
    whole, later = hard.calls[0], hard.calls[1:]
    assert whole[2:] == (40, 60)
    assert len(set(later)) == 1
    area = sum(shape[0] * shape[2] * shape[3] for shape in hard.calls)
    assert result.computed == area // model.patch**2 < result.uniform / 3
    assert started.nfe == steps[-1].nfe == len(steps) == 4
    assert (steps[0].detail.time == np.where(result.nfe == 4, np.float32(0.25), 1)).all()


# What goes wrong.


def failed(request, model=None, **others):
    events = events_of(request, model or own(), **others)
    assert isinstance(events[-1], Failed), events[-1]
    return events[-1]


def test_sentences_for_what_cannot_be(tmp_path) -> None:
    clock = failed(
        UpscaleRequest(upscale=Upscale(clock="patch-wise")), published(), picture=picture()
    )
    assert (clock.exit_code, "one timestep for the whole image" in clock.message) == (2, True)
    tile = failed(UpscaleRequest(upscale=Upscale(tile=20)), picture=picture())
    assert (tile.exit_code, "too small" in tile.message) == (2, True)
    assert failed(UpscaleRequest(str(tmp_path / "none.png"))).exit_code == 2
    save_file({"noise": torch.zeros(1, 4, 3, 3)}, tmp_path / "noise.safetensors")
    wrong = UpscaleRequest(noise_file=str(tmp_path / "noise.safetensors"))
    assert "(1, 4, 20, 28)" in failed(wrong, picture=picture()).message


def test_given_noise_is_used(tmp_path) -> None:
    noise = torch.randn(1, 4, 20, 28, generator=torch.Generator().manual_seed(0))
    save_file({"noise": noise}, tmp_path / "noise.safetensors")
    request = UpscaleRequest(noise_file=str(tmp_path / "noise.safetensors"))
    last = events_of(request, own(), picture=picture())[-1]
    assert (last.result.image == finish(picture())[0].image).all()  # the same as of seed 0
    twice = replace(request, upscale=Upscale(factor=4))
    assert "single pass" in failed(twice, picture=picture()).message


def test_numbers_that_are_not_finite_fail(monkeypatch) -> None:
    model = small_upsampler()
    monkeypatch.setattr(model, "velocity", lambda x, t, c: (x * np.nan, t))
    assert "not finite" in failed(UpscaleRequest(), model, picture=picture()).message


def test_a_cancel_between_calls() -> None:
    control = Control()

    def at(event):
        if isinstance(event, Progress):
            control.cancel()

    events = events_of(UpscaleRequest(), own(), control=control, job=7, at=at, picture=picture())
    assert [type(event) for event in events] == [Started, Progress, Cancelled]
    assert events[-1].job == 7


def test_no_upsampler_is_installed(monkeypatch) -> None:
    monkeypatch.setattr("pfstudio.engine.upscale_model.installed_models", lambda task: ())
    with pytest.raises(InputError, match="No upsampler"):
        default_upsampler()


def test_bytes_and_units() -> None:
    values = np.arange(256, dtype=np.uint8).reshape(1, -1, 1)
    assert (to_bytes(to_unit(values)) == values).all()
    assert to_bytes(np.array([[-3.0, 3.0]], np.float32)).tolist() == [[0, 255]]
